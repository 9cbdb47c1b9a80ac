import { CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import type { Case } from '../model/case.js';
import type { CompiledCase } from '../model/compiled.js';
import { compileCase, parseCase } from '../model/index.js';
import { type Certified, certify } from './certificate.js';
import type { Engine, EngineResult, EngineSettings } from './engine.js';
import type { ExactnessSettings } from './exactness.js';
import {
  defaultExactness,
  defaultMethod,
  defaultTolerance,
  EXACTNESS_MODES,
  loadEngine,
  loadStep,
  METHODS,
} from './methods.js';
import { netBatteries } from './net-batteries.js';
import { toSolution } from './result.js';
import type { ExactnessMode, Method, Solution } from './solution.js';

export { powerFlow } from './planned-flow.js';

export interface SolveOptions extends RunHooks {
  /** Default `ipm`. */
  readonly method?: Method;
  /** τ of docs/math.md; default 1e-6 for `ipm`, 1e-4 for `admm` and `admm-bus`. */
  readonly tolerance?: number;
  /** What to do about an inexact relaxation; default `recover`. */
  readonly exactness?: ExactnessMode;
  readonly maxIterations?: number;
  /** Wall clock for the whole call, s. */
  readonly timeLimitSeconds?: number;
}

/**
 * Solves CES-OPF (problem (1) of the paper) for all periods at once: schedule, voltages, prices at
 * every bus, and a certificate that says whether the schedule holds in AC.
 *
 * Always resolves with a solution where the input is right; `status` and `certificate.verdict` say
 * what it is worth. A cancelled or limited solve carries the best point there was.
 *
 * @throws CrowdwattError `input/*`, `case/*`, `usage` or `not-built`
 */
export async function solve(source: Case, options: SolveOptions = {}): Promise<Solution> {
  return solveChecked(parseCase(source), options);
}

/** `solve` for a case that `parseCase` or `readCase` gave: large feeders are not checked twice. */
export async function solveChecked(
  source: Case,
  options: SolveOptions & { readonly engine?: Engine } = {},
): Promise<Solution> {
  const started = performance.now();
  const method = options.method ?? defaultMethod();
  const exactness = options.exactness ?? defaultExactness();
  const tolerance = options.tolerance ?? defaultTolerance(method);
  checkOptions(method, exactness, tolerance, options);
  const problem = compileCase(source);
  const compileSeconds = secondsSince(started);
  const engine = options.engine ?? (await loadEngine(method));
  const settings = (): EngineSettings => ({
    tolerance,
    maxIterations: options.maxIterations,
    timeLimitSeconds:
      options.timeLimitSeconds === undefined
        ? undefined
        : Math.max(0, options.timeLimitSeconds - secondsSince(started)),
    workers: options.workers,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  const finish = (result: EngineResult, pricesFrom: 'relaxation' | 'bound' | 'recovered', certified?: Certified) =>
    toSolution(problem, result, {
      method,
      exactness,
      tolerance,
      pricesFrom,
      compileSeconds,
      totalSeconds: secondsSince(started),
      certified,
    });
  const plain = netted(problem, await engine(problem, settings()), tolerance);
  if (plain.status === 'infeasible') {
    const { explainInfeasible } = await import('./diagnose/explain.js');
    const { reason } = await explainInfeasible(problem, options.signal);
    const proof = plain.reason === undefined ? '' : ` (${plain.reason})`;
    return finish({ ...plain, reason: `infeasible: ${reason}${proof}` }, 'relaxation');
  }
  const finished = plain.status === 'optimal' || plain.status === 'reduced-accuracy';
  if (exactness === 'off' || plain.point === undefined || !finished) return finish(plain, 'relaxation');
  const certified = certify(problem, plain.point, plain, tolerance);
  const proven = certified.certificate.verdict === 'exact';
  if (exactness === 'recover' && proven) return finish(plain, 'relaxation', certified);
  const lowerBound = await sharpBound(problem, plain, settings());
  const step = await loadStep(exactness);
  const stepSettings: ExactnessSettings = { ...settings(), mode: exactness, engine };
  const better = await step(problem, plain, stepSettings);
  return finish(
    {
      ...netted(problem, better, tolerance),
      dualObjective: lowerBound,
      iterations: plain.iterations + better.iterations,
      setupSeconds: plain.setupSeconds + better.setupSeconds,
      solveSeconds: plain.solveSeconds + better.solveSeconds,
    },
    better.pricesFrom,
  );
}

/** Tolerance of the dual objective that stands beside a bounded or recovered answer. */
const BOUND_TOLERANCE = 1e-9;

/**
 * Where the relaxation is not exact, its dual objective is all that is known from below: a few more
 * iterations of the interior point make it sharp.
 */
async function sharpBound(problem: CompiledCase, plain: EngineResult, settings: EngineSettings): Promise<number> {
  const engine = await loadEngine('ipm');
  const sharp = await engine(problem, { ...settings, onProgress: undefined, tolerance: BOUND_TOLERANCE });
  return Math.max(plain.dualObjective, Number.isFinite(sharp.dualObjective) ? sharp.dualObjective : -Infinity);
}

/** The result with batteries' powers netted where that is within the tolerance. */
function netted(problem: CompiledCase, result: EngineResult, tolerance: number): EngineResult {
  if (result.point === undefined) return result;
  return { ...result, point: netBatteries(problem, result.point, tolerance) };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

function checkOptions(method: string, exactness: string, tolerance: number, options: SolveOptions): void {
  const refuse = (text: string) => {
    throw new CrowdwattError('usage', text);
  };
  if (!(METHODS as readonly string[]).includes(method))
    refuse(`method is "${method}"; it must be one of ${METHODS.join(', ')}`);
  if (!(EXACTNESS_MODES as readonly string[]).includes(exactness)) {
    refuse(`exactness is "${exactness}"; it must be one of ${EXACTNESS_MODES.join(', ')}`);
  }
  if (!(tolerance >= 1e-12 && tolerance <= 0.1))
    refuse(`tolerance is ${tolerance}; it must be a number from 1e-12 to 0.1`);
  const { workers, timeLimitSeconds, maxIterations } = options;
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= 16)) {
    refuse(`workers is ${workers}; it must be a whole number from 1 to 16`);
  }
  if (timeLimitSeconds !== undefined && !(timeLimitSeconds >= 0)) {
    refuse(`timeLimitSeconds is ${timeLimitSeconds}; it must be 0 or more`);
  }
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 1)) {
    refuse(`maxIterations is ${maxIterations}; it must be a whole number of 1 or more`);
  }
}
