import { ldB, ldF, ldI, stF } from './memory';
import { BASIC } from './codes';
import { Lp, Vec } from './state';

/** What remains of a sum that cancels to zero, relative to its largest term. */
const ROUNDING: f64 = 1e-13;
/** A basic variable's multiplier is zero by construction; what is computed for it carries the solve's error. */
const SOLVE_ERROR: f64 = 1e-9;

/**
 * Checks by multiplication that y proves infeasibility: y'[A I] x = 0 holds for every solution, so
 * when the left side is bounded away from 0 over the true bounds, there is none. Answers the margin,
 * or 0 where there is no proof, and keeps y in `farkas`, signed so that the minimum is positive. `loose`
 * takes small multipliers of any unbounded variable for rounding.
 */
export function proveInfeasible(lp: Lp, y: Vec, farkas: usize, loose: bool): f64 {
  const n = lp.n, m = lp.m;
  let low = 0.0, high = 0.0, noise = 0.0, largest = 0.0;
  for (let i = 0; i < m; i++) largest = max(largest, abs(ldF(y.val, i)));
  if (largest == 0) return 0;
  for (let j = 0, nt = lp.nt; j < nt; j++) {
    let g = 0.0, size = 0.0;
    if (j < n) {
      for (let k = ldI(lp.aStart, j), end = ldI(lp.aStart, j + 1); k < end; k++) {
        const term = ldF(lp.aVal, k) * ldF(y.val, ldI(lp.aIdx, k));
        g += term;
        size = max(size, abs(term));
      }
    } else {
      g = ldF(y.val, j - n);
      size = abs(g);
    }
    if (g == 0) continue;
    const lo = ldF(lp.lower0, j), up = ldF(lp.upper0, j);
    const share = loose || ldB(lp.stat, j) == BASIC ? SOLVE_ERROR : ROUNDING;
    const negligible = abs(g) <= share * max(largest, size);
    const a = g > 0 ? g * lo : g * up, b = g > 0 ? g * up : g * lo;
    if (a > -Infinity) {
      low += a;
      noise += abs(a);
    } else if (!negligible) low = -Infinity;
    if (b < Infinity) {
      high += b;
      noise += abs(b);
    } else if (!negligible) high = Infinity;
    if (low == -Infinity && high == Infinity) return 0;
  }
  const safe = 1e-11 * noise + 1e-10 * largest;
  const margin = max(low, -high);
  if (margin <= safe) return 0;
  const sign: f64 = low > 0 ? 1 : -1;
  for (let i = 0; i < m; i++) stF(farkas, i, sign * ldF(y.val, i));
  return margin;
}

/** Entries of a ray above this share of its largest one are no rounding. */
const RAY_ROUNDING: f64 = 1e-11;

/** Whether the ray runs into no limit at all; the ratio test passes over entries up to its least pivot. */
export function rayIsStrict(lp: Lp): bool {
  const alpha = lp.alpha;
  let largest = 1.0;
  for (let k = 0; k < alpha.count; k++) largest = max(largest, abs(ldF(alpha.val, ldI(alpha.idx, k))));
  for (let k = 0; k < alpha.count; k++) {
    const i = ldI(alpha.idx, k);
    const a = ldF(alpha.val, i) * lp.rayDir;
    if (abs(a) <= RAY_ROUNDING * largest) continue;
    const j = ldI(lp.head, i);
    if (a > 0 ? ldF(lp.lower0, j) > -Infinity : ldF(lp.upper0, j) < Infinity) return false;
  }
  return true;
}

/** The direction found by the primal simplex, by variable: entering one first, then what follows. */
export function keepRay(lp: Lp, ray: usize): void {
  memory.fill(ray, 0, <usize>lp.nt << 3);
  stF(ray, lp.rayVar, lp.rayDir);
  const alpha = lp.alpha;
  for (let k = 0; k < alpha.count; k++) {
    const i = ldI(alpha.idx, k);
    stF(ray, ldI(lp.head, i), -lp.rayDir * ldF(alpha.val, i));
  }
}
