import { ldB, ldF, ldI, stB, stF, stI } from './memory';
import {
  AT_LOWER, AT_UPPER, EITHER_WAY, MAX_RELAPSES, RUN_MORE, RUN_OPTIMAL, RUN_RAY, RUN_STUCK, WHY_CONFIRM_OPTIMAL,
  WHY_CONFIRM_RAY, WHY_DIAGONAL_MISMATCH, WHY_PIVOT_MISMATCH, WHY_SMALL_PIVOT, WHY_UPDATE_LIMIT, WHY_WORK,
} from './codes';
import { blend, computeDual, computePrimal, dueFor, exchange, hash01, refactor } from './basis';
import { chooseRow, noteRow } from './choose';
import { applyFlips, chooseEntering, collect } from './dual-ratio';
import { updateFactor } from './lu/update';
import { btran, ftran } from './lu/solve';
import { loadColumn, priceRow } from './price';
import { Lp } from './state';
import { clear, copy, norm2 } from './vector';

/** Steepest edge weights never fall below this. */
const LEAST_WEIGHT: f64 = 1e-4;
/** Exact weights may cost as much as this many factorisations. */
const WEIGHT_ALLOWANCE: f64 = 30;

/** Makes reduced costs right in sign: boxed variables flip, others have their costs shifted. */
function correctDuals(lp: Lp): void {
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    const move = ldB(lp.move, j);
    if (move == 0) continue;
    const d = ldF(lp.d, j);
    if (move == EITHER_WAY) {
      if (abs(d) <= lp.tolD) continue;
      stF(lp.cost, j, ldF(lp.cost, j) - d);
      stF(lp.d, j, 0);
      lp.shifted = 1;
      continue;
    }
    if (d * <f64>move >= -lp.tolD) continue;
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    if (low != -Infinity && high != Infinity) {
      stB(lp.move, j, -move);
      stB(lp.stat, j, move == 1 ? AT_UPPER : AT_LOWER);
      stF(lp.x, j, move == 1 ? high : low);
    } else {
      const wanted = <f64>move * lp.tolD * (1 + hash01(lp, j));
      stF(lp.cost, j, ldF(lp.cost, j) + wanted - d);
      stF(lp.d, j, wanted);
      lp.shifted = 1;
    }
  }
}

/**
 * Exact steepest edge weights of a basis that is not the slack basis: one BTRAN a row, cheap while
 * they stay thin. Past the allowance the weights are left as they are and no row is sent back for
 * a wrong one.
 */
export function exactWeights(lp: Lp): void {
  const m = lp.m, rho = lp.rho;
  const allowance = lp.workSince + WEIGHT_ALLOWANCE * (lp.workFactor + <f64>lp.nnz + <f64>m * 20);
  lp.exactWeights = 0;
  for (let p = 0; p < m; p++) {
    if (lp.workSince > allowance) return;
    clear(rho);
    stI(rho.idx, 0, p);
    stF(rho.val, p, 1);
    rho.count = 1;
    btran(lp, rho, 0, false);
    stF(lp.dse, p, max(norm2(rho), LEAST_WEIGHT));
    lp.workSince += <f64>rho.count;
  }
  lp.exactWeights = 1;
}

function rebuild(lp: Lp): void {
  if (lp.updates > 0 || lp.factored == 0) refactor(lp, lp.rebuildReason);
  computeDual(lp, lp.cost);
  correctDuals(lp);
  computePrimal(lp);
  for (let i = 0, m = lp.m; i < m; i++) noteRow(lp, i);
  lp.rebuildReason = -1;
}

