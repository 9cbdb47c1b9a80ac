import type { CompiledCase } from '../model/compiled.js';
import type { Engine, EngineResult, EngineSettings } from './engine.js';

/** The seam between a solve and the two rungs that follow an inexact answer (docs/math.md, "Exactness"). */
export interface ExactnessSettings extends EngineSettings {
  readonly mode: 'bound' | 'recover';
  /** The engine that gave the plain answer. */
  readonly engine: Engine;
}

/**
 * What a rung gives back. `dualObjective` stays the plain relaxation's: it is the lower bound of the
 * answer. `iterations` and seconds count this rung alone.
 */
export interface ExactnessResult extends EngineResult {
  readonly pricesFrom: 'relaxation' | 'bound' | 'recovered';
}

/**
 * Takes the plain answer and gives a better one. `bound`: the Gan–Li bound, called always. `recover`:
 * AC recovery, called only where the plain answer is inexact; where it does not get there it gives its
 * best point with status `reduced-accuracy`.
 */
export type ExactnessStep = (
  problem: CompiledCase,
  plain: EngineResult,
  settings: ExactnessSettings,
) => Promise<ExactnessResult>;
