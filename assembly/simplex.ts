// Sparse simplex kernel: entry points. One linear program at a time lies in linear memory, in an arena
// that starts over with every `create`; the host reads and writes its arrays through `pointer`.
import { stB, stF, stI, ldB, ldF, ldI } from './simplex/memory';
import { BASIC, STAGE_START, WHY_COUNT } from './simplex/codes';
import { stepRun, stopRun } from './simplex/driver';
import { Lp, take, takeF, takeI, takePairs, takeVec } from './simplex/state';
import { btran, ftran } from './simplex/lu/solve';
import { clear } from './simplex/vector';

/** Version of this interface; the host compares it with its own. */
export function abiVersion(): i32 {
  return 1;
}

/** Lays out a program of m rows, n columns and nnz entries; forgets the one before. */
export function create(m: i32, n: i32, nnz: i32): usize {
  const base = (__heap_base + 63) & ~63;
  const bootstrap = changetype<Lp>(base);
  // The header itself is the first block of the arena.
  const header = <i32>offsetof<Lp>();
  if (<usize>memory.size() << 16 < base + <usize>header + 64) memory.grow(1);
  memory.fill(base, 0, <usize>header);
  bootstrap.top = base + ((<usize>header + 63) & ~63);
  const lp = bootstrap, nt = n + m;
  lp.m = m; lp.n = n; lp.nt = nt; lp.nnz = nnz;
  lp.aStart = takeI(lp, n + 1); lp.aIdx = takeI(lp, nnz); lp.aVal = takeF(lp, nnz);
  lp.rStart = takeI(lp, m + 1); lp.rIdx = takeI(lp, nnz); lp.rVal = takeF(lp, nnz);
  lp.rNonbasic = takeI(lp, m); lp.toRow = takeI(lp, nnz); lp.toColumn = takeI(lp, nnz);
  lp.cost0 = takeF(lp, nt); lp.lower0 = takeF(lp, nt); lp.upper0 = takeF(lp, nt);
  lp.cost = takeF(lp, nt); lp.lower = takeF(lp, nt); lp.upper = takeF(lp, nt);
  lp.x = takeF(lp, nt); lp.d = takeF(lp, nt); lp.stat = take(lp, nt + 1); lp.move = take(lp, nt + 1);
  lp.head = takeI(lp, m);
  lp.xB = takeF(lp, m); lp.lB = takeF(lp, m); lp.uB = takeF(lp, m);
  lp.rowMerit = takeF(lp, m); lp.dse = takeF(lp, m); lp.devex = takeF(lp, nt); lp.colMerit = takeF(lp, nt);
  lp.workF = takeF(lp, nt); lp.workF2 = takeF(lp, nt); lp.workI = takeI(lp, nt);
  lp.taboo = take(lp, m + 1);
  lp.saved = take(lp, nt + 1);
  lp.rowBlocks = (m + 63) >> 6; lp.rowBlockMax = takeF(lp, lp.rowBlocks); lp.rowBlockDirty = take(lp, lp.rowBlocks + 1);
  lp.colBlocks = (nt + 63) >> 6; lp.colBlockMax = takeF(lp, lp.colBlocks); lp.colBlockDirty = take(lp, lp.colBlocks + 1);
  lp.rho = takeVec(lp, m); lp.alpha = takeVec(lp, m); lp.tau = takeVec(lp, m); lp.flip = takeVec(lp, m);
  lp.rowA = takeVec(lp, n); lp.work = takeVec(lp, m); lp.spike = takeVec(lp, m); lp.unitU = takeVec(lp, m);
  // Phase 1 of the primal may list two breakpoints a row.
  const candidates = max(nt, 2 * m) + 1;
  lp.candJ = takeI(lp, candidates); lp.candA = takeF(lp, candidates); lp.candT = takeF(lp, candidates);
  lp.groupStart = takeI(lp, 260);
  lp.maxUpdates = min(100 + m / 100, 1000);
  const guess = 2 * m + 256;
  lp.lCol = takePairs(lp, guess); lp.lRow = takePairs(lp, guess); lp.uCol = takePairs(lp, guess + nnz / 2);
  lp.uRow = takePairs(lp, guess + nnz / 2); lp.eta = takePairs(lp, guess);
  lp.mc = takePairs(lp, guess); lp.mr = takePairs(lp, guess); lp.frEnt = takePairs(lp, guess);
  lp.lStart = takeI(lp, m); lp.lEnd = takeI(lp, m); lp.lrStart = takeI(lp, m); lp.lrEnd = takeI(lp, m); lp.lOrder = takeI(lp, m); lp.lRowOrder = takeI(lp, m);
  lp.ucStart = takeI(lp, m); lp.ucLen = takeI(lp, m); lp.urStart = takeI(lp, m); lp.urLen = takeI(lp, m); lp.urCap = takeI(lp, m);
  lp.uDiag = takeF(lp, m); lp.uOrder = takeI(lp, m + lp.maxUpdates + 1); lp.uPos = takeI(lp, m);
  lp.etaStart = takeI(lp, lp.maxUpdates + 2); lp.etaRow = takeI(lp, lp.maxUpdates + 2);
  lp.fcCount = takeI(lp, m); lp.frCount = takeI(lp, m); lp.frStart = takeI(lp, m + 1); lp.rowPivoted = takeI(lp, m);
  lp.queue = takeI(lp, m); lp.colVar = takeI(lp, m); lp.mark = takeF(lp, m);
  lp.mcStart = takeI(lp, m); lp.mcA = takeI(lp, m); lp.mcN = takeI(lp, m); lp.mcSpace = takeI(lp, m); lp.mcMax = takeF(lp, m);
  lp.mrStart = takeI(lp, m); lp.mrCount = takeI(lp, m); lp.mrSpace = takeI(lp, m);
  lp.linkCF = takeI(lp, m + 2); lp.linkCN = takeI(lp, m); lp.linkCP = takeI(lp, m);
  lp.linkRF = takeI(lp, m + 2); lp.linkRN = takeI(lp, m); lp.linkRP = takeI(lp, m);
  lp.dfsMark = take(lp, m + 1); lp.dfsStack = takeI(lp, m); lp.dfsPtr = takeI(lp, m); lp.dfsList = takeI(lp, m);
  lp.reasonCount = takeI(lp, WHY_COUNT);
  lp.pivotThreshold = 0.1;
  lp.finalP = 1e-9; lp.finalD = 1e-9;
  return base;
}