/** Dual simplex iterations until an end, or until `budget` iterations are used up. */
export function dualRun(lp: Lp, budget: i32): i32 {
  const rho = lp.rho, alpha = lp.alpha, tau = lp.tau, flip = lp.flip, rowA = lp.rowA;
  const n = lp.n, m = lp.m;
  while (true) {
    if (lp.rebuildReason >= 0) rebuild(lp);
    if (budget-- <= 0) return RUN_MORE;
    const p = chooseRow(lp);
    if (p < 0 && lp.localFirst != 0) {
      lp.localFirst = 0;
      for (let i = 0; i < m; i++) noteRow(lp, i);
      continue;
    }
    if (p < 0) {
      if (lp.updates > 0) {
        if (++lp.relapses > MAX_RELAPSES) return RUN_STUCK;
        lp.rebuildReason = WHY_CONFIRM_OPTIMAL;
        continue;
      }
      return lp.tabooCount > 0 ? RUN_STUCK : RUN_OPTIMAL;
    }

    clear(rho);
    stI(rho.idx, 0, p);
    stF(rho.val, p, 1);
    rho.count = 1;
    btran(lp, rho, lp.densBtran, true);
    lp.densBtran = blend(lp.densBtran, rho.count, m);
    // The true weight is known now; a row that was flattered goes back into the choice.
    const weight = max(norm2(rho), LEAST_WEIGHT);
    const stored = ldF(lp.dse, p);
    stF(lp.dse, p, weight);
    if (stored < 0.25 * weight && lp.exactWeights != 0) {
      noteRow(lp, p);
      continue;
    }

    priceRow(lp, rho);
    const below = ldF(lp.xB, p) < ldF(lp.lB, p);
    const bound = below ? ldF(lp.lB, p) : ldF(lp.uB, p);
    const side: f64 = below ? -1 : 1;
    let delta = ldF(lp.xB, p) - bound;
    collect(lp, side);
    const at = chooseEntering(lp, abs(delta));
    if (at < 0) {
      if (lp.updates > 0) {
        lp.rebuildReason = WHY_CONFIRM_RAY;
        continue;
      }
      lp.rayRow = p;
      lp.rayDir = side;
      return RUN_RAY;
    }
    const q = ldI(lp.candJ, at);
    const pivotRow = q < n ? ldF(rowA.val, q) : ldF(rho.val, q - n);

    loadColumn(lp, q, alpha);
    ftran(lp, alpha, lp.densFtran, true);
    lp.densFtran = blend(lp.densFtran, alpha.count, m);
    const pivot = ldF(alpha.val, p);
    const mismatch = abs(pivot - pivotRow) / max(abs(pivot), abs(pivotRow));
    if (!(mismatch < 1e-7) && lp.updates > 0) {
      lp.rebuildReason = WHY_PIVOT_MISMATCH;
      continue;
    }
    if (abs(pivot) < 1e-7 && lp.updates > 0) {
      lp.rebuildReason = WHY_SMALL_PIVOT;
      continue;
    }
    if (!(mismatch < 1e-3) || abs(pivot) < 1e-9) {
      // Fresh factor and still no pivot worth the name: leave this row alone until the next one.
      stB(lp.taboo, p, 1);
      lp.tabooCount++;
      noteRow(lp, p);
      continue;
    }

    // Dual step; a reduced cost already past zero is shifted to it instead of stepping back.
    const move = ldB(lp.move, q);
    let theta = 0.0;
    const dq = ldF(lp.d, q);
    if (move != EITHER_WAY && dq * <f64>move > 0) theta = dq / pivot;
    else if (dq != 0) {
      stF(lp.cost, q, ldF(lp.cost, q) - dq);
      stF(lp.d, q, 0);
      lp.shifted = 1;
    }
    if (theta != 0) {
      for (let k = 0, c = rowA.count; k < c; k++) {
        const j = ldI(rowA.idx, k);
        if (ldB(lp.move, j) != 0) stF(lp.d, j, ldF(lp.d, j) - theta * ldF(rowA.val, j));
      }
      for (let k = 0, c = rho.count; k < c; k++) {
        const i = ldI(rho.idx, k);
        if (ldB(lp.move, n + i) != 0) stF(lp.d, n + i, ldF(lp.d, n + i) - theta * ldF(rho.val, i));
      }
    }

    // Flips move the basic variables before the step does.
    if (lp.flipCount > 0) {
      applyFlips(lp);
      if (flip.count > 0) {
        ftran(lp, flip, lp.densFlip, false);
        lp.densFlip = blend(lp.densFlip, flip.count, m);
        for (let k = 0, c = flip.count; k < c; k++) {
          const i = ldI(flip.idx, k);
          stF(lp.xB, i, ldF(lp.xB, i) - ldF(flip.val, i));
        }
        delta = ldF(lp.xB, p) - bound;
      }
    }

    const step = delta / pivot;
    copy(rho, tau);
    ftran(lp, tau, lp.densTau, false);
    lp.densTau = blend(lp.densTau, tau.count, m);
    const newWeight = max(weight / (pivot * pivot), LEAST_WEIGHT);
    for (let k = 0, c = alpha.count; k < c; k++) {
      const i = ldI(alpha.idx, k);
      const a = ldF(alpha.val, i);
      stF(lp.xB, i, ldF(lp.xB, i) - step * a);
      if (i != p) {
        const ratio = a / pivot;
        const w = ldF(lp.dse, i) + ratio * (ratio * weight - 2 * ldF(tau.val, i));
        stF(lp.dse, i, max(w, LEAST_WEIGHT));
      }
    }
    lp.work0 += <f64>(rowA.count * 3 + rho.count * 3 + alpha.count * 4 + flip.count * 2);
    const leaving = ldI(lp.head, p);
    const entering = ldF(lp.x, q) + step;
    exchange(lp, p, q, below ? AT_LOWER : AT_UPPER);
    stF(lp.d, leaving, -theta);
    stF(lp.xB, p, entering);
    stF(lp.dse, p, newWeight);
    lp.iterDual++;
    const error = updateFactor(lp, p, pivot);
    for (let k = 0, c = alpha.count; k < c; k++) noteRow(lp, ldI(alpha.idx, k));
    for (let k = 0, c = flip.count; k < c; k++) noteRow(lp, ldI(flip.idx, k));
    clear(flip);
    noteRow(lp, p);

    if (error > 1e-6) lp.rebuildReason = WHY_DIAGONAL_MISMATCH;
    else lp.rebuildReason = dueFor(lp, WHY_UPDATE_LIMIT, WHY_WORK);
    if (lp.iterations >= lp.maxIter) return RUN_MORE;
  }
}
