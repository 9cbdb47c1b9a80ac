import { ldB, ldF, ldI, stB, stF } from './memory';
import {
  AT_LOWER, AT_UPPER, BASIC, RESULT_INFEASIBLE, RESULT_ITERATION_LIMIT, RESULT_NUMERICAL, RESULT_OPTIMAL, RESULT_RUNNING,
  RESULT_UNBOUNDED, RUN_INFEASIBLE, RUN_MORE, RUN_OPTIMAL, RUN_RAY, STAGE_DONE, STAGE_DUAL1, STAGE_DUAL2, STAGE_PRIMAL,
  STAGE_START, WHY_STAGE, WHY_START,
} from './codes';
import { computeDual, computePrimal, headFromStatus, measureDual, measurePrimal, refactor, settle } from './basis';
import { dualRun, exactWeights } from './dual';
import { perturbCosts, phase1Bounds, trueBounds, trueCosts } from './perturb';
import { phase1Duals, primalRun, resetDevex } from './primal';
import { keepRay, proveInfeasible, rayIsStrict } from './proof';
import { Lp } from './state';

/** Changes of algorithm before the run takes what it has. */
const MAX_ROUNDS = 30;
/** No answer is called optimal with infeasibilities above this (scaled). */
const LOOSEST: f64 = 1e-6;
export const METHOD_AUTO = 0;
export const METHOD_PRIMAL = 1;
export const METHOD_DUAL = 2;

/** Works on until something is decided or `budget` iterations of the present algorithm are done. */
export function stepRun(lp: Lp, budget: i32): i32 {
  while (lp.stage != STAGE_DONE) {
    if (lp.stage == STAGE_START) {
      start(lp);
      continue;
    }
    if (lp.iterations >= lp.maxIter) return finish(lp, RESULT_ITERATION_LIMIT);
    const code = lp.stage == STAGE_PRIMAL ? primalRun(lp, budget) : dualRun(lp, budget);
    if (code == RUN_MORE) {
      if (lp.iterations >= lp.maxIter) return finish(lp, RESULT_ITERATION_LIMIT);
      return RESULT_RUNNING;
    }
    if (lp.stage == STAGE_DUAL1) afterDual1(lp);
    else if (lp.stage == STAGE_DUAL2) afterDual2(lp, code);
    else afterPrimal(lp, code);
    if (++lp.rounds > MAX_ROUNDS && lp.stage != STAGE_DONE) settleFor(lp);
  }
  return lp.result;
}

function enter(lp: Lp, stage: i32): void {
  lp.stage = stage;
  lp.rebuildReason = WHY_STAGE;
  lp.degenerate = 0;
  lp.relapses = 0;
  if (stage == STAGE_PRIMAL) resetDevex(lp);
}

/** Stops in the middle of a run: the present basis, without perturbation or artificial bounds. */
export function stopRun(lp: Lp): void {
  if (lp.stage == STAGE_START) start(lp);
  if (lp.stage != STAGE_DONE) finish(lp, RESULT_ITERATION_LIMIT);
}

/** Works out the true primal and dual values of the present basis. */
function truth(lp: Lp): void {
  trueCosts(lp);
  trueBounds(lp);
  for (let j = 0, nt = lp.nt; j < nt; j++) if (ldB(lp.stat, j) != BASIC) settle(lp, j);
  if (lp.factored == 0 || lp.updates > 0) refactor(lp, WHY_STAGE);
  computePrimal(lp);
  computeDual(lp, lp.cost);
  measurePrimal(lp);
  measureDual(lp, true);
}

