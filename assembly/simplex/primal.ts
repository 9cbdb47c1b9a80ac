import { ldB, ldF, ldI, stB, stF, stI } from './memory';
import {
  AT_LOWER, AT_UPPER, BASIC, MAX_RELAPSES, RUN_INFEASIBLE, RUN_MORE, RUN_OPTIMAL, RUN_RAY, RUN_STUCK,
  WHY_CONFIRM_OPTIMAL, WHY_CONFIRM_RAY, WHY_DIAGONAL_MISMATCH, WHY_DUAL_DRIFT, WHY_PIVOT_MISMATCH, WHY_SMALL_PIVOT,
  WHY_UPDATE_LIMIT, WHY_WORK,
} from './codes';
import { blend, computeDual, computePrimal, dueFor, exchange, measurePrimal, refactor, settle, spreadDual } from './basis';
import { chooseColumn, dualGap, noteColumn } from './choose';
import { perturbBounds } from './perturb';
import { btran, ftran } from './lu/solve';
import { updateFactor, unitRow } from './lu/update';
import { loadColumn, priceRow } from './price';
import { ratioPhase1, ratioPhase2 } from './primal-ratio';
import { Lp } from './state';
import { addTo, clear } from './vector';

/** Steps in a row without progress after which bounds are perturbed. */
const STALL = 100;
/** A Devex weight this far off its reference starts a new framework. */
const DEVEX_RESET: f64 = 1e7;

/** Gradient of the sum of infeasibilities with respect to the basic variable of row i. */
// @ts-ignore: decorator
@inline function phase1Cost(lp: Lp, i: i32): f64 {
  const x = ldF(lp.xB, i);
  return x < ldF(lp.lB, i) - lp.tolP ? -1 : x > ldF(lp.uB, i) + lp.tolP ? 1 : 0;
}

/** Reduced costs of the sum of infeasibilities; leaves y in `work`. */
export function phase1Duals(lp: Lp): void {
  const work = lp.work;
  clear(work);
  let c = 0;
  for (let i = 0, m = lp.m; i < m; i++) {
    const value = phase1Cost(lp, i);
    if (value == 0) continue;
    stF(work.val, i, value);
    stI(work.idx, c++, i);
  }
  work.count = c;
  btran(lp, work, 1, false);
  spreadDual(lp, 0);
}

export function resetDevex(lp: Lp): void {
  for (let j = 0, nt = lp.nt; j < nt; j++) stF(lp.devex, j, 1);
}

function rebuild(lp: Lp): void {
  if (lp.updates > 0 || lp.factored == 0) refactor(lp, lp.rebuildReason);
  computePrimal(lp);
  measurePrimal(lp);
  lp.phase = lp.countP > 0 ? 1 : 2;
  if (lp.phase == 1) phase1Duals(lp);
  else computeDual(lp, lp.cost);
  for (let j = 0, nt = lp.nt; j < nt; j++) noteColumn(lp, j);
  lp.stalls = 0;
  lp.rebuildReason = -1;
}

