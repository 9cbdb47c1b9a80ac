import { asCrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { type SolveOptions, solveChecked } from './index.js';
import type { Solution } from './solution.js';

export interface SolveTask {
  /** As `parseCase` gave it. */
  readonly source: Case;
  readonly options: Pick<SolveOptions, 'method' | 'tolerance' | 'exactness' | 'maxIterations' | 'timeLimitSeconds'>;
}

/** One case on a worker thread, alone there: it starts no threads of its own. */
export default async function solveTask({ source, options }: SolveTask): Promise<Solution> {
  try {
    return await solveChecked(source, { ...options, workers: 1 });
  } catch (thrown) {
    throw asCrowdwattError(thrown);
  }
}
