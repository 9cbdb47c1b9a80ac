import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSolver, solve } from '../../src/index.js';
import { parseCase } from '../../src/model/index.js';

const sce56 = parseCase(JSON.parse(readFileSync('examples/cases/sce56.json', 'utf8')));

describe('a feeder solved again and again', () => {
  it('gives what a fresh solve gives, whatever changes', async () => {
    using solver = await openSolver(sce56, { method: 'ipm', exactness: 'off' });
    await solver.solve();
    const changes = [
      { loads: sce56.loads.map((l) => ({ ...l, pMw: l.pMw.map((p) => p * 1.02) })) },
      { solar: sce56.solar.map((s) => ({ ...s, forecastMw: s.forecastMw.map((p, t) => (t >= 12 ? p * 0.95 : p)) })) },
      { generators: sce56.generators.map((g) => ({ ...g, costLinear: g.costLinear.map((c) => c * 1.05) })) },
      { buses: sce56.buses.map((b) => ({ ...b, vMaxPu: 1.02 })) },
    ];
    for (const change of changes) {
      solver.update(change);
      const warm = await solver.solve();
      const cold = await solve(solver.source, { method: 'ipm', exactness: 'off' });
      expect(warm.status).toBe('optimal');
      expect(Math.abs(warm.objective! - cold.objective!)).toBeLessThan(2e-6 * Math.abs(cold.objective!));
      for (const [i, bus] of warm.buses!.entries()) {
        bus.dlmpPerMwh!.forEach((price, t) => {
          expect(Math.abs(price - cold.buses![i]!.dlmpPerMwh![t]!)).toBeLessThan(0.01);
        });
      }
    }
  });

  it('goes on from the last answer with ADMM, in no more iterations than from nothing', async () => {
    const options = { method: 'admm', exactness: 'off' } as const;
    using solver = await openSolver(sce56, options);
    await solver.solve();
    solver.update({
      loads: sce56.loads.map((l, k) => (k === 3 ? { ...l, pMw: l.pMw.map((p, t) => (t === 18 ? p * 1.1 : p)) } : l)),
    });
    const warm = await solver.solve();
    const cold = await solve(solver.source, options);
    expect(warm.status).toBe('optimal');
    expect(warm.iterations).toBeLessThanOrEqual(cold.iterations);
    expect(Math.abs(warm.objective! - cold.objective!)).toBeLessThan(2e-4 * Math.abs(cold.objective!));
    solver.update({ batteries: sce56.batteries.slice(1) });
    expect((await solver.solve()).status).toBe('optimal');
  });

  it('takes another structure too, refuses bad changes and a closed solver', async () => {
    const solver = await openSolver(sce56, { method: 'ipm', exactness: 'off' });
    expect(() => solver.update({ loads: [{ ...sce56.loads[0]!, bus: 'nowhere' }] })).toThrow(/nowhere/);
    solver.update({ batteries: [] });
    expect((await solver.solve()).status).toBe('optimal');
    const first = solver.solve();
    await expect(solver.solve()).rejects.toThrow(/one solve at a time/);
    await first;
    solver.close();
    await expect(solver.solve()).rejects.toThrow(/closed/);
  });
});
