import type { RunHooks } from '../hooks.js';
import type { SolveStatus } from '../status.js';

/**
 * A linear program: minimise (or maximise) c'x + constant subject to rowLower ≤ A x ≤ rowUpper and
 * lower ≤ x ≤ upper. A is compressed by columns (CSC). ±Infinity stands for "no bound".
 */
export interface LpModel {
  readonly name?: string;
  readonly sense?: 'minimise' | 'maximise';
  readonly rowCount: number;
  readonly columnCount: number;
  /** columnCount + 1 */
  readonly columnStart: Int32Array;
  readonly rowIndex: Int32Array;
  readonly value: Float64Array;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly constant?: number;
  readonly columnNames?: readonly string[];
  readonly rowNames?: readonly string[];
  readonly objectiveName?: string;
}

/** Where a variable or row stands in a basis. */
export const BasisStatus = { atLower: 0, basic: 1, atUpper: 2, free: 3 } as const;

/** A basis: one status per column and one per row's slack (values of `BasisStatus`). */
export interface LpBasis {
  readonly columns: Uint8Array;
  readonly rows: Uint8Array;
}

export interface LpOptions extends RunHooks {
  readonly basis?: LpBasis;
  readonly maxIterations?: number;
  readonly timeLimitSeconds?: number;
  readonly presolve?: boolean;
  readonly feasibilityTolerance?: number;
  readonly optimalityTolerance?: number;
}

/** Answer of the simplex. Duals are d objective / d right-hand side of the active side, in the model's own sense. */
export interface LpResult {
  readonly status: SolveStatus;
  readonly objective: number;
  readonly iterations: number;
  readonly seconds: { readonly setup: number; readonly solve: number; readonly total: number };
  readonly primal: Float64Array;
  readonly rowActivity: Float64Array;
  readonly dual: Float64Array;
  readonly reducedCosts: Float64Array;
  readonly basis?: LpBasis;
  /** Unbounded: a direction along which the objective improves for ever. */
  readonly ray?: Float64Array;
  /** Infeasible: row multipliers that prove it. */
  readonly farkas?: Float64Array;
  readonly reason?: string;
}
