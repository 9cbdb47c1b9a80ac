import { CrowdwattError } from '../errors.js';
import type { LpModel } from './types.js';
import { columnName, rowName } from './validate.js';

/**
 * Writes a model as MPS: free form, or fixed form where names hold spaces and fit its eight characters.
 * Rows without any limit become N rows, which readers leave out.
 */
export function writeMps(model: LpModel): string {
  const { rowCount: m, columnCount: n } = model;
  const rows = Array.from({ length: m }, (_, i) => mpsName(model.rowNames?.[i], rowName(model, i), 'R', i));
  const columns = Array.from({ length: n }, (_, j) => mpsName(model.columnNames?.[j], columnName(model, j), 'C', j));
  const objective = model.objectiveName ?? unused('COST', rows);
  const put = layoutFor([...rows, ...columns, objective]);
  const lines = [`NAME ${model.name ?? ''}`.trimEnd()];
  if (model.sense === 'maximise') lines.push('OBJSENSE', '    MAX');
  lines.push('ROWS', put('N', objective));
  for (let i = 0; i < m; i++) lines.push(put(rowType(model.rowLower[i]!, model.rowUpper[i]!), rows[i]!));
  lines.push('COLUMNS');
  for (let j = 0; j < n; j++) {
    const from = model.columnStart[j]!;
    const to = model.columnStart[j + 1]!;
    // A column without entries still has to be named once.
    if (model.cost[j] !== 0 || from === to) lines.push(put('', columns[j]!, objective, model.cost[j]!));
    for (let k = from; k < to; k++) lines.push(put('', columns[j]!, rows[model.rowIndex[k]!]!, model.value[k]!));
  }
  lines.push('RHS');
  if ((model.constant ?? 0) !== 0) lines.push(put('', 'RHS', objective, -model.constant!));
  const ranges: string[] = [];
  for (let i = 0; i < m; i++) {
    const low = model.rowLower[i]!;
    const high = model.rowUpper[i]!;
    const type = rowType(low, high);
    const rhs = type === 'L' ? high : type === 'N' ? 0 : low;
    if (rhs !== 0) lines.push(put('', 'RHS', rows[i]!, rhs));
    if (type === 'G' && Number.isFinite(high)) ranges.push(put('', 'RNG', rows[i]!, high - low));
  }
  if (ranges.length > 0) lines.push('RANGES', ...ranges);
  const bounds: string[] = [];
  for (let j = 0; j < n; j++) bounds.push(...boundLines(put, columns[j]!, model.lower[j]!, model.upper[j]!));
  if (bounds.length > 0) lines.push('BOUNDS', ...bounds);
  lines.push('ENDATA', '');
  return lines.join('\n');
}

type Put = (code: string, first: string, second?: string, value?: number) => string;

function rowType(low: number, high: number): 'N' | 'E' | 'G' | 'L' {
  if (low === high) return 'E';
  if (Number.isFinite(low)) return 'G';
  return Number.isFinite(high) ? 'L' : 'N';
}

function boundLines(put: Put, name: string, low: number, high: number): string[] {
  const bound = (code: string, value?: number) => put(code, 'BND', name, value);
  if (low === high) return [bound('FX', low)];
  const lines: string[] = [];
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return [bound('FR')];
  if (low === Number.NEGATIVE_INFINITY) lines.push(bound('MI'));
  if (Number.isFinite(high)) lines.push(bound('UP', high));
  // After UP: a negative upper bound alone would take the lower one away.
  if (Number.isFinite(low) && (low !== 0 || high < 0)) lines.push(bound('LO', low));
  return lines;
}

function mpsName(own: string | undefined, fallback: string, letter: string, index: number): string {
  return own ?? (fallback.includes(' ') ? `${letter}${index}` : fallback);
}

function unused(wish: string, taken: readonly string[]): string {
  let name = wish;
  const set = new Set(taken);
  while (set.has(name)) name = `${name}_`;
  return name;
}

function layoutFor(names: readonly string[]): Put {
  const spaced = names.find((name) => /\s/.test(name) || name === '' || name.startsWith('$'));
  if (spaced === undefined) {
    return (code, first, second = '', value) =>
      ` ${[code, first, second, value === undefined ? '' : String(value)].filter((field) => field !== '').join(' ')}`;
  }
  const long = names.find((name) => name.length > 8 || /[\t\r\n]/.test(name) || name.trimEnd() !== name || name === '');
  if (long !== undefined) {
    throw new CrowdwattError(
      'input/invalid',
      `name '${long}': MPS holds names with spaces only up to 8 characters ('${spaced}' has one)`,
      { id: long },
    );
  }
  return (code, first, second = '', value) => {
    const number = value === undefined ? '' : fixedNumber(value);
    return ` ${code.padEnd(2)} ${first.padEnd(8)}  ${second.padEnd(8)}  ${number}`.trimEnd();
  };
}

/** Twelve characters are all that fixed form has for a number. */
function fixedNumber(value: number): string {
  for (let digits = 17; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 12) return text;
  }
  return value.toExponential(4);
}
