import { CrowdwattError } from '../errors.js';
import type { LpModel } from './types.js';

/** Rows to add, compressed by rows. */
export interface RowBlock {
  /** one more than rows */
  readonly rowStart: Int32Array;
  readonly columnIndex: Int32Array;
  readonly value: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly names?: readonly string[];
}

/** Columns to add, compressed by columns. */
export interface ColumnBlock {
  /** one more than columns */
  readonly columnStart: Int32Array;
  readonly rowIndex: Int32Array;
  readonly value: Float64Array;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly names?: readonly string[];
}

export function withRows(model: LpModel, block: RowBlock): LpModel {
  const added = block.lower.length;
  const n = model.columnCount;
  const extra = new Int32Array(n + 1);
  const total = block.rowStart[added] ?? 0;
  for (let k = 0; k < total; k++) {
    const j = block.columnIndex[k]!;
    if (!Number.isInteger(j) || j < 0 || j >= n) {
      throw new CrowdwattError('input/invalid', `columnIndex[${k}]: is ${j}, must be from 0 to ${n - 1}`);
    }
    extra[j + 1]!++;
  }
  for (let j = 0; j < n; j++) extra[j + 1]! += extra[j]!;
  const columnStart = model.columnStart.map((start, j) => start + extra[j]!);
  const rowIndex = new Int32Array(columnStart[n]!);
  const value = new Float64Array(columnStart[n]!);
  const at = new Int32Array(n);
  for (let j = 0; j < n; j++) {
    const from = model.columnStart[j]!;
    const to = model.columnStart[j + 1]!;
    rowIndex.set(model.rowIndex.subarray(from, to), columnStart[j]!);
    value.set(model.value.subarray(from, to), columnStart[j]!);
    at[j] = columnStart[j]! + to - from;
  }
  for (let r = 0; r < added; r++) {
    for (let k = block.rowStart[r]!; k < block.rowStart[r + 1]!; k++) {
      const j = block.columnIndex[k]!;
      rowIndex[at[j]!] = model.rowCount + r;
      value[at[j]!++] = block.value[k]!;
    }
  }
  return {
    ...model,
    rowCount: model.rowCount + added,
    columnStart,
    rowIndex,
    value,
    rowLower: joined(model.rowLower, block.lower),
    rowUpper: joined(model.rowUpper, block.upper),
    rowNames: joinedNames(model.rowNames, block.names, model.rowCount, added, 'row'),
  };
}

export function withColumns(model: LpModel, block: ColumnBlock): LpModel {
  const added = block.lower.length;
  const nnz = model.columnStart[model.columnCount]!;
  const columnStart = new Int32Array(model.columnCount + added + 1);
  columnStart.set(model.columnStart);
  for (let j = 0; j <= added; j++) columnStart[model.columnCount + j] = nnz + block.columnStart[j]!;
  const rowIndex = new Int32Array(columnStart.at(-1)!);
  rowIndex.set(model.rowIndex.subarray(0, nnz));
  rowIndex.set(block.rowIndex.subarray(0, columnStart.at(-1)! - nnz), nnz);
  const value = new Float64Array(columnStart.at(-1)!);
  value.set(model.value.subarray(0, nnz));
  value.set(block.value.subarray(0, columnStart.at(-1)! - nnz), nnz);
  return {
    ...model,
    columnCount: model.columnCount + added,
    columnStart,
    rowIndex,
    value,
    cost: joined(model.cost, block.cost),
    lower: joined(model.lower, block.lower),
    upper: joined(model.upper, block.upper),
    columnNames: joinedNames(model.columnNames, block.names, model.columnCount, added, 'column'),
  };
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function joinedNames(
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
  before: number,
  added: number,
  what: string,
): readonly string[] | undefined {
  if (first === undefined && second === undefined) return undefined;
  return [
    ...(first ?? Array.from({ length: before }, (_, k) => `${what}${k}`)),
    ...(second ?? Array.from({ length: added }, (_, k) => `${what}${before + k}`)),
  ];
}
