import { ldF, ldI, stF, stI } from '../memory';
import { Lp, Vec } from '../state';
import { CANCELLED, copy, TINY } from '../vector';

/** A solve starts hyper-sparse while its input is this thin … */
const THIN_INPUT: f64 = 0.05;
/** … and goes over to the plain sweep once its reach passes this share of the rows. */
const THIN_REACH: f64 = 0.1;
/**
 * Where results of its kind were full lately, it gives up sooner. It does not skip the attempt: with
 * a few coupling rows among many local ones, unit-like and full results alternate, and an average says nothing.
 */
const THIN_REACH_DOUBTFUL: f64 = 0.02;

/** v := B⁻¹ v. `keepSpike` notes the vector between L and U, which the update of this column needs. */
export function ftran(lp: Lp, v: Vec, expected: f64, keepSpike: bool): void {
  if (lp.lCount > 0) {
    if (!sweepThin(lp, v, expected, lp.lStart, lp.lEnd, lp.lCol.idx, lp.lCol.val, 0, false)) lowerForward(lp, v);
  }
  // Row etas of the updates, oldest first.
  const etaStart = lp.etaStart, etaRow = lp.etaRow, eIdx = lp.eta.idx, eVal = lp.eta.val, val = v.val;
  for (let t = 0, count = lp.updates; t < count; t++) {
    const start = ldI(etaStart, t), end = ldI(etaStart, t + 1);
    if (start == end) continue;
    const p = ldI(etaRow, t);
    const old = ldF(val, p);
    let sum = old;
    for (let k = start; k < end; k++) sum -= ldF(eVal, k) * ldF(val, ldI(eIdx, k));
    if (sum == old) continue;
    if (old == 0) stI(v.idx, v.count++, p);
    stF(val, p, abs(sum) < TINY ? CANCELLED : sum);
  }
  lp.workSince += <f64>lp.eta.used;
  if (keepSpike) copy(v, lp.spike);
  if (!sweepThin(lp, v, expected, lp.ucStart, lp.ucLen, lp.uCol.idx, lp.uCol.val, lp.uDiag, true)) upperBackward(lp, v);
}

/** v := B⁻ᵀ v. `keepUnit` notes the vector between U' and L', from which the update takes its row eta. */
export function btran(lp: Lp, v: Vec, expected: f64, keepUnit: bool): void {
  if (!sweepThin(lp, v, expected, lp.urStart, lp.urLen, lp.uRow.idx, lp.uRow.val, lp.uDiag, true)) upperTransposed(lp, v);
  if (keepUnit) copy(v, lp.unitU);
  const etaStart = lp.etaStart, etaRow = lp.etaRow, eIdx = lp.eta.idx, eVal = lp.eta.val, val = v.val;
  for (let t = lp.updates - 1; t >= 0; t--) {
    const pivot = ldF(val, ldI(etaRow, t));
    if (pivot == 0) continue;
    for (let k = ldI(etaStart, t), end = ldI(etaStart, t + 1); k < end; k++) {
      const i = ldI(eIdx, k);
      const old = ldF(val, i);
      const sum = old - pivot * ldF(eVal, k);
      if (old == 0) stI(v.idx, v.count++, i);
      stF(val, i, abs(sum) < TINY ? CANCELLED : sum);
    }
  }
  lp.workSince += <f64>lp.updates;
  if (lp.lCount > 0) {
    if (!sweepThin(lp, v, expected, lp.lrStart, lp.lrEnd, lp.lRow.idx, lp.lRow.val, 0, false)) lowerTransposed(lp, v);
  }
}

function lowerForward(lp: Lp, v: Vec): void {
  const val = v.val, idx = lp.lCol.idx, lVal = lp.lCol.val;
  let work = lp.lCount;
  let c = v.count;
  for (let q = 0, count = lp.lCount; q < count; q++) {
    const r = ldI(lp.lOrder, q);
    const pivot = ldF(val, r);
    if (abs(pivot) < TINY) continue;
    const start = ldI(lp.lStart, r), end = ldI(lp.lEnd, r);
    for (let k = start; k < end; k++) {
      const i = ldI(idx, k);
      const old = ldF(val, i);
      const sum = old - pivot * ldF(lVal, k);
      if (old == 0) stI(v.idx, c++, i);
      stF(val, i, sum == 0 ? CANCELLED : sum);
    }
    work += end - start;
  }
  v.count = c;
  lp.workSince += <f64>work;
}

function lowerTransposed(lp: Lp, v: Vec): void {
  const val = v.val, idx = lp.lRow.idx, lVal = lp.lRow.val, order = lp.lRowOrder;
  let c = v.count, work = lp.lRowCount;
  for (let q = lp.lRowCount - 1; q >= 0; q--) {
    const r = ldI(order, q);
    const pivot = ldF(val, r);
    if (abs(pivot) < TINY) continue;
    const start = ldI(lp.lrStart, r), end = ldI(lp.lrEnd, r);
    for (let k = start; k < end; k++) {
      const i = ldI(idx, k);
      const old = ldF(val, i);
      const sum = old - pivot * ldF(lVal, k);
      if (old == 0) stI(v.idx, c++, i);
      stF(val, i, sum == 0 ? CANCELLED : sum);
    }
    work += end - start;
  }
  v.count = c;
  lp.workSince += <f64>work;
}

