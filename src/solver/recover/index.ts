import type { CompiledCase } from '../../model/compiled.js';
import type { EngineResult, NetworkDuals, NetworkPoint } from '../engine.js';
import type { ExactnessResult, ExactnessSettings, ExactnessStep } from '../exactness.js';
import { IpmSolver } from '../ipm/index.js';
import { idleSchedule, type Schedule } from '../point.js';
import { type Descent, descend, VIOLATION_TARGET } from './descend.js';
import type { Directions } from './linearised.js';
import { type AcState, replay } from './state.js';

/** Both ways at once beyond this share of a battery's power is not physical (the verdict's own limit). */
const BOTH_WAYS_SHARE = 1e-6;
/** The first descent only finds which way batteries go: a step that promises less ends it. */
const ROUGH = 1e-3;

/**
 * AC recovery (docs/math.md): from the Gan–Li point, or the plain one where the bound is infeasible,
 * sequential linearisation to an AC point of least cost; then each battery's direction is fixed by its
 * net power in each period and the descent goes on, so that none charges and discharges at once.
 */
export const recoverStep: ExactnessStep = async (problem, plain, settings) => {
  const started = performance.now();
  const deadline = settings.timeLimitSeconds === undefined ? undefined : started + settings.timeLimitSeconds * 1000;
  const bound = await new IpmSolver(problem, { bound: true }).solve(settings);
  const start = bestStart(problem, [bound.point, plain.point]);
  if (start === undefined) return unrecovered(plain, 'no starting schedule has an AC power flow');
  const penalty = penaltyFrom(problem, [bound.duals, plain.duals]);
  const free = await descend(problem, start, settings, { penalty, deadline, enough: ROUGH });
  let descent = free;
  let { steps, iterations } = free;
  if (free.stopped === undefined) {
    descent = await oneWay(problem, free, settings, deadline);
    steps += descent.steps;
    iterations += descent.iterations;
  }
  return finish(problem, plain, descent, iterations + bound.iterations, steps, started);
};

/** The cheapest AC state among the candidates, judged by violation first. */
function bestStart(problem: CompiledCase, points: readonly (NetworkPoint | undefined)[]): AcState | undefined {
  const states: AcState[] = [];
  for (const point of points) {
    const state = point === undefined ? undefined : replay(problem, point);
    if (state !== undefined) states.push(state);
  }
  if (states.length === 0) {
    const idle = replay(problem, feasibleIdle(problem));
    if (idle !== undefined) states.push(idle);
  }
  return states.sort((a, b) => a.violation - b.violation)[0];
}

/** Every shapable load spread evenly over its window, generators nearest to zero, solar off where it may be. */
function feasibleIdle(problem: CompiledCase): Schedule {
  const { periods, hours, shapables, generators, solar } = problem;
  const schedule = idleSchedule(problem);
  for (let s = 0; s < shapables.count; s++) {
    const length = shapables.end[s]! - shapables.start[s]!;
    const level = length > 0 ? shapables.energy[s]! / (length * hours) : 0;
    schedule.shapableP.fill(level, s * periods + shapables.start[s]!, s * periods + shapables.end[s]!);
  }
  for (let g = 0; g < generators.count; g++) {
    const nearest = Math.min(Math.max(0, generators.pMin[g]!), generators.pMax[g]!);
    schedule.generatorP.fill(nearest, g * periods, (g + 1) * periods);
  }
  for (let s = 0; s < solar.count; s++) {
    if (solar.curtailable[s]) continue;
    for (let t = 0; t < periods; t++) schedule.solarP[s * periods + t] = solar.forecast[s * periods + t]!;
  }
  return schedule;
}

/** Dearer than any multiplier met so far, so that keeping a limit pays. */
function penaltyFrom(problem: CompiledCase, duals: readonly (NetworkDuals | undefined)[]): number {
  let price = 0;
  let limit = 0;
  for (const d of duals) {
    if (d === undefined) continue;
    for (const value of d.balanceP) price = Math.max(price, Math.abs(value));
    for (const values of [d.vMax, d.vMin, d.thermal]) {
      for (const value of values ?? []) limit = Math.max(limit, value);
    }
  }
  return Math.max(20 * limit, 10 * price, 1e-3 * problem.hours);
}

