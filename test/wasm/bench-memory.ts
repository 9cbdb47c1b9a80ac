import { type AdmmExports, compileKernel, instantiateKernel, type KernelFlavor } from '../../src/wasm/index.js';

/** An ADMM kernel on a small memory of its own, with a bump allocator for test data. */
export class KernelBench {
  readonly exports: AdmmExports;
  readonly memory: WebAssembly.Memory;
  #next = 64;

  constructor(flavor: KernelFlavor, pages = 64) {
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.exports = instantiateKernel<AdmmExports>(compileKernel('admm', flavor), this.memory).exports;
  }

  put(values: ArrayLike<number>): { at: number; view: Float64Array } {
    const view = new Float64Array(this.memory.buffer, this.#next, values.length);
    view.set(values);
    const at = this.#next;
    this.#next += Math.max(8, values.length * 8);
    return { at, view };
  }

  room(doubles: number): { at: number; view: Float64Array } {
    return this.put(new Float64Array(doubles));
  }

  reset(): void {
    this.#next = 64;
  }
}

export const FLAVORS = ['scalar', 'simd'] as const satisfies readonly KernelFlavor[];
