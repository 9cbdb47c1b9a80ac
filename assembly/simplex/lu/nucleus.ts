import { ldF, ldI, stF, stI } from '../memory';
import { Lp, roomFor } from '../state';
import { noteL, pivot } from './factor';

/** Smaller pivots count as zero: the column is then dependent on the others. */
const ABSOLUTE_PIVOT: f64 = 1e-10;
const DROP: f64 = 1e-14;
/** Rows and columns looked at before the best pivot so far is taken. */
const SEARCH_LIMIT = 8;
/** A row singleton changes no other column, so it may be smaller against its own column. */
const ROW_SINGLETON_THRESHOLD: f64 = 0.01;

/** Right-looking elimination of what the singletons left: Markowitz counts with threshold pivoting. */
export function nucleus(lp: Lp, structurals: i32): i32 {
  load(lp, structurals);
  while (lp.uCount < lp.m) {
    if (!search(lp)) return complete(lp, structurals);
    eliminate(lp);
  }
  return 0;
}

/**
 * Lays the active matrix out. A column's space holds its active entries from the front and, from
 * the back, the entries whose rows have pivoted (they will be its U column). Rows hold the pattern only.
 */
function load(lp: Lp, structurals: i32): void {
  const m = lp.m, aStart = lp.aStart, aIdx = lp.aIdx, aVal = lp.aVal, rowPivoted = lp.rowPivoted;
  const mc = lp.mc, mr = lp.mr;
  mc.used = 0;
  mr.used = 0;
  memory.fill(lp.mrCount, 0, <usize>m << 2);
  memory.fill(lp.linkCF, 0xff, <usize>(m + 2) << 2);
  memory.fill(lp.linkRF, 0xff, <usize>(m + 2) << 2);
  for (let c = 0; c < structurals; c++) {
    const v = ldI(lp.colVar, c);
    if (v < 0) continue;
    const start = ldI(aStart, v), end = ldI(aStart, v + 1);
    const space = (end - start) * 2 + 8;
    roomFor(lp, mc, space);
    const at = mc.used;
    mc.used += space;
    let active = 0, done = 0, largest = 0.0;
    for (let k = start; k < end; k++) {
      const i = ldI(aIdx, k), value = ldF(aVal, k);
      if (ldI(rowPivoted, i) < 0) {
        stI(mc.idx, at + active, i);
        stF(mc.val, at + active++, value);
        largest = max(largest, abs(value));
        stI(lp.mrCount, i, ldI(lp.mrCount, i) + 1);
      } else {
        done++;
        stI(mc.idx, at + space - done, i);
        stF(mc.val, at + space - done, value);
      }
    }
    stI(lp.mcStart, c, at);
    stI(lp.mcA, c, active);
    stI(lp.mcN, c, done);
    stI(lp.mcSpace, c, space);
    stF(lp.mcMax, c, largest);
    linkColumn(lp, c, active);
    lp.workFactor += <f64>(end - start);
  }
  for (let i = 0; i < m; i++) {
    if (ldI(rowPivoted, i) >= 0) continue;
    const count = ldI(lp.mrCount, i);
    const space = count * 2 + 8;
    roomFor(lp, mr, space);
    stI(lp.mrStart, i, mr.used);
    stI(lp.mrSpace, i, space);
    mr.used += space;
    linkRow(lp, i, count);
    stI(lp.mrCount, i, 0);
  }
  for (let c = 0; c < structurals; c++) {
    if (ldI(lp.colVar, c) < 0) continue;
    for (let k = ldI(lp.mcStart, c), end = k + ldI(lp.mcA, c); k < end; k++) {
      const i = ldI(mc.idx, k), count = ldI(lp.mrCount, i);
      stI(mr.idx, ldI(lp.mrStart, i) + count, c);
      stI(lp.mrCount, i, count + 1);
    }
  }
}

