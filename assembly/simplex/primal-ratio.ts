import { ldF, ldI, stF, stI } from './memory';
import { Lp } from './state';

/**
 * Harris' two passes over the entering column, phase 2. Answers the leaving row or -1; `step` gets
 * the step and `leaveAt` 0 (lower) or 1 (upper). dir is the direction of the entering variable.
 */
export function ratioPhase2(lp: Lp, dir: f64, least: f64): i32 {
  const alpha = lp.alpha, tol = lp.tolP;
  let relaxed = Infinity;
  for (let k = 0, c = alpha.count; k < c; k++) {
    const i = ldI(alpha.idx, k);
    const a = ldF(alpha.val, i) * dir;
    if (a > least) relaxed = min(relaxed, (ldF(lp.xB, i) - ldF(lp.lB, i) + tol) / a);
    else if (a < -least) relaxed = min(relaxed, (ldF(lp.uB, i) - ldF(lp.xB, i) + tol) / -a);
  }
  if (relaxed == Infinity) return -1;
  let at = -1, largest = 0.0;
  for (let k = 0, c = alpha.count; k < c; k++) {
    const i = ldI(alpha.idx, k);
    const a = ldF(alpha.val, i) * dir;
    if (abs(a) <= least || abs(a) <= largest) continue;
    const ratio = a > 0 ? (ldF(lp.xB, i) - ldF(lp.lB, i)) / a : (ldF(lp.uB, i) - ldF(lp.xB, i)) / -a;
    if (ratio > relaxed) continue;
    largest = abs(a);
    at = i;
    lp.step = ratio;
    lp.leaveAt = a > 0 ? 0 : 1;
  }
  return at;
}

/**
 * Phase 1: the sum of infeasibilities is convex and piecewise linear along the edge, so breakpoints
 * are passed while it still falls. Among those passed, the last one with a good pivot leaves.
 */
export function ratioPhase1(lp: Lp, dir: f64, least: f64, gradient: f64): i32 {
  const alpha = lp.alpha, tol = lp.tolP;
  let count = 0;
  for (let k = 0, c = alpha.count; k < c; k++) {
    const i = ldI(alpha.idx, k);
    const a = ldF(alpha.val, i) * dir;
    if (abs(a) <= least) continue;
    const x = ldF(lp.xB, i), low = ldF(lp.lB, i), high = ldF(lp.uB, i);
    // candJ holds the row, or its complement when the upper bound is what is reached.
    if (a > 0) {
      if (x > high + tol) count = push(lp, count, ~i, a, (x - high - tol) / a);
      if (x >= low - tol && low > -Infinity) count = push(lp, count, i, a, (x - low + tol) / a);
    } else {
      if (x < low - tol) count = push(lp, count, i, -a, (low - x - tol) / -a);
      if (x <= high + tol && high < Infinity) count = push(lp, count, ~i, -a, (high - x + tol) / -a);
    }
  }
  if (count == 0) return -1;
  // Passed breakpoints collect behind the shrinking heap, the first passed last.
  let size = count, slope = gradient, largest = 0.0;
  while (size > 0) {
    const a = ldF(lp.candA, 0);
    size--;
    swapCandidates(lp, 0, size);
    sift(lp, 0, size);
    largest = max(largest, a);
    slope -= a;
    if (slope <= 0) break;
  }
  const enough = min(0.1 * largest, 1.0);
  for (let k = size; k < count; k++) {
    const a = ldF(lp.candA, k);
    if (a < enough) continue;
    const code = ldI(lp.candJ, k);
    const i = code < 0 ? ~code : code;
    const bound = code < 0 ? ldF(lp.uB, i) : ldF(lp.lB, i);
    lp.leaveAt = code < 0 ? 1 : 0;
    lp.step = max(0, (ldF(lp.xB, i) - bound) / (ldF(alpha.val, i) * dir));
    return i;
  }
  return -1;
}

function push(lp: Lp, count: i32, code: i32, a: f64, ratio: f64): i32 {
  let at = count;
  stI(lp.candJ, at, code);
  stF(lp.candA, at, a);
  stF(lp.candT, at, ratio);
  while (at > 0) {
    const up = (at - 1) >> 1;
    if (ldF(lp.candT, up) <= ldF(lp.candT, at)) break;
    swapCandidates(lp, up, at);
    at = up;
  }
  return count + 1;
}

function sift(lp: Lp, from: i32, size: i32): void {
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) return;
    if (child + 1 < size && ldF(lp.candT, child + 1) < ldF(lp.candT, child)) child++;
    if (ldF(lp.candT, at) <= ldF(lp.candT, child)) return;
    swapCandidates(lp, at, child);
    at = child;
  }
}

function swapCandidates(lp: Lp, a: i32, b: i32): void {
  const j = ldI(lp.candJ, a), value = ldF(lp.candA, a), ratio = ldF(lp.candT, a);
  stI(lp.candJ, a, ldI(lp.candJ, b));
  stF(lp.candA, a, ldF(lp.candA, b));
  stF(lp.candT, a, ldF(lp.candT, b));
  stI(lp.candJ, b, j);
  stF(lp.candA, b, value);
  stF(lp.candT, b, ratio);
}
