import * as abi from '../../wasm/admm-abi.js';
import type { EngineResult, EngineSettings, SolveStatus } from '../engine.js';
import { dualValue, type Multipliers, multipliersOf, settledPrices } from './dual-bound.js';
import { extractDuals, extractPoint, extractTrace } from './extract.js';
import { InfeasibilityWatch } from './infeasible.js';
import type { Runner } from './runner.js';
import type { AdmmSession } from './session.js';

/** Default iteration limits: far above what a solvable case takes. */
const MOST_ITERATIONS = { tree: 5_000, bus: 50_000 };
/** The kernel's tolerance is halved until the true duality gap meets the stop rule, at most down to this. */
const TIGHTEST = 2e-8;

/**
 * Iterates until the stop rule of model.md holds. The kernel watches residuals, the iterates' gap and
 * the prices' rest; when it is content, the true duality gap (objective minus a dual feasible value)
 * is computed, and while that is above τ the kernel goes on with a tolerance halved.
 */
export async function runToEnd(
  session: AdmmSession,
  runner: Runner,
  settings: EngineSettings,
  setupSeconds: number,
): Promise<EngineResult> {
  const started = performance.now();
  const most = settings.maxIterations ?? MOST_ITERATIONS[session.scene.settings.variant];
  const watch = new InfeasibilityWatch();
  let tolerance = settings.tolerance;
  let reason: string | undefined;
  let status: SolveStatus | undefined;
  session.setTolerance(settings.tolerance);
  while (status === undefined) {
    const left = most - session.iteration;
    if (left <= 0) status = 'iteration-limit';
    else if (settings.signal?.aborted) status = 'cancelled';
    else if (outOfTime(settings, started)) status = 'time-limit';
    if (status !== undefined) break;
    const answer = await runner.slice(left);
    report(session, settings, most);
    if (answer === abi.STATUS_BROKEN) status = 'numerical-error';
    else if (answer === abi.STATUS_STOPPED) status = settings.signal?.aborted ? 'cancelled' : 'time-limit';
    else if (answer === abi.STATUS_OPTIMAL) {
      if (trueGap(session, settings.tolerance).relative <= settings.tolerance) status = 'optimal';
      else if (tolerance <= TIGHTEST) status = 'reduced-accuracy';
      else {
        tolerance /= 2;
        session.setTolerance(tolerance);
      }
    } else {
      reason = watch.look(session);
      if (reason !== undefined) status = 'infeasible';
    }
  }
  return toResult(session, settings, status, setupSeconds, (performance.now() - started) / 1000, reason);
}

function outOfTime(settings: EngineSettings, started: number): boolean {
  const limit = settings.timeLimitSeconds;
  return limit !== undefined && (performance.now() - started) / 1000 >= limit;
}

function report(session: AdmmSession, settings: EngineSettings, most: number): void {
  if (settings.onProgress === undefined) return;
  const m = session.measures();
  settings.onProgress({
    stage: 'solve',
    message: `iteration ${session.iteration}: residuals ${m.primalPower.toExponential(1)} primal, ${m.dual.toExponential(1)} dual`,
    fraction: Math.min(1, session.iteration / most),
    fields: {
      iteration: session.iteration,
      primalResidual: m.primalPower,
      dualResidual: m.dual,
      objective: m.objective,
    },
  });
}

/**
 * Where power is worth nothing, losses must not be worth less: prices of such periods are raised by
 * these shares of the price scale.
 */
const UPLIFTS = [1e-6, 1e-5, 1e-4, 1e-3];
const WORTHLESS = 1e-2;

/** Multipliers to try for the lower bound: any are valid, the best one counts. */
function* candidates(session: AdmmSession, found: Multipliers): Generator<Multipliers> {
  yield found;
  const settled = settledPrices(session, found);
  yield settled;
  for (const uplift of UPLIFTS) {
    const { periods } = session.scene.problem;
    const raise = (values: Float64Array) =>
      values.map((value, k) => (Math.abs(found.nuP[k % periods]!) < WORTHLESS ? value + uplift : value));
    yield { ...settled, nuP: raise(settled.nuP), nuQ: raise(settled.nuQ) };
  }
}

/** Lower bound in $ and the gap to it, relative to max(1 $, Σ |cost terms|). */
function trueGap(session: AdmmSession, enough: number): { bound: number; relative: number } {
  const m = session.measures();
  const { priceScale } = session.scene;
  const found = multipliersOf(session);
  const relative = (bound: number) => Math.abs(m.objective - bound) / Math.max(1, m.terms);
  let bound = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates(session, found)) {
    bound = Math.max(bound, dualValue(session, candidate, 1).value * priceScale);
    if (relative(bound) <= enough) break;
  }
  return { bound, relative: relative(bound) };
}

function toResult(
  session: AdmmSession,
  settings: EngineSettings,
  status: SolveStatus,
  setupSeconds: number,
  solveSeconds: number,
  reason: string | undefined,
): EngineResult {
  const base = {
    status,
    iterations: session.iteration,
    setupSeconds,
    solveSeconds,
    trace: extractTrace(session),
    ...(reason === undefined ? {} : { reason }),
  };
  if (status === 'infeasible' || status === 'numerical-error' || session.iteration === 0) {
    const nothing = { primalObjective: Number.NaN, dualObjective: Number.NEGATIVE_INFINITY };
    const unknown = { primalResidual: Number.NaN, dualResidual: Number.NaN, relativeGap: Number.NaN };
    const why = status === 'numerical-error' ? { reason: 'the iteration left the range of numbers' } : {};
    return { ...base, ...nothing, ...unknown, ...why };
  }
  const m = session.measures();
  const gap = trueGap(session, settings.tolerance);
  const warnings =
    status === 'reduced-accuracy'
      ? [`the proven duality gap is ${gap.relative.toExponential(1)}, above the tolerance`]
      : [];
  return {
    ...base,
    point: extractPoint(session),
    duals: extractDuals(session),
    primalObjective: m.objective,
    dualObjective: Number.isFinite(gap.bound) ? gap.bound : Number.NEGATIVE_INFINITY,
    primalResidual: Math.max(m.primalPower, m.primalV * 10),
    dualResidual: m.dual,
    relativeGap: gap.relative,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}