/** Finds the pivot of least Markowitz merit among stable ones; false when there is none. */
function search(lp: Lp): bool {
  const mc = lp.mc, mr = lp.mr, u = lp.pivotThreshold;
  let best = f64.MAX_VALUE, bestValue = 0.0;
  let searched = 0;
  const limit = lp.m - lp.uCount;
  for (let count = 1; count <= limit; count++) {
    for (let c = ldI(lp.linkCF, count); c >= 0; c = ldI(lp.linkCN, c)) {
      const accept = max(ldF(lp.mcMax, c) * u, ABSOLUTE_PIVOT);
      const before = best;
      for (let k = ldI(lp.mcStart, c), end = k + count; k < end; k++) {
        const value = abs(ldF(mc.val, k));
        if (value < accept) continue;
        const i = ldI(mc.idx, k);
        const merit = <f64>(count - 1) * <f64>(ldI(lp.mrCount, i) - 1);
        if (merit < best || (merit == best && value > bestValue)) {
          best = merit;
          bestValue = value;
          lp.pivotRow = i;
          lp.pivotCol = c;
          lp.pivotAt = k;
        }
      }
      if (best < before || before < f64.MAX_VALUE) searched++;
      if (best <= <f64>(count - 1) * <f64>(count - 1) || (searched >= SEARCH_LIMIT && best < f64.MAX_VALUE)) return true;
    }
    const relative = count == 1 ? ROW_SINGLETON_THRESHOLD : u;
    for (let i = ldI(lp.linkRF, count); i >= 0; i = ldI(lp.linkRN, i)) {
      for (let q = ldI(lp.mrStart, i), stop = q + count; q < stop; q++) {
        const c = ldI(mr.idx, q);
        const merit = <f64>(count - 1) * <f64>(ldI(lp.mcA, c) - 1);
        if (merit >= best) continue;
        let k = ldI(lp.mcStart, c);
        while (ldI(mc.idx, k) != i) k++;
        const value = abs(ldF(mc.val, k));
        if (value < max(ldF(lp.mcMax, c) * relative, ABSOLUTE_PIVOT)) continue;
        best = merit;
        bestValue = value;
        lp.pivotRow = i;
        lp.pivotCol = c;
        lp.pivotAt = k;
      }
      searched++;
      if (best <= <f64>(count - 1) * <f64>count || (searched >= SEARCH_LIMIT && best < f64.MAX_VALUE)) return true;
    }
  }
  return best < f64.MAX_VALUE;
}

function eliminate(lp: Lp): void {
  const r = lp.pivotRow, jc = lp.pivotCol;
  const mc = lp.mc, mr = lp.mr, lCol = lp.lCol, uCol = lp.uCol, mark = lp.mark;
  const start = ldI(lp.mcStart, jc), active = ldI(lp.mcA, jc), done = ldI(lp.mcN, jc), space = ldI(lp.mcSpace, jc);
  const value = ldF(mc.val, lp.pivotAt);
  unlinkColumn(lp, jc, active);
  unlinkRow(lp, r, ldI(lp.mrCount, r));

  pivot(lp, r, ldI(lp.colVar, jc), value);
  stI(lp.colVar, jc, -1);
  roomFor(lp, uCol, done);
  for (let k = start + space - done, end = start + space; k < end; k++) {
    stI(uCol.idx, uCol.used, ldI(mc.idx, k));
    stF(uCol.val, uCol.used++, ldF(mc.val, k));
  }
  stI(lp.ucLen, r, done);

  // Multipliers go to L and, marked by row, serve the elimination of every other column.
  roomFor(lp, lCol, active);
  const lBegin = lCol.used;
  for (let k = start; k < start + active; k++) {
    const i = ldI(mc.idx, k);
    if (i == r) continue;
    const multiplier = ldF(mc.val, k) / value;
    stI(lCol.idx, lCol.used, i);
    stF(lCol.val, lCol.used++, multiplier);
    stF(mark, i, multiplier);
    const count = ldI(lp.mrCount, i);
    unlinkRow(lp, i, count);
    dropFromRow(lp, i, jc);
  }
  const lEnd = lCol.used;
  noteL(lp, r, lBegin);

  const rowStart = ldI(lp.mrStart, r), rowCount = ldI(lp.mrCount, r);
  for (let q = rowStart; q < rowStart + rowCount; q++) {
    const c = ldI(mr.idx, q);
    if (c != jc) updateColumn(lp, c, r, lBegin, lEnd);
  }
  for (let k = lBegin; k < lEnd; k++) {
    const i = ldI(lCol.idx, k);
    stF(mark, i, 0);
    linkRow(lp, i, ldI(lp.mrCount, i));
  }
  lp.workFactor += <f64>(rowCount + 1) * <f64>(active + 2);
}

