// Elimination tree and column counts in a given order (Liu, SIAM J. Matrix Anal. 1990).
import { Analysis } from './analysis';
import { fillI, getI, setI } from './memory';

/** `position`, the lower triangle by rows, the tree's `parent`, and entries `under` each diagonal of L. */
export function buildTree(a: Analysis): void {
  const size = a.size;
  for (let k = 0; k < size; k++) setI(a.position, getI(a.order, k), k);
  let write = 0;
  setI(a.lowerPtr, 0, 0);
  for (let k = 0; k < size; k++) {
    const i = getI(a.order, k);
    for (let e = getI(a.start, i); e < getI(a.start, i + 1); e++) {
      const other = getI(a.position, getI(a.neighbour, e));
      if (other < k) setI(a.lower, write++, other);
    }
    setI(a.lowerPtr, k + 1, write);
  }
  const ancestor = a.next;
  fillI(a.parent, size, -1);
  fillI(ancestor, size, -1);
  for (let row = 0; row < size; row++) {
    for (let e = getI(a.lowerPtr, row); e < getI(a.lowerPtr, row + 1); e++) {
      let node = getI(a.lower, e);
      while (node != -1 && node < row) {
        const up = getI(ancestor, node);
        setI(ancestor, node, row); // path compression
        if (up == -1) setI(a.parent, node, row);
        node = up;
      }
    }
  }
  // Row `row` of L holds the paths from its entries up the tree: walk each once.
  const seen = a.next;
  fillI(seen, size, -1);
  memory.fill(a.under, 0, (<usize>size) << 2);
  for (let row = 0; row < size; row++) {
    setI(seen, row, row);
    for (let e = getI(a.lowerPtr, row); e < getI(a.lowerPtr, row + 1); e++) {
      for (let node = getI(a.lower, e); getI(seen, node) != row; node = getI(a.parent, node)) {
        setI(seen, node, row);
        setI(a.under, node, getI(a.under, node) + 1);
      }
    }
  }
}

/** Children before parents, each subtree contiguous; `head`, `link` and `stack` are scratch. */
export function postorder(parent: usize, count: i32, out: usize, head: usize, link: usize, stack: usize): void {
  fillI(head, count, -1);
  for (let i = count - 1; i >= 0; i--) {
    const up = getI(parent, i);
    if (up < 0) continue;
    setI(link, i, getI(head, up));
    setI(head, up, i);
  }
  let done = 0;
  for (let root = 0; root < count; root++) {
    if (getI(parent, root) >= 0) continue;
    let depth = 0;
    setI(stack, 0, root);
    while (depth >= 0) {
      const node = getI(stack, depth);
      const child = getI(head, node);
      if (child >= 0) {
        setI(head, node, getI(link, child));
        setI(stack, ++depth, child);
      } else {
        setI(out, done++, node);
        depth--;
      }
    }
  }
}
