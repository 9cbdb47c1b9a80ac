import { BasisStatus } from '../types.js';
import type { Reduction } from './reductions.js';
import type { Work } from './work.js';

const { atLower, basic, atUpper, free } = BasisStatus;

/** Point, duals and basis of the whole model (as a minimisation) while reductions are undone. */
export interface Restored {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly d: Float64Array;
  readonly columns: Uint8Array;
  readonly rows: Uint8Array;
}

/** Undoes one reduction (they must come in reverse order). */
export function undo(w: Work, s: Restored, r: Reduction): void {
  switch (r.kind) {
    case 'redundant-row':
      s.rows[r.row] = basic;
      return;
    case 'fixed-column':
      standAt(w, s, r.column, r.at, r.cost);
      return;
    case 'singleton-row':
      undoSingletonRow(w, s, r);
      return;
    case 'forcing-row':
      undoForcingRow(w, s, r);
      return;
    case 'slack-column':
      undoSlackColumn(w, s, r);
      return;
    case 'free-column': {
      s.y[r.row] = r.price;
      s.rows[r.row] = r.atLower ? atLower : atUpper;
      s.x[r.column] = (r.side - total(s, r.others)) / r.a;
      s.columns[r.column] = basic;
      s.d[r.column] = 0;
      return;
    }
    case 'duplicate-row': {
      s.rows[r.row] = basic;
      if (s.rows[r.kept] === basic) return;
      // Where both limits met, only the price says which of them holds.
      const price = s.y[r.kept]!;
      const side = price > 0 ? atLower : price < 0 ? atUpper : s.rows[r.kept]!;
      s.rows[r.kept] = side;
      if (!(side === atLower ? r.tookLower : r.tookUpper)) return;
      s.y[r.row] = price / r.factor;
      s.y[r.kept] = 0;
      s.rows[r.row] = r.factor > 0 ? side : mirrored(side);
      s.rows[r.kept] = basic;
      return;
    }
    case 'duplicate-column':
      undoDuplicateColumn(w, s, r);
  }
}

const mirrored = (status: number) => (status === atLower ? atUpper : status === atUpper ? atLower : status);

function total(s: Restored, entries: readonly (readonly [number, number])[]): number {
  let sum = 0;
  for (const [j, a] of entries) sum += a * s.x[j]!;
  return sum;
}

/** A column comes back nonbasic at a value; its reduced cost follows from the duals that are there by now. */
function standAt(w: Work, s: Restored, j: number, at: number, cost: number): void {
  s.x[j] = at;
  let d = cost;
  for (let k = w.columnStart[j]!; k < w.columnStart[j + 1]!; k++) d -= w.value[k]! * s.y[w.rowIndex[k]!]!;
  s.d[j] = d;
  const low = w.lower[j]!;
  const high = w.upper[j]!;
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) s.columns[j] = free;
  else if (low === high) s.columns[j] = d >= 0 ? atLower : atUpper;
  else s.columns[j] = at === high ? atUpper : atLower;
}

function undoSingletonRow(w: Work, s: Restored, r: Reduction & { kind: 'singleton-row' }): void {
  const j = r.column;
  s.rows[r.row] = basic;
  const fixed = w.lower[j] === w.upper[j];
  w.lower[j] = r.lower;
  w.upper[j] = r.upper;
  if (s.columns[j] === basic || s.columns[j] === free) return;
  // Which bound holds the column: for a fixed one the sign of its reduced cost says so.
  const low = fixed ? s.d[j]! > 0 || (s.d[j] === 0 && (!r.raisedLower || r.loweredUpper)) : s.columns[j] === atLower;
  const fromRow = low ? r.raisedLower : r.loweredUpper;
  if (!fromRow) {
    s.columns[j] = low ? atLower : atUpper;
    return;
  }
  // The bound was the row's: the row takes the price, the column becomes basic.
  s.y[r.row] = s.d[j]! / r.a;
  s.d[j] = 0;
  s.columns[j] = basic;
  s.rows[r.row] = low === r.a > 0 ? atLower : atUpper;
}

