// A fill-reducing order: approximate minimum degree on the quotient graph (Amestoy, Davis, Duff, SIAM
// J. Matrix Anal. 1996). A node is a variable (still to be eliminated, perhaps standing for several
// alike), an element (an eliminated pivot: the clique of its list), or absorbed into another one. Lists
// live in `pool`: a variable's holds its elements, then its variables; an element's its variables. The
// living lists never grow in total, so a pool of a fixed size with now and then a compaction will do.
import { Analysis } from './analysis';
import { fillI, getI, setI } from './memory';

const NONE = -1;
const VARIABLE = 0;
const ELEMENT = 1;
const ABSORBED = 2;

/** Fills `order` from `start` and `neighbour`; nodes with very many neighbours go last at once. */
export function orderNodes(a: Analysis): void {
  const size = a.size;
  prepare(a);
  // ten times the root is AMD's usual threshold: a row over all devices and periods must not cost n²
  const dense = max(16, <i32>(10 * Math.sqrt(<f64>size)));
  let lastAt = size;
  for (let i = size - 1; i >= 0; i--) {
    if (getI(a.length, i) <= dense) {
      setI(a.degree, i, getI(a.length, i));
      insert(a, i);
    } else {
      setI(a.order, --lastAt, i);
      setI(a.kind, i, ABSORBED);
      setI(a.weight, i, 0);
      a.remaining--;
    }
  }
  let done = 0;
  while (a.remaining > 0) {
    const pivot = takeLeast(a);
    eliminate(a, pivot);
    for (let node = pivot; node != NONE; node = getI(a.memberNext, node)) setI(a.order, done++, node);
  }
}

function prepare(a: Analysis): void {
  const size = a.size;
  const bytes = (<usize>size) << 2;
  memory.copy(a.pool, a.neighbour, (<usize>a.edges) << 2);
  a.poolEnd = a.edges;
  a.stampBase = 1;
  a.leastDegree = 0;
  a.remaining = size;
  memory.copy(a.at, a.start, bytes);
  memory.fill(a.kind, 0, bytes);
  memory.fill(a.elementCount, 0, bytes);
  memory.fill(a.stamp, 0, bytes);
  fillI(a.weight, size, 1);
  fillI(a.bucket, size + 1, NONE);
  fillI(a.hashHead, size + 1, NONE);
  fillI(a.memberNext, size, NONE);
  for (let i = 0; i < size; i++) {
    setI(a.length, i, getI(a.start, i + 1) - getI(a.start, i));
    setI(a.memberLast, i, i);
  }
}

// Buckets of variables by degree, doubly linked.
function insert(a: Analysis, node: i32): void {
  const d = getI(a.degree, node);
  const head = getI(a.bucket, d);
  setI(a.next, node, head);
  setI(a.previous, node, NONE);
  if (head != NONE) setI(a.previous, head, node);
  setI(a.bucket, d, node);
  if (d < a.leastDegree) a.leastDegree = d;
}

function unlink(a: Analysis, node: i32): void {
  const before = getI(a.previous, node);
  const after = getI(a.next, node);
  if (before == NONE) setI(a.bucket, getI(a.degree, node), after);
  else setI(a.next, before, after);
  if (after != NONE) setI(a.previous, after, before);
}

function takeLeast(a: Analysis): i32 {
  while (getI(a.bucket, a.leastDegree) == NONE) a.leastDegree++;
  const node = getI(a.bucket, a.leastDegree);
  unlink(a, node);
  return node;
}

function eliminate(a: Analysis, pivot: i32): void {
  const pivotWeight = getI(a.weight, pivot);
  a.remaining -= pivotWeight;
  setI(a.weight, pivot, -pivotWeight);
  const formed = formElement(a, pivot);
  const begin = getI(a.at, pivot);
  const end = begin + getI(a.length, pivot);
  measureOverlaps(a, begin, end);
  const total = updateVariables(a, pivot, begin, end, formed);
  mergeTwins(a, begin, end);
  // what is left of the list becomes the element; its variables go back to the buckets
  let write = begin;
  for (let k = begin; k < end; k++) {
    const i = getI(a.pool, k);
    const wi = -getI(a.weight, i);
    if (wi <= 0) continue;
    setI(a.weight, i, wi);
    const approximate = getI(a.degree, i) + total - wi;
    setI(a.degree, i, max(0, min(approximate, a.remaining - wi)));
    insert(a, i);
    setI(a.pool, write++, i);
  }
  setI(a.weight, pivot, pivotWeight);
  setI(a.length, pivot, write - begin);
  setI(a.degree, pivot, total);
  if (write == begin) setI(a.kind, pivot, ABSORBED);
  if (end == a.poolEnd) a.poolEnd = write;
}

