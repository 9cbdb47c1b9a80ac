import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LpModel, parseMps, solveLp } from '../../src/lp/index.js';
import { presolve } from '../../src/lp/presolve/presolve.js';
import { measure } from '../../src/lp/quality.js';
import { knownLp } from './arbitrary.js';
import { dense } from './build.js';
import { haveShared, OPTIMA, sharedMps } from './shared.js';

const INF = Number.POSITIVE_INFINITY;

/** Solves what presolve leaves, restores, and holds point, duals and basis against the whole model. */
async function roundTrip(model: LpModel, allowed = 0): Promise<{ rows: number; columns: number; objective: number }> {
  const reduced = presolve(model);
  expect(reduced).toBeDefined();
  const part = await solveLp(reduced!.model, { presolve: false });
  expect(part.status).toBe('optimal');
  const whole = reduced!.restore({ ...part, basis: part.basis! });
  const quality = measure(model, whole.primal, whole.dual);
  expect(quality.primalResidual).toBeLessThan(1e-7);
  expect(quality.dualResidual).toBeLessThan(1e-7);
  expect(quality.relativeGap).toBeLessThan(1e-9);
  // The restored basis is optimal as it stands: nothing is left for the simplex to do. (Whole and reduced
  // model scale differently, so on larger ones a tolerance may still ask for a pivot or two.)
  const again = await solveLp(model, { basis: whole.basis });
  expect(again.status).toBe('optimal');
  expect(again.iterations).toBeLessThanOrEqual(allowed);
  // With a pivot, another of several optimal points may have been reached.
  if (again.iterations > 0)
    return { rows: reduced!.model.rowCount, columns: reduced!.model.columnCount, objective: again.objective };
  again.primal.forEach((x, j) => {
    expect(Math.abs(x - whole.primal[j]!)).toBeLessThan(1e-7 * Math.max(1, Math.abs(x)));
  });
  const direct = await solveLp(model, { presolve: false });
  expect(Math.abs(again.objective - direct.objective)).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(direct.objective)),
  );
  return { rows: reduced!.model.rowCount, columns: reduced!.model.columnCount, objective: direct.objective };
}

describe('presolve and postsolve, one reduction each', () => {
  it('singleton row becomes a bound, and gets its price back', async () => {
    const model = dense({
      cost: [-1, -1],
      rows: [
        [2, 0],
        [1, 1],
        [1, -1],
      ],
      rowUpper: [4, 10, 3],
      upper: [INF, 6],
    });
    expect((await roundTrip(model)).objective).toBe(-8);
  });

  it('fixed and empty columns, empty and free rows', async () => {
    const model = dense({
      cost: [1, -2, 3, 1],
      rows: [
        [1, 0, 0, 1],
        [0, 0, 0, 0],
        [1, 0, 0, 2],
        [1, 0, 0, -1],
      ],
      rowLower: [4, -1, -INF, -3],
      rowUpper: [INF, 1, INF, 5],
      lower: [2, 0, -1, 0],
      upper: [2, 5, 7, INF],
    });
    expect((await roundTrip(model)).objective).toBe(2 - 10 - 3 + 2);
  });

  it('forcing row pins its columns and finds a price that fits all of them', async () => {
    const model = dense({
      cost: [-3, -1, 2, 1],
      rows: [
        [1, 2, -1, 0],
        [1, 1, 1, 1],
      ],
      rowLower: [7, 1],
      rowUpper: [INF, 20],
      lower: [0, 0, 1, 0],
      upper: [4, 2, 5, INF],
    });
    const { rows } = await roundTrip(model);
    expect(rows).toBe(0);
  });

  it('a column without cost in one row is its slack', async () => {
    const model = dense({
      cost: [1, 2, 0],
      rows: [
        [1, 1, 3],
        [1, -1, 0],
        [1, 3, 0],
      ],
      rowLower: [9, -4, 6],
      rowUpper: [9, 4, 30],
      upper: [INF, INF, 2],
    });
    const { columns } = await roundTrip(model);
    expect(columns).toBeLessThan(3);
  });

  it('a free column in one row goes with the row', async () => {
    const model = dense({
      cost: [1, 2, 5],
      rows: [
        [1, 1, 1],
        [1, 2, 0],
        [3, 1, 0],
      ],
      rowLower: [9, 4, 5],
      rowUpper: [9, INF, INF],
      lower: [0, 0, -INF],
      upper: [20, 20, INF],
    });
    const { rows, columns } = await roundTrip(model);
    expect(rows).toBeLessThan(3);
    expect(columns).toBeLessThan(3);
  });

  it('parallel rows and columns', async () => {
    const model = dense({
      cost: [2, 4, 3, -1],
      rows: [
        [1, 2, 1, 1],
        [-2, -4, -2, -2],
        [1, 2, 4, -1],
      ],
      rowLower: [3, -9, 2],
      rowUpper: [12, INF, 11],
      lower: [0, -1, 0, 0],
      upper: [2, 3, INF, 4],
    });
    const { rows, columns } = await roundTrip(model);
    expect([rows, columns]).toEqual([2, 3]);
  });

  it('leaves contradictions and unboundedness to the simplex, which proves them', () => {
    expect(presolve(dense({ cost: [1], rows: [[1]], rowLower: [5], upper: [3] }))).toBeUndefined();
    expect(presolve(dense({ cost: [-1, 1], rows: [[0, 1]], rowLower: [1] }))).toBeUndefined();
  });
});

describe('presolve and postsolve, all together', () => {
  it('random programs: point, duals and basis restored, zero iterations left', async () => {
    let reduced = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: 2, max: 25 }),
        fc.integer({ min: 2, max: 30 }),
        async (seed, m, n) => {
          const { model, optimum } = knownLp(seed, m, n);
          if (presolve(model) === undefined) return;
          reduced++;
          const { objective } = await roundTrip(model);
          expect(Math.abs(objective - optimum)).toBeLessThan(1e-9 * Math.max(1, Math.abs(optimum)));
        },
      ),
      { numRuns: 300 },
    );
    expect(reduced).toBeGreaterThan(200);
  });

  describe.skipIf(!haveShared)('public models', () => {
    for (const name of Object.keys(OPTIMA)) {
      it(name, async () => {
        const model = parseMps(sharedMps(name));
        const { rows, objective } = await roundTrip(model, 3);
        expect(rows).toBeLessThanOrEqual(model.rowCount);
        expect(Math.abs(objective - OPTIMA[name]!)).toBeLessThan(1e-9 * Math.abs(OPTIMA[name]!));
      });
    }
  });
});
