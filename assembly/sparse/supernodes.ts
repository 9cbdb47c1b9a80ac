// Groups columns into fronts: first those with nested structure, then child and parent wherever the
// explicit zeros cost less than the front that is saved.
import { Analysis } from './analysis';
import { fillI, getI, setI } from './memory';
import { postorder } from './tree';

// What one front costs, in nanoseconds of the numeric kernels: bookkeeping, traffic, arithmetic.
function frontCost(pivots: i32, rows: i32): f64 {
  const k = <f64>pivots;
  const r = <f64>rows;
  const half = r + 0.5 * k;
  return 220 + 1.2 * (k * (k + r) + r * r) + 0.5 * k * half * half + 4 * r;
}

// Adding an update block of `rows` rows into the parent's front.
function assemblyCost(rows: i32): f64 {
  return 30 + 1.3 * <f64>rows * <f64>rows;
}

/** From `parent` and `under`: fronts in postorder with `permOf`, `pivotStart`, `frontParent`, `rowPtr`. */
export function formFronts(a: Analysis): void {
  const groups = chainColumns(a);
  amalgamate(a, groups);
  renumber(a, groups);
}

// Columns j → parent with one entry less under the diagonal have the same structure.
function chainColumns(a: Analysis): i32 {
  const size = a.size;
  const last = a.next;
  fillI(a.groupOf, size, -1);
  let groups = 0;
  for (let j = 0; j < size; j++) {
    let group = getI(a.groupOf, j);
    if (group < 0) {
      group = groups++;
      setI(a.groupOf, j, group);
      setI(a.pivots, group, 0);
    }
    setI(a.pivots, group, getI(a.pivots, group) + 1);
    setI(a.rows, group, getI(a.under, j));
    setI(last, group, j);
    const up = getI(a.parent, j);
    if (up >= 0 && getI(a.groupOf, up) < 0 && getI(a.under, up) == getI(a.under, j) - 1) setI(a.groupOf, up, group);
  }
  for (let g = 0; g < groups; g++) {
    const up = getI(a.parent, getI(last, g));
    setI(a.groupParent, g, up >= 0 ? getI(a.groupOf, up) : -1);
  }
  return groups;
}

function findRoot(into: usize, g: i32): i32 {
  let root = g;
  while (getI(into, root) != root) root = getI(into, root);
  for (let node = g; getI(into, node) != root; ) {
    const next = getI(into, node);
    setI(into, node, root);
    node = next;
  }
  return root;
}

function amalgamate(a: Analysis, groups: i32): void {
  const order = a.stamp;
  postorder(a.groupParent, groups, order, a.at, a.length, a.bucket);
  for (let g = 0; g < groups; g++) setI(a.into, g, g);
  for (let k = 0; k < groups; k++) {
    const g = getI(order, k);
    if (getI(a.groupParent, g) < 0) continue;
    const up = findRoot(a.into, getI(a.groupParent, g));
    const kc = getI(a.pivots, g);
    const rc = getI(a.rows, g);
    const kp = getI(a.pivots, up);
    const rp = getI(a.rows, up);
    if (frontCost(kc + kp, rp) <= frontCost(kc, rc) + assemblyCost(rc) + frontCost(kp, rp)) {
      setI(a.into, g, up);
      setI(a.pivots, up, kc + kp);
    }
  }
  for (let g = 0; g < groups; g++) setI(a.into, g, findRoot(a.into, g));
}

function renumber(a: Analysis, groups: i32): void {
  const merged = a.kind; // parent among the groups that are left
  const order = a.stamp;
  for (let g = 0; g < groups; g++) {
    const up = getI(a.groupParent, g);
    setI(merged, g, getI(a.into, g) == g && up >= 0 ? getI(a.into, up) : -1);
  }
  postorder(merged, groups, order, a.at, a.length, a.bucket);
  let fronts = 0;
  for (let k = 0; k < groups; k++) {
    const g = getI(order, k);
    if (getI(a.into, g) != g) continue;
    setI(a.rank, g, fronts);
    setI(a.order, fronts++, g); // `order` is no longer needed as the nodes' order
  }
  a.fronts = fronts;
  setI(a.pivotStart, 0, 0);
  setI(a.rowPtr, 0, 0);
  for (let f = 0; f < fronts; f++) {
    const g = getI(a.order, f);
    const up = getI(merged, g);
    setI(a.frontParent, f, up >= 0 ? getI(a.rank, up) : -1);
    setI(a.pivotStart, f + 1, getI(a.pivotStart, f) + getI(a.pivots, g));
    setI(a.rowPtr, f + 1, getI(a.rowPtr, f) + getI(a.rows, g));
  }
  // old order inside a front: children's columns come before their parent's
  const fill = a.next;
  memory.copy(fill, a.pivotStart, (<usize>fronts) << 2);
  const moved = a.previous;
  for (let j = 0; j < a.size; j++) {
    const f = getI(a.rank, getI(a.into, getI(a.groupOf, j)));
    const at = getI(fill, f);
    setI(fill, f, at + 1);
    setI(moved, j, at);
    setI(a.frontOf, at, f);
  }
  for (let i = 0; i < a.size; i++) setI(a.permOf, i, getI(moved, getI(a.position, i)));
  listChildren(a);
}

function listChildren(a: Analysis): void {
  const fronts = a.fronts;
  fillI(a.childPtr, fronts + 1, 0);
  for (let f = 0; f < fronts; f++) {
    const up = getI(a.frontParent, f);
    if (up >= 0) setI(a.childPtr, up + 1, getI(a.childPtr, up + 1) + 1);
  }
  for (let f = 0; f < fronts; f++) setI(a.childPtr, f + 1, getI(a.childPtr, f + 1) + getI(a.childPtr, f));
  const fill = a.next;
  memory.copy(fill, a.childPtr, (<usize>fronts) << 2);
  for (let f = 0; f < fronts; f++) {
    const up = getI(a.frontParent, f);
    if (up < 0) continue;
    const at = getI(fill, up);
    setI(fill, up, at + 1);
    setI(a.child, at, f);
  }
}
