import type { CompiledCase } from '../../model/compiled.js';
import type { EngineSettings, NetworkDuals } from '../engine.js';
import { type ConicResult, ConicSolver } from '../ipm/conic.js';
import { networkPoint } from '../ipm/model/point.js';
import { curvatureOf, type Directions, linearise, linearisedDuals, slackOf } from './linearised.js';
import { type AcState, replay } from './state.js';

export interface Descent {
  readonly state: AcState;
  readonly duals?: NetworkDuals;
  /** True where no step improves any more than the tolerance. */
  readonly converged: boolean;
  readonly stopped?: 'cancelled' | 'time-limit';
  readonly steps: number;
  /** Steps that were kept; 0: `state` is where it started. */
  readonly kept: number;
  readonly iterations: number;
  /** Of the last linearised problem. */
  readonly last?: ConicResult;
  readonly penalty: number;
  readonly curvature?: Float64Array;
}

export interface DescentOptions {
  readonly penalty: number;
  readonly directions?: Directions;
  /** Multipliers of the tangents where they are known from before. */
  readonly curvature?: Float64Array;
  /** End as soon as a step promises less than this share of the cost. */
  readonly enough?: number;
  /** First trust region, share of the peak. */
  readonly radius?: number;
  readonly maxSteps?: number;
  readonly deadline?: number;
}

/** Tolerance of the first linearised problems. */
const COARSE = 1e-5;
/** A step is kept when the merit falls by at least this share of what the linear model promised. */
const ACCEPT = 0.05;
const SHRINK_BELOW = 0.25;
const GROW_ABOVE = 0.75;
/** Voltages may miss their limits by this much at the end, pu; a tenth of what the verdict allows. */
export const VIOLATION_TARGET = 1e-6;
const SMALLEST_RADIUS = 1e-7;
const MOST_PENALTY_RAISES = 4;

/**
 * Sequential linearisation with a trust region (model of docs/math.md, "AC recovery"), from an AC
 * state, until no step promises more than the tolerance. The merit is the AC cost plus the penalty
 * times what the replay breaks; the penalty grows when the linear model itself chooses to break limits.
 */
export async function descend(
  problem: CompiledCase,
  start: AcState,
  settings: EngineSettings,
  options: DescentOptions,
): Promise<Descent> {
  let state = start;
  let { penalty } = options;
  let radius = (options.radius ?? 0.2) * problem.peakPu;
  let raises = 0;
  let keptSteps = 0;
  let iterations = 0;
  let solver: ConicSolver | undefined;
  let duals: NetworkDuals | undefined;
  let last: ConicResult | undefined;
  let quiet = 0;
  let { curvature } = options;
  let sharp = COARSE;
  const maxSteps = options.maxSteps ?? 60;
  const end = (steps: number, converged: boolean, stopped?: Descent['stopped']): Descent => ({
    state,
    ...(duals === undefined ? {} : { duals }),
    converged,
    ...(stopped === undefined ? {} : { stopped }),
    steps,
    kept: keptSteps,
    iterations,
    ...(last === undefined ? {} : { last }),
    penalty,
    ...(curvature === undefined ? {} : { curvature }),
  });
  const merit = (at: AcState): number => at.cost + penalty * at.violation;
  for (let step = 0; step < maxSteps; step++) {
    if (settings.signal?.aborted) return end(step, false, 'cancelled');
    const left = options.deadline === undefined ? undefined : (options.deadline - performance.now()) / 1000;
    if (left !== undefined && left <= 0) return end(step, false, 'time-limit');
    const linear = linearise(problem, state, { radius, penalty, curvature, directions: options.directions });
    if (solver === undefined) solver = new ConicSolver(linear.network.program);
    else solver.update(linear.network.program);
    const result = await solver.solve({
      tolerance: sharp,
      maxIterations: 100,
      ...(left === undefined ? {} : { timeLimitSeconds: left }),
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
    });
    iterations += result.iterations;
    if (result.status === 'cancelled' || result.status === 'time-limit') return end(step, false, result.status);
    if (result.x === undefined) {
      // The box around the state may be too small to reach any schedule within the generators' limits.
      radius *= 4;
      if (radius > 4 * problem.peakPu) return end(step + 1, false);
      continue;
    }
    const point = networkPoint(problem, linear.network, result.x);
    const next = replay(problem, point);
    const slack = slackOf(linear, result.x);
    const promised = merit(state) - result.primalObjective;
    const gained = next === undefined ? Number.NEGATIVE_INFINITY : merit(state) - merit(next);
    if (result.duals !== undefined) curvature = curvatureOf(linear, result.duals);
    const least = (options.enough ?? settings.tolerance) * state.scale;
    // Coarse problems first: what a step promises says how much its error matters.
    sharp = Math.min(COARSE, Math.max(settings.tolerance / 10, (1e-3 * Math.abs(promised)) / state.scale));
    settings.onProgress?.({
      stage: 'recover',
      message: `AC recovery, step ${step + 1}: ${(next ?? state).cost.toFixed(4)} $, limits missed by at most ${(next ?? state).worst.toExponential(1)} pu`,
      fields: {
        step: step + 1,
        iterations: result.iterations,
        setup: result.setupSeconds,
        solve: result.solveSeconds,
        promised,
        gained,
        cost: (next ?? state).cost,
        worst: (next ?? state).worst,
        radius,
      },
    });
    const kept = next !== undefined && gained >= ACCEPT * promised && gained > -least;
    if (kept) {
      keptSteps++;
      state = next;
      last = result;
      if (result.duals !== undefined) duals = linearisedDuals(problem, linear, result.duals);
    }
    if (promised <= least) {
      // Where the model is done but misses limits, missing them was too cheap.
      if (slack > VIOLATION_TARGET && state.worst > VIOLATION_TARGET && raises < MOST_PENALTY_RAISES) {
        raises++;
        penalty *= 10;
        continue;
      }
      last ??= result;
      if (duals === undefined && result.duals !== undefined) duals = linearisedDuals(problem, linear, result.duals);
      quiet++;
      if (options.enough !== undefined || state.worst <= VIOLATION_TARGET || quiet > 1 || !kept)
        return end(step + 1, true);
      continue;
    }
    quiet = 0;
    if (!kept || gained < SHRINK_BELOW * promised) radius /= 2;
    else if (gained > GROW_ABOVE * promised) radius = Math.min(2 * radius, 2 * problem.peakPu);
    if (radius < SMALLEST_RADIUS * problem.peakPu) return end(step + 1, true);
  }
  return end(maxSteps, false);
}
