import { reach } from './memory';

/** A sparse vector: dense values plus the list of positions that may be nonzero. */
@unmanaged
export class Vec {
  size: i32;
  /** Number of listed positions. */
  count: i32;
  idx: usize;
  val: usize;
}

/** Two parallel growable arrays, indices and values. */
@unmanaged
export class Pairs {
  capacity: i32;
  used: i32;
  idx: usize;
  val: usize;
}

/** Everything one linear program knows; it lies in linear memory, so a module serves any number in turn. */
@unmanaged
export class Lp {
  /** First free byte of the arena. */
  top: usize;
  m: i32;
  n: i32;
  /** n + m: structurals, then one slack a row (A x + s = 0, so the slack is minus the activity). */
  nt: i32;
  nnz: i32;

  // The matrix (already scaled by the host), by columns and by rows.
  aStart: usize; aIdx: usize; aVal: usize;
  rStart: usize; rIdx: usize; rVal: usize;
  /** End of the nonbasic columns of each row, which stand first; where an entry by columns stands by rows, and back. */
  rNonbasic: usize; toRow: usize; toColumn: usize;
  // True costs and bounds, and the working ones that perturbation, shifts and phase 1 change.
  cost0: usize; lower0: usize; upper0: usize;
  cost: usize; lower: usize; upper: usize;
  /** Values of nonbasic variables. */
  x: usize;
  /** Reduced costs. */
  d: usize;
  /** 0 at lower, 1 basic, 2 at upper, 3 free at zero (BasisStatus of the host). */
  stat: usize;
  /** Direction a nonbasic variable may take: 1, -1, 0 fixed or basic, 2 free. */
  move: usize;
  /** Basic variable of each row, after a factorisation the one pivoted in that row. */
  head: usize;
  xB: usize; lB: usize; uB: usize;
  /** Attraction of each row as leaving one: squared infeasibility over weight (dual). */
  rowMerit: usize;
  /** Dual steepest edge weights by row. */
  dse: usize;
  /** Devex weights by variable (primal). */
  devex: usize;
  /** Attraction of each variable as entering one: squared reduced cost over weight (primal). */
  colMerit: usize;
  workF: usize; workF2: usize; workI: usize;
  /** Rows that must not leave (their pivot broke down) until the next factorisation. */
  taboo: usize;
  tabooCount: i32;

  // Maxima of merit over blocks of rows or columns: choosing costs what has changed, not m.
  rowBlocks: i32; rowBlockMax: usize; rowBlockDirty: usize;
  colBlocks: i32; colBlockMax: usize; colBlockDirty: usize;

  // Vectors.
  rho: Vec; alpha: Vec; tau: Vec; flip: Vec; rowA: Vec; work: Vec;
  /** Entering column after L and before U, and unit row after U': what Forrest–Tomlin needs. */
  spike: Vec; unitU: Vec;

  // Ratio test work.
  candJ: usize; candA: usize; candT: usize; candCount: i32;
  flipCount: i32;
  groupStart: usize;

  // LU factor.
  lCol: Pairs; lRow: Pairs; lStart: usize; lEnd: usize; lrStart: usize; lrEnd: usize; lOrder: usize; lCount: i32;
  /** Rows with entries in L, in the order in which they pivoted. */
  lRowOrder: usize; lRowCount: i32;
  uCol: Pairs; uRow: Pairs; ucStart: usize; ucLen: usize; urStart: usize; urLen: usize; urCap: usize;
  uDiag: usize; uOrder: usize; uPos: usize; uCount: i32; uUnit: i32;
  eta: Pairs; etaStart: usize; etaRow: usize;
  updates: i32; maxUpdates: i32;
  uNnzFresh: i32; lNnz: i32;
  /** 1 when the factor belongs to the present basis. */
  factored: i32;
  deficiency: i32;
  // Factorisation work space.
  fcCount: usize; frCount: usize; frStart: usize; frEnt: Pairs; rowPivoted: usize; varRow: usize; queue: usize;
  mc: Pairs; mcStart: usize; mcA: usize; mcN: usize; mcSpace: usize; mcMax: usize;
  mr: Pairs; mrStart: usize; mrCount: usize; mrSpace: usize;
  linkCF: usize; linkCN: usize; linkCP: usize; linkRF: usize; linkRN: usize; linkRP: usize;
  colVar: usize; mark: usize; pivotRow: i32; pivotCol: i32; pivotAt: i32;
  // Depth-first search of the hyper-sparse solves.
  dfsMark: usize; dfsStack: usize; dfsPtr: usize; dfsList: usize;

