import { ldF, ldI, stF, stI } from '../memory';
import { Lp, roomFor } from '../state';
import { nucleus } from './nucleus';
import { copyByRows } from './rows';

/**
 * Factors the basis in `head`: slacks, then column and row singletons (no arithmetic), then the
 * nucleus by Markowitz. Permutes `head` so that the variable pivoted in row r stands at position r.
 * Answers how many columns were dependent; slacks have then taken their places and `queue` lists them.
 */
export function factor(lp: Lp): i32 {
  const m = lp.m, n = lp.n, head = lp.head, rowPivoted = lp.rowPivoted;
  lp.lCol.used = 0;
  lp.uCol.used = 0;
  lp.eta.used = 0;
  lp.updates = 0;
  lp.lCount = 0;
  lp.uCount = 0;
  lp.workFactor = 0;
  memory.fill(rowPivoted, 0xff, <usize>m << 2);
  memory.fill(lp.lStart, 0, <usize>m << 2);
  memory.fill(lp.lEnd, 0, <usize>m << 2);
  memory.fill(lp.ucLen, 0, <usize>m << 2);
  memory.fill(lp.frCount, 0, <usize>m << 2);

  // Slacks are unit columns: they pivot first and cost nothing.
  let structurals = 0;
  for (let k = 0; k < m; k++) {
    const v = ldI(head, k);
    if (v >= n) pivot(lp, v - n, v, 1);
    else stI(lp.colVar, structurals++, v);
  }
  lp.uUnit = lp.uCount;
  if (structurals > 0) {
    countActive(lp, structurals);
    singletons(lp, structurals);
  }
  let dependent = 0;
  if (lp.uCount < m) dependent = nucleus(lp, structurals);
  for (let r = 0; r < m; r++) stI(head, r, ldI(rowPivoted, r));
  lp.uNnzFresh = lp.uCol.used;
  lp.lNnz = lp.lCol.used;
  copyByRows(lp);
  lp.workFactor += <f64>m * 2 + <f64>(lp.uNnzFresh + lp.lNnz) * 2;
  lp.factored = 1;
  lp.refactors++;
  return dependent;
}

/** Notes a pivot in row r; its U column must follow at once. */
export function pivot(lp: Lp, r: i32, v: i32, value: f64): void {
  stI(lp.rowPivoted, r, v);
  stF(lp.uDiag, r, value);
  stI(lp.uPos, r, lp.uCount);
  stI(lp.uOrder, lp.uCount++, r);
  stI(lp.ucStart, r, lp.uCol.used);
}

/** Counts of entries in rows without a pivot, and the columns of each such row. */
function countActive(lp: Lp, structurals: i32): void {
  const aStart = lp.aStart, aIdx = lp.aIdx, rowPivoted = lp.rowPivoted, frCount = lp.frCount, frStart = lp.frStart;
  let total = 0;
  for (let c = 0; c < structurals; c++) {
    const v = ldI(lp.colVar, c);
    let count = 0;
    for (let k = ldI(aStart, v), end = ldI(aStart, v + 1); k < end; k++) {
      const i = ldI(aIdx, k);
      if (ldI(rowPivoted, i) < 0) {
        count++;
        stI(frCount, i, ldI(frCount, i) + 1);
      }
    }
    stI(lp.fcCount, c, count);
    total += count;
  }
  lp.frEnt.used = 0;
  roomFor(lp, lp.frEnt, total);
  const ent = lp.frEnt.idx;
  let at = 0;
  for (let i = 0, m = lp.m; i < m; i++) {
    stI(frStart, i, at);
    at += ldI(frCount, i);
  }
  for (let c = 0; c < structurals; c++) {
    const v = ldI(lp.colVar, c);
    for (let k = ldI(aStart, v), end = ldI(aStart, v + 1); k < end; k++) {
      const i = ldI(aIdx, k);
      if (ldI(rowPivoted, i) < 0) {
        const s = ldI(frStart, i);
        stI(ent, s, c);
        stI(frStart, i, s + 1);
      }
    }
  }
  for (let i = 0, m = lp.m; i < m; i++) stI(frStart, i, ldI(frStart, i) - ldI(frCount, i));
  lp.workFactor += <f64>total * 3;
}

