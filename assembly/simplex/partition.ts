import { ldF, ldI, stF, stI } from './memory';
import { Lp } from './state';

// Rows keep their nonbasic columns in front, so that pricing a row passes over no basic one.

/** All columns count as nonbasic: for a start, before the basic ones are taken out one by one. */
export function partitionRows(lp: Lp): void {
  memory.copy(lp.rNonbasic, lp.rStart + 4, <usize>lp.m << 2);
}

/** Column j has become basic: its entries move behind the nonbasic ones. */
export function takeOut(lp: Lp, j: i32): void {
  if (j >= lp.n) return;
  for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
    const i = ldI(lp.aIdx, k);
    const last = ldI(lp.rNonbasic, i) - 1;
    exchange(lp, ldI(lp.toRow, k), last);
    stI(lp.rNonbasic, i, last);
  }
}

/** Column j is nonbasic again. */
export function putBack(lp: Lp, j: i32): void {
  if (j >= lp.n) return;
  for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
    const i = ldI(lp.aIdx, k);
    const first = ldI(lp.rNonbasic, i);
    exchange(lp, ldI(lp.toRow, k), first);
    stI(lp.rNonbasic, i, first + 1);
  }
}

function exchange(lp: Lp, a: i32, b: i32): void {
  if (a == b) return;
  const rIdx = lp.rIdx, rVal = lp.rVal, toColumn = lp.toColumn, toRow = lp.toRow;
  const j = ldI(rIdx, a), value = ldF(rVal, a), k = ldI(toColumn, a);
  stI(rIdx, a, ldI(rIdx, b));
  stF(rVal, a, ldF(rVal, b));
  const other = ldI(toColumn, b);
  stI(toColumn, a, other);
  stI(toRow, other, a);
  stI(rIdx, b, j);
  stF(rVal, b, value);
  stI(toColumn, b, k);
  stI(toRow, k, b);
}
