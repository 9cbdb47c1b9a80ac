import type { LpModel } from '../../src/lp/index.js';

export interface DenseLp {
  readonly sense?: 'minimise' | 'maximise';
  readonly cost: readonly number[];
  /** Rows of the matrix. */
  readonly rows: readonly (readonly number[])[];
  readonly rowLower?: readonly number[];
  readonly rowUpper?: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly constant?: number;
}

/** A small model from dense rows; columns default to [0, ∞), rows to no limit. */
export function dense(lp: DenseLp): LpModel {
  const n = lp.cost.length;
  const m = lp.rows.length;
  const columnStart = [0];
  const rowIndex: number[] = [];
  const value: number[] = [];
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < m; i++) {
      const a = lp.rows[i]![j]!;
      if (a === 0) continue;
      rowIndex.push(i);
      value.push(a);
    }
    columnStart.push(rowIndex.length);
  }
  return {
    sense: lp.sense,
    rowCount: m,
    columnCount: n,
    columnStart: Int32Array.from(columnStart),
    rowIndex: Int32Array.from(rowIndex),
    value: Float64Array.from(value),
    cost: Float64Array.from(lp.cost),
    lower: Float64Array.from(lp.lower ?? new Array(n).fill(0)),
    upper: Float64Array.from(lp.upper ?? new Array(n).fill(Number.POSITIVE_INFINITY)),
    rowLower: Float64Array.from(lp.rowLower ?? new Array(m).fill(Number.NEGATIVE_INFINITY)),
    rowUpper: Float64Array.from(lp.rowUpper ?? new Array(m).fill(Number.POSITIVE_INFINITY)),
    constant: lp.constant,
  };
}