function undoForcingRow(w: Work, s: Restored, r: Reduction & { kind: 'forcing-row' }): void {
  s.rows[r.row] = basic;
  let price = 0;
  let enters = -1;
  for (const { column, a, at, cost } of r.columns) {
    standAt(w, s, column, at, cost);
    s.columns[column] = a * r.side > 0 ? atUpper : atLower;
    const wanted = s.d[column]! / a;
    if (wanted * r.side > price * r.side) {
      price = wanted;
      enters = column;
    }
  }
  if (enters < 0) return;
  // The least price that puts all reduced costs right; the column that asked for it becomes basic.
  s.y[r.row] = price;
  for (const { column, a } of r.columns) s.d[column]! -= a * price;
  s.d[enters] = 0;
  s.columns[enters] = basic;
  s.rows[r.row] = r.side === 1 ? atLower : atUpper;
}

function undoSlackColumn(w: Work, s: Restored, r: Reduction & { kind: 'slack-column' }): void {
  const j = r.column;
  const low = w.lower[j]!;
  const high = w.upper[j]!;
  s.d[j] = -r.a * s.y[r.row]!;
  if (s.rows[r.row] !== basic) {
    // Row at a limit: the column stands at the bound that gives most room there.
    const up = (s.rows[r.row] === atLower) === r.a > 0;
    s.x[j] = up ? high : low;
    s.columns[j] = up ? atUpper : atLower;
    return;
  }
  const rest = total(s, r.others);
  const fits = (x: number) => Number.isFinite(x) && rest + r.a * x >= r.rowLower && rest + r.a * x <= r.rowUpper;
  if (fits(low)) {
    s.x[j] = low;
    s.columns[j] = atLower;
  } else if (fits(high)) {
    s.x[j] = high;
    s.columns[j] = atUpper;
  } else if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY && fits(0)) {
    s.x[j] = 0;
    s.columns[j] = free;
  } else {
    // Between its bounds: it becomes basic and the row goes to the limit it has to hold.
    const needsMore = rest + r.a * (Number.isFinite(low) ? low : Number.isFinite(high) ? high : 0) < r.rowLower;
    const limit = needsMore ? r.rowLower : r.rowUpper;
    s.x[j] = (limit - rest) / r.a;
    s.columns[j] = basic;
    s.rows[r.row] = needsMore ? atLower : atUpper;
  }
}

function undoDuplicateColumn(w: Work, s: Restored, r: Reduction & { kind: 'duplicate-column' }): void {
  const { column, kept, factor } = r;
  w.lower[kept] = r.keptLower;
  w.upper[kept] = r.keptUpper;
  const sum = s.x[kept]!;
  s.d[column] = factor * s.d[kept]!;
  const status = s.columns[kept]!;
  if (status === atLower || status === atUpper) {
    const other = factor > 0 ? status : mirrored(status);
    s.columns[column] = other;
    s.x[column] = other === atLower ? r.lower : r.upper;
    s.x[kept] = status === atLower ? r.keptLower : r.keptUpper;
    return;
  }
  // Basic: one of the two stands at a bound that leaves the other room, and that other one is basic.
  for (const [at, word] of [
    [r.lower, atLower],
    [r.upper, atUpper],
  ] as const) {
    const left = sum - factor * at;
    if (!Number.isFinite(at) || left < r.keptLower || left > r.keptUpper) continue;
    s.x[column] = at;
    s.columns[column] = word;
    s.x[kept] = left;
    // Free for the sum, but this column alone may have a bound to stand on.
    if (status === free) s.columns[kept] = left === r.keptLower ? atLower : left === r.keptUpper ? atUpper : free;
    return;
  }
  for (const [at, word] of [
    [r.keptLower, atLower],
    [r.keptUpper, atUpper],
  ] as const) {
    const left = (sum - at) / factor;
    if (!Number.isFinite(at) || left < r.lower || left > r.upper) continue;
    s.x[kept] = at;
    s.columns[column] = s.columns[kept]!;
    s.columns[kept] = word;
    s.x[column] = left;
    return;
  }
  s.x[column] = Number.isFinite(r.lower) ? r.lower : Number.isFinite(r.upper) ? r.upper : 0;
  s.columns[column] = Number.isFinite(r.lower) ? atLower : Number.isFinite(r.upper) ? atUpper : free;
  s.x[kept] = sum - factor * s.x[column]!;
}