function upperBackward(lp: Lp, v: Vec): void {
  const val = v.val, list = v.idx, order = lp.uOrder, idx = lp.uCol.idx, uVal = lp.uCol.val;
  let c = 0, work = 0;
  const unit = lp.uUnit;
  for (let q = lp.uCount - 1; q >= unit; q--) {
    const r = ldI(order, q);
    if (r < 0) continue;
    let value = ldF(val, r);
    if (value == 0) continue;
    if (abs(value) < TINY) {
      stF(val, r, 0);
      continue;
    }
    value /= ldF(lp.uDiag, r);
    stF(val, r, value);
    stI(list, c++, r);
    const start = ldI(lp.ucStart, r), len = ldI(lp.ucLen, r);
    for (let k = start, end = start + len; k < end; k++) {
      const i = ldI(idx, k);
      stF(val, i, ldF(val, i) - value * ldF(uVal, k));
    }
    work += len;
  }
  // The slacks pivoted first: unit diagonal, empty column.
  for (let q = unit - 1; q >= 0; q--) {
    const r = ldI(order, q);
    if (r < 0) continue;
    const value = ldF(val, r);
    if (abs(value) >= TINY) stI(list, c++, r);
    else if (value != 0) stF(val, r, 0);
  }
  v.count = c;
  lp.workSince += <f64>(work + lp.uCount);
}

function upperTransposed(lp: Lp, v: Vec): void {
  const val = v.val, list = v.idx, order = lp.uOrder, idx = lp.uRow.idx, uVal = lp.uRow.val;
  let c = 0, work = 0;
  for (let q = 0, count = lp.uCount; q < count; q++) {
    const r = ldI(order, q);
    if (r < 0) continue;
    let value = ldF(val, r);
    if (value == 0) continue;
    if (abs(value) < TINY) {
      stF(val, r, 0);
      continue;
    }
    value /= ldF(lp.uDiag, r);
    stF(val, r, value);
    stI(list, c++, r);
    const start = ldI(lp.urStart, r), len = ldI(lp.urLen, r);
    for (let k = start, end = start + len; k < end; k++) {
      const i = ldI(idx, k);
      stF(val, i, ldF(val, i) - value * ldF(uVal, k));
    }
    work += len;
  }
  v.count = c;
  lp.workSince += <f64>(work + lp.uCount);
}

/**
 * One triangular sweep over the reach of v's pattern (Gilbert & Peierls 1988): a depth-first search
 * lists what can become nonzero in topological order, and only that is touched. `ends` are lengths
 * for U (`lengths`) and end positions for L; `diag` is 0 for the unit triangle. False, with v as it
 * was, where the reach turns out too wide for this to pay.
 */
function sweepThin(
  lp: Lp, v: Vec, expected: f64, starts: usize, ends: usize, idx: usize, values: usize, diag: usize, lengths: bool,
): bool {
  const m = <f64>lp.m;
  if (<f64>v.count > THIN_INPUT * m) return false;
  const most = <i32>((expected > THIN_REACH ? THIN_REACH_DOUBTFUL : THIN_REACH) * m) + 4;
  const val = v.val, list = v.idx, mark = lp.dfsMark, stack = lp.dfsStack, ptr = lp.dfsPtr, order = lp.dfsList;
  let found = 0, work = 0;
  for (let s = 0, c = v.count; s < c; s++) {
    let node = ldI(list, s);
    if (load<u8>(mark + <usize>node) != 0) continue;
    let depth = 0;
    store<u8>(mark + <usize>node, 1);
    stI(stack, 0, node);
    stI(ptr, 0, ldI(starts, node));
    while (depth >= 0) {
      node = ldI(stack, depth);
      let k = ldI(ptr, depth);
      const end = lengths ? ldI(starts, node) + ldI(ends, node) : ldI(ends, node);
      let next = -1;
      while (k < end) {
        const i = ldI(idx, k++);
        if (load<u8>(mark + <usize>i) == 0) {
          next = i;
          break;
        }
      }
      stI(ptr, depth, k);
      if (next >= 0) {
        if (found + depth > most) {
          for (let q = 0; q < found; q++) store<u8>(mark + <usize>ldI(order, q), 0);
          for (let q = 0; q <= depth; q++) store<u8>(mark + <usize>ldI(stack, q), 0);
          lp.workSince += <f64>(found + depth) * 2;
          return false;
        }
        store<u8>(mark + <usize>next, 1);
        depth++;
        stI(stack, depth, next);
        stI(ptr, depth, ldI(starts, next));
      } else {
        stI(order, found++, node);
        depth--;
      }
    }
  }
  let c = 0;
  for (let q = found - 1; q >= 0; q--) {
    const r = ldI(order, q);
    store<u8>(mark + <usize>r, 0);
    let value = ldF(val, r);
    if (abs(value) < TINY) {
      stF(val, r, 0);
      continue;
    }
    if (diag != 0) {
      value /= ldF(diag, r);
      stF(val, r, value);
    }
    stI(list, c++, r);
    const start = ldI(starts, r);
    const end = lengths ? start + ldI(ends, r) : ldI(ends, r);
    for (let k = start; k < end; k++) {
      const i = ldI(idx, k);
      stF(val, i, ldF(val, i) - value * ldF(values, k));
    }
    work += end - start;
  }
  v.count = c;
  lp.workSince += <f64>(work * 2 + found * 2);
  return true;
}
