import { planArena } from './arena.js';
import { minimumDegreeOrder } from './ordering.js';
import { findSupernodes } from './supernodes.js';
import { eliminationTree } from './tree.js';

/** A symmetric sparsity pattern: each pair of positions once, in either order; every diagonal once. */
export interface SymmetricPattern {
  readonly size: number;
  readonly row: Int32Array;
  readonly column: Int32Array;
}

/**
 * All that a multifrontal LDLᵀ needs to know before it sees a number; reused as long as the pattern
 * stays. Offsets are counted in f64. assembly/sparse/frontal.ts is the numeric half.
 */
export interface SymbolicFactor {
  readonly size: number;
  readonly fronts: number;
  /** Index in the pattern → position in the elimination order. */
  readonly permOf: Int32Array;
  readonly pivotStart: Int32Array;
  /** Rows under the pivots of each front, ascending positions. */
  readonly rowPtr: Int32Array;
  readonly rowIdx: Int32Array;
  /** For each of those rows its index in the parent's front. */
  readonly relative: Int32Array;
  readonly childPtr: Int32Array;
  readonly child: Int32Array;
  readonly panelAt: Int32Array;
  readonly blockAt: Int32Array;
  readonly factorLength: number;
  readonly arenaLength: number;
  /** Entry of the pattern → index in the value array, which is sorted by front. */
  readonly valueAt: Int32Array;
  readonly originPtr: Int32Array;
  /** Offset of each value in its front's panel. */
  readonly originDst: Int32Array;
  readonly packedLength: number;
  readonly frontRowsMax: number;
  /** Entries of L, explicit zeros included, and multiplications of one factorisation. */
  readonly nonzeros: number;
  readonly flops: number;
}

export function analyse(pattern: SymmetricPattern): SymbolicFactor {
  const { size } = pattern;
  const { start, neighbour } = adjacency(pattern);
  const order = minimumDegreeOrder(size, start, neighbour);
  const position = new Int32Array(size);
  for (let k = 0; k < size; k++) position[order[k]!] = k;
  const { lowerPtr, lower } = lowerRows(size, start, neighbour, order, position);
  const tree = eliminationTree(size, lowerPtr, lower);
  const nodes = findSupernodes(tree.parent, tree.under);
  const permOf = new Int32Array(size);
  for (let i = 0; i < size; i++) permOf[i] = nodes.moved[position[i]!]!;
  return describeFronts(pattern, permOf, nodes.pivotStart, nodes.parent);
}

function adjacency(pattern: SymmetricPattern): { start: Int32Array; neighbour: Int32Array } {
  const { size, row, column } = pattern;
  const start = new Int32Array(size + 1);
  for (let e = 0; e < row.length; e++) {
    if (row[e] === column[e]) continue;
    start[row[e]! + 1]!++;
    start[column[e]! + 1]!++;
  }
  for (let i = 0; i < size; i++) start[i + 1]! += start[i]!;
  const fill = start.slice(0, size);
  const neighbour = new Int32Array(start[size]!);
  for (let e = 0; e < row.length; e++) {
    const a = row[e]!;
    const b = column[e]!;
    if (a === b) continue;
    neighbour[fill[a]!++] = b;
    neighbour[fill[b]!++] = a;
  }
  return { start, neighbour };
}

function lowerRows(
  size: number,
  start: Int32Array,
  neighbour: Int32Array,
  order: Int32Array,
  position: Int32Array,
): { lowerPtr: Int32Array; lower: Int32Array } {
  const lowerPtr = new Int32Array(size + 1);
  const lower = new Int32Array(neighbour.length / 2);
  let write = 0;
  for (let k = 0; k < size; k++) {
    const i = order[k]!;
    for (let e = start[i]!; e < start[i + 1]!; e++) {
      const other = position[neighbour[e]!]!;
      if (other < k) lower[write++] = other;
    }
    lowerPtr[k + 1] = write;
  }
  return { lowerPtr, lower };
}

