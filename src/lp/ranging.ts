import { Field } from './kernel.js';
import type { LoadedProgram } from './loaded.js';
import { activity } from './quality.js';
import { BasisStatus, type LpModel } from './types.js';

/**
 * How far one number may move, all others kept, with the basis still optimal. Within these ranges the
 * objective changes linearly: by the primal value per unit of cost, by the dual per unit of limit.
 */
export interface LpRanging {
  /** Cost of each column. */
  readonly costFrom: Float64Array;
  readonly costTo: Float64Array;
  /** Limit of each row that binds; where none binds, both are the activity, up to which either limit may come. */
  readonly rowFrom: Float64Array;
  readonly rowTo: Float64Array;
  /** Bound of each nonbasic column; for a basic one both are its value. */
  readonly boundFrom: Float64Array;
  readonly boundTo: Float64Array;
}

const TINY = 1e-11;

export function rangeAll(program: LoadedProgram, model: LpModel): LpRanging {
  const { rowCount: m, columnCount: n } = model;
  const sign = model.sense === 'maximise' ? -1 : 1;
  const t = new Tableau(program, m, n);
  const costFrom = new Float64Array(n);
  const costTo = new Float64Array(n);
  const boundFrom = new Float64Array(n);
  const boundTo = new Float64Array(n);
  const x = program.readPrimal(model);
  const rows = activity(model, x);
  const rowFrom = rows.slice();
  const rowTo = rows.slice();
  const setCost = (j: number, down: number, up: number) => {
    const scale = program.scaling?.columns[j] ?? 1;
    const low = model.cost[j]! + (sign > 0 ? down : -up) / scale;
    const high = model.cost[j]! + (sign > 0 ? up : -down) / scale;
    costFrom[j] = low;
    costTo[j] = high;
  };
  for (let j = 0; j < n; j++) {
    boundFrom[j] = x[j]!;
    boundTo[j] = x[j]!;
    if (t.stat[j] === BasisStatus.basic) continue;
    const d = t.d[j]!;
    if (t.lower[j] === t.upper[j]) setCost(j, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    else if (t.stat[j] === BasisStatus.atLower) setCost(j, -d, Number.POSITIVE_INFINITY);
    else if (t.stat[j] === BasisStatus.atUpper) setCost(j, Number.NEGATIVE_INFINITY, -d);
    else setCost(j, 0, 0);
    if (t.stat[j] === BasisStatus.free) continue;
    const [down, up] = t.roomOf(j);
    const scale = program.scaling?.columns[j] ?? 1;
    boundFrom[j] = x[j]! + down * scale;
    boundTo[j] = x[j]! + up * scale;
  }
  for (let i = 0; i < m; i++) {
    if (t.head[i]! < n) setCost(t.head[i]!, ...t.costRoomOf(i));
    const slack = n + i;
    if (t.stat[slack] === BasisStatus.basic || t.stat[slack] === BasisStatus.free) continue;
    const [down, up] = t.roomOf(slack);
    const scale = program.scaling?.rows[i] ?? 1;
    // The slack is minus the activity.
    rowFrom[i] = rows[i]! - up / scale;
    rowTo[i] = rows[i]! - down / scale;
  }
  return { costFrom, costTo, rowFrom, rowTo, boundFrom, boundTo };
}

/** Rows and columns of the optimal tableau, in the kernel's scaled terms. */
class Tableau {
  readonly #program: LoadedProgram;
  readonly #m: number;
  readonly #n: number;
  readonly stat: Uint8Array;
  readonly d: Float64Array;
  readonly head: Int32Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly #x: Float64Array;
  readonly #start: Int32Array;
  readonly #index: Int32Array;
  readonly #value: Float64Array;

  constructor(program: LoadedProgram, m: number, n: number) {
    const { kernel, base } = program;
    kernel.calls.gather(base);
    this.#program = program;
    this.#m = m;
    this.#n = n;
    this.stat = kernel.bytes(base, Field.stat, n + m).slice();
    this.d = kernel.floats(base, Field.d, n + m).slice();
    this.head = kernel.ints(base, Field.head, m).slice();
    this.lower = kernel.floats(base, Field.lower, n + m).slice();
    this.upper = kernel.floats(base, Field.upper, n + m).slice();
    this.#x = kernel.floats(base, Field.x, n + m).slice();
    this.#start = kernel.ints(base, Field.aStart, n + 1).slice();
    const nnz = this.#start[n]!;
    this.#index = kernel.ints(base, Field.aIdx, nnz).slice();
    this.#value = kernel.floats(base, Field.aVal, nnz).slice();
  }

  #solve(fill: (work: Float64Array) => void, transposed: boolean): Float64Array {
    const { kernel, base } = this.#program;
    const work = kernel.floats(base, Field.work, this.#m);
    work.fill(0);
    fill(work);
    kernel.calls.basisSolve(base, transposed ? 1 : 0);
    return kernel.floats(base, Field.work, this.#m);
  }

  /** How far nonbasic variable v may move down and up before a basic one meets a bound. */
  roomOf(v: number): [number, number] {
    const alpha = this.#solve((work) => {
      if (v >= this.#n) work[v - this.#n] = 1;
      else for (let k = this.#start[v]!; k < this.#start[v + 1]!; k++) work[this.#index[k]!] = this.#value[k]!;
    }, false);
    let down = Number.NEGATIVE_INFINITY;
    let up = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#m; i++) {
      const a = alpha[i]!;
      if (Math.abs(a) < TINY) continue;
      const b = this.head[i]!;
      const toLower = (this.#x[b]! - this.lower[b]!) / a;
      const toUpper = (this.#x[b]! - this.upper[b]!) / a;
      up = Math.min(up, Math.max(toLower, toUpper, 0));
      down = Math.max(down, Math.min(toLower, toUpper, 0));
    }
    return [down, up];
  }

  /** How far the cost of the variable basic in row p may move before another one wants in. */
  costRoomOf(p: number): [number, number] {
    const rho = this.#solve((work) => {
      work[p] = 1;
    }, true).slice();
    let down = Number.NEGATIVE_INFINITY;
    let up = Number.POSITIVE_INFINITY;
    for (let j = 0; j < this.#n + this.#m; j++) {
      if (this.stat[j] === BasisStatus.basic || this.lower[j] === this.upper[j]) continue;
      let a = 0;
      if (j >= this.#n) a = rho[j - this.#n]!;
      else for (let k = this.#start[j]!; k < this.#start[j + 1]!; k++) a += this.#value[k]! * rho[this.#index[k]!]!;
      if (Math.abs(a) < TINY) continue;
      if (this.stat[j] === BasisStatus.free) return [0, 0];
      const ratio = this.d[j]! / a;
      // At a lower bound the reduced cost must stay ≥ 0, at an upper one ≤ 0.
      if (this.stat[j] === BasisStatus.atLower ? a > 0 : a < 0) up = Math.min(up, Math.max(ratio, 0));
      else down = Math.max(down, Math.min(ratio, 0));
    }
    return [down, up];
  }
}
