import { SimplexKernel } from './kernel.js';
import type { LpRanging } from './ranging.js';
import { finishInTurns, finishNow, startClock } from './run.js';
import { solveSteps } from './steps.js';
import type { LpModel, LpOptions, LpResult } from './types.js';
import { checkModel } from './validate.js';

/**
 * Solves a linear program by the bounded revised simplex (docs/simplex.md).
 * @throws CrowdwattError `input/invalid` where arrays of the model do not fit together; every other
 * outcome is in `status`.
 */
export async function solveLp(model: LpModel, options: LpOptions = {}): Promise<LpResult> {
  checkModel(model);
  const kernel = SimplexKernel.acquire();
  const { result } = await finishInTurns(solveSteps(kernel, model, options, startClock(options)), options.onProgress);
  kernel.release();
  return result;
}

/** `solveLp` without a turn for the event loop; for worker threads and small programs. */
export function solveLpSync(model: LpModel, options: LpOptions = {}): LpResult {
  checkModel(model);
  const kernel = SimplexKernel.acquire();
  const { result } = finishNow(solveSteps(kernel, model, options, startClock(options)), options.onProgress);
  kernel.release();
  return result;
}

/** Solves and says how far each cost and limit may move with the basis still optimal. */
export async function rangeLp(
  model: LpModel,
  options: LpOptions = {},
): Promise<{ result: LpResult; ranging: LpRanging | undefined }> {
  const { LinearProgram } = await import('./program.js');
  using program = new LinearProgram(model);
  const result = await program.solve(options);
  return { result, ranging: result.status === 'optimal' ? program.ranging() : undefined };
}