function describeFronts(
  pattern: SymmetricPattern,
  permOf: Int32Array,
  pivotStart: Int32Array,
  parent: Int32Array,
): SymbolicFactor {
  const { size, row, column } = pattern;
  const fronts = parent.length;
  const frontOf = new Int32Array(size);
  for (let f = 0; f < fronts; f++) frontOf.fill(f, pivotStart[f]!, pivotStart[f + 1]!);
  // values sorted by front
  const entries = row.length;
  const originPtr = new Int32Array(fronts + 1);
  const low = new Int32Array(entries);
  const high = new Int32Array(entries);
  for (let e = 0; e < entries; e++) {
    const a = permOf[row[e]!]!;
    const b = permOf[column[e]!]!;
    low[e] = Math.min(a, b);
    high[e] = Math.max(a, b);
    originPtr[frontOf[low[e]!]! + 1]!++;
  }
  for (let f = 0; f < fronts; f++) originPtr[f + 1]! += originPtr[f]!;
  const fill = originPtr.slice(0, fronts);
  const valueAt = new Int32Array(entries);
  const entryOf = new Int32Array(entries);
  for (let e = 0; e < entries; e++) {
    const at = fill[frontOf[low[e]!]!]!++;
    valueAt[e] = at;
    entryOf[at] = e;
  }
  const { childPtr, child } = childLists(parent);
  // structure of each front: its own entries and its children's rows
  const rowPtr = new Int32Array(fronts + 1);
  let rowIdx = new Int32Array(Math.max(1024, size * 4));
  const relative: Int32Array[] = [];
  const local = new Int32Array(size).fill(-1);
  const seen = new Int32Array(size).fill(-1);
  const originDst = new Int32Array(entries);
  const panelAt = new Int32Array(fronts);
  const blockLength = new Int32Array(fronts);
  let factorLength = 0;
  let packedLength = 1;
  let frontRowsMax = 1;
  let nonzeros = 0;
  let flops = 0;
  for (let f = 0; f < fronts; f++) {
    const pivotEnd = pivotStart[f + 1]!;
    const begin = rowPtr[f]!;
    let end = begin;
    const reach = (position: number): void => {
      if (position < pivotEnd || seen[position] === f) return;
      seen[position] = f;
      if (end === rowIdx.length) {
        const larger = new Int32Array(rowIdx.length * 2);
        larger.set(rowIdx);
        rowIdx = larger;
      }
      rowIdx[end++] = position;
    };
    for (let at = originPtr[f]!; at < originPtr[f + 1]!; at++) reach(high[entryOf[at]!]!);
    for (let k = childPtr[f]!; k < childPtr[f + 1]!; k++) {
      const c = child[k]!;
      for (let e = rowPtr[c]!; e < rowPtr[c + 1]!; e++) reach(rowIdx[e]!);
    }
    rowIdx.subarray(begin, end).sort();
    rowPtr[f + 1] = end;
    const pivotFirst = pivotStart[f]!;
    const pivots = pivotEnd - pivotFirst;
    const rows = end - begin;
    const blockLd = (rows + 1) & ~1;
    const ld = pivots + blockLd;
    for (let p = 0; p < pivots; p++) local[pivotFirst + p] = p;
    for (let k = 0; k < rows; k++) local[rowIdx[begin + k]!] = pivots + k;
    for (let at = originPtr[f]!; at < originPtr[f + 1]!; at++) {
      const e = entryOf[at]!;
      originDst[at] = (low[e]! - pivotFirst) * ld + local[high[e]!]!;
    }
    for (let k = childPtr[f]!; k < childPtr[f + 1]!; k++) {
      const c = child[k]!;
      const from = rowPtr[c]!;
      const map = new Int32Array(rowPtr[c + 1]! - from);
      for (let e = 0; e < map.length; e++) map[e] = local[rowIdx[from + e]!]!;
      relative[c] = map;
    }
    panelAt[f] = factorLength;
    factorLength += ld * pivots;
    blockLength[f] = blockLd * rows;
    packedLength = Math.max(packedLength, ld * pivots);
    frontRowsMax = Math.max(frontRowsMax, ld);
    nonzeros += pivots * rows + (pivots * (pivots + 1)) / 2;
    for (let p = 0; p < pivots; p++) flops += ((rows + pivots - p) * (rows + pivots - p + 1)) / 2;
  }
  const arena = planArena(blockLength, childPtr, child);
  const flatRelative = new Int32Array(rowPtr[fronts]!);
  for (let f = 0; f < fronts; f++) if (relative[f]) flatRelative.set(relative[f]!, rowPtr[f]!);
  return {
    size,
    fronts,
    permOf,
    pivotStart,
    rowPtr,
    rowIdx: rowIdx.slice(0, rowPtr[fronts]!),
    relative: flatRelative,
    childPtr,
    child,
    panelAt,
    blockAt: arena.at,
    factorLength,
    arenaLength: arena.length,
    valueAt,
    originPtr,
    originDst,
    packedLength,
    frontRowsMax,
    nonzeros,
    flops,
  };
}

function childLists(parent: Int32Array): { childPtr: Int32Array; child: Int32Array } {
  const fronts = parent.length;
  const childPtr = new Int32Array(fronts + 1);
  for (let f = 0; f < fronts; f++) if (parent[f]! >= 0) childPtr[parent[f]! + 1]!++;
  for (let f = 0; f < fronts; f++) childPtr[f + 1]! += childPtr[f]!;
  const fill = childPtr.slice(0, fronts);
  const child = new Int32Array(childPtr[fronts]!);
  for (let f = 0; f < fronts; f++) if (parent[f]! >= 0) child[fill[parent[f]!]!++] = f;
  return { childPtr, child };
}
