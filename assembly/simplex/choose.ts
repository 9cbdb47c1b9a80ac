import { ldB, ldF, ldI, stB, stF } from './memory';
import { AT_LOWER, AT_UPPER, BASIC, FREE } from './codes';
import { Lp } from './state';

/** Rows (or columns) in a block share one stored maximum: a choice rescans only blocks that changed. */
const SHIFT = 6;

// @ts-ignore: decorator
@inline function isCoupling(lp: Lp, row: i32): bool {
  return row >= 0 && ldI(lp.rStart, row + 1) - ldI(lp.rStart, row) > lp.couplingSize;
}

/** Squared infeasibility over weight of row i, and its block is due for a new maximum. */
export function noteRow(lp: Lp, i: i32): void {
  const value = ldF(lp.xB, i), low = ldF(lp.lB, i), high = ldF(lp.uB, i), tol = lp.tolP;
  const gap = value < low - tol ? low - value : value > high + tol ? value - high : 0;
  if (lp.localFirst != 0 && gap != 0 && isCoupling(lp, ldI(lp.head, i) - lp.n)) {
    stF(lp.rowMerit, i, 0);
    stB(lp.rowBlockDirty, i >> SHIFT, 1);
    return;
  }
  stF(lp.rowMerit, i, gap == 0 || (lp.tabooCount > 0 && ldB(lp.taboo, i) != 0) ? 0 : (gap * gap) / ldF(lp.dse, i));
  stB(lp.rowBlockDirty, i >> SHIFT, 1);
}

/** The row of most merit, or -1. */
export function chooseRow(lp: Lp): i32 {
  return best(lp.rowMerit, lp.m, lp.rowBlocks, lp.rowBlockMax, lp.rowBlockDirty);
}

/** How far variable j's reduced cost is on the wrong side, beyond tolerance, else 0. */
// @ts-ignore: decorator
@inline export function dualGap(lp: Lp, j: i32): f64 {
  const stat = ldB(lp.stat, j), d = ldF(lp.d, j);
  if (stat == BASIC) return 0;
  if (stat == FREE) return abs(d) > lp.tolD ? abs(d) : 0;
  if (ldB(lp.move, j) == 0) return 0;
  if (stat == AT_LOWER) return d < -lp.tolD ? -d : 0;
  return d > lp.tolD ? d : 0;
}

export function noteColumn(lp: Lp, j: i32): void {
  const gap = dualGap(lp, j);
  // A free variable that wants in should come in for good: it never leaves again.
  const favour: f64 = ldB(lp.stat, j) == FREE ? 1e6 : 1;
  stF(lp.colMerit, j, gap == 0 ? 0 : (gap * gap * favour) / ldF(lp.devex, j));
  stB(lp.colBlockDirty, j >> SHIFT, 1);
}

/** The variable of most merit, or -1. */
export function chooseColumn(lp: Lp): i32 {
  return best(lp.colMerit, lp.nt, lp.colBlocks, lp.colBlockMax, lp.colBlockDirty);
}

function best(merit: usize, size: i32, blocks: i32, maxima: usize, dirty: usize): i32 {
  let largest = 0.0, at = -1;
  for (let b = 0; b < blocks; b++) {
    if (ldB(dirty, b) != 0) {
      stB(dirty, b, 0);
      let top = 0.0;
      for (let i = b << SHIFT, end = min(size, (b + 1) << SHIFT); i < end; i++) top = max(top, ldF(merit, i));
      stF(maxima, b, top);
    }
    const top = ldF(maxima, b);
    if (top > largest) {
      largest = top;
      at = b;
    }
  }
  if (at < 0) return -1;
  let i = at << SHIFT;
  while (ldF(merit, i) != largest) i++;
  return i;
}
