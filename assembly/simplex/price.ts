import { ldB, ldF, ldI, stF, stI } from './memory';
import { BASIC } from './codes';
import { Lp, Vec } from './state';
import { CANCELLED, clear, relist, TINY } from './vector';

/** With rho thinner than this, rows are added up one by one and the result keeps a list. */
const THIN: f64 = 0.1;
/** With rho fuller than this, one dot product per nonbasic column beats adding rows. */
const FULL: f64 = 0.6;

/** rowA := rho' A over the nonbasic structurals; the slack part of the row is rho itself. */
export function priceRow(lp: Lp, rho: Vec): void {
  const rowA = lp.rowA;
  const m = <f64>lp.m;
  clear(rowA);
  if (<f64>rho.count > FULL * m) return priceByColumns(lp, rho);
  const val = rowA.val, idx = rowA.idx, rStart = lp.rStart, rEnd = lp.rNonbasic, rIdx = lp.rIdx, rVal = lp.rVal;
  if (<f64>rho.count > THIN * m || lp.densRow > 0.3) {
    for (let s = 0, c = rho.count; s < c; s++) {
      const i = ldI(rho.idx, s);
      const factor = ldF(rho.val, i);
      for (let k = ldI(rStart, i), end = ldI(rEnd, i); k < end; k++) {
        const j = ldI(rIdx, k);
        stF(val, j, ldF(val, j) + factor * ldF(rVal, k));
      }
    }
    relist(rowA);
  } else {
    let count = 0;
    for (let s = 0, c = rho.count; s < c; s++) {
      const i = ldI(rho.idx, s);
      const factor = ldF(rho.val, i);
      for (let k = ldI(rStart, i), end = ldI(rEnd, i); k < end; k++) {
        const j = ldI(rIdx, k);
        const old = ldF(val, j);
        if (old == 0) stI(idx, count++, j);
        const sum = old + factor * ldF(rVal, k);
        stF(val, j, abs(sum) < TINY ? CANCELLED : sum);
      }
    }
    rowA.count = count;
  }
  lp.densRow = 0.9 * lp.densRow + 0.1 * (<f64>rowA.count / <f64>max(lp.n, 1));
}

function priceByColumns(lp: Lp, rho: Vec): void {
  const rowA = lp.rowA, val = rowA.val, idx = rowA.idx, y = rho.val;
  const aStart = lp.aStart, aIdx = lp.aIdx, aVal = lp.aVal, stat = lp.stat;
  let count = 0;
  for (let j = 0, n = lp.n; j < n; j++) {
    if (ldB(stat, j) == BASIC) continue;
    let sum = 0.0;
    for (let k = ldI(aStart, j), end = ldI(aStart, j + 1); k < end; k++) sum += ldF(aVal, k) * ldF(y, ldI(aIdx, k));
    if (abs(sum) < TINY) continue;
    stF(val, j, sum);
    stI(idx, count++, j);
  }
  rowA.count = count;
  lp.densRow = 0.9 * lp.densRow + 0.1 * (<f64>count / <f64>max(lp.n, 1));
}

/** v := column j of [A I]. */
export function loadColumn(lp: Lp, j: i32, v: Vec): void {
  clear(v);
  if (j >= lp.n) {
    stI(v.idx, 0, j - lp.n);
    stF(v.val, j - lp.n, 1);
    v.count = 1;
    return;
  }
  let c = 0;
  for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
    const i = ldI(lp.aIdx, k);
    stI(v.idx, c++, i);
    stF(v.val, i, ldF(lp.aVal, k));
  }
  v.count = c;
}

/** v += factor × column j of [A I], with the list kept. */
export function addColumn(lp: Lp, j: i32, factor: f64, v: Vec): void {
  const val = v.val;
  if (j >= lp.n) {
    const i = j - lp.n;
    const old = ldF(val, i);
    if (old == 0) stI(v.idx, v.count++, i);
    const sum = old + factor;
    stF(val, i, sum == 0 ? CANCELLED : sum);
    return;
  }
  for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
    const i = ldI(lp.aIdx, k);
    const old = ldF(val, i);
    if (old == 0) stI(v.idx, v.count++, i);
    const sum = old + factor * ldF(lp.aVal, k);
    stF(val, i, sum == 0 ? CANCELLED : sum);
  }
}
