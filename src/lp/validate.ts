import { CrowdwattError } from '../errors.js';
import type { LpBasis, LpModel } from './types.js';

function bad(path: string, message: string): never {
  throw new CrowdwattError('input/invalid', `${path}: ${message}`, { path });
}

/** Checks the arrays of a model against each other; the kernel trusts them from here on. */
export function checkModel(model: LpModel): void {
  const { rowCount: m, columnCount: n, columnStart, rowIndex, value } = model;
  if (!Number.isInteger(m) || m < 0) bad('rowCount', 'must be a whole number, 0 or more');
  if (!Number.isInteger(n) || n < 0) bad('columnCount', 'must be a whole number, 0 or more');
  if (columnStart.length !== n + 1)
    bad('columnStart', `has ${columnStart.length} entries, must have columnCount + 1 = ${n + 1}`);
  const nnz = columnStart[n] ?? 0;
  if (columnStart[0] !== 0) bad('columnStart[0]', 'must be 0');
  if (rowIndex.length < nnz || value.length < nnz) bad('rowIndex', `rowIndex and value need ${nnz} entries`);
  for (const [name, array, size] of [
    ['cost', model.cost, n],
    ['lower', model.lower, n],
    ['upper', model.upper, n],
    ['rowLower', model.rowLower, m],
    ['rowUpper', model.rowUpper, m],
  ] as const) {
    if (array.length !== size) bad(name, `has ${array.length} entries, must have ${size}`);
    for (let k = 0; k < size; k++) {
      const entry = array[k]!;
      if (Number.isNaN(entry) || (name === 'cost' && !Number.isFinite(entry)))
        bad(`${name}[${k}]`, `is ${entry}, must be a number`);
    }
  }
  const seen = new Int32Array(m).fill(-1);
  for (let j = 0; j < n; j++) {
    if (columnStart[j + 1]! < columnStart[j]!) bad(`columnStart[${j + 1}]`, 'must not fall');
    for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) {
      const i = rowIndex[k]!;
      if (i < 0 || i >= m) bad(`rowIndex[${k}]`, `is ${i}, must be from 0 to ${m - 1}`);
      if (seen[i] === j) bad(`rowIndex[${k}]`, `column ${j} names row ${i} twice`);
      seen[i] = j;
      if (!Number.isFinite(value[k]!)) bad(`value[${k}]`, `is ${value[k]}, must be finite`);
    }
    if (model.lower[j] === Number.POSITIVE_INFINITY) bad(`lower[${j}]`, 'must not be +Infinity');
    if (model.upper[j] === Number.NEGATIVE_INFINITY) bad(`upper[${j}]`, 'must not be -Infinity');
  }
  for (let i = 0; i < m; i++) {
    if (model.rowLower[i] === Number.POSITIVE_INFINITY) bad(`rowLower[${i}]`, 'must not be +Infinity');
    if (model.rowUpper[i] === Number.NEGATIVE_INFINITY) bad(`rowUpper[${i}]`, 'must not be -Infinity');
  }
}

export function checkBasis(basis: LpBasis, model: { rowCount: number; columnCount: number }): void {
  for (const [name, array, size] of [
    ['basis.columns', basis.columns, model.columnCount],
    ['basis.rows', basis.rows, model.rowCount],
  ] as const) {
    if (array.length !== size) bad(name, `has ${array.length} entries, must have ${size}`);
    for (let k = 0; k < size; k++) if (array[k]! > 3) bad(`${name}[${k}]`, `is ${array[k]}, must be a BasisStatus`);
  }
}

/** First column or row whose limits cross, in words; such a model is infeasible by itself. */
export function crossedLimits(model: LpModel): { kind: 'column' | 'row'; index: number } | undefined {
  for (let j = 0; j < model.columnCount; j++)
    if (model.lower[j]! > model.upper[j]!) return { kind: 'column', index: j };
  for (let i = 0; i < model.rowCount; i++)
    if (model.rowLower[i]! > model.rowUpper[i]!) return { kind: 'row', index: i };
  return undefined;
}

export function columnName(model: LpModel, j: number): string {
  return model.columnNames?.[j] ?? `column ${j}`;
}

export function rowName(model: LpModel, i: number): string {
  return model.rowNames?.[i] ?? `row ${i}`;
}