// The pivot's list: its variables and those of its elements, which are absorbed. Gives its weight;
// weights of variables in the list are negative until the step is over.
function formElement(a: Analysis, pivot: i32): i32 {
  let need = getI(a.length, pivot);
  const elements = getI(a.elementCount, pivot);
  for (let k = 0; k < elements; k++) need += getI(a.length, getI(a.pool, getI(a.at, pivot) + k));
  if (a.poolEnd + min(need, a.size) > a.poolLength) compact(a);
  const begin = a.poolEnd;
  let write = begin;
  let total = 0;
  const first = getI(a.at, pivot);
  for (let k = 0; k <= elements; k++) {
    const element = k < elements ? getI(a.pool, first + k) : pivot;
    const from = k < elements ? getI(a.at, element) : first + elements;
    const to = k < elements ? from + getI(a.length, element) : first + getI(a.length, pivot);
    for (let e = from; e < to; e++) {
      const i = getI(a.pool, e);
      const wi = getI(a.weight, i);
      if (wi <= 0) continue;
      setI(a.weight, i, -wi);
      total += wi;
      setI(a.pool, write++, i);
      unlink(a, i);
    }
    if (k < elements) setI(a.kind, element, ABSORBED);
  }
  setI(a.kind, pivot, ELEMENT);
  setI(a.elementCount, pivot, 0);
  setI(a.at, pivot, begin);
  setI(a.length, pivot, write - begin);
  a.poolEnd = write;
  return total;
}

// stamp[e] − stampBase = weight of element e outside the pivot's list
function measureOverlaps(a: Analysis, begin: i32, end: i32): void {
  a.stampBase += a.size + 1;
  if (a.stampBase > 0x3fffffff) {
    memory.fill(a.stamp, 0, (<usize>a.size) << 2);
    a.stampBase = 1;
  }
  const base = a.stampBase;
  for (let k = begin; k < end; k++) {
    const i = getI(a.pool, k);
    const wi = -getI(a.weight, i);
    const first = getI(a.at, i);
    const last = first + getI(a.elementCount, i);
    for (let e = first; e < last; e++) {
      const element = getI(a.pool, e);
      if (getI(a.kind, element) != ELEMENT) continue;
      const stamp = getI(a.stamp, element);
      setI(a.stamp, element, (stamp < base ? base + getI(a.degree, element) : stamp) - wi);
    }
  }
}

