import { CrowdwattError } from '../../errors.js';
import { Indices, Numbers } from './growable.js';

/** Σ coefficient · x[column] + constant. */
export interface Affine {
  readonly columns: readonly number[];
  readonly coefficients: readonly number[];
  readonly constant?: number;
}

/**
 * A convex quadratic program with small second-order cones:
 *
 *     minimise   Σ ½ P_j x_j² + q_j x_j + constant                 P_j ≥ 0
 *     subject to A x = b                                           rows with lower = upper
 *                lower ≤ a x ≤ upper                               inequality rows
 *                lower_j ≤ x_j ≤ upper_j                           ±Infinity: no bound
 *                |(g_1 x + h_1, …)| ≤ g_0 x + h_0                  cones
 *
 * Rows (equalities and inequalities share one numbering), variables and cones keep the index that
 * adding them returned. Columns of one row must be distinct; a cone has a few variables only, because
 * it becomes a dense block of the linear system.
 */
export class ConicProgram {
  readonly quadratic = new Numbers();
  readonly cost = new Numbers();
  readonly lower = new Numbers();
  readonly upper = new Numbers();
  /** Rows in compressed form. */
  readonly rowPtr = new Indices();
  readonly column = new Indices();
  readonly coefficient = new Numbers();
  readonly rowLower = new Numbers();
  readonly rowUpper = new Numbers();
  /** What an absolute error of one unit in a row is worth: the primal tolerance is τ × this. Default 1. */
  readonly rowScale = new Numbers();
  /** Cone k holds the affine rows conePtr[k] .. conePtr[k + 1]. */
  readonly conePtr = new Indices();
  readonly conePartPtr = new Indices();
  readonly coneColumn = new Indices();
  readonly coneCoefficient = new Numbers();
  readonly coneConstant = new Numbers();
  constant = 0;
  /** The same as `rowScale` for all bounds and cones together. */
  slackScale = 1;

  constructor() {
    this.rowPtr.push(0);
    this.conePtr.push(0);
    this.conePartPtr.push(0);
  }

  get variables(): number {
    return this.cost.length;
  }

  get rows(): number {
    return this.rowLower.length;
  }

  get cones(): number {
    return this.conePtr.length - 1;
  }

  addVariable(lower = -Infinity, upper = Infinity, cost = 0, quadratic = 0): number {
    this.lower.push(lower);
    this.upper.push(upper);
    this.cost.push(cost);
    this.quadratic.push(quadratic);
    return this.cost.length - 1;
  }

  /** `count` variables alike; returns the first. */
  addVariables(count: number, lower = -Infinity, upper = Infinity, cost = 0, quadratic = 0): number {
    const first = this.cost.length;
    for (let k = 0; k < count; k++) this.addVariable(lower, upper, cost, quadratic);
    return first;
  }

  setBounds(variable: number, lower: number, upper: number): void {
    this.lower.set(variable, lower);
    this.upper.set(variable, upper);
  }

  setCost(variable: number, cost: number, quadratic?: number): void {
    this.cost.set(variable, cost);
    if (quadratic !== undefined) this.quadratic.set(variable, quadratic);
  }

  /** Σ coefficient · x[column] = rhs. */
  addEquality(columns: readonly number[], coefficients: readonly number[], rhs: number, scale = 1): number {
    return this.addRow(columns, coefficients, rhs, rhs, scale);
  }

  /** lower ≤ Σ coefficient · x[column] ≤ upper. */
  addInequality(
    columns: readonly number[],
    coefficients: readonly number[],
    lower: number,
    upper: number,
    scale = 1,
  ): number {
    return this.addRow(columns, coefficients, lower, upper, scale);
  }

  private addRow(
    columns: readonly number[],
    coefficients: readonly number[],
    lower: number,
    upper: number,
    scale: number,
  ): number {
    for (let k = 0; k < columns.length; k++) this.entry(columns[k]!, coefficients[k]!);
    return this.closeRow(lower, upper, scale);
  }

