import { Count, Field, Outcome, REFACTOR_REASONS, type SimplexKernel } from './kernel.js';
import { chooseScaling, type Scaling } from './scale.js';
import type { LpBasis, LpCounters, LpModel } from './types.js';

const AT_LOWER = 0;
const AT_UPPER = 2;

/** A program as it lies in a kernel: scaled, as a minimisation, rows as slacks with A x + s = 0. */
export class LoadedProgram {
  readonly kernel: SimplexKernel;
  readonly base: number;
  readonly scaling: Scaling | undefined;
  readonly #m: number;
  readonly #n: number;

  constructor(kernel: SimplexKernel, model: LpModel, scale: boolean) {
    const { rowCount: m, columnCount: n, columnStart, rowIndex, value } = model;
    this.kernel = kernel;
    this.#m = m;
    this.#n = n;
    this.scaling = scale ? chooseScaling(model) : undefined;
    const nnz = columnStart[n]!;
    this.base = kernel.calls.create(m, n, nnz);
    kernel.ints(this.base, Field.aStart, n + 1).set(columnStart);
    kernel.ints(this.base, Field.aIdx, nnz).set(rowIndex.subarray(0, nnz));
    const values = kernel.floats(this.base, Field.aVal, nnz);
    values.set(value.subarray(0, nnz));
    const { scaling } = this;
    if (scaling !== undefined) {
      for (let j = 0; j < n; j++) {
        for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++)
          values[k]! *= scaling.rows[rowIndex[k]!]! * scaling.columns[j]!;
      }
    }
    kernel.calls.finishMatrix(this.base);
    this.writeLimits(model);
  }

  /** Writes costs and bounds of the model over those in the kernel; the matrix must be the same. */
  writeLimits(model: LpModel): void {
    const m = this.#m;
    const n = this.#n;
    const cost = this.kernel.floats(this.base, Field.cost, n + m);
    const lower = this.kernel.floats(this.base, Field.lower, n + m);
    const upper = this.kernel.floats(this.base, Field.upper, n + m);
    const sign = model.sense === 'maximise' ? -1 : 1;
    for (let j = 0; j < n; j++) {
      const c = this.scaling?.columns[j] ?? 1;
      cost[j] = sign * model.cost[j]! * c;
      lower[j] = model.lower[j]! / c;
      upper[j] = model.upper[j]! / c;
    }
    for (let i = 0; i < m; i++) {
      const r = this.scaling?.rows[i] ?? 1;
      cost[n + i] = 0;
      lower[n + i] = -model.rowUpper[i]! * r;
      upper[n + i] = -model.rowLower[i]! * r;
    }
  }

  /** Starts a run from `basis`, or from the slack basis. */
  begin(basis: LpBasis | undefined, settings: KernelSettings): void {
    const { calls } = this.kernel;
    if (basis === undefined) calls.slackBasis(this.base);
    else this.#writeBasis(basis);
    calls.begin(
      this.base,
      basis === undefined ? 0 : 1,
      settings.method === 'primal' ? 1 : settings.method === 'dual' ? 2 : 0,
      settings.maxIterations,
      settings.feasibility,
      settings.optimality,
      settings.seed,
      settings.perturbation ? 1 : 0,
      settings.loose ? 1 : 0,
    );
  }

  /** Up to `budget` more iterations. */
  step(budget: number): number {
    return this.kernel.calls.step(this.base, budget);
  }

  count(which: number): number {
    return this.kernel.calls.counter(this.base, which);
  }

  counters(): LpCounters {
    const reasons = this.kernel.ints(this.base, Field.reasons, REFACTOR_REASONS.length);
    const refactors: Record<string, number> = {};
    REFACTOR_REASONS.forEach((reason, k) => {
      if (reasons[k]! > 0) refactors[reason] = reasons[k]!;
    });
    return {
      dualIterations: this.count(Count.dual),
      primalIterations: this.count(Count.primal),
      phase1Iterations: this.count(Count.phase1),
      refactors,
    };
  }

  #writeBasis(basis: LpBasis): void {
    const stat = this.kernel.bytes(this.base, Field.stat, this.#n + this.#m);
    stat.set(basis.columns);
    for (let i = 0; i < this.#m; i++) stat[this.#n + i] = mirrored(basis.rows[i]!);
  }

  readBasis(): LpBasis {
    const stat = this.kernel.bytes(this.base, Field.stat, this.#n + this.#m);
    return { columns: stat.slice(0, this.#n), rows: stat.slice(this.#n).map(mirrored) };
  }

  /** The point of the present basis, with nonbasic columns exactly on their bounds. */
  readPrimal(model: LpModel): Float64Array {
    this.kernel.calls.gather(this.base);
    const x = this.kernel.floats(this.base, Field.x, this.#n);
    const stat = this.kernel.bytes(this.base, Field.stat, this.#n);
    const result = new Float64Array(this.#n);
    for (let j = 0; j < this.#n; j++) {
      if (stat[j] === AT_LOWER) result[j] = model.lower[j]!;
      else if (stat[j] === AT_UPPER) result[j] = model.upper[j]!;
      else result[j] = x[j]! * (this.scaling?.columns[j] ?? 1);
    }
    return result;
  }

  /** Row duals in the model's sense and units. */
  readDual(model: LpModel): Float64Array {
    const sign = model.sense === 'maximise' ? -1 : 1;
    const d = this.kernel.floats(this.base, Field.d, this.#n + this.#m);
    const result = new Float64Array(this.#m);
    for (let i = 0; i < this.#m; i++) result[i] = -sign * d[this.#n + i]! * (this.scaling?.rows[i] ?? 1) + 0;
    return result;
  }

  /** Proof of infeasibility by rows, scaled to a largest entry of 1. */
  readFarkas(): Float64Array {
    const y = this.kernel.floats(this.base, Field.proof, this.#m);
    return normalised(Float64Array.from(y, (value, i) => -value * (this.scaling?.rows[i] ?? 1)));
  }

  /** Unbounded direction by columns, scaled to a largest entry of 1. */
  readRay(): Float64Array {
    const ray = this.kernel.floats(this.base, Field.proof, this.#n);
    return normalised(Float64Array.from(ray, (value, j) => value * (this.scaling?.columns[j] ?? 1)));
  }
}

export interface KernelSettings {
  readonly method: 'auto' | 'primal' | 'dual';
  readonly maxIterations: number;
  readonly feasibility: number;
  readonly optimality: number;
  readonly seed: number;
  readonly perturbation: boolean;
  /** Accept a proof that holds only up to the pivot tolerance. */
  readonly loose: boolean;
}

/** A slack is minus its row's activity, so lower and upper change places. */
function mirrored(status: number): number {
  return status === AT_LOWER ? AT_UPPER : status === AT_UPPER ? AT_LOWER : status;
}

function normalised(vector: Float64Array): Float64Array {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  if (largest > 0) for (let k = 0; k < vector.length; k++) vector[k]! /= largest;
  return vector;
}

export { Outcome };
