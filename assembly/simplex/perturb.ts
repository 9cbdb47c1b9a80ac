import { ldB, ldF, stF } from './memory';
import { hash01 } from './basis';
import { BASIC } from './codes';
import { Lp } from './state';

/** Copies the true costs over whatever perturbation and shifts have made of them. */
export function trueCosts(lp: Lp): void {
  memory.copy(lp.cost, lp.cost0, <usize>lp.nt << 3);
  lp.perturbed = 0;
  lp.shifted = 0;
}

export function trueBounds(lp: Lp): void {
  memory.copy(lp.lower, lp.lower0, <usize>lp.nt << 3);
  memory.copy(lp.upper, lp.upper0, <usize>lp.nt << 3);
  lp.boundsPerturbed = 0;
}

/**
 * Bounds of dual phase 1: the optimum of this boxed problem is 0 exactly where a dual feasible basis
 * is found (the subproblem approach; Koberstein 2005, section 4.4).
 */
export function phase1Bounds(lp: Lp): void {
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    const noLow = ldF(lp.lower0, j) == -Infinity, noHigh = ldF(lp.upper0, j) == Infinity;
    stF(lp.lower, j, noLow ? (noHigh ? -1000 : -1) : 0);
    stF(lp.upper, j, noHigh ? (noLow ? 1000 : 1) : 0);
  }
}

/** Small costs added away from infeasibility, so that ties in the dual ratio test are rare. */
export function perturbCosts(lp: Lp): void {
  const nt = lp.nt, n = lp.n;
  let largest = 0.0, boxed = 0;
  for (let j = 0; j < n; j++) largest = max(largest, abs(ldF(lp.cost, j)));
  for (let j = 0; j < nt; j++) if (ldF(lp.upper0, j) - ldF(lp.lower0, j) < 1e30) boxed++;
  if (largest > 100) largest = sqrt(sqrt(largest));
  if (<f64>boxed < 0.01 * <f64>nt) largest = min(largest, 1);
  const base = 5e-7 * max(largest, 1e-3);
  for (let j = 0; j < n; j++) {
    const low = ldF(lp.lower0, j), high = ldF(lp.upper0, j), cost = ldF(lp.cost, j);
    const amount = (abs(cost) + 1) * base * (1 + hash01(lp, j));
    if (low == -Infinity && high == Infinity) continue;
    if (high == Infinity) stF(lp.cost, j, cost + amount);
    else if (low == -Infinity) stF(lp.cost, j, cost - amount);
    else if (low != high) stF(lp.cost, j, cost + (cost >= 0 ? amount : -amount));
  }
  for (let j = n; j < nt; j++) stF(lp.cost, j, ldF(lp.cost, j) + (0.5 - hash01(lp, j)) * 1e-12);
  lp.perturbed = 1;
}

/** Bounds moved outwards by a little, when the primal simplex has stood still for long. */
export function perturbBounds(lp: Lp): void {
  const base: f64 = 5e-7;
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    const low = ldF(lp.lower, j), high = ldF(lp.upper, j);
    if (low == high && ldB(lp.stat, j) != BASIC) continue;
    if (low != -Infinity) stF(lp.lower, j, low - base * (1 + abs(low)) * (1 + hash01(lp, j)));
    if (high != Infinity) stF(lp.upper, j, high + base * (1 + abs(high)) * (1 + hash01(lp, j + 77777)));
    if (ldB(lp.stat, j) == BASIC) continue;
    const stat = ldB(lp.stat, j);
    if (stat == 0) stF(lp.x, j, ldF(lp.lower, j));
    else if (stat == 2) stF(lp.x, j, ldF(lp.upper, j));
  }
  lp.seed += 7919;
  lp.boundsPerturbed = 2;
}