/** Where an array lies, by the numbers that the host's layout.ts names. */
export function pointer(base: usize, which: i32): usize {
  const lp = changetype<Lp>(base);
  switch (which) {
    case 0: return lp.aStart;
    case 1: return lp.aIdx;
    case 2: return lp.aVal;
    case 3: return lp.cost0;
    case 4: return lp.lower0;
    case 5: return lp.upper0;
    case 6: return lp.stat;
    case 7: return lp.x;
    case 8: return lp.d;
    case 9: return lp.workF2;
    case 10: return lp.reasonCount;
    case 11: return lp.workF;
    case 12: return lp.head;
    default: return 0;
  }
}

/** Builds the row copy of the matrix once its columns are written. */
export function finishMatrix(base: usize): void {
  const lp = changetype<Lp>(base), m = lp.m, n = lp.n;
  const rStart = lp.rStart;
  memory.fill(rStart, 0, <usize>(m + 1) << 2);
  for (let k = 0; k < lp.nnz; k++) {
    const i = ldI(lp.aIdx, k) + 1;
    stI(rStart, i, ldI(rStart, i) + 1);
  }
  for (let i = 0; i < m; i++) stI(rStart, i + 1, ldI(rStart, i + 1) + ldI(rStart, i));
  const at = lp.workI;
  memory.copy(at, rStart, <usize>m << 2);
  for (let j = 0; j < n; j++) {
    for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
      const i = ldI(lp.aIdx, k), to = ldI(at, i);
      stI(lp.rIdx, to, j);
      stF(lp.rVal, to, ldF(lp.aVal, k));
      stI(lp.toRow, k, to);
      stI(lp.toColumn, to, k);
      stI(at, i, to + 1);
    }
  }
}