function start(lp: Lp): void {
  trueCosts(lp);
  trueBounds(lp);
  headFromStatus(lp);
  for (let j = 0, nt = lp.nt; j < nt; j++) if (ldB(lp.stat, j) != BASIC) settle(lp, j);
  for (let i = 0; i < lp.m; i++) stF(lp.dse, i, 1);
  resetDevex(lp);
  refactor(lp, WHY_START);
  lp.exactWeights = 1;
  computeDual(lp, lp.cost);
  if (lp.method != METHOD_PRIMAL) flipBoxed(lp);
  computePrimal(lp);
  measurePrimal(lp);
  measureDual(lp, true);
  const infeasible = lp.countP, all = lp.countD;
  measureDual(lp, false);
  const hard = lp.countD;
  if (lp.method == METHOD_PRIMAL) return enter(lp, STAGE_PRIMAL);
  if (infeasible == 0 && all == 0) return conclude(lp);
  if (infeasible == 0 && (lp.warm != 0 || lp.method == METHOD_AUTO) && lp.method != METHOD_DUAL && lp.warm != 0) {
    return enter(lp, STAGE_PRIMAL);
  }
  if (lp.allowPerturb != 0) {
    perturbCosts(lp);
    lp.perturbed = 1;
  }
  // From a good basis, a few wrong reduced costs are shifted away and mended by the primal afterwards.
  if (lp.warm != 0) {
    exactWeights(lp);
    return enter(lp, STAGE_DUAL2);
  }
  lp.localFirst = couplingRows(lp);
  if (hard == 0) return enter(lp, STAGE_DUAL2);
  phase1Bounds(lp);
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    if (ldB(lp.stat, j) == BASIC) continue;
    stB(lp.stat, j, AT_LOWER);
    settle(lp, j);
  }
  enter(lp, STAGE_DUAL1);
}

/**
 * Whether a few long rows couple otherwise local ones. The dual simplex then first puts the local
 * rows right, in iterations that touch almost nothing, and only then meets the coupling rows, each
 * of whose iterations touches everything. Measured on incentive programs: see docs/simplex.md.
 */
function couplingRows(lp: Lp): i32 {
  const m = lp.m, rStart = lp.rStart;
  lp.couplingSize = max(20, 4 * lp.nnz / max(m, 1));
  let rows = 0, entries = 0;
  for (let i = 0; i < m; i++) {
    const count = ldI(rStart, i + 1) - ldI(rStart, i);
    if (count <= lp.couplingSize) continue;
    rows++;
    entries += count;
  }
  return rows > 0 && rows * 20 <= m && entries * 5 >= lp.nnz ? 1 : 0;
}

/** Boxed variables go to the bound that their reduced cost asks for. */
function flipBoxed(lp: Lp): void {
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    if (ldB(lp.stat, j) == BASIC) continue;
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    if (low == -Infinity || high == Infinity || low == high) continue;
    const d = ldF(lp.d, j);
    if (d < -lp.tolD) stB(lp.stat, j, AT_UPPER);
    else if (d > lp.tolD) stB(lp.stat, j, AT_LOWER);
    else continue;
    settle(lp, j);
  }
}

function afterDual1(lp: Lp): void {
  // Whether or not it reached zero: what is left is shifted by phase 2 and settled by the primal.
  trueBounds(lp);
  for (let j = 0, nt = lp.nt; j < nt; j++) if (ldB(lp.stat, j) != BASIC) settle(lp, j);
  enter(lp, STAGE_DUAL2);
}

function afterDual2(lp: Lp, code: i32): void {
  if (lp.polishing != 0 && code != RUN_OPTIMAL) return settleFor(lp);
  if (code == RUN_RAY) {
    if (proveInfeasible(lp, lp.rho, lp.workF2, false) > 0) {
      finish(lp, RESULT_INFEASIBLE);
      return;
    }
    return enter(lp, STAGE_PRIMAL);
  }
  if (code != RUN_OPTIMAL) {
    lp.allowPerturb = 1;
    trueCosts(lp);
    return enter(lp, STAGE_PRIMAL);
  }
  conclude(lp);
}

