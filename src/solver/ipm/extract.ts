import type { ConicProgram } from './program.js';
import type { StandardForm } from './standard.js';
import type { Scaling } from './workspace.js';

/** Multipliers of a conic program by its own numbering; all but `row` are in their dual cones. */
export interface ConicDuals {
  /**
   * Stationarity reads P x + q + Aᵀ row − zLower + zUpper − (cone parts) = 0: raising a row's right-hand
   * side by one changes the optimum by −row.
   */
  readonly row: Float64Array;
  /** ≥ 0 per variable. */
  readonly zLower: Float64Array;
  readonly zUpper: Float64Array;
  /** Per cone part, in the order of `program.conePtr`: cone k's (head, tails…) with head ≥ |tails|. */
  readonly cone: Float64Array;
}

/** x of the program from the scaled point; `share` divides (τ for solutions, any positive number for rays). */
export function extractPrimal(
  program: ConicProgram,
  form: StandardForm,
  scaling: Scaling,
  point: Float64Array,
  share: number,
): Float64Array {
  const x = new Float64Array(program.variables);
  for (let j = 0; j < x.length; j++) {
    const column = form.columnOf[j]!;
    x[j] = column < 0 ? form.fixedValue[j]! : (scaling.column[column]! * point[column]!) / share;
  }
  // A point inside its bounds by rounding only must not leave them by rounding.
  for (let j = 0; j < x.length; j++) {
    if (form.lowerOf[j]! >= 0 && x[j]! < program.lower.get(j)) x[j] = program.lower.get(j);
    if (form.upperOf[j]! >= 0 && x[j]! > program.upper.get(j)) x[j] = program.upper.get(j);
  }
  return x;
}

export function extractDuals(
  program: ConicProgram,
  form: StandardForm,
  scaling: Scaling,
  point: Float64Array,
  share: number,
): ConicDuals {
  const { n, m } = form;
  const unit = scaling.objective * share;
  const row = new Float64Array(program.rows);
  for (let i = 0; i < row.length; i++) {
    const at = form.rowOf[i]!;
    if (at >= 0) row[i] = (scaling.row[at]! * point[n + at]!) / unit;
  }
  const zLower = new Float64Array(program.variables);
  const zUpper = new Float64Array(program.variables);
  const z = n + m;
  for (let j = 0; j < zLower.length; j++) {
    const column = form.columnOf[j]!;
    if (column < 0) continue;
    const size = unit * scaling.column[column]!;
    if (form.lowerOf[j]! >= 0) zLower[j] = point[z + form.lowerOf[j]!]! / size;
    if (form.upperOf[j]! >= 0) zUpper[j] = point[z + form.upperOf[j]!]! / size;
  }
  const cone = new Float64Array(program.coneConstant.length);
  for (let k = 0; k < program.cones; k++) {
    const at = form.coneOf[k]!;
    if (at < 0) continue;
    const first = form.conePtr[at]!;
    const to = program.conePtr.get(k);
    for (let i = first; i < form.conePtr[at + 1]!; i++) {
      cone[to + i - first] = (scaling.cone[at]! * point[z + i]!) / unit;
    }
  }
  return { row, zLower, zUpper, cone };
}

/** Multipliers of substituted variables: whatever stationarity leaves over. */
export function completeFixed(
  program: ConicProgram,
  form: StandardForm,
  duals: ConicDuals,
  x: Float64Array | undefined,
): void {
  const reduced = stationarity(program, duals, x);
  for (let j = 0; j < reduced.length; j++) {
    if (form.columnOf[j]! >= 0) continue;
    if (reduced[j]! > 0) duals.zLower[j] = reduced[j]!;
    else duals.zUpper[j] = -reduced[j]!;
  }
}

/** P x + q + Aᵀy − zLower + zUpper − Σ cones' parts, per variable; without x, only the duals' part. */
export function stationarity(program: ConicProgram, duals: ConicDuals, x: Float64Array | undefined): Float64Array {
  const out = new Float64Array(program.variables);
  for (let j = 0; j < out.length; j++) {
    out[j] = duals.zUpper[j]! - duals.zLower[j]!;
    if (x) out[j]! += program.quadratic.get(j) * x[j]! + program.cost.get(j);
  }
  const column = program.column.view();
  const coefficient = program.coefficient.view();
  for (let i = 0; i < program.rows; i++) {
    const y = duals.row[i]!;
    if (y === 0) continue;
    for (let e = program.rowPtr.get(i); e < program.rowPtr.get(i + 1); e++) out[column[e]!]! += coefficient[e]! * y;
  }
  for (let part = 0; part < program.coneConstant.length; part++) {
    const z = duals.cone[part]!;
    if (z === 0) continue;
    for (let e = program.conePartPtr.get(part); e < program.conePartPtr.get(part + 1); e++) {
      out[program.coneColumn.get(e)]! -= program.coneCoefficient.get(e) * z;
    }
  }
  return out;
}
