// The rows of every front, where each value of the pattern goes, and each child's place in its parent.
import { Analysis } from './analysis';
import { fillI, getI, setI } from './memory';

/** Both directions of the pattern's off-diagonal entries, by node. */
export function buildAdjacency(a: Analysis): void {
  const size = a.size;
  fillI(a.start, size + 1, 0);
  for (let e = 0; e < a.entries; e++) {
    const i = getI(a.entryRow, e);
    const j = getI(a.entryColumn, e);
    if (i == j) continue;
    setI(a.start, i + 1, getI(a.start, i + 1) + 1);
    setI(a.start, j + 1, getI(a.start, j + 1) + 1);
  }
  for (let i = 0; i < size; i++) setI(a.start, i + 1, getI(a.start, i + 1) + getI(a.start, i));
  const fill = a.at;
  memory.copy(fill, a.start, (<usize>size) << 2);
  for (let e = 0; e < a.entries; e++) {
    const i = getI(a.entryRow, e);
    const j = getI(a.entryColumn, e);
    if (i == j) continue;
    setI(a.neighbour, getI(fill, i), j);
    setI(fill, i, getI(fill, i) + 1);
    setI(a.neighbour, getI(fill, j), i);
    setI(fill, j, getI(fill, j) + 1);
  }
}

export function describeFronts(a: Analysis): void {
  sortEntries(a);
  const fronts = a.fronts;
  const seen = a.next;
  fillI(seen, a.size, -1);
  for (let f = 0; f < fronts; f++) {
    collectRows(a, f, seen);
    const pivotFirst = getI(a.pivotStart, f);
    const pivots = getI(a.pivotStart, f + 1) - pivotFirst;
    const begin = getI(a.rowPtr, f);
    const rows = getI(a.rowPtr, f + 1) - begin;
    const ld = pivots + ((rows + 1) & ~1);
    for (let p = 0; p < pivots; p++) setI(a.local, pivotFirst + p, p);
    for (let k = 0; k < rows; k++) setI(a.local, getI(a.rowIdx, begin + k), pivots + k);
    const end = getI(a.originPtr, f + 1);
    for (let at = getI(a.originPtr, f); at < end; at++) {
      const e = getI(a.entryOf, at);
      const i = getI(a.permOf, getI(a.entryRow, e));
      const j = getI(a.permOf, getI(a.entryColumn, e));
      setI(a.originDst, at, (min(i, j) - pivotFirst) * ld + getI(a.local, max(i, j)));
    }
    for (let k = getI(a.childPtr, f); k < getI(a.childPtr, f + 1); k++) {
      const c = getI(a.child, k);
      for (let e = getI(a.rowPtr, c); e < getI(a.rowPtr, c + 1); e++) {
        setI(a.relative, e, getI(a.local, getI(a.rowIdx, e)));
      }
    }
  }
}

// Values in the order of the fronts that take them.
function sortEntries(a: Analysis): void {
  const fronts = a.fronts;
  fillI(a.originPtr, fronts + 1, 0);
  for (let e = 0; e < a.entries; e++) {
    const f = frontOfEntry(a, e);
    setI(a.originPtr, f + 1, getI(a.originPtr, f + 1) + 1);
  }
  for (let f = 0; f < fronts; f++) setI(a.originPtr, f + 1, getI(a.originPtr, f + 1) + getI(a.originPtr, f));
  const fill = a.next;
  memory.copy(fill, a.originPtr, (<usize>fronts) << 2);
  for (let e = 0; e < a.entries; e++) {
    const f = frontOfEntry(a, e);
    const at = getI(fill, f);
    setI(fill, f, at + 1);
    setI(a.valueAt, e, at);
    setI(a.entryOf, at, e);
  }
}

function frontOfEntry(a: Analysis, e: i32): i32 {
  const i = getI(a.permOf, getI(a.entryRow, e));
  const j = getI(a.permOf, getI(a.entryColumn, e));
  return getI(a.frontOf, min(i, j));
}

// Rows of a front: its own entries' and its children's, beyond its pivots, in ascending order.
function collectRows(a: Analysis, f: i32, seen: usize): void {
  const pivotEnd = getI(a.pivotStart, f + 1);
  const begin = getI(a.rowPtr, f);
  let end = begin;
  for (let at = getI(a.originPtr, f); at < getI(a.originPtr, f + 1); at++) {
    const e = getI(a.entryOf, at);
    const position = max(getI(a.permOf, getI(a.entryRow, e)), getI(a.permOf, getI(a.entryColumn, e)));
    if (position < pivotEnd || getI(seen, position) == f) continue;
    setI(seen, position, f);
    setI(a.rowIdx, end++, position);
  }
  for (let k = getI(a.childPtr, f); k < getI(a.childPtr, f + 1); k++) {
    const c = getI(a.child, k);
    for (let e = getI(a.rowPtr, c); e < getI(a.rowPtr, c + 1); e++) {
      const position = getI(a.rowIdx, e);
      if (position < pivotEnd || getI(seen, position) == f) continue;
      setI(seen, position, f);
      setI(a.rowIdx, end++, position);
    }
  }
  sort(a.rowIdx + ((<usize>begin) << 2), end - begin);
}

// Shell sort: the lists are short and come as a few ascending runs.
function sort(list: usize, count: i32): void {
  let gap = 1;
  while (gap * 3 + 1 < count) gap = gap * 3 + 1;
  for (; gap > 0; gap = gap / 3) {
    for (let i = gap; i < count; i++) {
      const value = getI(list, i);
      let j = i - gap;
      for (; j >= 0 && getI(list, j) > value; j -= gap) setI(list, j + gap, getI(list, j));
      setI(list, j + gap, value);
    }
  }
}
