/**
 * Elimination tree and column counts of a symmetric matrix in a given order (Liu 1990).
 * All indices are positions in that order; `lowerPtr`/`lower` list for each row its columns to the left.
 */
export interface EliminationTree {
  /** Parent position, −1 for a root. */
  readonly parent: Int32Array;
  /** Entries under the diagonal of each column of L. */
  readonly under: Int32Array;
}

export function eliminationTree(size: number, lowerPtr: Int32Array, lower: Int32Array): EliminationTree {
  const parent = new Int32Array(size).fill(-1);
  const ancestor = new Int32Array(size).fill(-1);
  for (let row = 0; row < size; row++) {
    for (let e = lowerPtr[row]!; e < lowerPtr[row + 1]!; e++) {
      let node = lower[e]!;
      while (node !== -1 && node < row) {
        const up = ancestor[node]!;
        ancestor[node] = row; // path compression
        if (up === -1) parent[node] = row;
        node = up;
      }
    }
  }
  // Row `row` of L holds the paths from its entries up the tree: walk each once.
  const under = new Int32Array(size);
  const seen = new Int32Array(size).fill(-1);
  for (let row = 0; row < size; row++) {
    seen[row] = row;
    for (let e = lowerPtr[row]!; e < lowerPtr[row + 1]!; e++) {
      for (let node = lower[e]!; seen[node] !== row; node = parent[node]!) {
        seen[node] = row;
        under[node]!++;
      }
    }
  }
  return { parent, under };
}

/** Children before parents, each subtree contiguous. Returns the nodes in that order. */
export function postorder(parent: Int32Array): Int32Array {
  const size = parent.length;
  const head = new Int32Array(size).fill(-1);
  const next = new Int32Array(size).fill(-1);
  for (let i = size - 1; i >= 0; i--) {
    const up = parent[i]!;
    if (up < 0) continue;
    next[i] = head[up]!;
    head[up] = i;
  }
  const order = new Int32Array(size);
  const stack = new Int32Array(size);
  let done = 0;
  for (let root = 0; root < size; root++) {
    if (parent[root]! >= 0) continue;
    let depth = 0;
    stack[0] = root;
    while (depth >= 0) {
      const node = stack[depth]!;
      const child = head[node]!;
      if (child >= 0) {
        head[node] = next[child]!;
        stack[++depth] = child;
      } else {
        order[done++] = node;
        depth--;
      }
    }
  }
  return order;
}
