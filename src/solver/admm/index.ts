import type { CompiledCase } from '../../model/compiled.js';
import type { Engine, EngineResult, EngineSettings } from '../engine.js';
import { partiesFor } from './parties.js';
import { runToEnd } from './run.js';
import { runnerFor } from './runner.js';
import { AdmmSession } from './session.js';
import { BUS_SETTINGS, TREE_SETTINGS } from './settings.js';

export { AdmmSolver } from './warm.js';

/**
 * CES-OPF (problem (1) of the paper) by the alternating direction method of multipliers. `tree`
 * projects on the equations of all buses at once; `bus` is the per-bus consensus of Peng & Low (2014).
 */
export function admmEngine(variant: 'tree' | 'bus'): Engine {
  return (problem, settings) => solveOnce(problem, settings, variant);
}

async function solveOnce(
  problem: CompiledCase,
  settings: EngineSettings,
  variant: 'tree' | 'bus',
): Promise<EngineResult> {
  const started = performance.now();
  const parties = settings.workers ?? partiesFor(problem);
  const session = new AdmmSession(problem, variant === 'bus' ? BUS_SETTINGS : TREE_SETTINGS, parties);
  const runner = runnerFor(session, settings, started);
  try {
    return await runToEnd(session, runner, settings, (performance.now() - started) / 1000);
  } finally {
    runner.close();
  }
}