/** Directions of batteries from their net power; undefined where none runs both ways. */
function directionsOf(problem: CompiledCase, schedule: Schedule): Directions | undefined {
  const { periods, batteries } = problem;
  const directions = new Int8Array(batteries.count * periods);
  let bothWays = false;
  for (let b = 0; b < batteries.count; b++) {
    for (let k = b * periods; k < (b + 1) * periods; k++) {
      const both = Math.min(schedule.charge[k]!, schedule.discharge[k]!);
      if (both > BOTH_WAYS_SHARE * batteries.power[b]!) bothWays = true;
      directions[k] = schedule.discharge[k]! >= schedule.charge[k]! ? 1 : -1;
    }
  }
  return bothWays ? directions : undefined;
}

/** Goes on with each battery's direction fixed; the free descent's end where that leads nowhere. */
async function oneWay(
  problem: CompiledCase,
  free: Descent,
  settings: ExactnessSettings,
  deadline: number | undefined,
): Promise<Descent> {
  const directions = directionsOf(problem, free.state.schedule);
  const { penalty, curvature } = free;
  const options = { penalty, deadline, radius: 0.1, ...(curvature === undefined ? {} : { curvature }) };
  if (directions === undefined) return await descend(problem, free.state, settings, options);
  const dropped = dropBothWays(problem, free.state, directions);
  const descent = await descend(problem, dropped, settings, { ...options, directions });
  return descent.kept > 0 ? descent : { ...free, converged: false, steps: descent.steps, stopped: descent.stopped };
}

/** The state with the smaller of charge and discharge dropped: a start for the linearisation, whose rows restore the energy. */
function dropBothWays(problem: CompiledCase, state: AcState, directions: Directions): AcState {
  const { charge, discharge } = state.schedule;
  const net = {
    charge: charge.map((c, k) => (directions[k]! < 0 ? c - discharge[k]! : 0)),
    discharge: discharge.map((d, k) => (directions[k]! > 0 ? d - charge[k]! : 0)),
  };
  // Net power is unchanged, so is the AC state; the stored energy is not, so this is no schedule yet:
  // a cost above any schedule's makes the first linearised step, which is one, be taken.
  const apart = replay(problem, { ...state.schedule, ...net }) ?? state;
  return { ...apart, cost: apart.cost + apart.scale, violation: apart.violation + 1 };
}

function finish(
  problem: CompiledCase,
  plain: EngineResult,
  descent: Descent,
  iterations: number,
  steps: number,
  started: number,
): ExactnessResult {
  const { state, last } = descent;
  const { flow, schedule } = state;
  const sound = state.worst <= 10 * VIOLATION_TARGET && directionsOf(problem, schedule) === undefined;
  const status = descent.stopped ?? (descent.converged && sound ? ('optimal' as const) : ('reduced-accuracy' as const));
  return {
    status,
    iterations,
    setupSeconds: 0,
    solveSeconds: (performance.now() - started) / 1000,
    point: { ...schedule, v: flow.v, ell: flow.ell, flowP: flow.flowP, flowQ: flow.flowQ },
    ...(descent.duals === undefined ? {} : { duals: descent.duals }),
    primalObjective: state.cost,
    dualObjective: plain.dualObjective,
    primalResidual: last?.primalResidual ?? Number.NaN,
    dualResidual: last?.dualResidual ?? Number.NaN,
    relativeGap: last?.relativeGap ?? Number.NaN,
    ...(plain.trace === undefined ? {} : { trace: plain.trace }),
    ...(status === 'optimal'
      ? {}
      : {
          reason: `AC recovery stopped after ${steps} steps; the best point misses a limit by ${state.worst.toExponential(1)} pu`,
        }),
    warnings: [`recovered: the plain relaxation was not exact; ${steps} linearised steps to an AC point`],
    pricesFrom: 'recovered',
  };
}

function unrecovered(plain: EngineResult, why: string): ExactnessResult {
  return { ...plain, status: 'reduced-accuracy', reason: `AC recovery: ${why}`, pricesFrom: 'relaxation' };
}
