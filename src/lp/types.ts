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
  /** What a reader had to interpret, for instance a negative upper bound without a lower one. */
  readonly warnings?: readonly string[];
}

/** Where a variable or row stands in a basis. */
export const BasisStatus = { atLower: 0, basic: 1, atUpper: 2, free: 3 } as const;

/** A basis: one status per column and one per row (values of `BasisStatus`; a row at its lower limit is `atLower`). */
export interface LpBasis {
  readonly columns: Uint8Array;
  readonly rows: Uint8Array;
}

/** `auto` lets the dual work from a cold start and the primal where the given basis is primal feasible. */
export type SimplexMethod = 'auto' | 'primal' | 'dual';

export interface LpOptions extends RunHooks {
  /** Basis to start from; presolve is then left out. */
  readonly basis?: LpBasis;
  readonly maxIterations?: number;
  readonly timeLimitSeconds?: number;
  /** Default: on without a basis, off with one. */
  readonly presolve?: boolean;
  /** Bounds and rows may be missed by this much (scaled model); default 1e-9. */
  readonly feasibilityTolerance?: number;
  /** Reduced costs may be on the wrong side by this much (scaled model); default 1e-9. */
  readonly optimalityTolerance?: number;
  readonly method?: SimplexMethod;
  /** Scaling of rows and columns by powers of two; default on. */
  readonly scaling?: boolean;
  /** Perturbation of costs and bounds against degeneracy; default on. */
  readonly perturbation?: boolean;
}

/** What an answer is worth, worked out from the model and the answer alone, in the model's own units. */
export interface LpQuality {
  /** Largest violation of a bound or row by the primal point. */
  readonly primalResidual: number;
  /** Largest reduced cost or dual of the wrong sign, or where nothing binds. */
  readonly dualResidual: number;
  /** |primal − dual objective| / max(1, |primal objective|). */
  readonly relativeGap: number;
}

/** How the work divided; `refactors` counts fresh factorisations by their reason. */
export interface LpCounters {
  readonly dualIterations: number;
  readonly primalIterations: number;
  readonly phase1Iterations: number;
  readonly refactors: Readonly<Record<string, number>>;
  readonly presolvedRows?: number;
  readonly presolvedColumns?: number;
}

/**
 * Answer of the simplex. `dual[i]` is d objective / d (the limit of row i that binds) and
 * `reducedCosts[j]` is d objective / d (the bound of column j that binds), both in the model's own
 * sense; so reducedCosts = cost − A'dual. Minimising, a row at its lower limit has dual ≥ 0.
 */
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
  readonly quality?: LpQuality;
  readonly counters?: LpCounters;
  /** Unbounded: a direction by column along which the objective improves for ever; `primal` is feasible. */
  readonly ray?: Float64Array;
  /**
   * Infeasible: row multipliers y. With z = A'y every solution needs Σ z_j x_j = Σ y_i (A x)_i, but the
   * largest value of the left side over the bounds is below the smallest value of the right side over the rows.
   */
  readonly farkas?: Float64Array;
  readonly reason?: string;
}
