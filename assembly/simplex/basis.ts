import { ldB, ldF, ldI, stB, stF, stI } from './memory';
import { AT_LOWER, AT_UPPER, BASIC, EITHER_WAY, FREE, WHY_COUNT } from './codes';
import { factor } from './lu/factor';
import { btran, ftran } from './lu/solve';
import { addColumn } from './price';
import { partitionRows, putBack, takeOut } from './partition';
import { Lp } from './state';
import { clear } from './vector';

/** Puts nonbasic variable j where its status and bounds say, repairing a status its bounds do not allow. */
export function settle(lp: Lp, j: i32): void {
  const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
  let stat = ldB(lp.stat, j);
  if (stat == AT_LOWER || stat == FREE) {
    if (low == -Infinity) stat = high == Infinity ? FREE : AT_UPPER;
    else stat = AT_LOWER;
  } else if (high == Infinity) stat = low == -Infinity ? FREE : AT_LOWER;
  if (low == high) {
    stB(lp.move, j, 0);
    stF(lp.x, j, low);
    if (stat == FREE) stat = AT_LOWER;
  } else if (stat == AT_LOWER) {
    stB(lp.move, j, 1);
    stF(lp.x, j, low);
  } else if (stat == AT_UPPER) {
    stB(lp.move, j, -1);
    stF(lp.x, j, high);
  } else {
    stB(lp.move, j, EITHER_WAY);
    stF(lp.x, j, 0);
  }
  stB(lp.stat, j, stat);
}

/** Rebuilds `head` from the statuses; too many or too few basic variables are evened out with slacks. */
export function headFromStatus(lp: Lp): void {
  const m = lp.m, nt = lp.nt, n = lp.n;
  let count = 0;
  for (let j = 0; j < nt; j++) {
    if (ldB(lp.stat, j) != BASIC) continue;
    if (count < m) stI(lp.head, count++, j);
    else stB(lp.stat, j, AT_LOWER);
  }
  for (let i = 0; i < m && count < m; i++) {
    if (ldB(lp.stat, n + i) == BASIC) continue;
    stB(lp.stat, n + i, BASIC);
    stI(lp.head, count++, n + i);
  }
  partitionRows(lp);
  for (let i = 0; i < m; i++) takeOut(lp, ldI(lp.head, i));
  lp.factored = 0;
}

/** Factors the present basis, keeping steepest edge weights with their variables. */
export function refactor(lp: Lp, why: i32): void {
  const m = lp.m, head = lp.head;
  if (why < WHY_COUNT) stI(lp.reasonCount, why, ldI(lp.reasonCount, why) + 1);
  for (let i = 0; i < m; i++) stF(lp.workF, ldI(head, i), ldF(lp.dse, i));
  lp.deficiency = factor(lp);
  for (let k = 0; k < lp.deficiency; k++) {
    const j = ldI(lp.queue, k);
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    putBack(lp, j);
    stB(lp.stat, j, low == -Infinity && high == Infinity ? FREE : low == -Infinity ? AT_UPPER : AT_LOWER);
    settle(lp, j);
  }
  for (let i = 0; i < m; i++) {
    const j = ldI(head, i);
    if (ldB(lp.stat, j) != BASIC) {
      stB(lp.stat, j, BASIC);
      stF(lp.workF, j, 1);
    }
    stB(lp.move, j, 0);
    stF(lp.dse, i, ldF(lp.workF, j));
  }
  if (lp.tabooCount > 0) {
    memory.fill(lp.taboo, 0, <usize>m);
    lp.tabooCount = 0;
  }
  lp.work0 += lp.workSince + lp.workFactor + <f64>lp.m * 10 + <f64>lp.nnz * 4;
  lp.workSince = 0;
  lp.bestAverage = f64.MAX_VALUE;
}

/** x_B := -B⁻¹ N x_N, and the bounds of the basic variables by row. */
export function computePrimal(lp: Lp): void {
  const m = lp.m, work = lp.work;
  clear(work);
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    if (ldB(lp.stat, j) == BASIC) continue;
    const x = ldF(lp.x, j);
    if (x != 0) addColumn(lp, j, -x, work);
  }
  ftran(lp, work, 1, false);
  for (let i = 0; i < m; i++) {
    const j = ldI(lp.head, i);
    stF(lp.xB, i, ldF(work.val, i));
    stF(lp.lB, i, ldF(lp.lower, j));
    stF(lp.uB, i, ldF(lp.upper, j));
  }
  refine(lp);
}

/** One step of iterative refinement of x_B, against the growth that updates leave behind. */
function refine(lp: Lp): void {
  const m = lp.m, work = lp.work;
  clear(work);
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    if (ldB(lp.stat, j) == BASIC) continue;
    const x = ldF(lp.x, j);
    if (x != 0) addColumn(lp, j, -x, work);
  }
  for (let i = 0; i < m; i++) {
    const x = ldF(lp.xB, i);
    if (x != 0) addColumn(lp, ldI(lp.head, i), -x, work);
  }
  ftran(lp, work, 1, false);
  for (let k = 0; k < work.count; k++) {
    const i = ldI(work.idx, k);
    stF(lp.xB, i, ldF(lp.xB, i) + ldF(work.val, i));
  }
}

