import { postorder } from './tree.js';

/** Fronts in postorder: front f eliminates the positions [pivotStart[f], pivotStart[f+1]). */
export interface Supernodes {
  /** Old position → new position (fronts' pivots are contiguous, children first). */
  readonly moved: Int32Array;
  readonly pivotStart: Int32Array;
  /** Parent front, −1 for a root. */
  readonly parent: Int32Array;
}

/**
 * What one front costs, in nanoseconds of the numeric kernels: a fixed part for its bookkeeping, the
 * traffic of its entries, and its arithmetic. Measured on the kernels; only ratios matter.
 */
function frontCost(pivots: number, rows: number): number {
  const entries = pivots * (pivots + rows) + rows * rows;
  const flops = pivots * (rows + pivots / 2) * (rows + pivots / 2);
  return 220 + 1.2 * entries + 0.5 * flops + 4 * rows;
}

/** Adding an update block of `rows` rows into the parent's front. */
function assemblyCost(rows: number): number {
  return 30 + 1.3 * rows * rows;
}

/**
 * Groups columns into supernodes: first those with the same structure, then child and parent wherever
 * the explicit zeros cost less than the front that is saved.
 */
export function findSupernodes(parent: Int32Array, under: Int32Array): Supernodes {
  const size = parent.length;
  const childCount = new Int32Array(size);
  for (let j = 0; j < size; j++) if (parent[j]! >= 0) childCount[parent[j]!]!++;
  // chains of columns with nested structure
  const groupOf = new Int32Array(size).fill(-1);
  const groupSize: number[] = [];
  const groupRows: number[] = [];
  const groupLast: number[] = [];
  for (let j = 0; j < size; j++) {
    let group = groupOf[j]!;
    if (group < 0) {
      group = groupSize.length;
      groupSize.push(0);
      groupRows.push(0);
      groupLast.push(j);
      groupOf[j] = group;
    }
    groupSize[group]!++;
    groupRows[group] = under[j]!;
    groupLast[group] = j;
    const up = parent[j]!;
    if (up >= 0 && groupOf[up]! < 0 && under[up] === under[j]! - 1) groupOf[up] = group;
  }
  const groups = groupSize.length;
  const pivots = Int32Array.from(groupSize);
  const rows = Int32Array.from(groupRows);
  const groupParent = new Int32Array(groups).fill(-1);
  for (let g = 0; g < groups; g++) {
    const up = parent[groupLast[g]!]!;
    if (up >= 0) groupParent[g] = groupOf[up]!;
  }
  const into = amalgamate(groupParent, pivots, rows);
  return renumber(size, groupOf, groupParent, into);
}

/** Merges children into parents, cheapest front first; `into[g]` is the front that swallowed g, or g. */
function amalgamate(parent: Int32Array, pivots: Int32Array, rows: Int32Array): Int32Array {
  const groups = parent.length;
  const into = Int32Array.from({ length: groups }, (_, g) => g);
  const order = postorder(parent);
  const find = (g: number): number => {
    let root = g;
    while (into[root] !== root) root = into[root]!;
    for (let node = g; into[node] !== root; ) {
      const next = into[node]!;
      into[node] = root;
      node = next;
    }
    return root;
  };
  for (const g of order) {
    if (parent[g]! < 0) continue;
    const up = find(parent[g]!);
    const kc = pivots[g]!;
    const rc = rows[g]!;
    const kp = pivots[up]!;
    const rp = rows[up]!;
    const apart = frontCost(kc, rc) + assemblyCost(rc) + frontCost(kp, rp);
    if (frontCost(kc + kp, rp) <= apart) {
      into[g] = up;
      pivots[up] = kc + kp;
    }
  }
  for (let g = 0; g < groups; g++) into[g] = find(g);
  return into;
}

function renumber(size: number, groupOf: Int32Array, groupParent: Int32Array, into: Int32Array): Supernodes {
  const groups = groupParent.length;
  const frontParent = new Int32Array(groups).fill(-1);
  for (let g = 0; g < groups; g++) {
    if (into[g] === g && groupParent[g]! >= 0) frontParent[g] = into[groupParent[g]!]!;
  }
  const alive = postorder(frontParent).filter((g) => into[g] === g);
  const rank = new Int32Array(groups).fill(-1);
  alive.forEach((g, f) => {
    rank[g] = f;
  });
  const fronts = alive.length;
  const pivotStart = new Int32Array(fronts + 1);
  for (let j = 0; j < size; j++) pivotStart[rank[into[groupOf[j]!]!]! + 1]!++;
  for (let f = 0; f < fronts; f++) pivotStart[f + 1]! += pivotStart[f]!;
  const fill = pivotStart.slice(0, fronts);
  const moved = new Int32Array(size);
  // old order inside a front: children's columns come before their parent's
  for (let j = 0; j < size; j++) moved[j] = fill[rank[into[groupOf[j]!]!]!]!++;
  const parent = new Int32Array(fronts).fill(-1);
  alive.forEach((g, f) => {
    if (frontParent[g]! >= 0) parent[f] = rank[frontParent[g]!]!;
  });
  return { moved, pivotStart, parent };
}
