import type { Work } from './work.js';

/** A row counts as contradicted only beyond this, relative to its limit; the simplex gives the proof. */
const INFEASIBLE = 1e-7;
const SAME = 1e-9;

/** Scale of a comparison with a limit; an infinite one has none. */
function size(limit: number, other = 0): number {
  const one = Number.isFinite(limit) ? Math.abs(limit) : 0;
  const two = Number.isFinite(other) ? Math.abs(other) : 0;
  return Math.max(1, one, two);
}

/** Empty, singleton, redundant and forcing rows. True where something changed. */
export function reduceRow(w: Work, i: number): boolean {
  const low = w.rowLower[i]!;
  const high = w.rowUpper[i]!;
  const count = w.rowCount[i]!;
  if (count === 0) {
    if (low > INFEASIBLE * size(low) || high < -INFEASIBLE * size(high)) w.surrender = 'infeasible';
    else dropRow(w, i);
    return true;
  }
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) {
    dropRow(w, i);
    return true;
  }
  if (count === 1) {
    singletonRow(w, i);
    return true;
  }
  const [least, most] = w.activity(i);
  if (least > high + INFEASIBLE * size(high, least) || most < low - INFEASIBLE * size(low, most)) {
    w.surrender = 'infeasible';
    return true;
  }
  if (least >= low && most <= high) {
    dropRow(w, i);
    return true;
  }
  if (Number.isFinite(most) && most <= low + SAME * size(low)) {
    forceRow(w, i, 1);
    return true;
  }
  if (Number.isFinite(least) && least >= high - SAME * size(high)) {
    forceRow(w, i, -1);
    return true;
  }
  return false;
}

function dropRow(w: Work, i: number): void {
  w.stack.push({ kind: 'redundant-row', row: i });
  w.killRow(i);
}

function singletonRow(w: Work, i: number): void {
  w.eachInRow(i, (j, a) => {
    const one = w.rowLower[i]! / a;
    const two = w.rowUpper[i]! / a;
    const low = Math.min(one, two);
    const high = Math.max(one, two);
    const lower = w.lower[j]!;
    const upper = w.upper[j]!;
    if (low > upper + INFEASIBLE * size(upper) || high < lower - INFEASIBLE * size(lower)) {
      w.surrender = 'infeasible';
      return;
    }
    // A limit past the opposite bound by rounding alone stops at that bound.
    const raisedLower = low > lower;
    const loweredUpper = high < upper;
    if (raisedLower) w.lower[j] = Math.min(low, upper);
    if (loweredUpper) w.upper[j] = Math.max(high, w.lower[j]!);
    w.stack.push({ kind: 'singleton-row', row: i, column: j, a, lower, upper, raisedLower, loweredUpper });
  });
  if (w.surrender === undefined) w.killRow(i);
}

/** side 1: even the greatest activity is only the lower limit. */
function forceRow(w: Work, i: number, side: 1 | -1): void {
  const columns: { column: number; a: number; at: number; cost: number }[] = [];
  w.eachInRow(i, (column, a) => {
    const at = a * side > 0 ? w.upper[column]! : w.lower[column]!;
    columns.push({ column, a, at, cost: w.cost[column]! });
  });
  w.stack.push({ kind: 'forcing-row', row: i, side, columns });
  w.killRow(i);
  for (const { column, at } of columns) w.killColumn(column, at);
}

/** Fixed, empty, dominated and singleton columns. True where something changed. */
export function reduceColumn(w: Work, j: number, prices: PriceBounds): boolean {
  const low = w.lower[j]!;
  const high = w.upper[j]!;
  if (low === high) return fixColumn(w, j, low);
  const cost = w.cost[j]!;
  let least = cost;
  let most = cost;
  const { columnStart, rowIndex, value, rowAlive } = w;
  for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) {
    const i = rowIndex[k]!;
    const a = value[k]!;
    if (rowAlive[i] !== 1 || a === 0) continue;
    least -= a > 0 ? a * prices.upper[i]! : a * prices.lower[i]!;
    most -= a > 0 ? a * prices.lower[i]! : a * prices.upper[i]!;
  }
  // The reduced cost can only be ≥ 0 (≤ 0): an optimum has the column at its lower (upper) bound.
  const margin = w.columnCount[j] === 0 ? 0 : SAME * size(cost);
  if (least > margin || (least >= 0 && w.columnCount[j] === 0)) {
    if (low !== Number.NEGATIVE_INFINITY) return fixColumn(w, j, low);
    if (least > 0) w.surrender = 'unbounded';
    else if (high !== Number.POSITIVE_INFINITY) return fixColumn(w, j, high);
    else return fixColumn(w, j, 0);
    return true;
  }
  if (most < -margin) {
    if (high !== Number.POSITIVE_INFINITY) return fixColumn(w, j, high);
    w.surrender = 'unbounded';
    return true;
  }
  return w.columnCount[j] === 1 && singletonColumn(w, j);
}