/** column c -= a_rc × multipliers; its entry in row r moves behind, to the part that becomes U. */
function updateColumn(lp: Lp, c: i32, r: i32, lBegin: i32, lEnd: i32): void {
  const mc = lp.mc, lCol = lp.lCol, mark = lp.mark;
  let start = ldI(lp.mcStart, c), active = ldI(lp.mcA, c);
  const oldCount = active;
  let done = ldI(lp.mcN, c);
  let space = ldI(lp.mcSpace, c);
  let k = start;
  while (ldI(mc.idx, k) != r) k++;
  const x = ldF(mc.val, k);
  active--;
  stI(mc.idx, k, ldI(mc.idx, start + active));
  stF(mc.val, k, ldF(mc.val, start + active));
  // The slot freed at the end of the active part leaves room for the moved entry.
  done++;
  stI(mc.idx, start + space - done, r);
  stF(mc.val, start + space - done, x);

  let hit = 0;
  let largest = 0.0;
  for (k = start; k < start + active; ) {
    const i = ldI(mc.idx, k), multiplier = ldF(mark, i);
    let value = ldF(mc.val, k);
    if (multiplier != 0) {
      hit++;
      value -= x * multiplier;
      if (abs(value) < DROP) {
        // Cancelled: the row is relinked by the caller with its new count.
        active--;
        stI(mc.idx, k, ldI(mc.idx, start + active));
        stF(mc.val, k, ldF(mc.val, start + active));
        dropFromRow(lp, i, c);
        stI(lp.frCount, i, -1);
        continue;
      }
      stF(mc.val, k, value);
      stI(lp.frCount, i, -1);
    }
    largest = max(largest, abs(value));
    k++;
  }
  const fill = lEnd - lBegin - hit;
  if (fill > 0) {
    if (active + done + fill > space) {
      const wider = (active + done + fill) * 2 + 8;
      roomFor(lp, mc, wider);
      const to = mc.used;
      mc.used += wider;
      memory.copy(mc.idx + (<usize>to << 2), mc.idx + (<usize>start << 2), <usize>active << 2);
      memory.copy(mc.val + (<usize>to << 3), mc.val + (<usize>start << 3), <usize>active << 3);
      const oldTail = start + space - done, newTail = to + wider - done;
      memory.copy(mc.idx + (<usize>newTail << 2), mc.idx + (<usize>oldTail << 2), <usize>done << 2);
      memory.copy(mc.val + (<usize>newTail << 3), mc.val + (<usize>oldTail << 3), <usize>done << 3);
      start = to;
      space = wider;
      stI(lp.mcStart, c, start);
      stI(lp.mcSpace, c, space);
    }
    for (let e = lBegin; e < lEnd; e++) {
      const i = ldI(lCol.idx, e);
      if (ldI(lp.frCount, i) == -1) continue;
      const value = -x * ldF(lCol.val, e);
      if (abs(value) < DROP) continue;
      stI(mc.idx, start + active, i);
      stF(mc.val, start + active++, value);
      largest = max(largest, abs(value));
      addToRow(lp, i, c);
    }
  }
  if (hit > 0) for (let e = lBegin; e < lEnd; e++) stI(lp.frCount, ldI(lCol.idx, e), 0);
  stI(lp.mcA, c, active);
  stI(lp.mcN, c, done);
  stF(lp.mcMax, c, largest);
  if (active != oldCount) {
    unlinkColumn(lp, c, oldCount);
    linkColumn(lp, c, active);
  }
}

function dropFromRow(lp: Lp, i: i32, c: i32): void {
  const idx = lp.mr.idx;
  const start = ldI(lp.mrStart, i), count = ldI(lp.mrCount, i) - 1;
  let k = start;
  while (ldI(idx, k) != c) k++;
  stI(idx, k, ldI(idx, start + count));
  stI(lp.mrCount, i, count);
}

function addToRow(lp: Lp, i: i32, c: i32): void {
  const mr = lp.mr;
  const count = ldI(lp.mrCount, i);
  if (count == ldI(lp.mrSpace, i)) {
    const wider = count * 2 + 8;
    roomFor(lp, mr, wider);
    const to = mr.used;
    mr.used += wider;
    memory.copy(mr.idx + (<usize>to << 2), mr.idx + (<usize>ldI(lp.mrStart, i) << 2), <usize>count << 2);
    stI(lp.mrStart, i, to);
    stI(lp.mrSpace, i, wider);
  }
  stI(mr.idx, ldI(lp.mrStart, i) + count, c);
  stI(lp.mrCount, i, count + 1);
}

/** The matrix is singular: slacks stand in for the columns that found no pivot. `queue` lists those columns' variables. */
function complete(lp: Lp, structurals: i32): i32 {
  let dependent = 0;
  for (let c = 0; c < structurals; c++) {
    const v = ldI(lp.colVar, c);
    if (v < 0) continue;
    stI(lp.queue, dependent++, v);
  }
  for (let r = 0; r < lp.m; r++) {
    if (ldI(lp.rowPivoted, r) >= 0) continue;
    pivot(lp, r, lp.n + r, 1);
    stI(lp.ucLen, r, 0);
  }
  return dependent;
}

function linkColumn(lp: Lp, c: i32, count: i32): void {
  const first = ldI(lp.linkCF, count);
  stI(lp.linkCP, c, -1);
  stI(lp.linkCN, c, first);
  if (first >= 0) stI(lp.linkCP, first, c);
  stI(lp.linkCF, count, c);
}

function unlinkColumn(lp: Lp, c: i32, count: i32): void {
  const before = ldI(lp.linkCP, c), after = ldI(lp.linkCN, c);
  if (before >= 0) stI(lp.linkCN, before, after);
  else stI(lp.linkCF, count, after);
  if (after >= 0) stI(lp.linkCP, after, before);
}

function linkRow(lp: Lp, i: i32, count: i32): void {
  const first = ldI(lp.linkRF, count);
  stI(lp.linkRP, i, -1);
  stI(lp.linkRN, i, first);
  if (first >= 0) stI(lp.linkRP, first, i);
  stI(lp.linkRF, count, i);
}

function unlinkRow(lp: Lp, i: i32, count: i32): void {
  const before = ldI(lp.linkRP, i), after = ldI(lp.linkRN, i);
  if (before >= 0) stI(lp.linkRN, before, after);
  else stI(lp.linkRF, count, after);
  if (after >= 0) stI(lp.linkRP, after, before);
}