// Rewrites the lists of the pivot's variables; gives the weight of those that stay.
function updateVariables(a: Analysis, pivot: i32, begin: i32, end: i32, formed: i32): i32 {
  const base = a.stampBase;
  const pool = a.pool;
  let total = formed;
  for (let k = begin; k < end; k++) {
    const i = getI(pool, k);
    const first = getI(a.at, i);
    const elementEnd = first + getI(a.elementCount, i);
    const listEnd = first + getI(a.length, i);
    let write = first;
    let hash: u32 = <u32>pivot;
    let outside = 0;
    for (let e = first; e < elementEnd; e++) {
      const element = getI(pool, e);
      if (getI(a.kind, element) != ELEMENT) continue;
      const external = getI(a.stamp, element) - base;
      if (external > 0) {
        outside += external;
        hash += <u32>element;
        setI(pool, write++, element);
      } else {
        setI(a.kind, element, ABSORBED); // it lies inside the pivot's element
      }
    }
    const elementsKept = write - first;
    for (let e = elementEnd; e < listEnd; e++) {
      const j = getI(pool, e);
      const wj = getI(a.weight, j);
      if (wj <= 0 || getI(a.kind, j) != VARIABLE) continue;
      outside += wj;
      hash += <u32>j;
      setI(pool, write++, j);
    }
    if (outside == 0) {
      // nothing left but the pivot: eliminated together with it
      const wi = -getI(a.weight, i);
      total -= wi;
      a.remaining -= wi;
      setI(a.weight, i, 0);
      setI(a.kind, i, ABSORBED);
      chain(a, pivot, i);
      continue;
    }
    // The pivot's element goes in front. There is room for one more entry, because the pivot itself,
    // as a variable or inside an absorbed element, has just left the list.
    setI(pool, write, getI(pool, first + elementsKept));
    setI(pool, first + elementsKept, getI(pool, first));
    setI(pool, first, pivot);
    setI(a.elementCount, i, elementsKept + 1);
    setI(a.length, i, write + 1 - first);
    setI(a.degree, i, min(getI(a.degree, i), outside));
    const slot = <i32>(hash % <u32>a.size);
    setI(a.hashOf, i, slot);
    setI(a.next, i, getI(a.hashHead, slot)); // the buckets' links are free while i is in the list
    setI(a.hashHead, slot, i);
  }
  return total;
}

// Variables with the same neighbours are one from now on.
function mergeTwins(a: Analysis, begin: i32, end: i32): void {
  const pool = a.pool;
  a.stampBase += a.size + 1; // marks must not look like this step's overlaps
  for (let k = begin; k < end; k++) {
    const start = getI(pool, k);
    if (getI(a.weight, start) >= 0) continue;
    const slot = getI(a.hashOf, start);
    let i = getI(a.hashHead, slot);
    if (i == NONE) continue;
    setI(a.hashHead, slot, NONE);
    for (; i != NONE && getI(a.next, i) != NONE; i = getI(a.next, i)) {
      const mark = ++a.stampBase;
      const from = getI(a.at, i);
      const count = getI(a.length, i);
      for (let e = from; e < from + count; e++) setI(a.stamp, getI(pool, e), mark);
      let before = i;
      for (let j = getI(a.next, i); j != NONE; ) {
        let same = getI(a.length, j) == count && getI(a.elementCount, j) == getI(a.elementCount, i);
        const other = getI(a.at, j);
        for (let e = other; same && e < other + count; e++) same = getI(a.stamp, getI(pool, e)) == mark;
        const after = getI(a.next, j);
        if (same) {
          setI(a.weight, i, getI(a.weight, i) + getI(a.weight, j));
          setI(a.weight, j, 0);
          setI(a.kind, j, ABSORBED);
          chain(a, i, j);
          setI(a.next, before, after);
        } else {
          before = j;
        }
        j = after;
      }
    }
  }
}

// Nodes merged into a variable follow it in the order.
function chain(a: Analysis, keeper: i32, merged: i32): void {
  setI(a.memberNext, getI(a.memberLast, keeper), merged);
  setI(a.memberLast, keeper, getI(a.memberLast, merged));
}

// Moves the living lists to the front of the pool. The first entry of each list is lent to its owner's
// `at` while a negative mark in its place tells the sweep whose list begins there.
function compact(a: Analysis): void {
  for (let i = 0; i < a.size; i++) {
    const kind = getI(a.kind, i);
    if (kind == ABSORBED || (kind == VARIABLE && getI(a.weight, i) == 0) || getI(a.length, i) == 0) continue;
    const from = getI(a.at, i);
    setI(a.at, i, getI(a.pool, from));
    setI(a.pool, from, -1 - i);
  }
  let write = 0;
  for (let read = 0; read < a.poolEnd; ) {
    const mark = getI(a.pool, read);
    if (mark >= 0) {
      read++;
      continue;
    }
    const owner = -1 - mark;
    const count = getI(a.length, owner);
    setI(a.pool, read, getI(a.at, owner));
    setI(a.at, owner, write);
    for (let e = 0; e < count; e++) setI(a.pool, write + e, getI(a.pool, read + e));
    write += count;
    read += count;
  }
  a.poolEnd = write;
}
