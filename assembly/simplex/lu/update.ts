import { ldF, ldI, stF, stI } from '../memory';
import { Lp, roomFor } from '../state';
import { btran } from './solve';
import { clear } from '../vector';

/** Room left behind a row of U when it has to move. */
const MOVE_GAP = 6;

/**
 * Forrest–Tomlin update (1972): column p of U becomes the spike (entering column after L), row p is
 * eliminated by one row eta, and p goes last in the order. Uses `spike` of the FTRAN of the entering
 * column and `unitU` of the BTRAN of row p. Answers the relative error of the new diagonal, known
 * twice: from the elimination and as (old diagonal × pivot of the entering column).
 */
export function updateFactor(lp: Lp, p: i32, pivot: f64): f64 {
  const spike = lp.spike, unit = lp.unitU, uCol = lp.uCol, uRow = lp.uRow;
  const oldDiag = ldF(lp.uDiag, p);
  const expected = oldDiag * pivot;

  // Row eta: multipliers -z_i / z_p with z = U'^-1 e_p, and the new diagonal.
  const unitP = ldF(unit.val, p);
  roomFor(lp, lp.eta, unit.count);
  const eIdx = lp.eta.idx, eVal = lp.eta.val;
  let at = lp.eta.used;
  let diag = ldF(spike.val, p);
  for (let k = 0, c = unit.count; k < c; k++) {
    const i = ldI(unit.idx, k);
    if (i == p) continue;
    const multiplier = -ldF(unit.val, i) / unitP;
    if (abs(multiplier) < 1e-14) continue;
    stI(eIdx, at, i);
    stF(eVal, at++, multiplier);
    diag -= multiplier * ldF(spike.val, i);
  }
  stI(lp.etaRow, lp.updates, p);
  lp.eta.used = at;
  lp.updates++;
  stI(lp.etaStart, lp.updates, at);

  // Column p leaves the row copy, row p leaves the column copy.
  for (let k = ldI(lp.ucStart, p), end = k + ldI(lp.ucLen, p); k < end; k++) {
    const i = ldI(uCol.idx, k);
    const start = ldI(lp.urStart, i), len = ldI(lp.urLen, i) - 1;
    let f = start;
    while (ldI(uRow.idx, f) != p) f++;
    stI(uRow.idx, f, ldI(uRow.idx, start + len));
    stF(uRow.val, f, ldF(uRow.val, start + len));
    stI(lp.urLen, i, len);
  }
  for (let k = ldI(lp.urStart, p), end = k + ldI(lp.urLen, p); k < end; k++) {
    const j = ldI(uRow.idx, k);
    const start = ldI(lp.ucStart, j), len = ldI(lp.ucLen, j) - 1;
    let f = start;
    while (ldI(uCol.idx, f) != p) f++;
    stI(uCol.idx, f, ldI(uCol.idx, start + len));
    stF(uCol.val, f, ldF(uCol.val, start + len));
    stI(lp.ucLen, j, len);
  }
  stI(lp.urLen, p, 0);

  // The spike becomes column p.
  roomFor(lp, uCol, spike.count);
  const colStart = uCol.used;
  for (let k = 0, c = spike.count; k < c; k++) {
    const i = ldI(spike.idx, k);
    if (i == p) continue;
    const value = ldF(spike.val, i);
    if (abs(value) < 1e-14) continue;
    stI(uCol.idx, uCol.used, i);
    stF(uCol.val, uCol.used++, value);
    let len = ldI(lp.urLen, i);
    if (len == ldI(lp.urCap, i)) {
      const cap = len + (len >> 1) + MOVE_GAP;
      roomFor(lp, uRow, cap);
      const from = ldI(lp.urStart, i), to = uRow.used;
      uRow.used += cap;
      memory.copy(uRow.idx + (<usize>to << 2), uRow.idx + (<usize>from << 2), <usize>len << 2);
      memory.copy(uRow.val + (<usize>to << 3), uRow.val + (<usize>from << 3), <usize>len << 3);
      stI(lp.urStart, i, to);
      stI(lp.urCap, i, cap);
    }
    const to = ldI(lp.urStart, i) + len;
    stI(uRow.idx, to, p);
    stF(uRow.val, to, value);
    stI(lp.urLen, i, len + 1);
  }
  stI(lp.ucStart, p, colStart);
  stI(lp.ucLen, p, uCol.used - colStart);
  stF(lp.uDiag, p, diag);

  stI(lp.uOrder, ldI(lp.uPos, p), -1);
  stI(lp.uPos, p, lp.uCount);
  stI(lp.uOrder, lp.uCount++, p);
  return abs(diag - expected) / max(abs(expected), abs(diag));
}

/** BTRAN of the unit vector of row p, for algorithms that need no price row before they update. */
export function unitRow(lp: Lp, p: i32): void {
  const rho = lp.rho;
  clear(rho);
  stI(rho.idx, 0, p);
  stF(rho.val, p, 1);
  rho.count = 1;
  btran(lp, rho, lp.densBtran, true);
}
