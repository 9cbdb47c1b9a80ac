import { ldB, ldF, ldI, stB, stF, stI } from './memory';
import { AT_LOWER, AT_UPPER, EITHER_WAY } from './codes';
import { addColumn } from './price';
import { Lp } from './state';
import { clear } from './vector';

const MAX_GROUPS = 256;

/** Collects what could block: nonbasic variables whose reduced cost the step drives towards zero. */
export function collect(lp: Lp, side: f64): void {
  // Pivots are trusted down to what the age of the factor allows.
  const least: f64 = lp.updates < 10 ? 1e-9 : lp.updates < 20 ? 1e-8 : 1e-7;
  const n = lp.n, rowA = lp.rowA, rho = lp.rho;
  let count = 0;
  for (let k = 0, c = rowA.count; k < c; k++) {
    const j = ldI(rowA.idx, k);
    const move = ldB(lp.move, j);
    if (move == 0) continue;
    const a = ldF(rowA.val, j) * side;
    const signed = move == EITHER_WAY ? abs(a) : a * <f64>move;
    if (signed <= least) continue;
    stI(lp.candJ, count, j);
    stF(lp.candA, count++, signed);
  }
  for (let k = 0, c = rho.count; k < c; k++) {
    const i = ldI(rho.idx, k), j = n + i;
    const move = ldB(lp.move, j);
    if (move == 0) continue;
    const a = ldF(rho.val, i) * side;
    const signed = move == EITHER_WAY ? abs(a) : a * <f64>move;
    if (signed <= least) continue;
    stI(lp.candJ, count, j);
    stF(lp.candA, count++, signed);
  }
  lp.candCount = count;
}

/** How far candidate j is from losing dual feasibility; free variables have no room at all. */
// @ts-ignore: decorator
@inline function room(lp: Lp, j: i32): f64 {
  const move = ldB(lp.move, j);
  return move == EITHER_WAY ? 0 : ldF(lp.d, j) * <f64>move;
}

// @ts-ignore: decorator
@inline function swap(lp: Lp, a: i32, b: i32): void {
  const j = ldI(lp.candJ, a), value = ldF(lp.candA, a);
  stI(lp.candJ, a, ldI(lp.candJ, b));
  stF(lp.candA, a, ldF(lp.candA, b));
  stI(lp.candJ, b, j);
  stF(lp.candA, b, value);
}

/**
 * Bound-flipping ratio test with Harris' tolerances. Candidates are sorted into groups of nearly
 * equal breakpoints; groups are passed while the slope stays positive (their variables flip to the
 * other bound), and within the last good group the largest pivot enters.
 * Answers the position of the entering variable among the candidates, or -1; the first `flipCount`
 * candidates are the ones to flip.
 */
export function chooseEntering(lp: Lp, gap: f64): i32 {
  const count = lp.candCount, tol = lp.tolD;
  lp.flipCount = 0;
  if (count == 0) return -1;

  // Breakpoints far beyond what the slope can pay for are left out before anything is sorted.
  let theta = f64.MAX_VALUE;
  for (let k = 0; k < count; k++) theta = min(theta, (room(lp, ldI(lp.candJ, k)) + tol) / ldF(lp.candA, k));
  let limit = max(theta, 0) * 10 + 1e-7;
  let kept = 0, slope = gap;
  for (;;) {
    for (let k = kept; k < count; k++) {
      const j = ldI(lp.candJ, k), a = ldF(lp.candA, k);
      if (room(lp, j) > a * limit) continue;
      slope -= a * (ldF(lp.upper, j) - ldF(lp.lower, j));
      swap(lp, k, kept++);
    }
    if (slope < 0 || kept == count || limit > 1e100) break;
    limit *= 10;
  }
  if (kept == 0) return -1;

  let groups = 0, done = 0;
  slope = gap;
  let bound = f64.MAX_VALUE;
  for (let k = 0; k < kept; k++) bound = min(bound, (room(lp, ldI(lp.candJ, k)) + tol) / ldF(lp.candA, k));
  stI(lp.groupStart, 0, 0);
  let largestOfAll = 0.0;
  while (done < kept && groups < MAX_GROUPS - 1) {
    let next = f64.MAX_VALUE;
    const before = done;
    for (let k = done; k < kept; k++) {
      const j = ldI(lp.candJ, k), a = ldF(lp.candA, k);
      const space = room(lp, j);
      if (space <= a * bound) {
        slope -= a * (ldF(lp.upper, j) - ldF(lp.lower, j));
        largestOfAll = max(largestOfAll, a);
        swap(lp, k, done++);
      } else next = min(next, (space + tol) / a);
    }
    if (done == before && next == f64.MAX_VALUE) break;
    if (done > before) stI(lp.groupStart, ++groups, done);
    if (slope < 0) break;
    bound = next;
  }
  if (groups == 0) return -1;

  const enough = min(0.1 * largestOfAll, 1.0);
  for (let g = groups - 1; g >= 0; g--) {
    const start = ldI(lp.groupStart, g), end = ldI(lp.groupStart, g + 1);
    let at = start;
    for (let k = start + 1; k < end; k++) {
      const a = ldF(lp.candA, k), top = ldF(lp.candA, at);
      if (a > top || (a == top && ldI(lp.candJ, k) < ldI(lp.candJ, at))) at = k;
    }
    if (ldF(lp.candA, at) >= enough || g == 0) {
      lp.flipCount = start;
      return at;
    }
  }
  return -1;
}

/** Flips the first `flipCount` candidates to their other bounds; `flip` receives the sum of their columns' moves. */
export function applyFlips(lp: Lp): void {
  const flip = lp.flip;
  clear(flip);
  for (let k = 0; k < lp.flipCount; k++) {
    const j = ldI(lp.candJ, k);
    const move = ldB(lp.move, j);
    if (move != 1 && move != -1) continue;
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    if (low == -Infinity || high == Infinity) continue;
    addColumn(lp, j, move == 1 ? high - low : low - high, flip);
    stB(lp.move, j, -move);
    stB(lp.stat, j, move == 1 ? AT_UPPER : AT_LOWER);
    stF(lp.x, j, move == 1 ? high : low);
  }
}
