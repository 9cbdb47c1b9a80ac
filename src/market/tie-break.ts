import { BasisStatus, type LpModel, type LpResult } from '../lp/types.js';
import type { LpSolver } from './design-incentives.js';
import type { IncentiveLp } from './incentive-lp.js';

/** A reduced cost or dual below this ($ per unit) counts as zero: the optimum may not be unique. */
const ZERO_PRICE = 1e-7;

/**
 * Among all optimal points, the one that leaves the earlier tasks nearest to their equilibrium, so
 * that the answer does not depend on the basis the simplex started from. The optimal face is cut out
 * by complementary slackness with one optimal dual (any will do), and a second objective decides on it.
 *
 * @returns a primal point; the first result's own where it is the only optimum
 */
export async function breakTies(
  lp: IncentiveLp,
  first: LpResult,
  solve: LpSolver,
  signal?: AbortSignal,
): Promise<Float64Array> {
  if (!mayHaveTies(lp.model, first)) return first.primal;
  const face = optimalFace(lp.model, first);
  const taskCount = lp.floors.length;
  const cost = new Float64Array(lp.model.columnCount);
  for (let i = 0; i < taskCount; i++) cost[3 * i + 2] = 1 + (taskCount - i) / taskCount;
  const second = await solve({ ...face, cost }, { signal, ...(first.basis ? { basis: first.basis } : {}) });
  return second.status === 'optimal' ? second.primal : first.primal;
}

function mayHaveTies(model: LpModel, result: LpResult): boolean {
  const { basis } = result;
  if (!basis) return true;
  for (let j = 0; j < model.columnCount; j++) {
    const movable = model.lower[j]! < model.upper[j]!;
    if (movable && basis.columns[j] !== BasisStatus.basic && Math.abs(result.reducedCosts[j]!) <= ZERO_PRICE)
      return true;
  }
  for (let i = 0; i < model.rowCount; i++) {
    const movable = model.rowLower[i]! < model.rowUpper[i]!;
    if (movable && basis.rows[i] !== BasisStatus.basic && Math.abs(result.dual[i]!) <= ZERO_PRICE) return true;
  }
  return false;
}

/** Everything with a price stays where it is; the rest may move. */
function optimalFace(model: LpModel, result: LpResult): LpModel {
  const lower = model.lower.slice();
  const upper = model.upper.slice();
  const rowLower = model.rowLower.slice();
  const rowUpper = model.rowUpper.slice();
  for (let j = 0; j < model.columnCount; j++) {
    const price = result.reducedCosts[j]!;
    if (price > ZERO_PRICE) upper[j] = lower[j]!;
    else if (price < -ZERO_PRICE) lower[j] = upper[j]!;
  }
  for (let i = 0; i < model.rowCount; i++) {
    const price = result.dual[i]!;
    if (price > ZERO_PRICE) rowUpper[i] = rowLower[i]!;
    else if (price < -ZERO_PRICE) rowLower[i] = rowUpper[i]!;
  }
  return { ...model, lower, upper, rowLower, rowUpper };
}
