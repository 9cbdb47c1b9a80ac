import { malformed } from './tokens.js';

export type MatlabValue = number | string | Matrix | MatlabValue[] | Struct;

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly data: number[];
}

export class Struct {
  readonly fields = new Map<string, MatlabValue>();
}

/** One index of `a(i, j)`: 1-based places, or all of them. */
export type Index = readonly number[] | ':';

export function isMatrix(value: MatlabValue | undefined): value is Matrix {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Struct);
}

export function rowVector(data: readonly number[]): Matrix {
  return { rows: 1, columns: data.length, data: [...data] };
}

export function flat(value: MatlabValue, line: number): readonly number[] {
  if (typeof value === 'number') return [value];
  if (isMatrix(value)) return value.data;
  throw malformed(line, 'a number or a matrix is needed here');
}

export function scalar(value: MatlabValue, line: number): number {
  const numbers = flat(value, line);
  if (numbers.length !== 1) throw malformed(line, 'one number is needed here');
  return numbers[0]!;
}

export function mapValue(value: MatlabValue, apply: (x: number) => number, line: number): MatlabValue {
  if (isMatrix(value)) return { ...value, data: value.data.map(apply) };
  return apply(scalar(value, line));
}

export function transpose(m: Matrix): Matrix {
  const data = m.data.map((_, k) => m.data[(k % m.rows) * m.columns + Math.floor(k / m.rows)]!);
  return { rows: m.columns, columns: m.rows, data };
}

/** Elementwise arithmetic with scalars spread over matrices. */
export function combine(
  a: MatlabValue,
  b: MatlabValue,
  apply: (x: number, y: number) => number,
  line: number,
): MatlabValue {
  if (typeof a === 'number' && typeof b === 'number') return apply(a, b);
  if (isMatrix(a) && typeof b === 'number') return { ...a, data: a.data.map((x) => apply(x, b)) };
  if (typeof a === 'number' && isMatrix(b)) return { ...b, data: b.data.map((y) => apply(a, y)) };
  if (!isMatrix(a) || !isMatrix(b)) throw malformed(line, 'arithmetic needs numbers');
  if (a.rows !== b.rows || a.columns !== b.columns) {
    throw malformed(line, `a ${a.rows}×${a.columns} and a ${b.rows}×${b.columns} matrix do not fit`);
  }
  return { ...a, data: a.data.map((x, k) => apply(x, b.data[k]!)) };
}

function places(
  m: Matrix,
  indices: readonly Index[],
  line: number,
): { rows: readonly number[]; columns: readonly number[] } {
  const all = (count: number): number[] => Array.from({ length: count }, (_, k) => k + 1);
  const [first, second] = indices;
  if (indices.length !== 2 || first === undefined || second === undefined)
    throw malformed(line, 'two indices are needed');
  const rows = first === ':' ? all(m.rows) : first;
  const columns = second === ':' ? all(m.columns) : second;
  if (rows.some((r) => !(r >= 1 && r <= m.rows)) || columns.some((c) => !(c >= 1 && c <= m.columns))) {
    throw malformed(line, `an index is outside the ${m.rows}×${m.columns} matrix`);
  }
  return { rows, columns };
}

export function readFrom(value: MatlabValue, indices: readonly Index[], line: number): MatlabValue {
  if (!isMatrix(value)) throw malformed(line, 'only a matrix can be indexed');
  if (indices.length === 1 && indices[0] !== ':') {
    const data = indices[0]!.map((k) => value.data[k - 1] ?? Number.NaN);
    return data.length === 1 ? data[0]! : rowVector(data);
  }
  const { rows, columns } = places(value, indices, line);
  const data = rows.flatMap((r) => columns.map((c) => value.data[(r - 1) * value.columns + c - 1]!));
  return data.length === 1 ? data[0]! : { rows: rows.length, columns: columns.length, data };
}

export function assignInto(
  target: MatlabValue | undefined,
  indices: readonly Index[],
  value: MatlabValue,
  line: number,
): void {
  if (!isMatrix(target)) throw malformed(line, 'only a matrix can be assigned by index');
  const { rows, columns } = places(target, indices, line);
  const source = flat(value, line);
  if (source.length !== 1 && source.length !== rows.length * columns.length) {
    throw malformed(line, `${source.length} numbers do not fit ${rows.length}×${columns.length} places`);
  }
  rows.forEach((r, i) => {
    columns.forEach((c, j) => {
      const from = source.length === 1 ? 0 : i * columns.length + j;
      target.data[(r - 1) * target.columns + c - 1] = source[from]!;
    });
  });
}

function numbered(names: string): [string, MatlabValue][] {
  return names.split(' ').map((name, k) => [name, k + 1]);
}

/** MATPOWER's names of matrix columns (its manual's appendix on the case format), 1-based. */
export const CONSTANTS: readonly [string, MatlabValue][] = [
  ...numbered('PQ PV REF NONE'),
  ...numbered('BUS_I BUS_TYPE PD QD GS BS BUS_AREA VM VA BASE_KV ZONE VMAX VMIN'),
  ...numbered('F_BUS T_BUS BR_R BR_X BR_B RATE_A RATE_B RATE_C TAP SHIFT BR_STATUS ANGMIN ANGMAX'),
  ...numbered('GEN_BUS PG QG QMAX QMIN VG MBASE GEN_STATUS PMAX PMIN'),
  ['pi', Math.PI],
  ['Inf', Number.POSITIVE_INFINITY],
  ['inf', Number.POSITIVE_INFINITY],
  ['NaN', Number.NaN],
];

export const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sqrt: Math.sqrt,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
};
