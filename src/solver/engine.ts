import type { Progress } from '../hooks.js';
import type { CompiledCase } from '../model/compiled.js';
import type { SolveStatus } from '../status.js';

/**
 * The seam between methods (ADMM, interior point, recovery) and everything around them. An engine
 * takes a compiled case and gives back a primal-dual point in the compiled case's units and order;
 * it knows no files, no certificate and no faces.
 */
export type Engine = (problem: CompiledCase, settings: EngineSettings) => Promise<EngineResult>;

export type { SolveStatus } from '../status.js';

export interface EngineSettings {
  /** τ of docs/math.md. */
  readonly tolerance: number;
  readonly maxIterations?: number;
  readonly timeLimitSeconds?: number;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Primal point, per unit on the compiled base, arrays row-major (element, period). */
export interface NetworkPoint {
  /** N × T squared voltages, root included. */
  readonly v: Float64Array;
  /** N × T squared currents; row 0 is zero. */
  readonly ell: Float64Array;
  /** N × T power sent from bus i towards its parent, at i's end; row 0 is zero. */
  readonly flowP: Float64Array;
  readonly flowQ: Float64Array;
  readonly solarP: Float64Array;
  readonly solarQ: Float64Array;
  readonly charge: Float64Array;
  readonly discharge: Float64Array;
  readonly batteryQ: Float64Array;
  readonly shapableP: Float64Array;
  readonly generatorP: Float64Array;
  readonly generatorQ: Float64Array;
  /** sheddable.count × T, what is shed. */
  readonly shedP: Float64Array;
}

/** Dual point. Signs: what one more unit on the constraint's right-hand side costs, as below. */
export interface NetworkDuals {
  /** N × T, $ per pu of additional real load at the bus in that period (DLMP = this / (Δ·baseMva)). */
  readonly balanceP: Float64Array;
  readonly balanceQ: Float64Array;
  /** N × T ≥ 0: $ per pu² of loosening the squared-voltage limit; upper and lower. Optional. */
  readonly vMax?: Float64Array;
  readonly vMin?: Float64Array;
  /** N × T ≥ 0: $ per pu of raising the thermal limit. */
  readonly thermal?: Float64Array;
  /** Of devices; only where the method has them. */
  readonly devices?: DeviceDuals;
  /** $ per unit of minRenewableShare's right-hand side (pu·period). */
  readonly renewableShare?: number;
}

/** Multipliers ≥ 0 of devices' own limits, device × T: $ saved per pu (energies: per pu·h) of loosening. */
export interface DeviceDuals {
  readonly energyMax: Float64Array;
  readonly energyMin: Float64Array;
  readonly chargeMax: Float64Array;
  readonly dischargeMax: Float64Array;
  readonly shapableMax: Float64Array;
  /** Entry t: of the step from t − 1 to t. */
  readonly rampUp: Float64Array;
  readonly rampDown: Float64Array;
  readonly solarRating: Float64Array;
  readonly batteryRating: Float64Array;
}

export interface EngineResult {
  readonly status: SolveStatus;
  readonly iterations: number;
  readonly setupSeconds: number;
  readonly solveSeconds: number;
  /** Absent where no schedule was found. */
  readonly point?: NetworkPoint;
  readonly duals?: NetworkDuals;
  /** Objective of the relaxation at `point`, $, constant costs included. */
  readonly primalObjective: number;
  /** Objective of a dual feasible point of the plain relaxation, $: a true lower bound (−Infinity: none known). */
  readonly dualObjective: number;
  /** Relative residuals as docs/math.md defines them; they are compared with τ. */
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly relativeGap: number;
  /** Why there is no schedule, in words, where the engine can tell. */
  readonly reason?: string;
  /** Iteration → residuals, thinned to at most a few hundred points, for convergence plots. */
  readonly trace?: readonly TracePoint[];
  readonly warnings?: readonly string[];
}

export interface TracePoint {
  readonly iteration: number;
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly objective: number;
}