/** Makes ready to solve from the statuses in place. method: 0 chooses, 1 primal, 2 dual. */
export function begin(base: usize, warm: i32, method: i32, maxIterations: i32, finalP: f64, finalD: f64, seed: i32, perturb: i32, loose: i32): void {
  const lp = changetype<Lp>(base);
  lp.warm = warm;
  lp.method = method;
  lp.maxIter = maxIterations;
  lp.finalP = finalP;
  lp.finalD = finalD;
  lp.tolP = max(finalP, 1e-7);
  lp.tolD = max(finalD, 1e-7);
  lp.stage = STAGE_START;
  lp.result = 0;
  lp.iterations = 0; lp.iterDual = 0; lp.iterPrimal = 0; lp.iterPhase1 = 0;
  lp.refactors = 0;
  lp.work0 = 0; lp.rounds = 0; lp.mends = 0;
  lp.polishing = 0;
  lp.localFirst = 0;
  lp.degenerate = 0;
  lp.stalls = 0;
  lp.seed = seed;
  lp.allowPerturb = perturb;
  lp.loose = loose;
  lp.densFtran = 0; lp.densBtran = 0; lp.densTau = 0; lp.densRow = 0; lp.densFlip = 0;
  memory.fill(lp.reasonCount, 0, WHY_COUNT << 2);
}

/** Works for at most `budget` iterations; 0 asks for another call. */
export function step(base: usize, budget: i32): i32 {
  return stepRun(changetype<Lp>(base), budget);
}

/** Ends a run before its time, with the true values of the present basis. */
export function stop(base: usize): void {
  stopRun(changetype<Lp>(base));
}

/** Puts the values of the basic variables beside those of the others, so that `x` is the whole point. */
export function gather(base: usize): void {
  const lp = changetype<Lp>(base);
  for (let i = 0, m = lp.m; i < m; i++) stF(lp.x, ldI(lp.head, i), ldF(lp.xB, i));
}

/** Solves B z = v or B' z = v in place over `workF` (by row of the basis), with the factor of the last run. */
export function basisSolve(base: usize, transposed: i32): void {
  const lp = changetype<Lp>(base), work = lp.work;
  clear(work);
  let c = 0;
  for (let i = 0; i < lp.m; i++) {
    const value = ldF(lp.workF, i);
    if (value == 0) continue;
    stF(work.val, i, value);
    stI(work.idx, c++, i);
  }
  work.count = c;
  if (transposed != 0) btran(lp, work, 1, false);
  else ftran(lp, work, 1, false);
  for (let i = 0; i < lp.m; i++) stF(lp.workF, i, ldF(work.val, i));
}

/** The slack basis. */
export function slackBasis(base: usize): void {
  const lp = changetype<Lp>(base);
  memory.fill(lp.stat, 0, <usize>lp.n);
  for (let j = lp.n; j < lp.nt; j++) stB(lp.stat, j, BASIC);
}

export function statusOf(base: usize, j: i32): i32 {
  return ldB(changetype<Lp>(base).stat, j);
}

/** Counters of the run, by number: iterations, dual, primal, phase 1, refactorisations, infeasibilities, maxima. */
export function counter(base: usize, which: i32): f64 {
  const lp = changetype<Lp>(base);
  switch (which) {
    case 0: return lp.iterations;
    case 1: return lp.iterDual;
    case 2: return lp.iterPrimal;
    case 3: return lp.iterPhase1;
    case 4: return lp.refactors;
    case 5: return lp.countP;
    case 6: return lp.countD;
    case 7: return lp.maxP;
    case 8: return lp.maxD;
    case 9: return lp.objective;
    case 10: return lp.stage;
    case 11: return lp.sumP;
    case 12: return <f64>lp.top;
    case 13: return lp.rayRow;
    case 22: return lp.work0;
    case 14: return lp.densFtran;
    case 15: return lp.densBtran;
    case 16: return lp.densTau;
    case 17: return lp.densRow;
    case 18: return lp.densFlip;
    case 19: return lp.uCol.used;
    case 20: return lp.lNnz;
    case 21: return lp.eta.used;
    default: return 0;
  }
}
