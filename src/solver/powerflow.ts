import type { CompiledCase } from '../model/compiled.js';

/** Net injections in per unit, N × T, shunts not included (they follow the voltage). */
export interface Injections {
  readonly p: Float64Array;
  readonly q: Float64Array;
}

export interface SweepOptions {
  /** Largest change of v and of the flows (relative to their size where above 1 pu) in the last sweep. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

/** AC state of the feeder; arrays as in `NetworkPoint`. */
export interface SweepResult {
  /** False where no state was found: then the arrays hold the last sweep and are no answer. */
  readonly converged: boolean;
  readonly iterations: number;
  /** Largest change in the last sweep. */
  readonly residual: number;
  /** Where the last sweep changed most, or where the voltage collapsed. */
  readonly worst: { readonly position: number; readonly period: number };
  readonly v: Float64Array;
  readonly ell: Float64Array;
  readonly flowP: Float64Array;
  readonly flowQ: Float64Array;
  /** T: what the root must inject beyond the given injections to close the balance. */
  readonly rootP: Float64Array;
  readonly rootQ: Float64Array;
}

/**
 * AC power flow by backward/forward sweep (Shirmohammadi et al. 1988 on the branch flow variables of
 * Baran and Wu 1989), all periods side by side, the root at its given voltage closing the balance.
 *
 * Backward: flows and losses from the leaves, with the shunts at the present voltage. Forward: on each
 * line the voltage drop v_A = v − 2(rP + xQ) + |z|²(P² + Q²)/v is a quadratic in the child's v; its
 * upper root is the operating point. Lines of zero impedance pass the voltage on unchanged.
 *
 * Never throws: a feeder that cannot carry its load gives `converged: false`.
 */
export function sweep(problem: CompiledCase, injections: Injections, options: SweepOptions = {}): SweepResult {
  const { busCount, periods } = problem;
  const tolerance = options.tolerance ?? 1e-12;
  const maxIterations = options.maxIterations ?? 1000;
  const size = busCount * periods;
  const state = {
    v: new Float64Array(size).fill(problem.vRoot),
    ell: new Float64Array(size),
    flowP: new Float64Array(size),
    flowQ: new Float64Array(size),
  };
  const previous = { p: new Float64Array(size), q: new Float64Array(size) };
  let change = { residual: Number.POSITIVE_INFINITY, entry: 0 };
  let iterations = 0;
  while (iterations < maxIterations && change.residual > tolerance) {
    iterations += 1;
    previous.p.set(state.flowP);
    previous.q.set(state.flowQ);
    sweepBack(problem, injections, state);
    change = sweepForth(problem, state, previous);
    if (Number.isNaN(change.residual)) break;
  }
  // The flows of the last backward sweep belong to the voltages before it: bring both together.
  sweepBack(problem, injections, state);
  const rootP = state.flowP.slice(0, periods).map((p) => -p);
  const rootQ = state.flowQ.slice(0, periods).map((q) => -q);
  state.flowP.fill(0, 0, periods);
  state.flowQ.fill(0, 0, periods);
  return {
    converged: change.residual <= tolerance,
    iterations,
    residual: change.residual,
    worst: { position: Math.floor(change.entry / periods), period: change.entry % periods },
    ...state,
    rootP,
    rootQ,
  };
}

interface State {
  readonly v: Float64Array;
  readonly ell: Float64Array;
  readonly flowP: Float64Array;
  readonly flowQ: Float64Array;
}

/** Flows, losses and squared currents from the leaves to the root at the present voltages. */
function sweepBack(problem: CompiledCase, injections: Injections, state: State): void {
  const { busCount, periods, parent, r, x, shunt } = problem;
  const { v, ell, flowP, flowQ } = state;
  flowP.set(injections.p);
  flowQ.set(injections.q);
  for (let i = busCount - 1; i >= 0; i -= 1) {
    const row = i * periods;
    const up = parent[i]! * periods;
    const b = shunt[i]!;
    for (let t = 0; t < periods; t += 1) {
      const k = row + t;
      const p = flowP[k]!;
      const q = flowQ[k]! + b * v[k]!;
      flowQ[k] = q;
      if (i === 0) continue;
      const current = (p * p + q * q) / v[k]!;
      ell[k] = current;
      flowP[up + t]! += p - r[i]! * current;
      flowQ[up + t]! += q - x[i]! * current;
    }
  }
}

/** Voltages from the root to the leaves; gives the largest change of voltage or flow. */
function sweepForth(
  problem: CompiledCase,
  state: State,
  previous: { readonly p: Float64Array; readonly q: Float64Array },
): { residual: number; entry: number } {
  const { busCount, periods, parent, r, x } = problem;
  const { v, flowP, flowQ } = state;
  let residual = 0;
  let entry = 0;
  for (let i = 1; i < busCount; i += 1) {
    const row = i * periods;
    const up = parent[i]! * periods;
    const zz = r[i]! * r[i]! + x[i]! * x[i]!;
    for (let t = 0; t < periods; t += 1) {
      const k = row + t;
      const p = flowP[k]!;
      const q = flowQ[k]!;
      const square = p * p + q * q;
      const half = v[up + t]! / 2 + r[i]! * p + x[i]! * q;
      const under = half * half - zz * square;
      // Past the nose of the curve there is no voltage: stay at the nose, which cannot converge.
      const next = under > 0 && half > 0 ? half + Math.sqrt(under) : Math.max(half, 1e-3);
      const collapse = under > 0 && half > 0 ? 0 : 1e-6;
      const moved =
        Math.max(Math.abs(p - previous.p[k]!), Math.abs(q - previous.q[k]!)) / Math.max(1, Math.sqrt(square));
      const step = Math.max(Math.abs(next - v[k]!), moved, collapse);
      v[k] = next;
      if (step > residual || Number.isNaN(step)) {
        residual = step;
        entry = k;
      }
    }
  }
  return { residual, entry };
}