/** Takes every column singleton and row singleton of the active matrix; done columns get colVar = -1. */
function singletons(lp: Lp, structurals: i32): void {
  const m = lp.m, aStart = lp.aStart, aIdx = lp.aIdx, aVal = lp.aVal, rowPivoted = lp.rowPivoted;
  const fcCount = lp.fcCount, frCount = lp.frCount, frStart = lp.frStart, ent = lp.frEnt.idx, colVar = lp.colVar;
  // Columns queue up from the front of `queue`, rows in the work array.
  const colQueue = lp.queue, rowQueue = lp.workI;
  let cq = 0, rq = 0, cHead = 0, rHead = 0;
  for (let c = 0; c < structurals; c++) if (ldI(fcCount, c) == 1) stI(colQueue, cq++, c);
  for (let i = 0; i < m; i++) if (ldI(rowPivoted, i) < 0 && ldI(frCount, i) == 1) stI(rowQueue, rq++, i);
  const uCol = lp.uCol, lCol = lp.lCol;
  while (cHead < cq || rHead < rq) {
    if (cHead < cq) {
      const c = ldI(colQueue, cHead++);
      const v = ldI(colVar, c);
      if (v < 0 || ldI(fcCount, c) != 1) continue;
      const start = ldI(aStart, v), end = ldI(aStart, v + 1);
      let at = start;
      while (ldI(rowPivoted, ldI(aIdx, at)) >= 0) at++;
      const r = ldI(aIdx, at);
      pivot(lp, r, v, ldF(aVal, at));
      stI(colVar, c, -1);
      roomFor(lp, uCol, end - start);
      for (let k = start; k < end; k++) {
        if (k == at) continue;
        stI(uCol.idx, uCol.used, ldI(aIdx, k));
        stF(uCol.val, uCol.used++, ldF(aVal, k));
      }
      stI(lp.ucLen, r, uCol.used - ldI(lp.ucStart, r));
      for (let k = ldI(frStart, r), stop = k + ldI(frCount, r); k < stop; k++) {
        const other = ldI(ent, k);
        if (ldI(colVar, other) < 0) continue;
        const left = ldI(fcCount, other) - 1;
        stI(fcCount, other, left);
        if (left == 1) stI(colQueue, cq++, other);
      }
      continue;
    }
    const r = ldI(rowQueue, rHead++);
    if (ldI(rowPivoted, r) >= 0) continue;
    let k = ldI(frStart, r);
    const stop = k + ldI(frCount, r);
    while (k < stop && ldI(colVar, ldI(ent, k)) < 0) k++;
    if (k == stop) continue;
    const c = ldI(ent, k), v = ldI(colVar, c);
    const start = ldI(aStart, v), end = ldI(aStart, v + 1);
    let value = 0.0;
    for (let e = start; e < end; e++) if (ldI(aIdx, e) == r) value = ldF(aVal, e);
    pivot(lp, r, v, value);
    stI(colVar, c, -1);
    roomFor(lp, uCol, end - start);
    roomFor(lp, lCol, end - start);
    const lBegin = lCol.used;
    for (let e = start; e < end; e++) {
      const i = ldI(aIdx, e);
      if (i == r) continue;
      if (ldI(rowPivoted, i) >= 0) {
        stI(uCol.idx, uCol.used, i);
        stF(uCol.val, uCol.used++, ldF(aVal, e));
      } else {
        stI(lCol.idx, lCol.used, i);
        stF(lCol.val, lCol.used++, ldF(aVal, e) / value);
        if (liveColumns(lp, i) == 1) stI(rowQueue, rq++, i);
      }
    }
    stI(lp.ucLen, r, uCol.used - ldI(lp.ucStart, r));
    noteL(lp, r, lBegin);
  }
}

/** How many columns without pivot row i has, up to 2. */
function liveColumns(lp: Lp, i: i32): i32 {
  const ent = lp.frEnt.idx;
  let start = ldI(lp.frStart, i);
  let count = ldI(lp.frCount, i);
  let live = 0;
  for (let k = start; k < start + count && live < 2; ) {
    if (ldI(lp.colVar, ldI(ent, k)) < 0) {
      // Dead columns are dropped on the way, so that each is passed once.
      count--;
      stI(ent, k, ldI(ent, start + count));
      continue;
    }
    live++;
    k++;
  }
  stI(lp.frCount, i, count);
  return live;
}

/** Closes the L column of pivot row r that began at `begin`. */
export function noteL(lp: Lp, r: i32, begin: i32): void {
  const end = lp.lCol.used;
  if (end == begin) return;
  stI(lp.lStart, r, begin);
  stI(lp.lEnd, r, end);
  stI(lp.lOrder, lp.lCount++, r);
}
