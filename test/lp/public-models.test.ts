import { describe, expect, it } from 'vitest';
import { parseMps, solveLp } from '../../src/lp/index.js';
import { farkasMargin, rayCheck } from './proofs.js';
import { haveShared, OPTIMA, sharedMps } from './shared.js';

describe.skipIf(!haveShared)('public LP models', () => {
  for (const [name, optimum] of Object.entries(OPTIMA)) {
    it(`${name}: optimum to 1e-9, residuals and gap recomputed`, async () => {
      const result = await solveLp(parseMps(sharedMps(name)));
      expect(result.status).toBe('optimal');
      expect(Math.abs(result.objective - optimum) / Math.abs(optimum)).toBeLessThan(1e-9);
      expect(result.quality!.relativeGap).toBeLessThan(1e-9);
      expect(result.quality!.primalResidual).toBeLessThan(1e-8);
      expect(result.quality!.dualResidual).toBeLessThan(1e-8);
    });
  }

  it('klein1: infeasible, with multipliers that prove it', async () => {
    const model = parseMps(sharedMps('klein1'));
    const result = await solveLp(model);
    expect(result.status).toBe('infeasible');
    expect(farkasMargin(model, result.farkas!)).toBeGreaterThan(1e-9);
  });

  it('gas11: unbounded, with a ray that stays feasible and improves', async () => {
    const model = parseMps(sharedMps('gas11'));
    const result = await solveLp(model);
    expect(result.status).toBe('unbounded');
    const { slope, breach } = rayCheck(model, result.ray!);
    expect(slope).toBeLessThan(-1e-6);
    expect(breach).toBeLessThan(1e-9);
  });
});
