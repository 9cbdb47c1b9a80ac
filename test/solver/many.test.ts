import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { closeWorkers, solve, solveMany } from '../../src/index.js';
import type { Case } from '../../src/model/case.js';

const single = JSON.parse(readFileSync('examples/cases/sce56-single.json', 'utf8')) as Case;
const scaled = (factor: number): Case => ({
  ...single,
  name: `x ${factor}`,
  loads: single.loads.map((l) => ({ ...l, pMw: l.pMw.map((p) => p * factor) })),
});

afterAll(closeWorkers);

describe('many cases', () => {
  it('come back in order with the answers that each alone gives', async () => {
    const factors = [0.5, 0.7, 0.9, 1, 1.1];
    const got: number[] = [];
    for await (const outcome of solveMany(factors.map(scaled), { workers: 2 })) {
      expect(outcome.index).toBe(got.length);
      got.push('solution' in outcome ? outcome.solution.objective! : Number.NaN);
    }
    for (const [k, factor] of factors.entries()) expect(got[k]).toBe((await solve(scaled(factor))).objective);
  });

  it('read their input no faster than threads get free', async () => {
    let read = 0;
    let finished = 0;
    function* endless(): Generator<Case> {
      for (;;) {
        expect(++read - finished).toBeLessThanOrEqual(3);
        yield scaled(1 + read / 100);
      }
    }
    for await (const _ of solveMany(endless(), { workers: 2 })) if (++finished === 6) break;
    expect(read).toBeLessThanOrEqual(9);
  });

  it('go on past one that is wrong, and stop when told', async () => {
    const wrong = { ...single, periods: 3 };
    const kinds: string[] = [];
    for await (const outcome of solveMany([scaled(1), wrong, scaled(0.9)]))
      kinds.push('error' in outcome ? outcome.error.code : outcome.solution.status);
    expect(kinds).toEqual(['optimal', 'input/invalid', 'optimal']);
    const stop = new AbortController();
    const run = async () => {
      for await (const _ of solveMany([scaled(1), scaled(0.8), scaled(0.6), scaled(0.4)], {
        signal: stop.signal,
        workers: 1,
      }))
        stop.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: 'cancelled' });
  });
});
