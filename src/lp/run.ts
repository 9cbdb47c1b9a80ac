import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Progress } from '../hooks.js';
import type { SolveStatus } from '../status.js';
import { Count, Outcome, SimplexKernel } from './kernel.js';
import { LoadedProgram } from './loaded.js';
import { activity, measure, objectiveOf, reducedCosts } from './quality.js';
import type { LpBasis, LpModel, LpOptions, LpResult } from './types.js';
import { checkBasis, columnName, crossedLimits, rowName } from './validate.js';

/** Iterations between two looks at clock, signal and progress. */
const CHUNK = 200;
/** How long a chunk may take before the event loop gets a turn. */
const TURN_MS = 30;

/** Ways to go about a model, tried in order until one does not break down. */
const ATTEMPTS = [
  { method: 'auto', scaling: true, seed: 1 },
  { method: 'primal', scaling: true, seed: 17 },
  { method: 'dual', scaling: false, seed: 23 },
  { method: 'primal', scaling: false, seed: 5 },
] as const;

/** Iterations after which an attempt makes way for the next one. */
const PATIENCE = 50_000;
const PATIENCE_PER_LINE = 50;
/** Largest (scaled) infeasibility of an answer called optimal. */
const ACCEPTED = 1e-7;

export interface Clock {
  readonly started: number;
  readonly deadline: number;
}

export function startClock(options: LpOptions): Clock {
  const started = performance.now();
  return { started, deadline: started + (options.timeLimitSeconds ?? Number.POSITIVE_INFINITY) * 1000 };
}

/**
 * Drives one program, step by step: yields the state after each chunk so that the caller may give
 * the event loop a turn (asynchronous) or simply go on (synchronous).
 */
export function* drive(
  kernel: SimplexKernel,
  model: LpModel,
  options: LpOptions,
  clock: Clock,
  loaded?: LoadedProgram,
): Generator<Progress, { result: LpResult; loaded: LoadedProgram | undefined }> {
  if (options.basis !== undefined) checkBasis(options.basis, model);
  const crossed = crossedLimits(model);
  if (crossed !== undefined) return { result: crossedResult(model, crossed, clock), loaded };
  let program = loaded;
  let spent = 0;
  let setup = 0;
  const settings = {
    feasibility: options.feasibilityTolerance ?? 1e-9,
    optimality: options.optimalityTolerance ?? 1e-9,
    perturbation: options.perturbation ?? true,
  };
  let status: SolveStatus | undefined;
  if (options.signal?.aborted === true) status = 'cancelled';
  else if (performance.now() > clock.deadline) status = 'time-limit';
  // Stopped before it began: the start basis is still worked out, so that there is a point to report.
  const allowed = status === undefined ? (options.maxIterations ?? 2 ** 31 - 1) : 0;
  const enough = PATIENCE + PATIENCE_PER_LINE * (model.rowCount + model.columnCount);
  let outcome: number = Outcome.numerical;
  let fallback: LpResult | undefined;
  for (let attempt = 0; attempt < ATTEMPTS.length && outcome === Outcome.numerical; attempt++) {
    const plan = ATTEMPTS[attempt]!;
    const before = performance.now();
    const scale = plan.scaling && options.scaling !== false;
    if (attempt > 0 || program === undefined) program = new LoadedProgram(kernel, model, scale);
    program.begin(attempt === 0 ? options.basis : undefined, {
      ...settings,
      method: attempt === 0 ? (options.method ?? plan.method) : plan.method,
      maxIterations: attempt === ATTEMPTS.length - 1 ? allowed - spent : Math.min(allowed - spent, enough),
      seed: plan.seed,
      loose: attempt === ATTEMPTS.length - 1,
    });
    setup += performance.now() - before;
    outcome = Outcome.running;
    while (outcome === Outcome.running) {
      outcome = program.step(CHUNK);
      if (outcome !== Outcome.running) break;
      if (options.signal?.aborted === true) status = 'cancelled';
      else if (performance.now() > clock.deadline) status = 'time-limit';
      if (status !== undefined) break;
      yield progressOf(program, spent);
    }
    spent += program.count(Count.iterations);
    if (status !== undefined) {
      kernel.calls.stop(program.base);
      break;
    }
    // Far more iterations than any program of this size has needed: another way may fare better.
    if (outcome === Outcome.iterationLimit && spent < allowed) outcome = Outcome.numerical;
    // An optimum only to a looser tolerance is kept, in case no other way does better.
    if (outcome === Outcome.optimal && Math.max(program.count(Count.maxP), program.count(Count.maxD)) > ACCEPTED) {
      fallback ??= collect(model, program, 'reduced-accuracy', spent, setup, clock);
      outcome = Outcome.numerical;
    }
  }
  status ??= outcome === Outcome.numerical && spent >= allowed ? 'iteration-limit' : STATUS[outcome]!;
  if (status === 'numerical-error' && fallback !== undefined)
    return { result: { ...fallback, iterations: spent }, loaded: undefined };
  return { result: collect(model, program!, status, spent, setup, clock), loaded: program };
}

