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
  const conversion = new Conversion(program);
  conversion.takeVariables();
  conversion.takeRows();
  conversion.takeCones();
  return conversion.form();
}

/**
 * The conversion, on arrays of the largest size that may be needed: a method call or an allocation for
 * every entry would be most of the time of a cold start.
 */
class Conversion {
  private n = 0;
  private m = 0;
  private nb = 0;
  private nc = 0;
  private ns = 0;
  private entries = 0;
  private constant: number;
  private contradiction: Contradiction | undefined;
  private readonly columnOf: Int32Array;
  private readonly fixedValue: Float64Array;
  private readonly lowerOf: Int32Array;
  private readonly upperOf: Int32Array;
  private readonly rowOf: Int32Array;
  private readonly slackOf: Int32Array;
  private readonly coneOf: Int32Array;
  private readonly quad: Float64Array;
  private readonly cost: Float64Array;
  private readonly boundVar: Int32Array;
  private readonly boundSign: Float64Array;
  private readonly offset: Float64Array;
  private readonly aPtr: Int32Array;
  private readonly aCol: Int32Array;
  private readonly aVal: Float64Array;
  private readonly rhs: Float64Array;
  private readonly rowScale: Float64Array;
  private readonly conePtr: Int32Array;
  private readonly coneVarPtr: Int32Array;
  private readonly coneVar: Int32Array;
  private readonly coneGPtr: Int32Array;
  private coneG: Float64Array;

  constructor(private readonly program: ConicProgram) {
    const { variables, rows, cones } = program;
    const columns = variables + rows; // every row may want a slack
    const parts = program.coneConstant.length;
    const nonzeros = program.column.length + rows;
    this.constant = program.constant;
    this.columnOf = new Int32Array(variables).fill(-1);
    this.fixedValue = new Float64Array(variables);
    this.lowerOf = new Int32Array(variables).fill(-1);
    this.upperOf = new Int32Array(variables).fill(-1);
    this.rowOf = new Int32Array(rows).fill(-1);
    this.slackOf = new Int32Array(rows).fill(-1);
    this.coneOf = new Int32Array(cones).fill(-1);
    this.quad = new Float64Array(columns);
    this.cost = new Float64Array(columns);
    this.boundVar = new Int32Array(2 * columns);
    this.boundSign = new Float64Array(2 * columns);
    this.offset = new Float64Array(2 * columns + parts);
    this.aPtr = new Int32Array(rows + 1);
    this.aCol = new Int32Array(nonzeros);
    this.aVal = new Float64Array(nonzeros);
    this.rhs = new Float64Array(rows);
    this.rowScale = new Float64Array(rows);
    this.conePtr = new Int32Array(cones + 1);
    this.coneVarPtr = new Int32Array(cones + 1);
    this.coneVar = new Int32Array(program.coneColumn.length);
    this.coneGPtr = new Int32Array(cones + 1);
    this.coneG = new Float64Array(16 * cones + 16);
  }

  private contradict(kind: Contradiction['kind'], index: number, amount: number): void {
    this.contradiction ??= { kind, index, amount };
  }

  private addColumn(cost: number, quad: number): number {
    this.cost[this.n] = cost;
    this.quad[this.n] = quad;
    return this.n++;
  }

  private addBound(column: number, sign: number, offset: number): number {
    this.boundVar[this.nb] = column;
    this.boundSign[this.nb] = sign;
    this.offset[this.nb] = offset;
    return this.nb++;
  }

  takeVariables(): void {
    const { program } = this;
    const lowers = program.lower.view();
    const uppers = program.upper.view();
    const costs = program.cost.view();
    const quadratics = program.quadratic.view();
    for (let j = 0; j < lowers.length; j++) {
      const lower = lowers[j]!;
      const upper = uppers[j]!;
      const nearer = Math.min(Math.abs(lower), Math.abs(upper));
      const size = nearer < Infinity ? Math.max(1, nearer) : 1;
      const unreachable = lower === Infinity || upper === -Infinity;
      if (upper - lower <= FIXED_WIDTH * size || unreachable) {
        if (lower - upper > 1e-9 * size || unreachable) this.contradict('variable', j, lower - upper);
        const value = 0.5 * (lower + upper);
        this.fixedValue[j] = value;
        this.constant += costs[j]! * value + 0.5 * quadratics[j]! * value * value;
        continue;
      }
      const column = this.addColumn(costs[j]!, quadratics[j]!);
      this.columnOf[j] = column;
      if (lower > -Infinity) this.lowerOf[j] = this.addBound(column, -1, -lower);
      if (upper < Infinity) this.upperOf[j] = this.addBound(column, 1, upper);
    }
  }

