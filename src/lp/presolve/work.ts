import type { LpModel } from '../types.js';
import type { Reduction } from './reductions.js';

/** Set where presolve sees that there is no feasible point, or no bounded optimum: the simplex then gets the whole model and proves it. */
export type Surrender = 'infeasible' | 'unbounded';

/**
 * The model under presolve, as a minimisation. The matrix itself is never changed: rows and columns
 * only die. So column and row views stay valid, and undoing needs no copies of coefficients.
 */
export class Work {
  readonly m: number;
  readonly n: number;
  readonly columnStart: Int32Array;
  readonly rowIndex: Int32Array;
  readonly value: Float64Array;
  readonly rowStart: Int32Array;
  readonly columnIndex: Int32Array;
  readonly rowValue: Float64Array;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly rowAlive: Uint8Array;
  readonly columnAlive: Uint8Array;
  /** Living entries. */
  readonly rowCount: Int32Array;
  readonly columnCount: Int32Array;
  /** What was done, in order; undone from the end. */
  readonly stack: Reduction[] = [];
  surrender: Surrender | undefined;

  constructor(model: LpModel) {
    const { rowCount: m, columnCount: n } = model;
    const sign = model.sense === 'maximise' ? -1 : 1;
    this.m = m;
    this.n = n;
    this.columnStart = model.columnStart;
    this.rowIndex = model.rowIndex;
    this.value = model.value;
    this.cost = model.cost.map((c) => sign * c);
    this.lower = model.lower.slice();
    this.upper = model.upper.slice();
    this.rowLower = model.rowLower.slice();
    this.rowUpper = model.rowUpper.slice();
    this.rowAlive = new Uint8Array(m).fill(1);
    this.columnAlive = new Uint8Array(n).fill(1);
    this.rowCount = new Int32Array(m);
    this.columnCount = new Int32Array(n);
    const nnz = model.columnStart[n]!;
    this.rowStart = new Int32Array(m + 1);
    for (let k = 0; k < nnz; k++) this.rowStart[this.rowIndex[k]! + 1]!++;
    for (let i = 0; i < m; i++) this.rowStart[i + 1]! += this.rowStart[i]!;
    const at = this.rowStart.slice(0, m);
    this.columnIndex = new Int32Array(nnz);
    this.rowValue = new Float64Array(nnz);
    for (let j = 0; j < n; j++) {
      for (let k = this.columnStart[j]!; k < this.columnStart[j + 1]!; k++) {
        const i = this.rowIndex[k]!;
        this.columnIndex[at[i]!] = j;
        this.rowValue[at[i]!++] = this.value[k]!;
        // A stored zero says nothing.
        if (this.value[k] !== 0) {
          this.rowCount[i]!++;
          this.columnCount[j]!++;
        }
      }
    }
  }

  /** Calls back for each living entry of row i. */
  eachInRow(i: number, visit: (column: number, value: number) => void): void {
    for (let k = this.rowStart[i]!; k < this.rowStart[i + 1]!; k++) {
      const j = this.columnIndex[k]!;
      if (this.columnAlive[j] === 1 && this.rowValue[k] !== 0) visit(j, this.rowValue[k]!);
    }
  }

  /** Calls back for each living entry of column j. */
  eachInColumn(j: number, visit: (row: number, value: number) => void): void {
    for (let k = this.columnStart[j]!; k < this.columnStart[j + 1]!; k++) {
      const i = this.rowIndex[k]!;
      if (this.rowAlive[i] === 1 && this.value[k] !== 0) visit(i, this.value[k]!);
    }
  }

  killRow(i: number): void {
    this.rowAlive[i] = 0;
    this.eachInRow(i, (j) => {
      this.columnCount[j]!--;
    });
  }

  /** Takes column j out at a value: what it contributes moves to the rows' limits. */
  killColumn(j: number, at: number): void {
    this.columnAlive[j] = 0;
    this.eachInColumn(j, (i, a) => {
      this.rowCount[i]!--;
      this.rowLower[i]! -= a * at;
      this.rowUpper[i]! -= a * at;
    });
  }

  /** Least and greatest activity of row i over the bounds of its living columns but `except`. */
  activity(i: number, except = -1): [number, number] {
    let low = 0;
    let high = 0;
    for (let k = this.rowStart[i]!; k < this.rowStart[i + 1]!; k++) {
      const j = this.columnIndex[k]!;
      const a = this.rowValue[k]!;
      if (j === except || this.columnAlive[j] !== 1 || a === 0) continue;
      low += a > 0 ? a * this.lower[j]! : a * this.upper[j]!;
      high += a > 0 ? a * this.upper[j]! : a * this.lower[j]!;
    }
    return [low, high];
  }
}