/** Primal simplex iterations (phases 1 and 2) until an end, or until `budget` iterations are used up. */
export function primalRun(lp: Lp, budget: i32): i32 {
  const alpha = lp.alpha, m = lp.m;
  while (true) {
    if (lp.rebuildReason >= 0) rebuild(lp);
    if (budget-- <= 0) return RUN_MORE;
    const q = chooseColumn(lp);
    if (q < 0) {
      if (lp.updates > 0) {
        if (++lp.relapses > MAX_RELAPSES) return RUN_STUCK;
        lp.rebuildReason = WHY_CONFIRM_OPTIMAL;
        continue;
      }
      if (lp.stalls > 0) {
        // Columns were set aside for want of a pivot; they get one more chance from here.
        lp.stalls = 0;
        return RUN_STUCK;
      }
      measurePrimal(lp);
      if (lp.phase == 1 && lp.countP > 0) return RUN_INFEASIBLE;
      if (lp.phase == 1 || lp.countP > 0) {
        if (++lp.relapses > MAX_RELAPSES) return RUN_STUCK;
        lp.rebuildReason = WHY_CONFIRM_OPTIMAL;
        continue;
      }
      return RUN_OPTIMAL;
    }

    loadColumn(lp, q, alpha);
    ftran(lp, alpha, lp.densFtran, true);
    lp.densFtran = blend(lp.densFtran, alpha.count, m);
    let exact = lp.phase == 1 ? 0 : ldF(lp.cost, q);
    for (let k = 0, c = alpha.count; k < c; k++) {
      const i = ldI(alpha.idx, k);
      exact -= (lp.phase == 1 ? phase1Cost(lp, i) : ldF(lp.cost, ldI(lp.head, i))) * ldF(alpha.val, i);
    }
    const drift = abs(exact - ldF(lp.d, q));
    stF(lp.d, q, exact);
    if (dualGap(lp, q) == 0) {
      noteColumn(lp, q);
      if (drift > 1e-5 * (1 + abs(exact)) && lp.updates > 0) lp.rebuildReason = WHY_DUAL_DRIFT;
      continue;
    }

    const dir: f64 = exact < 0 ? 1 : -1;
    const range = ldF(lp.upper, q) - ldF(lp.lower, q);
    const least: f64 = lp.updates < 10 ? 1e-9 : lp.updates < 20 ? 1e-8 : 1e-7;
    const p = lp.phase == 1 ? ratioPhase1(lp, dir, least, abs(exact)) : ratioPhase2(lp, dir, least);
    if (p < 0 && range == Infinity) {
      if (lp.updates > 0) {
        lp.rebuildReason = WHY_CONFIRM_RAY;
        continue;
      }
      if (lp.phase == 1) {
        setAside(lp, q);
        continue;
      }
      lp.rayVar = q;
      lp.rayDir = dir;
      return RUN_RAY;
    }
    if (p < 0 || range <= lp.step) {
      flipEntering(lp, q, dir, range);
      continue;
    }

    const pivot = ldF(alpha.val, p);
    if (abs(pivot) < 1e-7 && lp.updates > 0) {
      lp.rebuildReason = WHY_SMALL_PIVOT;
      continue;
    }
    // A basic variable slightly outside its bound would make the step negative: its bound gives way instead.
    if (lp.step < 0) {
      const leaving = ldI(lp.head, p), at = ldF(lp.xB, p);
      if (lp.leaveAt == 0) {
        stF(lp.lower, leaving, at);
        stF(lp.lB, p, at);
        if (ldF(lp.upper, leaving) < at) stF(lp.upper, leaving, at);
      } else {
        stF(lp.upper, leaving, at);
        stF(lp.uB, p, at);
        if (ldF(lp.lower, leaving) > at) stF(lp.lower, leaving, at);
      }
      lp.boundsPerturbed = 1;
      lp.step = 0;
    }

    unitRow(lp, p);
    lp.densBtran = blend(lp.densBtran, lp.rho.count, m);
    priceRow(lp, lp.rho);
    const pivotRow = q < lp.n ? ldF(lp.rowA.val, q) : ldF(lp.rho.val, q - lp.n);
    const mismatch = abs(pivot - pivotRow) / max(abs(pivot), abs(pivotRow));
    if (!(mismatch < 1e-7) && lp.updates > 0) {
      lp.rebuildReason = WHY_PIVOT_MISMATCH;
      continue;
    }
    if (!(mismatch < 1e-3) || abs(pivot) < 1e-9) {
      setAside(lp, q);
      continue;
    }
    pivotOn(lp, p, q, dir, pivot, exact);
    if (lp.iterations >= lp.maxIter) return RUN_MORE;
  }
}

/** Leaves column q out of the choice until the next rebuild. */
function setAside(lp: Lp, q: i32): void {
  stF(lp.colMerit, q, 0);
  stB(lp.colBlockDirty, q >> 6, 1);
  lp.stalls++;
}

function flipEntering(lp: Lp, q: i32, dir: f64, range: f64): void {
  const alpha = lp.alpha;
  clear(lp.flip);
  for (let k = 0, c = alpha.count; k < c; k++) {
    const i = ldI(alpha.idx, k);
    const before = lp.phase == 1 ? phase1Cost(lp, i) : 0;
    stF(lp.xB, i, ldF(lp.xB, i) - dir * range * ldF(alpha.val, i));
    if (lp.phase == 1) {
      const change = phase1Cost(lp, i) - before;
      if (change != 0) addTo(lp.flip, i, change);
    }
  }
  stB(lp.stat, q, dir > 0 ? AT_UPPER : AT_LOWER);
  settle(lp, q);
  noteColumn(lp, q);
  lp.iterations++;
  lp.iterPrimal++;
  lp.degenerate = 0;
  if (lp.phase == 1) spreadFeasibility(lp);
}