  // Densities of recent results, which say whether a hyper-sparse solve pays.
  densFtran: f64; densBtran: f64; densTau: f64; densRow: f64; densFlip: f64;

  // Settings.
  tolP: f64; tolD: f64; finalP: f64; finalD: f64; mends: i32;
  maxIter: i32;
  allowPerturb: i32;
  pivotThreshold: f64;

  // State of the run.
  stage: i32; phase: i32; result: i32;
  /** Statuses at the optimum that polishing started from. */
  saved: usize;
  /** Optima of this stage that a fresh factor did not confirm. */
  relapses: i32;
  iterations: i32; iterPhase1: i32; iterDual: i32; iterPrimal: i32;
  refactors: i32;
  rebuildReason: i32;
  perturbed: i32; shifted: i32; boundsPerturbed: i32;
  rounds: i32; polishing: i32;
  degenerate: i32;
  seed: i32;
  rayVar: i32; rayDir: f64; rayRow: i32;
  countP: i32; sumP: f64; maxP: f64;
  countD: i32; sumD: f64; maxD: f64;
  objective: f64;
  work0: f64; workFactor: f64; workSince: f64; bestAverage: f64;
  trouble: i32; stalls: i32; lastRow: i32;
  warm: i32;
  method: i32;
  /** Rows with more entries couple the program; 0: none do. While `localFirst`, they wait. */
  couplingSize: i32; localFirst: i32;
  /** 1 when the steepest edge weights are exact, so that a flattered row is worth sending back. */
  exactWeights: i32;
  /** 1 when a proof that holds only up to the pivot tolerance is better than none. */
  loose: i32;
  leaveAt: i32; step: f64;
  reasonCount: usize;
}

/** Takes zeroed bytes from the arena. Blocks are 16-byte aligned. */
export function take(lp: Lp, bytes: i32): usize {
  const p = lp.top;
  const end = p + ((<usize>bytes + 15) & ~15) + 16;
  reach(end);
  memory.fill(p, 0, end - p);
  lp.top = end;
  return p;
}

// @ts-ignore: decorator
@inline export function takeF(lp: Lp, count: i32): usize { return take(lp, (count + 1) << 3); }
// @ts-ignore: decorator
@inline export function takeI(lp: Lp, count: i32): usize { return take(lp, (count + 1) << 2); }

export function takeVec(lp: Lp, size: i32): Vec {
  const v = changetype<Vec>(take(lp, <i32>offsetof<Vec>()));
  v.size = size;
  v.count = 0;
  v.idx = takeI(lp, size);
  v.val = takeF(lp, size);
  return v;
}

export function takePairs(lp: Lp, capacity: i32): Pairs {
  const p = changetype<Pairs>(take(lp, <i32>offsetof<Pairs>()));
  p.capacity = capacity;
  p.used = 0;
  p.idx = takeI(lp, capacity);
  p.val = takeF(lp, capacity);
  return p;
}

/** Makes room for `extra` more pairs. The old block is left to the arena: growth is geometric, so at most as much again is lost. */
export function roomFor(lp: Lp, p: Pairs, extra: i32): void {
  const need = p.used + extra;
  if (need <= p.capacity) return;
  const capacity = max(need, p.capacity + (p.capacity >> 1) + 64);
  const idx = takeI(lp, capacity);
  const val = takeF(lp, capacity);
  memory.copy(idx, p.idx, <usize>p.used << 2);
  memory.copy(val, p.val, <usize>p.used << 3);
  p.idx = idx;
  p.val = val;
  p.capacity = capacity;
}
