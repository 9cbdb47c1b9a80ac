import { BasisStatus, type LpBasis, type LpModel, type LpResult } from './types.js';
import { columnName, rowName } from './validate.js';

const STATUS_WORDS = ['atLower', 'basic', 'atUpper', 'free'] as const;

/** A `crowdwatt-lp/1` document: every vector keyed by the model's names. */
export interface LpDocument {
  readonly format: 'crowdwatt-lp/1';
  readonly name: string;
  readonly status: LpResult['status'];
  /** null where there is none */
  readonly objective: number | null;
  readonly iterations: number;
  readonly seconds: LpResult['seconds'];
  readonly primal?: Readonly<Record<string, number>>;
  readonly dual?: Readonly<Record<string, number>>;
  readonly reducedCosts?: Readonly<Record<string, number>>;
  readonly basis?: {
    readonly columns: Readonly<Record<string, string>>;
    readonly rows: Readonly<Record<string, string>>;
  };
  readonly ray?: Readonly<Record<string, number>>;
  readonly farkas?: Readonly<Record<string, number>>;
  readonly quality?: LpResult['quality'];
  readonly counters?: LpResult['counters'];
  readonly reason?: string;
  readonly warnings?: readonly string[];
}

/** Turns an answer into the document that `crowdwatt lp --out` writes. */
export function toDocument(model: LpModel, result: LpResult): LpDocument {
  const columns = Array.from({ length: model.columnCount }, (_, j) => columnName(model, j));
  const rows = Array.from({ length: model.rowCount }, (_, i) => rowName(model, i));
  const hasPoint = result.status !== 'infeasible' && result.status !== 'numerical-error';
  const hasDuals = result.status === 'optimal' || result.status === 'reduced-accuracy';
  return {
    format: 'crowdwatt-lp/1',
    name: model.name ?? '',
    status: result.status,
    objective: Number.isFinite(result.objective) ? result.objective : null,
    iterations: result.iterations,
    seconds: result.seconds,
    ...(hasPoint && { primal: keyed(columns, result.primal) }),
    ...(hasDuals && { dual: keyed(rows, result.dual), reducedCosts: keyed(columns, result.reducedCosts) }),
    ...(result.basis !== undefined && { basis: basisByName(columns, rows, result.basis) }),
    ...(result.ray !== undefined && { ray: keyed(columns, result.ray) }),
    ...(result.farkas !== undefined && { farkas: keyed(rows, result.farkas) }),
    ...(result.quality !== undefined && { quality: result.quality }),
    ...(result.counters !== undefined && { counters: result.counters }),
    ...(result.reason !== undefined && { reason: result.reason }),
    ...(model.warnings !== undefined && model.warnings.length > 0 && { warnings: model.warnings }),
  };
}

function keyed(names: readonly string[], values: Float64Array): Record<string, number> {
  // Adding 0 turns -0 into 0.
  return Object.fromEntries(names.map((name, k) => [name, values[k]! + 0]));
}

function basisByName(columns: readonly string[], rows: readonly string[], basis: LpBasis) {
  const words = (names: readonly string[], statuses: Uint8Array) =>
    Object.fromEntries(names.map((name, k) => [name, STATUS_WORDS[statuses[k] ?? BasisStatus.atLower]!]));
  return { columns: words(columns, basis.columns), rows: words(rows, basis.rows) };
}