function pivotOn(lp: Lp, p: i32, q: i32, dir: f64, pivot: f64, dq: f64): void {
  const alpha = lp.alpha, rho = lp.rho, rowA = lp.rowA, flip = lp.flip, n = lp.n;
  const leaving = ldI(lp.head, p);
  const step = lp.step;
  // Rows of the basis that become feasible (or not) change the costs of phase 1.
  clear(flip);
  const leavingCost = lp.phase == 1 ? phase1Cost(lp, p) : 0;
  for (let k = 0, c = alpha.count; k < c; k++) {
    const i = ldI(alpha.idx, k);
    const before = lp.phase == 1 ? phase1Cost(lp, i) : 0;
    stF(lp.xB, i, ldF(lp.xB, i) - dir * step * ldF(alpha.val, i));
    if (lp.phase == 1 && i != p) {
      const change = phase1Cost(lp, i) - before;
      if (change != 0) addTo(flip, i, change);
    }
  }
  const entering = ldF(lp.x, q) + dir * step;
  const theta = dq / pivot;
  const weight = ldF(lp.devex, q);
  for (let k = 0, c = rowA.count; k < c; k++) {
    const j = ldI(rowA.idx, k);
    if (ldB(lp.move, j) == 0) continue;
    updateColumn(lp, j, ldF(rowA.val, j), theta, pivot, weight);
  }
  for (let k = 0, c = rho.count; k < c; k++) {
    const i = ldI(rho.idx, k);
    if (ldB(lp.move, n + i) == 0) continue;
    updateColumn(lp, n + i, ldF(rho.val, i), theta, pivot, weight);
  }
  exchange(lp, p, q, lp.leaveAt == 0 ? AT_LOWER : AT_UPPER);
  stF(lp.xB, p, entering);
  // A leaving variable that was infeasible is so no more: its phase 1 cost goes.
  stF(lp.d, leaving, -theta - leavingCost);
  stF(lp.devex, leaving, max(weight / (pivot * pivot), 1));
  noteColumn(lp, q);
  noteColumn(lp, leaving);
  lp.iterPrimal++;
  if (lp.phase == 1) lp.iterPhase1++;
  const error = updateFactor(lp, p, pivot);
  if (lp.phase == 1) spreadFeasibility(lp);
  if (ldF(lp.devex, leaving) > DEVEX_RESET) {
    resetDevex(lp);
    for (let j = 0, nt = lp.nt; j < nt; j++) noteColumn(lp, j);
  }
  if (error > 1e-6) lp.rebuildReason = WHY_DIAGONAL_MISMATCH;
  else lp.rebuildReason = dueFor(lp, WHY_UPDATE_LIMIT, WHY_WORK);

  if (step > 1e-12) lp.degenerate = 0;
  else if (++lp.degenerate > STALL && lp.boundsPerturbed < 2 && lp.allowPerturb != 0) {
    perturbBounds(lp);
    lp.degenerate = 0;
    lp.rebuildReason = WHY_DUAL_DRIFT;
  }
}

// @ts-ignore: decorator
@inline function updateColumn(lp: Lp, j: i32, a: f64, theta: f64, pivot: f64, weight: f64): void {
  stF(lp.d, j, ldF(lp.d, j) - theta * a);
  const ratio = a / pivot;
  const w = ratio * ratio * weight;
  if (w > ldF(lp.devex, j)) stF(lp.devex, j, w);
  noteColumn(lp, j);
}

/** Carries changes of the phase 1 costs (in `flip`, by row of the present basis) into the reduced costs. */
function spreadFeasibility(lp: Lp): void {
  const flip = lp.flip, rowA = lp.rowA, n = lp.n;
  if (flip.count == 0) return;
  btran(lp, flip, lp.densFlip, false);
  lp.densFlip = blend(lp.densFlip, flip.count, lp.m);
  priceRow(lp, flip);
  for (let k = 0, c = rowA.count; k < c; k++) {
    const j = ldI(rowA.idx, k);
    if (ldB(lp.stat, j) == BASIC) continue;
    stF(lp.d, j, ldF(lp.d, j) - ldF(rowA.val, j));
    noteColumn(lp, j);
  }
  for (let k = 0, c = flip.count; k < c; k++) {
    const i = ldI(flip.idx, k);
    if (ldB(lp.stat, n + i) == BASIC) continue;
    stF(lp.d, n + i, ldF(lp.d, n + i) - ldF(flip.val, i));
    noteColumn(lp, n + i);
  }
}
