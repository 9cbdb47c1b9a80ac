import type { Progress } from '../hooks.js';
import { SimplexKernel } from './kernel.js';
import type { LoadedProgram } from './loaded.js';
import { presolve } from './presolve/presolve.js';
import { activity, measure, objectiveOf } from './quality.js';
import { type Clock, drive } from './run.js';
import { BasisStatus, type LpModel, type LpOptions, type LpResult } from './types.js';

/** A restored answer this good is final; otherwise the simplex goes over the whole model from its basis. */
const GOOD_RESIDUAL = 1e-9;
const GOOD_GAP = 1e-10;

export interface Driven {
  readonly result: LpResult;
  readonly loaded: LoadedProgram | undefined;
}

/**
 * Presolve, simplex on what is left, postsolve, and the simplex on the whole model from the restored
 * basis wherever the restored answer is not perfect (or where `keep` wants the model in the kernel).
 */
export function* solveSteps(
  kernel: SimplexKernel,
  model: LpModel,
  options: LpOptions,
  clock: Clock,
  keep?: { readonly loaded: LoadedProgram | undefined },
): Generator<Progress, Driven> {
  const wanted = options.presolve ?? options.basis === undefined;
  const reduced = wanted && options.basis === undefined ? presolve(model) : undefined;
  if (reduced === undefined) return yield* drive(kernel, model, options, clock, keep?.loaded);

  // A kept kernel may hold the whole model already; the reduced one is solved elsewhere.
  const other = keep === undefined ? kernel : SimplexKernel.acquire();
  const { result: part } = yield* drive(other, reduced.model, options, clock);
  if (keep !== undefined) other.release();
  if (part.status === 'cancelled' || part.status === 'time-limit') {
    // No answer to restore: the whole model's own start says as much.
    const { result, loaded } = yield* drive(kernel, model, { ...options, maxIterations: 0 }, clock, keep?.loaded);
    return { result: { ...result, status: part.status, iterations: part.iterations }, loaded };
  }
  const spent = part.iterations;
  const left = options.maxIterations === undefined ? undefined : Math.max(0, options.maxIterations - spent);
  if ((part.status !== 'optimal' && part.status !== 'iteration-limit') || part.basis === undefined) {
    // Infeasible or unbounded: solved as it was given, so that the proof speaks of the given model.
    return add(
      yield* drive(kernel, model, { ...options, maxIterations: left }, clock, keep?.loaded),
      part,
      reduced.model,
    );
  }
  const whole = reduced.restore({ ...part, basis: part.basis });
  if (keep === undefined && part.status === 'optimal') {
    const quality = measure(model, whole.primal, whole.dual);
    const good =
      quality.primalResidual <= GOOD_RESIDUAL &&
      quality.dualResidual <= GOOD_RESIDUAL &&
      quality.relativeGap <= GOOD_GAP;
    if (good && isBasis(whole.basis.columns, whole.basis.rows)) {
      const total = (performance.now() - clock.started) / 1000;
      const result: LpResult = {
        ...whole,
        status: 'optimal',
        objective: objectiveOf(model, whole.primal),
        iterations: spent,
        seconds: { setup: part.seconds.setup, solve: total - part.seconds.setup, total },
        rowActivity: activity(model, whole.primal),
        quality,
        counters: { ...part.counters!, ...sizeOf(reduced.model) },
      };
      return { result, loaded: undefined };
    }
  }
  const settings = { ...options, basis: whole.basis, maxIterations: left };
  return add(yield* drive(kernel, model, settings, clock, keep?.loaded), part, reduced.model);
}

function isBasis(columns: Uint8Array, rows: Uint8Array): boolean {
  let count = 0;
  for (const status of columns) if (status === BasisStatus.basic) count++;
  for (const status of rows) if (status === BasisStatus.basic) count++;
  return count === rows.length;
}

function sizeOf(model: LpModel) {
  return { presolvedRows: model.rowCount, presolvedColumns: model.columnCount };
}

/** Puts the work of both runs together. */
function add(done: Driven, part: LpResult, reduced: LpModel): Driven {
  const { result, loaded } = done;
  const counters = result.counters &&
    part.counters && {
      dualIterations: result.counters.dualIterations + part.counters.dualIterations,
      primalIterations: result.counters.primalIterations + part.counters.primalIterations,
      phase1Iterations: result.counters.phase1Iterations + part.counters.phase1Iterations,
      refactors: sum(result.counters.refactors, part.counters.refactors),
      ...sizeOf(reduced),
    };
  return { result: { ...result, iterations: result.iterations + part.iterations, counters }, loaded };
}

function sum(one: Readonly<Record<string, number>>, two: Readonly<Record<string, number>>): Record<string, number> {
  const all: Record<string, number> = { ...one };
  for (const [key, value] of Object.entries(two)) all[key] = (all[key] ?? 0) + value;
  return all;
}
