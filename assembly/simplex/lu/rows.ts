import { ldF, ldI, stF, stI } from '../memory';
import { Lp, roomFor } from '../state';

/** Free entries left behind each row of U, so that most updates need not move the row. */
const GAP = 3;

/** Row-wise copies of L and U, for the transposed solves. */
export function copyByRows(lp: Lp): void {
  const m = lp.m;
  const lCol = lp.lCol, lRow = lp.lRow, lrStart = lp.lrStart, lrEnd = lp.lrEnd;
  memory.fill(lrEnd, 0, <usize>m << 2);
  lRow.used = 0;
  roomFor(lp, lRow, lCol.used);
  for (let k = 0; k < lCol.used; k++) {
    const i = ldI(lCol.idx, k);
    stI(lrEnd, i, ldI(lrEnd, i) + 1);
  }
  let at = 0;
  for (let i = 0; i < m; i++) {
    stI(lrStart, i, at);
    at += ldI(lrEnd, i);
    stI(lrEnd, i, ldI(lrStart, i));
  }
  for (let q = 0; q < lp.lCount; q++) {
    const r = ldI(lp.lOrder, q);
    for (let k = ldI(lp.lStart, r), end = ldI(lp.lEnd, r); k < end; k++) {
      const i = ldI(lCol.idx, k);
      const to = ldI(lrEnd, i);
      stI(lRow.idx, to, r);
      stF(lRow.val, to, ldF(lCol.val, k));
      stI(lrEnd, i, to + 1);
    }
  }
  lRow.used = at;
  let rows = 0;
  for (let q = 0; q < lp.uCount; q++) {
    const r = ldI(lp.uOrder, q);
    if (ldI(lrEnd, r) > ldI(lrStart, r)) stI(lp.lRowOrder, rows++, r);
  }
  lp.lRowCount = rows;

  const uCol = lp.uCol, uRow = lp.uRow, urStart = lp.urStart, urLen = lp.urLen, urCap = lp.urCap;
  memory.fill(urLen, 0, <usize>m << 2);
  for (let k = 0; k < uCol.used; k++) {
    const i = ldI(uCol.idx, k);
    stI(urLen, i, ldI(urLen, i) + 1);
  }
  at = 0;
  for (let i = 0; i < m; i++) {
    const len = ldI(urLen, i);
    stI(urStart, i, at);
    const cap = len > 0 ? len + GAP : 0;
    stI(urCap, i, cap);
    stI(urLen, i, 0);
    at += cap;
  }
  uRow.used = 0;
  roomFor(lp, uRow, at);
  uRow.used = at;
  for (let r = 0; r < m; r++) {
    const start = ldI(lp.ucStart, r);
    for (let k = start, end = start + ldI(lp.ucLen, r); k < end; k++) {
      const i = ldI(uCol.idx, k);
      const len = ldI(urLen, i);
      const to = ldI(urStart, i) + len;
      stI(uRow.idx, to, r);
      stF(uRow.val, to, ldF(uCol.val, k));
      stI(urLen, i, len + 1);
    }
  }
}
