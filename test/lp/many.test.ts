import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { solveLp, solveMany } from '../../src/lp/index.js';
import { packageRoot } from '../../src/package-root.js';
import { closePools } from '../../src/pool/index.js';
import { knownLp } from './arbitrary.js';

const task = join(packageRoot(), 'dist', 'src', 'lp', 'solve-task.js');

afterAll(closePools);

describe('many programs at once', () => {
  it('gives on threads what it gives one by one, in order', async () => {
    if (!existsSync(task)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
    const known = Array.from({ length: 24 }, (_, k) => knownLp(500 + k, 150, 400));
    const entries = known.reduce((sum, { model }) => sum + model.value.length, 0);
    // Enough for the pool to be used at all.
    expect(entries).toBeGreaterThan(30_000);
    const models = known.map(({ model }) => model);
    const threads = await solveMany(models, { workers: 2 });
    const alone = await solveMany(models, { workers: 1 });
    threads.forEach((result, k) => {
      expect(result.status).toBe('optimal');
      expect(result.objective).toBe(alone[k]!.objective);
      expect(result.primal).toEqual(alone[k]!.primal);
      expect(Math.abs(result.objective - known[k]!.optimum)).toBeLessThan(
        1e-8 * Math.max(1, Math.abs(known[k]!.optimum)),
      );
    });
  });

  it('is cancelled by its signal', async () => {
    const models = Array.from({ length: 24 }, (_, k) => knownLp(500 + k, 150, 400).model);
    await expect(solveMany(models, { workers: 2, signal: AbortSignal.abort() })).rejects.toThrow(/cancelled/);
    const results = await solveMany(models.slice(0, 2), { workers: 1, signal: AbortSignal.abort() });
    expect(results.map((result) => result.status)).toEqual(['cancelled', 'cancelled']);
    expect((await solveLp(models[0]!)).status).toBe('optimal');
  });
});
