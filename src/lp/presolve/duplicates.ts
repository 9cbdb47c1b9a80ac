import type { Work } from './work.js';

/** Parallel rows and columns agree to this relative accuracy. */
const PARALLEL = 1e-12;

/** Rows or columns of the matrix, as compressed lines with the living places among them. */
interface Lines {
  readonly count: number;
  readonly alive: Uint8Array;
  readonly start: Int32Array;
  readonly place: Int32Array;
  readonly value: Float64Array;
  readonly placeAlive: Uint8Array;
}

/** Merges rows that are multiples of each other. */
export function mergeRows(w: Work): boolean {
  const {
    m: count,
    rowAlive: alive,
    rowStart: start,
    columnIndex: place,
    rowValue: value,
    columnAlive: placeAlive,
  } = w;
  let changed = false;
  eachPair({ count, alive, start, place, value, placeAlive }, (kept, row, factor) => {
    const one = w.rowLower[row]! / factor;
    const two = w.rowUpper[row]! / factor;
    const low = Math.min(one, two);
    const high = Math.max(one, two);
    const tookLower = low > w.rowLower[kept]!;
    const tookUpper = high < w.rowUpper[kept]!;
    if (Math.max(low, w.rowLower[kept]!) > Math.min(high, w.rowUpper[kept]!) + 1e-7) {
      w.surrender = 'infeasible';
      return;
    }
    if (tookLower) w.rowLower[kept] = Math.min(low, w.rowUpper[kept]!);
    if (tookUpper) w.rowUpper[kept] = Math.max(high, w.rowLower[kept]!);
    w.stack.push({ kind: 'duplicate-row', row, kept, factor, tookLower, tookUpper });
    w.killRow(row);
    changed = true;
  });
  return changed || w.surrender !== undefined;
}

/** Merges columns that are multiples of each other, cost included. */
export function mergeColumns(w: Work): boolean {
  const { n: count, columnAlive: alive, columnStart: start, rowIndex: place, value, rowAlive: placeAlive } = w;
  let changed = false;
  eachPair({ count, alive, start, place, value, placeAlive }, (kept, column, factor) => {
    const expected = factor * w.cost[kept]!;
    const actual = w.cost[column]!;
    if (Math.abs(actual - expected) > PARALLEL * Math.max(Math.abs(expected), Math.abs(actual))) return;
    const [lower, upper, keptLower, keptUpper] = [w.lower[column]!, w.upper[column]!, w.lower[kept]!, w.upper[kept]!];
    // A free column already takes any value: merging it would only hide which of the two is basic.
    if (isFree(lower, upper) || isFree(keptLower, keptUpper)) return;
    w.stack.push({ kind: 'duplicate-column', column, kept, factor, lower, upper, keptLower, keptUpper });
    w.lower[kept] = keptLower + (factor > 0 ? factor * lower : factor * upper);
    w.upper[kept] = keptUpper + (factor > 0 ? factor * upper : factor * lower);
    w.columnAlive[column] = 0;
    w.eachInColumn(column, (i) => {
      w.rowCount[i]!--;
    });
    changed = true;
  });
  return changed;
}

function isFree(lower: number, upper: number): boolean {
  return lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY;
}

/** Visits lines that are `factor` times an earlier living one. Candidates meet by a hash of pattern and first ratio. */
function eachPair(lines: Lines, visit: (first: number, second: number, factor: number) => void): void {
  const { count, alive } = lines;
  const firstWith = new Map<number, number>();
  for (let line = 0; line < count; line++) {
    if (alive[line] !== 1) continue;
    const hash = hashOf(lines, line);
    if (hash === undefined) continue;
    const earlier = firstWith.get(hash);
    if (earlier === undefined || alive[earlier] !== 1) {
      firstWith.set(hash, line);
      continue;
    }
    const factor = parallel(lines, earlier, line);
    if (factor !== undefined) visit(earlier, line, factor);
  }
}

/** Equal for multiples of one another; undefined for lines of fewer than two entries. */
function hashOf(lines: Lines, line: number): number | undefined {
  const { start, place, value, placeAlive } = lines;
  let hash = 17;
  let seen = 0;
  let first = 0;
  let ratio = 0;
  for (let k = start[line]!; k < start[line + 1]!; k++) {
    if (placeAlive[place[k]!] !== 1 || value[k] === 0) continue;
    hash = (Math.imul(hash, 0x01000193) ^ place[k]!) | 0;
    if (seen === 0) first = value[k]!;
    else if (seen === 1) ratio = value[k]! / first;
    seen++;
  }
  if (seen < 2) return undefined;
  // Rounded to single precision: multiples differ in the last bits of a double.
  return hash * 4096 + Math.fround(ratio);
}

/** The factor by which the second line is a multiple of the first. */
function parallel(lines: Lines, first: number, second: number): number | undefined {
  const { start, place, value, placeAlive } = lines;
  const firstEnd = start[first + 1]!;
  const secondEnd = start[second + 1]!;
  let a = start[first]!;
  let b = start[second]!;
  let factor: number | undefined;
  for (;;) {
    while (a < firstEnd && (placeAlive[place[a]!] !== 1 || value[a] === 0)) a++;
    while (b < secondEnd && (placeAlive[place[b]!] !== 1 || value[b] === 0)) b++;
    if (a === firstEnd || b === secondEnd) return a === firstEnd && b === secondEnd ? factor : undefined;
    if (place[a] !== place[b]) return undefined;
    factor ??= value[b]! / value[a]!;
    const expected = factor * value[a]!;
    if (Math.abs(value[b]! - expected) > PARALLEL * Math.abs(expected)) return undefined;
    a++;
    b++;
  }
}