function fixColumn(w: Work, j: number, at: number): boolean {
  w.stack.push({ kind: 'fixed-column', column: j, at, cost: w.cost[j]! });
  w.killColumn(j, at);
  return true;
}

function singletonColumn(w: Work, j: number): boolean {
  let row = -1;
  let a = 0;
  w.eachInColumn(j, (i, value) => {
    row = i;
    a = value;
  });
  if (w.cost[j] === 0) return slackColumn(w, j, row, a);
  // Its row has to be worth c/a per unit, which says at which limit the row stands.
  const price = w.cost[j]! / a;
  const atLower = price > 0;
  const side = atLower ? w.rowLower[row]! : w.rowUpper[row]!;
  if (!Number.isFinite(side) || Math.abs(a) < 1e-3) return false;
  const [least, most] = w.activity(row, j);
  const one = (side - least) / a;
  const two = (side - most) / a;
  if (!(Math.min(one, two) >= w.lower[j]! && Math.max(one, two) <= w.upper[j]!)) return false;
  const others: [number, number][] = [];
  w.eachInRow(row, (k, value) => {
    if (k !== j) others.push([k, value]);
  });
  for (const [k, value] of others) w.cost[k]! -= price * value;
  w.stack.push({ kind: 'free-column', row, column: j, a, price, side, atLower, others });
  w.columnAlive[j] = 0;
  w.rowCount[row]!--;
  w.killRow(row);
  return true;
}

function slackColumn(w: Work, j: number, row: number, a: number): boolean {
  const rowLower = w.rowLower[row]!;
  const rowUpper = w.rowUpper[row]!;
  const least = a > 0 ? a * w.lower[j]! : a * w.upper[j]!;
  const most = a > 0 ? a * w.upper[j]! : a * w.lower[j]!;
  if (w.rowCount[row] === 1) return false;
  const others: [number, number][] = [];
  w.eachInRow(row, (k, value) => {
    if (k !== j) others.push([k, value]);
  });
  w.stack.push({ kind: 'slack-column', row, column: j, a, rowLower, rowUpper, others });
  w.columnAlive[j] = 0;
  w.rowCount[row]!--;
  w.rowLower[row] = rowLower - most;
  w.rowUpper[row] = rowUpper - least;
  return true;
}

/** What the dual of each row can be at all. */
export interface PriceBounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Bounds of the row duals: signs from absent limits, and a·y ≤ c from columns that only that row holds back. */
export function boundPrices(w: Work): PriceBounds {
  const lower = new Float64Array(w.m);
  const upper = new Float64Array(w.m);
  for (let i = 0; i < w.m; i++) {
    if (w.rowUpper[i] !== Number.POSITIVE_INFINITY) lower[i] = Number.NEGATIVE_INFINITY;
    if (w.rowLower[i] !== Number.NEGATIVE_INFINITY) upper[i] = Number.POSITIVE_INFINITY;
  }
  for (let j = 0; j < w.n; j++) {
    if (w.columnAlive[j] !== 1 || w.columnCount[j] !== 1) continue;
    const noUpper = w.upper[j] === Number.POSITIVE_INFINITY;
    const noLower = w.lower[j] === Number.NEGATIVE_INFINITY;
    if (!noUpper && !noLower) continue;
    w.eachInColumn(j, (i, a) => {
      const limit = w.cost[j]! / a;
      // Without an upper bound the reduced cost c − a·y must be ≥ 0; without a lower one ≤ 0.
      if (noUpper) {
        if (a > 0) upper[i] = Math.min(upper[i]!, limit);
        else lower[i] = Math.max(lower[i]!, limit);
      }
      if (noLower) {
        if (a > 0) lower[i] = Math.max(lower[i]!, limit);
        else upper[i] = Math.min(upper[i]!, limit);
      }
    });
  }
  return { lower, upper };
}