function afterPrimal(lp: Lp, code: i32): void {
  // At the final tolerance there is an optimum to go back to; a ray or a misfit there is rounding.
  if (lp.polishing != 0 && code != RUN_OPTIMAL) return settleFor(lp);
  if (code == RUN_RAY) {
    if (lp.boundsPerturbed != 0 || lp.perturbed != 0 || lp.shifted != 0) {
      truth(lp);
      lp.allowPerturb = 0;
      return enter(lp, STAGE_PRIMAL);
    }
    if (lp.loose == 0 && !rayIsStrict(lp)) {
      finish(lp, RESULT_NUMERICAL);
      return;
    }
    keepRay(lp, lp.workF2);
    finish(lp, RESULT_UNBOUNDED);
    return;
  }
  if (code == RUN_INFEASIBLE) {
    if (lp.boundsPerturbed != 0) {
      truth(lp);
      lp.allowPerturb = 0;
      return enter(lp, STAGE_PRIMAL);
    }
    phase1Duals(lp);
    if (proveInfeasible(lp, lp.work, lp.workF2, false) > 0) {
      finish(lp, RESULT_INFEASIBLE);
      return;
    }
    // Infeasible by less than a strict proof can show: a looser tolerance may do, else a looser proof.
    if (lp.tolP < LOOSEST) {
      lp.tolP *= 10;
      return enter(lp, STAGE_PRIMAL);
    }
    const proven = lp.loose != 0 && proveInfeasible(lp, lp.work, lp.workF2, true) > 0;
    finish(lp, proven ? RESULT_INFEASIBLE : RESULT_NUMERICAL);
    return;
  }
  if (code != RUN_OPTIMAL) {
    if (lp.tolP < LOOSEST) {
      lp.tolP *= 10;
      lp.tolD *= 10;
      lp.allowPerturb = 1;
      lp.seed += 101;
      return enter(lp, STAGE_PRIMAL);
    }
    finish(lp, RESULT_NUMERICAL);
    return;
  }
  conclude(lp);
}

/** An algorithm reports an optimum: perturbation off, look again, polish to the final tolerance. */
function conclude(lp: Lp): void {
  const perturbed = lp.perturbed | lp.shifted | lp.boundsPerturbed;
  truth(lp);
  if (lp.countP == 0 && lp.countD == 0) {
    if (lp.polishing == 0 && (lp.tolP > lp.finalP || lp.tolD > lp.finalD)) {
      lp.polishing = 1;
      memory.copy(lp.saved, lp.stat, <usize>lp.nt);
      lp.tolP = min(lp.tolP, lp.finalP);
      lp.tolD = min(lp.tolD, lp.finalD);
      measurePrimal(lp);
      measureDual(lp, true);
    }
    if (lp.countP == 0 && lp.countD == 0) {
      finish(lp, RESULT_OPTIMAL);
      return;
    }
  }
  lp.mends++;
  // Perturbation is left off from the second mending on; a round trip without it cannot repeat for ever.
  if (perturbed != 0 || lp.mends > 2) lp.allowPerturb = lp.mends > 6 && lp.mends % 3 == 0 ? 1 : 0;
  if (lp.countP > 0 && lp.countD == 0) return enter(lp, STAGE_DUAL2);
  if (lp.countP == 0) return enter(lp, STAGE_PRIMAL);
  return enter(lp, lp.mends % 2 == 1 ? STAGE_DUAL2 : STAGE_PRIMAL);
}

/** Takes the present basis as the answer at the looser tolerance, or says that the numerics broke down. */
function settleFor(lp: Lp): void {
  truth(lp);
  if (lp.polishing != 0 && (lp.countP > 0 || lp.countD > 0)) {
    memory.copy(lp.stat, lp.saved, <usize>lp.nt);
    headFromStatus(lp);
    truth(lp);
  }
  const ok = lp.maxP <= LOOSEST && lp.maxD <= LOOSEST;
  finish(lp, ok ? RESULT_OPTIMAL : RESULT_NUMERICAL);
}

function finish(lp: Lp, result: i32): i32 {
  if (result == RESULT_ITERATION_LIMIT) truth(lp);
  lp.result = result;
  lp.stage = STAGE_DONE;
  let objective = 0.0;
  for (let j = 0, nt = lp.nt; j < nt; j++) if (ldB(lp.stat, j) != BASIC) objective += ldF(lp.cost0, j) * ldF(lp.x, j);
  for (let i = 0, m = lp.m; i < m; i++) objective += ldF(lp.cost0, ldI(lp.head, i)) * ldF(lp.xB, i);
  lp.objective = objective;
  return result;
}
