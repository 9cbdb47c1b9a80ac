import { CrowdwattError } from '../errors.js';
import { solveLp } from './solve.js';
import type { LpTask } from './solve-task.js';
import type { LpModel, LpOptions, LpResult } from './types.js';

/** Matrix entries of all programs together from which threads repay their hand-over. */
const WORTH_THREADS = 30_000;

/**
 * Solves independent programs, on worker threads where there is enough to do (never with `workers: 1`).
 * Answers in the order given. `basis` and limits of the options hold for each program.
 * @throws CrowdwattError `input/invalid` for the first malformed model, `cancelled` on threads
 */
export async function solveMany(models: readonly LpModel[], options: LpOptions = {}): Promise<LpResult[]> {
  const entries = models.reduce((sum, model) => sum + (model.columnStart[model.columnCount] ?? 0), 0);
  if (models.length < 2 || options.workers === 1 || entries < WORTH_THREADS) return oneByOne(models, options);
  const { signal, onProgress, workers, ...plain } = options;
  if (workers !== undefined && (!Number.isInteger(workers) || workers < 1 || workers > 16)) {
    throw new CrowdwattError('usage', `workers is ${workers}; it must be a whole number from 1 to 16`);
  }
  const { runTasks } = await import('../pool/index.js');
  onProgress?.({ stage: 'simplex', message: `${models.length} programs on threads` });
  const tasks = models.map((model): LpTask => ({ model, options: plain }));
  return runTasks<LpResult>('lp/solve-task', tasks, { signal, limit: workers });
}

async function oneByOne(models: readonly LpModel[], options: LpOptions): Promise<LpResult[]> {
  const results: LpResult[] = [];
  for (const model of models) results.push(await solveLp(model, options));
  return results;
}