  takeRows(): void {
    const { program, columnOf, fixedValue, aCol, aVal } = this;
    const rowPtr = program.rowPtr.view();
    const columns = program.column.view();
    const coefficients = program.coefficient.view();
    const lowers = program.rowLower.view();
    const uppers = program.rowUpper.view();
    const scales = program.rowScale.view();
    for (let i = 0; i < lowers.length; i++) {
      const lower = lowers[i]!;
      const upper = uppers[i]!;
      if (lower === -Infinity && upper === Infinity) continue;
      const first = this.entries;
      let end = first;
      let shift = 0;
      for (let e = rowPtr[i]!; e < rowPtr[i + 1]!; e++) {
        const j = columns[e]!;
        const column = columnOf[j]!;
        if (column < 0) {
          shift += coefficients[e]! * fixedValue[j]!;
        } else {
          aCol[end] = column;
          aVal[end++] = coefficients[e]!;
        }
      }
      const scale = scales[i]!;
      if (end === first || lower - upper > 1e-9 * scale) {
        const amount = Math.max(lower - upper, lower - shift, shift - upper);
        if (amount > 1e-9 * scale) this.contradict('row', i, amount);
        continue;
      }
      if (upper - lower <= FIXED_WIDTH * Math.max(1, lower > -Infinity ? Math.abs(lower) : 1)) {
        this.rhs[this.m] = 0.5 * (lower + upper) - shift;
      } else {
        const slack = this.addColumn(0, 0);
        this.slackOf[i] = slack;
        if (lower > -Infinity) this.addBound(slack, -1, shift - lower);
        if (upper < Infinity) this.addBound(slack, 1, upper - shift);
        aCol[end] = slack;
        aVal[end++] = -1;
      }
      this.rowScale[this.m] = scale;
      this.rowOf[i] = this.m++;
      this.entries = end;
      this.aPtr[this.m] = end;
    }
  }

  takeCones(): void {
    const { program, columnOf, fixedValue, coneVar, offset } = this;
    const conePtr = program.conePtr.view();
    const partPtr = program.conePartPtr.view();
    const coneColumn = program.coneColumn.view();
    const coneCoefficient = program.coneCoefficient.view();
    const coneConstant = program.coneConstant.view();
    const place = new Int32Array(this.n).fill(-1);
    this.ns = this.nb;
    this.conePtr[0] = this.nb;
    for (let k = 0; k + 1 < conePtr.length; k++) {
      const partFirst = conePtr[k]!;
      const partEnd = conePtr[k + 1]!;
      const varFirst = this.coneVarPtr[this.nc]!;
      let varEnd = varFirst;
      for (let e = partPtr[partFirst]!; e < partPtr[partEnd]!; e++) {
        const column = columnOf[coneColumn[e]!]!;
        if (column < 0 || place[column]! >= 0) continue;
        place[column] = varEnd - varFirst;
        coneVar[varEnd++] = column;
      }
      const width = varEnd - varFirst;
      const gFirst = this.coneGPtr[this.nc]!;
      const gEnd = gFirst + width * (partEnd - partFirst);
      const block = this.coneBlock(gEnd);
      for (let part = partFirst; part < partEnd; part++) {
        let constant = coneConstant[part]!;
        const row = gFirst + (part - partFirst) * width;
        for (let e = partPtr[part]!; e < partPtr[part + 1]!; e++) {
          const j = coneColumn[e]!;
          const column = columnOf[j]!;
          if (column < 0) constant += coneCoefficient[e]! * fixedValue[j]!;
          else block[row + place[column]!]! -= coneCoefficient[e]!; // s = h − G x
        }
        offset[this.ns + part - partFirst] = constant;
      }
      for (let v = varFirst; v < varEnd; v++) place[coneVar[v]!] = -1;
      if (width === 0) {
        const head = offset[this.ns]!;
        const amount = Math.hypot(...offset.subarray(this.ns + 1, this.ns + partEnd - partFirst)) - head;
        if (amount > 1e-9 * Math.max(1, Math.abs(head))) this.contradict('cone', k, amount);
        continue;
      }
      this.coneOf[k] = this.nc++;
      this.ns += partEnd - partFirst;
      this.conePtr[this.nc] = this.ns;
      this.coneVarPtr[this.nc] = varEnd;
      this.coneGPtr[this.nc] = gEnd;
    }
  }

  /** `coneG`, large enough for `length` numbers. */
  private coneBlock(length: number): Float64Array {
    if (length > this.coneG.length) {
      const larger = new Float64Array(2 * length);
      larger.set(this.coneG);
      this.coneG = larger;
    }
    return this.coneG;
  }

  form(): StandardForm {
    const { n, m, nb, nc, ns } = this;
    const coneVars = this.coneVarPtr[nc]!;
    return {
      n,
      m,
      nb,
      nc,
      ns,
      quad: this.quad.subarray(0, n),
      cost: this.cost.subarray(0, n),
      rhs: this.rhs.subarray(0, m),
      offset: this.offset.subarray(0, ns),
      aPtr: this.aPtr.subarray(0, m + 1),
      aCol: this.aCol.subarray(0, this.entries),
      aVal: this.aVal.subarray(0, this.entries),
      rowScale: this.rowScale.subarray(0, m),
      boundVar: this.boundVar.subarray(0, nb),
      boundSign: this.boundSign.subarray(0, nb),
      conePtr: this.conePtr.subarray(0, nc + 1),
      coneVarPtr: this.coneVarPtr.subarray(0, nc + 1),
      coneVar: this.coneVar.subarray(0, coneVars),
      coneGPtr: this.coneGPtr.subarray(0, nc + 1),
      coneG: this.coneG.subarray(0, this.coneGPtr[nc]!),
      constant: this.constant,
      columnOf: this.columnOf,
      fixedValue: this.fixedValue,
      rowOf: this.rowOf,
      slackOf: this.slackOf,
      lowerOf: this.lowerOf,
      upperOf: this.upperOf,
      coneOf: this.coneOf,
      ...(this.contradiction ? { contradiction: this.contradiction } : {}),
    };
  }
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

/** True where A and G are the same to the last bit, so that their scaling can be kept. */
export function sameCoefficients(a: StandardForm, b: StandardForm): boolean {
  return equal(a.aVal, b.aVal) && equal(a.coneG, b.coneG);
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
