import type { Work } from './work.js';

/** Parallel rows and columns agree to this relative accuracy. */
const PARALLEL = 1e-12;

interface Line {
  readonly index: number;
  readonly places: number[];
  readonly values: number[];
}

/** Merges rows that are multiples of each other. */
export function mergeRows(w: Work): boolean {
  const lines = collect(w.m, w.rowAlive, (i, visit) => w.eachInRow(i, visit));
  let changed = false;
  for (const [first, second] of pairs(lines)) {
    const factor = parallel(first, second);
    if (factor === undefined || w.rowAlive[first.index] !== 1 || w.rowAlive[second.index] !== 1) continue;
    const kept = first.index;
    const row = second.index;
    const one = w.rowLower[row]! / factor;
    const two = w.rowUpper[row]! / factor;
    const low = Math.min(one, two);
    const high = Math.max(one, two);
    const tookLower = low > w.rowLower[kept]!;
    const tookUpper = high < w.rowUpper[kept]!;
    if (Math.max(low, w.rowLower[kept]!) > Math.min(high, w.rowUpper[kept]!) + 1e-7) {
      w.surrender = 'infeasible';
      return true;
    }
    if (tookLower) w.rowLower[kept] = Math.min(low, w.rowUpper[kept]!);
    if (tookUpper) w.rowUpper[kept] = Math.max(high, w.rowLower[kept]!);
    w.stack.push({ kind: 'duplicate-row', row, kept, factor, tookLower, tookUpper });
    w.killRow(row);
    changed = true;
  }
  return changed;
}

/** Merges columns that are multiples of each other, cost included. */
export function mergeColumns(w: Work): boolean {
  const lines = collect(w.n, w.columnAlive, (j, visit) => w.eachInColumn(j, visit));
  let changed = false;
  for (const [first, second] of pairs(lines)) {
    const factor = parallel(first, second);
    if (factor === undefined || w.columnAlive[first.index] !== 1 || w.columnAlive[second.index] !== 1) continue;
    const kept = first.index;
    const column = second.index;
    const expected = factor * w.cost[kept]!;
    if (Math.abs(w.cost[column]! - expected) > PARALLEL * Math.max(Math.abs(expected), Math.abs(w.cost[column]!)))
      continue;
    const [lower, upper, keptLower, keptUpper] = [w.lower[column]!, w.upper[column]!, w.lower[kept]!, w.upper[kept]!];
    // A free column already takes any value: merging it would only hide which of the two is basic.
    if (isFree(lower, upper) || isFree(keptLower, keptUpper)) continue;
    w.stack.push({ kind: 'duplicate-column', column, kept, factor, lower, upper, keptLower, keptUpper });
    w.lower[kept] = keptLower + (factor > 0 ? factor * lower : factor * upper);
    w.upper[kept] = keptUpper + (factor > 0 ? factor * upper : factor * lower);
    w.columnAlive[column] = 0;
    w.eachInColumn(column, (i) => {
      w.rowCount[i]!--;
    });
    changed = true;
  }
  return changed;
}

function isFree(lower: number, upper: number): boolean {
  return lower === Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY;
}

function collect(
  count: number,
  alive: Uint8Array,
  each: (index: number, visit: (place: number, value: number) => void) => void,
): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (let index = 0; index < count; index++) {
    if (alive[index] !== 1) continue;
    const places: number[] = [];
    const values: number[] = [];
    each(index, (place, value) => {
      places.push(place);
      values.push(value);
    });
    if (places.length < 2) continue;
    const key = signature(places, values);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ index, places, values }]);
    else group.push({ index, places, values });
  }
  return groups;
}

/** Equal for multiples of one another; collisions are sorted out by comparing. */
function signature(places: readonly number[], values: readonly number[]): string {
  let hash = 0;
  for (const place of places) hash = (Math.imul(hash, 31) + place) | 0;
  return `${places.length} ${hash} ${(values[1]! / values[0]!).toPrecision(9)}`;
}

/** Neighbours within each group: each line against the group's first living one. */
function* pairs(groups: Map<string, Line[]>): Generator<[Line, Line]> {
  for (const group of groups.values()) {
    for (let k = 1; k < group.length; k++) yield [group[0]!, group[k]!];
  }
}

/** The factor by which the second line is a multiple of the first. */
function parallel(first: Line, second: Line): number | undefined {
  if (first.places.length !== second.places.length) return undefined;
  const factor = second.values[0]! / first.values[0]!;
  for (let k = 0; k < first.places.length; k++) {
    if (first.places[k] !== second.places[k]) return undefined;
    const expected = factor * first.values[k]!;
    if (Math.abs(second.values[k]! - expected) > PARALLEL * Math.abs(expected)) return undefined;
  }
  return factor;
}
