import { compileKernel, instantiateKernel } from '../wasm/index.js';

/** Entry points of assembly/simplex.ts. */
export interface SimplexExports {
  abiVersion(): number;
  create(m: number, n: number, nnz: number): number;
  pointer(base: number, which: number): number;
  finishMatrix(base: number): void;
  begin(
    base: number,
    warm: number,
    method: number,
    maxIterations: number,
    finalP: number,
    finalD: number,
    seed: number,
    perturb: number,
    loose: number,
  ): void;
  step(base: number, budget: number): number;
  stop(base: number): void;
  gather(base: number): void;
  basisSolve(base: number, transposed: number): void;
  slackBasis(base: number): void;
  counter(base: number, which: number): number;
}

/** Numbers that `pointer` understands. */
export const Field = {
  aStart: 0,
  aIdx: 1,
  aVal: 2,
  cost: 3,
  lower: 4,
  upper: 5,
  stat: 6,
  x: 7,
  d: 8,
  proof: 9,
  reasons: 10,
  work: 11,
  head: 12,
} as const;

/** Numbers that `counter` understands. */
export const Count = {
  iterations: 0,
  dual: 1,
  primal: 2,
  phase1: 3,
  refactors: 4,
  infeasibleP: 5,
  infeasibleD: 6,
  maxP: 7,
  maxD: 8,
  objective: 9,
  stage: 10,
  sumP: 11,
  top: 12,
} as const;

/** Results of `step`. */
export const Outcome = {
  running: 0,
  optimal: 1,
  infeasible: 2,
  unbounded: 3,
  iterationLimit: 4,
  numerical: 5,
} as const;

/** Reasons of a fresh factorisation, in the kernel's order. */
export const REFACTOR_REASONS = [
  'start',
  'update limit',
  'work',
  'pivot mismatch',
  'diagonal mismatch',
  'confirm optimum',
  'confirm ray',
  'small pivot',
  'change of algorithm',
  'dual drift',
] as const;

/** Idle instances kept for the next program, and the memory above which one is let go instead. */
const KEEP = 2;
const KEEP_BYTES = 64 * 1024 * 1024;

/** One instance of the kernel with its own memory; holds one program at a time. */
export class SimplexKernel {
  readonly calls: SimplexExports;
  readonly memory: WebAssembly.Memory;

  private constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    // The inner loops gather through indices, where v128 has nothing to offer: one build serves all machines.
    this.calls = instantiateKernel<SimplexExports>(compileKernel('simplex', 'scalar'), this.memory).exports;
  }

  static readonly #idle: SimplexKernel[] = [];

  /** An idle instance, or a new one. */
  static acquire(): SimplexKernel {
    return SimplexKernel.#idle.pop() ?? new SimplexKernel();
  }

  /** Gives the instance back for the next program. */
  release(): void {
    if (SimplexKernel.#idle.length < KEEP && this.memory.buffer.byteLength <= KEEP_BYTES)
      SimplexKernel.#idle.push(this);
  }

  floats(base: number, field: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, this.calls.pointer(base, field), count);
  }

  ints(base: number, field: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, this.calls.pointer(base, field), count);
  }

  bytes(base: number, field: number, count: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.calls.pointer(base, field), count);
  }
}
