import type { LpModel } from './types.js';

/** Powers of two: A' = R A C, x = C x', costs c' = C c. */
export interface Scaling {
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

/** Entries all within this band need no scaling: it would only disturb. */
const GOOD_LOW = 0.2;
const GOOD_HIGH = 5;
const PASSES = 4;

/** Geometric-mean scaling, rounded to powers of two so that no value loses a bit; undefined where nothing is gained. */
export function chooseScaling(model: LpModel): Scaling | undefined {
  const { rowCount: m, columnCount: n, columnStart, rowIndex, value } = model;
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const entry of value) {
    const size = Math.abs(entry);
    if (size === 0) continue;
    if (size < low) low = size;
    if (size > high) high = size;
  }
  if (high === 0 || (low >= GOOD_LOW && high <= GOOD_HIGH)) return undefined;
  const rows = new Float64Array(m).fill(1);
  const columns = new Float64Array(n).fill(1);
  const rowLow = new Float64Array(m);
  const rowHigh = new Float64Array(m);
  let before = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < PASSES; pass++) {
    rowLow.fill(Number.POSITIVE_INFINITY);
    rowHigh.fill(0);
    for (let j = 0; j < n; j++) {
      for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) {
        const size = Math.abs(value[k]!) * columns[j]!;
        const i = rowIndex[k]!;
        if (size === 0) continue;
        if (size < rowLow[i]!) rowLow[i] = size;
        if (size > rowHigh[i]!) rowHigh[i] = size;
      }
    }
    for (let i = 0; i < m; i++) rows[i] = rowHigh[i]! > 0 ? 1 / Math.sqrt(rowLow[i]! * rowHigh[i]!) : 1;
    let spread = 0;
    for (let j = 0; j < n; j++) {
      let least = Number.POSITIVE_INFINITY;
      let most = 0;
      for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) {
        const size = Math.abs(value[k]!) * rows[rowIndex[k]!]!;
        if (size === 0) continue;
        if (size < least) least = size;
        if (size > most) most = size;
      }
      columns[j] = most > 0 ? 1 / Math.sqrt(least * most) : 1;
      if (most > 0) spread = Math.max(spread, most / least);
    }
    if (spread > 0.9 * before) break;
    before = spread;
  }
  for (let i = 0; i < m; i++) rows[i] = powerOfTwo(rows[i]!);
  // Columns end with a largest entry near one, which keeps pivots comparable across columns.
  for (let j = 0; j < n; j++) {
    let most = 0;
    for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) {
      most = Math.max(most, Math.abs(value[k]!) * rows[rowIndex[k]!]!);
    }
    columns[j] = powerOfTwo(most > 0 ? 1 / most : 1);
  }
  return { rows, columns };
}

function powerOfTwo(factor: number): number {
  const exponent = Math.round(Math.log2(factor));
  return 2 ** Math.max(-30, Math.min(30, exponent));
}
