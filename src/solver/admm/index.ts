import type { CompiledCase } from '../../model/compiled.js';
import type { Engine, EngineResult, EngineSettings } from '../engine.js';
import { runToEnd } from './run.js';
import { localRunner } from './runner.js';
import { AdmmSession } from './session.js';
import { BUS_SETTINGS, TREE_SETTINGS } from './settings.js';

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
  const session = new AdmmSession(problem, variant === 'bus' ? BUS_SETTINGS : TREE_SETTINGS, 1);
  const runner = localRunner(session);
  try {
    return await runToEnd(session, runner, settings, (performance.now() - started) / 1000);
  } finally {
    runner.close();
  }
}