  /** One entry of the row that `closeRow` will end; the way to add many rows without arrays. */
  entry(column: number, coefficient: number): void {
    if (coefficient === 0) return;
    this.column.push(column);
    this.coefficient.push(coefficient);
  }

  closeRow(lower: number, upper: number, scale = 1): number {
    this.rowPtr.push(this.column.length);
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
    this.rowScale.push(scale);
    return this.rowLower.length - 1;
  }

  setRow(row: number, lower: number, upper = lower): void {
    this.rowLower.set(row, lower);
    this.rowUpper.set(row, upper);
  }

  /** |(tail_1, tail_2, …)| ≤ head. */
  addCone(head: Affine, tails: readonly Affine[]): number {
    this.addPart(head);
    for (const tail of tails) this.addPart(tail);
    return this.closeCone();
  }

  private addPart(part: Affine): void {
    for (let k = 0; k < part.columns.length; k++) this.coneEntry(part.columns[k]!, part.coefficients[k]!);
    this.closePart(part.constant ?? 0);
  }

  private coneEntry(column: number, coefficient: number): void {
    if (coefficient === 0) return;
    this.coneColumn.push(column);
    this.coneCoefficient.push(coefficient);
  }

  private closePart(constant: number): void {
    this.conePartPtr.push(this.coneColumn.length);
    this.coneConstant.push(constant);
  }

  private closeCone(): number {
    this.conePtr.push(this.coneConstant.length);
    return this.cones - 1;
  }

  /** Σ x[tail]² ≤ x[first] · x[second], both ≥ 0: |(first − second, 2 tail…)| ≤ first + second. */
  addRotatedCone(first: number, second: number, tails: readonly number[]): number {
    this.coneEntry(first, 1);
    this.coneEntry(second, 1);
    this.closePart(0);
    this.coneEntry(first, 1);
    this.coneEntry(second, -1);
    this.closePart(0);
    for (let k = 0; k < tails.length; k++) {
      this.coneEntry(tails[k]!, 2);
      this.closePart(0);
    }
    return this.closeCone();
  }

  /** Σ x[tail]² ≤ radius². */
  addDisc(radius: number, tails: readonly number[]): number {
    this.closePart(radius);
    for (let k = 0; k < tails.length; k++) {
      this.coneEntry(tails[k]!, 1);
      this.closePart(0);
    }
    return this.closeCone();
  }

  /** Throws `internal` where a number is not what the form above allows: a fault of the caller's code. */
  check(): void {
    const fail = (what: string): never => {
      throw new CrowdwattError('internal', `conic program: ${what}`);
    };
    const finite = (values: Float64Array, what: string): void => {
      for (let k = 0; k < values.length; k++) {
        if (!Number.isFinite(values[k])) fail(`${what} ${k} is ${values[k]}`);
      }
    };
    const known = (values: Float64Array, what: string): void => {
      for (let k = 0; k < values.length; k++) if (Number.isNaN(values[k])) fail(`${what} ${k} is NaN`);
    };
    finite(this.cost.view(), 'the cost of variable');
    finite(this.quadratic.view(), 'the quadratic cost of variable');
    finite(this.coefficient.view(), 'coefficient');
    finite(this.coneCoefficient.view(), 'cone coefficient');
    finite(this.coneConstant.view(), 'the constant of cone part');
    known(this.lower.view(), 'the lower bound of variable');
    known(this.upper.view(), 'the upper bound of variable');
    known(this.rowLower.view(), 'the lower side of row');
    known(this.rowUpper.view(), 'the upper side of row');
    const quadratic = this.quadratic.view();
    for (let j = 0; j < quadratic.length; j++) {
      if (quadratic[j]! < 0) fail(`the quadratic cost of variable ${j} is ${quadratic[j]}, below zero`);
    }
  }
}