/** d := c - [A I]' B⁻ᵀ c_B with the costs of `costs` by variable. */
export function computeDual(lp: Lp, costs: usize): void {
  const work = lp.work;
  clear(work);
  let c = 0;
  for (let i = 0, m = lp.m; i < m; i++) {
    const value = ldF(costs, ldI(lp.head, i));
    if (value == 0) continue;
    stF(work.val, i, value);
    stI(work.idx, c++, i);
  }
  work.count = c;
  btran(lp, work, 1, false);
  spreadDual(lp, costs);
}

/** d := costs - [A I]' y with y in `work`; basic variables get exactly 0. */
export function spreadDual(lp: Lp, costs: usize): void {
  const n = lp.n, y = lp.work.val, d = lp.d;
  const aStart = lp.aStart, aIdx = lp.aIdx, aVal = lp.aVal;
  for (let j = 0; j < n; j++) {
    if (ldB(lp.stat, j) == BASIC) {
      stF(d, j, 0);
      continue;
    }
    let sum = costs == 0 ? 0 : ldF(costs, j);
    for (let k = ldI(aStart, j), end = ldI(aStart, j + 1); k < end; k++) sum -= ldF(aVal, k) * ldF(y, ldI(aIdx, k));
    stF(d, j, sum);
  }
  for (let i = 0, m = lp.m; i < m; i++) {
    const j = n + i;
    stF(d, j, ldB(lp.stat, j) == BASIC ? 0 : (costs == 0 ? 0 : ldF(costs, j)) - ldF(y, i));
  }
}

/** Counts primal infeasibilities of the basic variables. */
export function measurePrimal(lp: Lp): void {
  let count = 0, sum = 0.0, largest = 0.0;
  for (let i = 0, m = lp.m; i < m; i++) {
    const x = ldF(lp.xB, i);
    const gap = max(ldF(lp.lB, i) - x, x - ldF(lp.uB, i));
    if (gap <= lp.tolP) continue;
    count++;
    sum += gap;
    largest = max(largest, gap);
  }
  lp.countP = count;
  lp.sumP = sum;
  lp.maxP = largest;
}

/** Counts dual infeasibilities of the nonbasic variables; `boxedToo` counts those a bound flip would cure. */
export function measureDual(lp: Lp, boxedToo: bool): void {
  let count = 0, sum = 0.0, largest = 0.0;
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    const stat = ldB(lp.stat, j);
    if (stat == BASIC) continue;
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    if (low == high) continue;
    if (!boxedToo && low != -Infinity && high != Infinity) continue;
    const d = ldF(lp.d, j);
    const gap = stat == FREE ? abs(d) : stat == AT_LOWER ? -d : d;
    if (gap <= lp.tolD) continue;
    count++;
    sum += gap;
    largest = max(largest, gap);
  }
  lp.countD = count;
  lp.sumD = sum;
  lp.maxD = largest;
}

/** Exchanges variable q for the one basic in row p; the leaving one rests where `stat` says. */
export function exchange(lp: Lp, p: i32, q: i32, stat: i32): void {
  const leaving = ldI(lp.head, p);
  stI(lp.head, p, q);
  stB(lp.stat, q, BASIC);
  stB(lp.move, q, 0);
  stF(lp.d, q, 0);
  takeOut(lp, q);
  putBack(lp, leaving);
  stB(lp.stat, leaving, stat);
  settle(lp, leaving);
  stF(lp.lB, p, ldF(lp.lower, q));
  stF(lp.uB, p, ldF(lp.upper, q));
  lp.iterations++;
}

/** Whether it is time for a fresh factor: the update limit, or work per iteration past its minimum. */
export function dueFor(lp: Lp, limitWhy: i32, workWhy: i32): i32 {
  if (lp.updates >= lp.maxUpdates) return limitWhy;
  if (lp.updates < 20) return -1;
  const average = (lp.workFactor + <f64>lp.nnz * 2 + <f64>lp.m * 8 + lp.workSince) / <f64>lp.updates;
  if (average < lp.bestAverage) lp.bestAverage = average;
  else if (average > lp.bestAverage * 1.03) return workWhy;
  return -1;
}

/** A number in [0, 1) that depends on i and the seed alone. */
export function hash01(lp: Lp, i: i32): f64 {
  let h = <u32>i * 0x9e3779b1 + <u32>lp.seed;
  h ^= h >>> 16;
  h *= 0x85ebca6b;
  h ^= h >>> 13;
  h *= 0xc2b2ae35;
  h ^= h >>> 16;
  return <f64>h / 4294967296.0;
}

// @ts-ignore: decorator
@inline export function blend(old: f64, count: i32, size: i32): f64 {
  return 0.95 * old + 0.05 * (<f64>count / <f64>max(size, 1));
}
