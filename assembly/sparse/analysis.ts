// Memory map of one symbolic analysis; mirrored by src/solver/ipm/sparse/symbolic.ts. All arrays are
// i32. Names of the quotient graph (the first block) follow assembly/sparse/ordering.ts.

@unmanaged
export class Analysis {
  size: i32;
  edges: i32; // entries of `neighbour`: both directions of every off-diagonal entry
  entries: i32; // entries of the pattern, diagonals included
  fronts: i32; // out
  // pattern
  entryRow: usize;
  entryColumn: usize;
  start: usize; // size + 1
  neighbour: usize; // edges
  // quotient graph
  pool: usize; // edges + edges / 4 + 2 size
  poolLength: i32;
  poolEnd: i32;
  stampBase: i32;
  leastDegree: i32;
  remaining: i32;
  kind: usize; // size each from here on
  at: usize;
  length: usize;
  elementCount: usize;
  weight: usize;
  degree: usize;
  stamp: usize;
  bucket: usize; // size + 1
  next: usize;
  previous: usize;
  hashHead: usize;
  hashOf: usize;
  memberNext: usize;
  memberLast: usize;
  order: usize; // out: nodes in elimination order
  position: usize; // inverse of `order`
  // elimination tree
  lowerPtr: usize; // size + 1
  lower: usize; // edges / 2
  parent: usize;
  under: usize;
  // supernodes: `group…` by first grouping, `front…` by final front
  groupOf: usize;
  pivots: usize;
  rows: usize;
  groupParent: usize;
  into: usize;
  rank: usize;
  permOf: usize; // out: node → final position
  pivotStart: usize; // out, fronts + 1
  frontParent: usize; // out
  rowPtr: usize; // out, fronts + 1
  childPtr: usize; // out, fronts + 1
  child: usize; // out
  frontOf: usize;
  local: usize;
  // second half: its arrays are placed when the number of rows is known
  rowIdx: usize; // out
  relative: usize; // out
  originPtr: usize; // out, fronts + 1
  originDst: usize; // out, entries
  valueAt: usize; // out, entries
  entryOf: usize; // entries
}
