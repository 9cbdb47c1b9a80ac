import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LpModel, type LpOptions, type LpResult, solveLp } from '../../src/lp/index.js';
import { type Flavour, knownLp, wildLp } from './arbitrary.js';
import { highsLp } from './peer.js';
import { farkasMargin, rayCheck } from './proofs.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const sizes = fc.tuple(seeds, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70 }));

/** Holds the answer against the model alone: feasible, complementary, basis of the right size. */
function expectOptimal(model: LpModel, result: LpResult, optimum: number, tolerance: number): void {
  // Tolerance missed is said; with a condition of 1e9 that is no fault.
  expect(tolerance > 1e-8 ? ['optimal', 'reduced-accuracy'] : ['optimal']).toContain(result.status);
  expect(Math.abs(result.objective - optimum)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(optimum)));
  expect(result.quality!.relativeGap).toBeLessThan(Math.max(1e-9, 10 * tolerance));
  const basics = [...result.basis!.columns, ...result.basis!.rows].filter((status) => status === 1).length;
  expect(basics).toBe(model.rowCount);
}

const FLAVOURS: readonly (readonly [string, Flavour, number])[] = [
  ['plain', {}, 1e-9],
  ['degenerate', { degenerate: true }, 1e-9],
  ['badly scaled, 1e±6 on rows and columns', { spread: 6 }, 1e-8],
  ['badly scaled and degenerate', { spread: 4, degenerate: true }, 1e-8],
  // A basis may hold a pivot of 1e-9: multipliers of 1e9 on limits that are rounded to 1e-15 leave five sure digits.
  ['near-singular', { nearSingular: true }, 1e-5],
];

describe('random programs with a known optimum', () => {
  for (const [name, flavour, tolerance] of FLAVOURS) {
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(sizes, async ([seed, m, n]) => {
          const { model, optimum } = knownLp(seed, m, n, flavour);
          const variants: LpOptions[] = [{}, { presolve: false }, { presolve: false, method: 'primal' }];
          for (const options of variants) expectOptimal(model, await solveLp(model, options), optimum, tolerance);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('all columns fixed, no rows, no columns', async () => {
    const { model } = knownLp(5, 6, 8);
    const fixed: LpModel = { ...model, lower: model.lower.map((b) => (Number.isFinite(b) ? b : 0)) };
    const pinned = {
      ...fixed,
      upper: fixed.lower,
      rowLower: model.rowLower.map(() => -1e9),
      rowUpper: model.rowUpper.map(() => 1e9),
    };
    for (const presolve of [true, false]) {
      const result = await solveLp(pinned, { presolve });
      expect(result.status).toBe('optimal');
      expect([...result.primal]).toEqual([...pinned.lower]);
      expect(result.objective).toBeCloseTo(
        pinned.cost.reduce((sum, c, j) => sum + c * pinned.lower[j]!, 0),
        9,
      );
      const empty = await solveLp(knownLp(1, 0, 0).model, { presolve });
      expect(empty).toMatchObject({ status: 'optimal', objective: 0 });
      const rowless = knownLp(3, 0, 5);
      expect((await solveLp(rowless.model, { presolve })).objective).toBeCloseTo(rowless.optimum, 12);
    }
  });
});

describe('wild programs', () => {
  it('same status and optimum as HiGHS; infeasible and unbounded with a proof', async () => {
    const seen = { optimal: 0, infeasible: 0, unbounded: 0 };
    await fc.assert(
      fc.asyncProperty(wildLp, async (model) => {
        for (const options of [{}, { presolve: false }, { presolve: false, method: 'primal' }] as LpOptions[]) {
          const result = await solveLp(model, options);
          await compare(model, result, seen);
        }
      }),
      { numRuns: 400 },
    );
    // Otherwise the generator would prove little.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
  });
});

async function compare(model: LpModel, result: LpResult, seen: Record<string, number>): Promise<void> {
  seen[result.status] = (seen[result.status] ?? 0) + 1;
  if (result.status === 'infeasible') {
    const crossed =
      model.lower.some((b, j) => b > model.upper[j]!) || model.rowLower.some((b, i) => b > model.rowUpper[i]!);
    if (!crossed) expect(farkasMargin(model, result.farkas!)).toBeGreaterThan(1e-9);
    return;
  }
  if (result.status === 'unbounded') {
    const { slope, breach } = rayCheck(model, result.ray!);
    expect(slope).toBeLessThan(-1e-9);
    expect(breach).toBeLessThan(1e-9);
    expect(violation(model, result)).toBeLessThan(1e-7);
    return;
  }
  // Both proofs above stand on their own; an optimum is held against another solver too.
  const peer = await highsLp(model);
  if (model.rowCount > 0 && model.columnCount > 0) expect(peer.status).toBe('optimal');
  if (peer.status === 'optimal') expectOptimal(model, result, peer.objective, 1e-9);
  expect(result.quality!.primalResidual).toBeLessThan(1e-8);
  expect(result.quality!.dualResidual).toBeLessThan(1e-8);
}

function violation(model: LpModel, result: LpResult): number {
  let worst = 0;
  result.primal.forEach((x, j) => {
    worst = Math.max(worst, model.lower[j]! - x, x - model.upper[j]!);
  });
  result.rowActivity.forEach((a, i) => {
    worst = Math.max(worst, model.rowLower[i]! - a, a - model.rowUpper[i]!);
  });
  return worst;
}
