import { availableParallelism } from 'node:os';
import type { RunHooks } from '../hooks.js';
import { type Design, solveIncentives } from './design-incentives.js';
import type { DesignTask } from './design-task.js';

/** From about so many tasks in a problem on, a worker thread is worth the way there (docs/benchmarks.md). */
const WORTH_A_THREAD = 1000;

/**
 * Solves CES-ID problems that do not touch one another, in order: on worker threads where they are
 * large and there are several, else here. The answers do not depend on where.
 */
export async function solveManyIncentives(problems: readonly DesignTask[], hooks: RunHooks = {}): Promise<Design[]> {
  const large = problems.filter(({ problem }) => problem.tasks.length >= WORTH_A_THREAD).length;
  const threads = hooks.workers ?? availableParallelism();
  if (large > 1 && threads > 1) {
    const { runTasks } = await import('../solver/worker-tasks.js');
    return runTasks<Design>('market/design-task', problems, { signal: hooks.signal, limit: threads });
  }
  const designs: Design[] = [];
  for (const { problem, basis } of problems)
    designs.push(await solveIncentives(problem, { signal: hooks.signal, basis }));
  return designs;
}
