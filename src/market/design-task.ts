import type { LpBasis } from '../lp/types.js';
import { type Design, solveIncentives } from './design-incentives.js';
import type { IncentiveProblem } from './documents.js';

/** One CES-ID problem as it travels to a worker thread. */
export interface DesignTask {
  readonly problem: IncentiveProblem;
  readonly basis?: LpBasis;
}

/** Entry of a worker thread: solves one period. */
export default function designTask({ problem, basis }: DesignTask): Promise<Design> {
  return solveIncentives(problem, { basis });
}
