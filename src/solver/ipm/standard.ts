import { Indices, Numbers } from './growable.js';
import type { ConicProgram } from './program.js';

/**
 * The program as the kernels want it: minimise ½ xᵀPx + qᵀx + constant subject to A x = b and
 * s = h − G x ∈ K. Fixed variables are substituted, an inequality row has a slack column of its own
 * (a x − w = 0 with bounds on w), every finite bound is one entry of s with G = ∓1, and each cone is
 * a dense block over its distinct variables. Unscaled.
 */
export interface StandardForm {
  readonly n: number;
  readonly m: number;
  readonly nb: number;
  readonly nc: number;
  readonly ns: number;
  readonly quad: Float64Array;
  readonly cost: Float64Array;
  readonly rhs: Float64Array;
  /** h: bounds first, then the cones' rows. */
  readonly offset: Float64Array;
  readonly aPtr: Int32Array;
  readonly aCol: Int32Array;
  readonly aVal: Float64Array;
  readonly rowScale: Float64Array;
  readonly boundVar: Int32Array;
  readonly boundSign: Float64Array;
  readonly conePtr: Int32Array;
  readonly coneVarPtr: Int32Array;
  readonly coneVar: Int32Array;
  readonly coneGPtr: Int32Array;
  readonly coneG: Float64Array;
  readonly constant: number;
  /** Program variable → column, or −1 where it is fixed at `fixedValue`. */
  readonly columnOf: Int32Array;
  readonly fixedValue: Float64Array;
  /** Program row → row, or −1 where the row says nothing any more. */
  readonly rowOf: Int32Array;
  /** Program row → slack column, or −1. */
  readonly slackOf: Int32Array;
  /** Program variable → its entry in s, or −1. */
  readonly lowerOf: Int32Array;
  readonly upperOf: Int32Array;
  /** Program cone → cone, or −1. */
  readonly coneOf: Int32Array;
  /** What cannot hold whatever the others do, found while substituting. */
  readonly contradiction?: Contradiction;
}

export interface Contradiction {
  readonly kind: 'variable' | 'row' | 'cone';
  readonly index: number;
  /** By how much it fails. */
  readonly amount: number;
}

/** Bounds closer than this (relative to their size) leave no interior: the variable is fixed between them. */
const FIXED_WIDTH = 1e-11;

