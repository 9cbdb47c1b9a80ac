import { solveLpSync } from './solve.js';
import type { LpModel, LpOptions, LpResult } from './types.js';

export interface LpTask {
  readonly model: LpModel;
  readonly options: Omit<LpOptions, 'signal' | 'onProgress' | 'workers'>;
}

/** One linear program on a worker thread. */
export default function solveTask({ model, options }: LpTask): LpResult {
  return solveLpSync(model, options);
}
