import { availableParallelism } from 'node:os';
import { asCrowdwattError, CrowdwattError, type SerializedError } from '../errors.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { runTasks } from '../pool/index.js';
import type { SolveOptions } from './index.js';
import type { Solution } from './solution.js';
import type { SolveTask } from './solve-task.js';

/** What came of one case. */
export type Outcome =
  | { readonly index: number; readonly solution: Solution }
  | { readonly index: number; readonly error: SerializedError };

const MOST_WORKERS = 16;

/**
 * Solves many cases side by side on worker threads: a generator in the order of the input that reads
 * its input only as fast as threads get free, so that a million cases never sit in memory at once.
 * What is wrong with one case becomes its outcome and does not stop the others.
 *
 * @throws CrowdwattError `cancelled`, `pool/worker-lost`, `usage`
 */
export async function* solveMany(
  cases: Iterable<Case> | AsyncIterable<Case>,
  options: SolveOptions = {},
): AsyncGenerator<Outcome, void, void> {
  const { method, tolerance, exactness, maxIterations, timeLimitSeconds, signal, onProgress } = options;
  const workers = options.workers ?? Math.min(MOST_WORKERS, availableParallelism());
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
    throw new CrowdwattError('usage', `workers is ${workers}; it must be a whole number from 1 to ${MOST_WORKERS}`);
  }
  const settings = { method, tolerance, exactness, maxIterations, timeLimitSeconds };
  const running: Promise<Outcome>[] = [];
  let index = 0;
  let done = 0;
  const next = async (): Promise<Outcome> => {
    const outcome = await running.shift()!;
    done++;
    onProgress?.({ stage: 'many', message: `${done} cases solved` });
    return outcome;
  };
  for await (const source of cases) {
    if (signal?.aborted) throw new CrowdwattError('cancelled', `cancelled after ${done} cases`);
    running.push(one(index++, source, settings, signal));
    if (running.length >= workers) yield await next();
  }
  while (running.length > 0) yield await next();
}

async function one(index: number, source: Case, options: SolveTask['options'], signal?: AbortSignal): Promise<Outcome> {
  try {
    const task: SolveTask = { source: parseCase(source), options };
    const [solution] = await runTasks<Solution>('solver/solve-task', [task], { signal, limit: 1 });
    return { index, solution: solution! };
  } catch (thrown) {
    const error = asCrowdwattError(thrown);
    // Only what is wrong with this one case belongs to it.
    if (error.exitStatus !== 2) throw error;
    return { index, error: error.toJSON() };
  }
}