export function toStandardForm(program: ConicProgram): StandardForm {
  program.check();
  const variables = program.variables;
  // plain typed arrays: a call an entry would be most of the time of a cold start
  const lowers = program.lower.view();
  const uppers = program.upper.view();
  const costs = program.cost.view();
  const quadratics = program.quadratic.view();
  const columnOf = new Int32Array(variables).fill(-1);
  const fixedValue = new Float64Array(variables);
  const lowerOf = new Int32Array(variables).fill(-1);
  const upperOf = new Int32Array(variables).fill(-1);
  let contradiction: Contradiction | undefined;
  let constant = program.constant;
  const quad = new Numbers();
  const cost = new Numbers();
  const boundVar = new Indices();
  const boundSign = new Numbers();
  const offset = new Numbers();
  const bound = (column: number, lower: number, upper: number, variable: number): void => {
    if (lower > -Infinity) {
      if (variable >= 0) lowerOf[variable] = boundVar.length;
      boundVar.push(column);
      boundSign.push(-1);
      offset.push(-lower);
    }
    if (upper < Infinity) {
      if (variable >= 0) upperOf[variable] = boundVar.length;
      boundVar.push(column);
      boundSign.push(1);
      offset.push(upper);
    }
  };
  for (let j = 0; j < variables; j++) {
    const lower = lowers[j]!;
    const upper = uppers[j]!;
    const nearer = Math.min(Math.abs(lower), Math.abs(upper));
    const size = nearer < Infinity ? Math.max(1, nearer) : 1;
    if (upper - lower <= FIXED_WIDTH * size || lower === Infinity || upper === -Infinity) {
      if (lower - upper > 1e-9 * size || lower === Infinity || upper === -Infinity) {
        contradiction ??= { kind: 'variable', index: j, amount: lower - upper };
      }
      const value = 0.5 * (lower + upper);
      fixedValue[j] = value;
      constant += costs[j]! * value + 0.5 * quadratics[j]! * value * value;
      continue;
    }
    columnOf[j] = cost.length;
    quad.push(quadratics[j]!);
    cost.push(costs[j]!);
    bound(columnOf[j]!, lower, upper, j);
  }
  // rows
  const rows = program.rows;
  const rowPtr = program.rowPtr.view();
  const columns = program.column.view();
  const coefficients = program.coefficient.view();
  const rowOf = new Int32Array(rows).fill(-1);
  const slackOf = new Int32Array(rows).fill(-1);
  const aPtr = new Indices();
  const aCol = new Indices();
  const aVal = new Numbers();
  const rhs = new Numbers();
  const rowScale = new Numbers();
  aPtr.push(0);
  for (let i = 0; i < rows; i++) {
    const lower = program.rowLower.get(i);
    const upper = program.rowUpper.get(i);
    if (lower === -Infinity && upper === Infinity) continue;
    let shift = 0;
    let free = 0;
    for (let e = rowPtr[i]!; e < rowPtr[i + 1]!; e++) {
      const j = columns[e]!;
      if (columnOf[j]! < 0) {
        shift += coefficients[e]! * fixedValue[j]!;
      } else {
        free++;
        aCol.push(columnOf[j]!);
        aVal.push(coefficients[e]!);
      }
    }
    const scale = program.rowScale.get(i);
    if (free === 0 || lower - upper > 1e-9 * scale) {
      const amount = Math.max(lower - upper, lower - shift, shift - upper);
      if (amount > 1e-9 * scale) contradiction ??= { kind: 'row', index: i, amount };
      aCol.length = aPtr.get(aPtr.length - 1);
      aVal.length = aCol.length;
      continue;
    }
    rowOf[i] = rhs.length;
    rowScale.push(scale);
    if (upper - lower <= FIXED_WIDTH * Math.max(1, lower > -Infinity ? Math.abs(lower) : 1)) {
      rhs.push(0.5 * (lower + upper) - shift);
    } else {
      const slack = cost.length;
      slackOf[i] = slack;
      quad.push(0);
      cost.push(0);
      bound(slack, lower - shift, upper - shift, -1);
      aCol.push(slack);
      aVal.push(-1);
      rhs.push(0);
    }
    aPtr.push(aCol.length);
  }
  // cones
  const cones = program.cones;
  const programConePtr = program.conePtr.view();
  const partPtr = program.conePartPtr.view();
  const coneColumn = program.coneColumn.view();
  const coneCoefficient = program.coneCoefficient.view();
  const coneOf = new Int32Array(cones).fill(-1);
  const nb = boundVar.length;
  const conePtr = new Indices();
  const coneVarPtr = new Indices();
  const coneVar = new Indices();
  const coneGPtr = new Indices();
  const coneG = new Numbers();
  conePtr.push(nb);
  coneVarPtr.push(0);
  coneGPtr.push(0);
  const place = new Int32Array(cost.length).fill(-1);
  for (let k = 0; k < cones; k++) {
    const partFirst = programConePtr[k]!;
    const partEnd = programConePtr[k + 1]!;
    const varFirst = coneVar.length;
    for (let e = partPtr[partFirst]!; e < partPtr[partEnd]!; e++) {
      const column = columnOf[coneColumn[e]!]!;
      if (column < 0 || place[column]! >= 0) continue;
      place[column] = coneVar.length - varFirst;
      coneVar.push(column);
    }
    const width = coneVar.length - varFirst;
    const block = new Float64Array(width * (partEnd - partFirst));
    const constants = new Float64Array(partEnd - partFirst);
    for (let part = partFirst; part < partEnd; part++) {
      constants[part - partFirst] = program.coneConstant.get(part);
      for (let e = partPtr[part]!; e < partPtr[part + 1]!; e++) {
        const j = coneColumn[e]!;
        const a = coneCoefficient[e]!;
        const column = columnOf[j]!;
        if (column < 0) constants[part - partFirst]! += a * fixedValue[j]!;
        else block[(part - partFirst) * width + place[column]!]! -= a; // s = h − G x
      }
    }
    for (let v = varFirst; v < coneVar.length; v++) place[coneVar.get(v)] = -1;
    if (width === 0) {
      const amount = Math.hypot(...constants.subarray(1)) - constants[0]!;
      if (amount > 1e-9 * Math.max(1, Math.abs(constants[0]!))) contradiction ??= { kind: 'cone', index: k, amount };
      continue;
    }
    coneOf[k] = conePtr.length - 1;
    for (const value of constants) offset.push(value);
    for (const value of block) coneG.push(value);
    conePtr.push(offset.length);
    coneVarPtr.push(coneVar.length);
    coneGPtr.push(coneG.length);
  }
  return {
    n: cost.length,
    m: rhs.length,
    nb,
    nc: conePtr.length - 1,
    ns: offset.length,
    quad: quad.view(),
    cost: cost.view(),
    rhs: rhs.view(),
    offset: offset.view(),
    aPtr: aPtr.view(),
    aCol: aCol.view(),
    aVal: aVal.view(),
    rowScale: rowScale.view(),
    boundVar: boundVar.view(),
    boundSign: boundSign.view(),
    conePtr: conePtr.view(),
    coneVarPtr: coneVarPtr.view(),
    coneVar: coneVar.view(),
    coneGPtr: coneGPtr.view(),
    coneG: coneG.view(),
    constant,
    columnOf,
    fixedValue,
    rowOf,
    slackOf,
    lowerOf,
    upperOf,
    coneOf,
    ...(contradiction ? { contradiction } : {}),
  };
}

/** True where both have the same unknowns, rows, bounds and entries, so that symbolic work can be kept. */
export function sameStructure(a: StandardForm, b: StandardForm): boolean {
  return (
    a.n === b.n &&
    a.m === b.m &&
    a.nb === b.nb &&
    a.nc === b.nc &&
    equal(a.aPtr, b.aPtr) &&
    equal(a.aCol, b.aCol) &&
    equal(a.boundVar, b.boundVar) &&
    equal(a.boundSign, b.boundSign) &&
    equal(a.conePtr, b.conePtr) &&
    equal(a.coneVarPtr, b.coneVarPtr) &&
    equal(a.coneVar, b.coneVar)
  );
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