const STATUS: Readonly<Record<number, SolveStatus>> = {
  [Outcome.optimal]: 'optimal',
  [Outcome.infeasible]: 'infeasible',
  [Outcome.unbounded]: 'unbounded',
  [Outcome.iterationLimit]: 'iteration-limit',
  [Outcome.numerical]: 'numerical-error',
};

function progressOf(program: LoadedProgram, spent: number): Progress {
  const iterations = spent + program.count(Count.iterations);
  return {
    stage: 'simplex',
    message: `${iterations} iterations`,
    fields: { iterations, infeasible: program.count(Count.infeasibleP) },
  };
}

/** Runs to the end without giving the event loop a turn. */
export function finishNow<T>(steps: Generator<Progress, T>, onProgress?: (progress: Progress) => void): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onProgress?.(step.value);
  }
}

/** Runs to the end; timers, signals and other work get their turn in between. */
export async function finishInTurns<T>(
  steps: Generator<Progress, T>,
  onProgress?: (progress: Progress) => void,
): Promise<T> {
  let turn = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - turn < TURN_MS) continue;
    onProgress?.(step.value);
    await nextTurn();
    turn = performance.now();
  }
}

function collect(
  model: LpModel,
  program: LoadedProgram,
  status: SolveStatus,
  iterations: number,
  setup: number,
  clock: Clock,
): LpResult {
  const primal = program.readPrimal(model);
  const solved = status === 'optimal' || status === 'reduced-accuracy';
  const dual = solved || status === 'iteration-limit' ? program.readDual(model) : new Float64Array(model.rowCount);
  const basis: LpBasis = program.readBasis();
  const total = (performance.now() - clock.started) / 1000;
  const base = {
    status,
    objective:
      status === 'infeasible' ? Number.NaN : status === 'unbounded' ? infinity(model) : objectiveOf(model, primal),
    iterations,
    seconds: { setup: setup / 1000, solve: total - setup / 1000, total },
    primal,
    rowActivity: activity(model, primal),
    dual,
    reducedCosts: reducedCosts(model, dual),
    basis,
    counters: program.counters(),
  };
  if (solved) return { ...base, quality: measure(model, primal, dual) };
  if (status === 'infeasible')
    return { ...base, farkas: program.readFarkas(), reason: 'no point satisfies all rows and bounds' };
  if (status === 'unbounded') {
    return { ...base, ray: program.readRay(), reason: 'the objective improves without end along `ray`' };
  }
  if (status === 'numerical-error')
    return { ...base, reason: 'every strategy lost its accuracy; the model is close to singular' };
  return base;
}

function infinity(model: LpModel): number {
  return model.sense === 'maximise' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function crossedResult(model: LpModel, crossed: { kind: 'column' | 'row'; index: number }, clock: Clock): LpResult {
  const { kind, index } = crossed;
  const name = kind === 'column' ? columnName(model, index) : rowName(model, index);
  const low = kind === 'column' ? model.lower[index] : model.rowLower[index];
  const high = kind === 'column' ? model.upper[index] : model.rowUpper[index];
  const total = (performance.now() - clock.started) / 1000;
  const farkas = new Float64Array(model.rowCount);
  if (kind === 'row') farkas[index] = 1;
  return {
    status: 'infeasible',
    objective: Number.NaN,
    iterations: 0,
    seconds: { setup: 0, solve: total, total },
    primal: new Float64Array(model.columnCount),
    rowActivity: new Float64Array(model.rowCount),
    dual: new Float64Array(model.rowCount),
    reducedCosts: new Float64Array(model.columnCount),
    farkas,
    reason: `${kind} ${name}: lower limit ${low} is above upper limit ${high}`,
  };
}

export { SimplexKernel };
