import { CrowdwattError } from '../errors.js';

const PAGE_BYTES = 65_536;
/** WebAssembly's 32-bit address space. */
const MAX_PAGES = 65_536;
/** Byte 0 stays unused, so that offset 0 can mean "none". */
const FIRST_OFFSET = 64;

/** A stretch of memory that the plan gave out. */
export interface Region {
  /** In bytes. */
  readonly offset: number;
  /** In elements. */
  readonly length: number;
}

/**
 * Plans where everything lies in one linear memory before that memory exists: kernels have no
 * allocator. Regions start on cache lines, so that threads do not share one by accident.
 */
export class MemoryPlan {
  #next = FIRST_OFFSET;

  /** `length` doubles. */
  f64(length: number): Region {
    return this.#take(length, 8);
  }

  /** `length` 32-bit integers. */
  i32(length: number): Region {
    return this.#take(length, 4);
  }

  /** Bytes planned so far. */
  get bytes(): number {
    return this.#next;
  }

  /**
   * Memory of exactly the planned size (it never grows).
   * @throws CrowdwattError `memory/limit` above 4 GiB or where the system has no more.
   */
  allocate(options: { shared: boolean }): WebAssembly.Memory {
    const pages = Math.max(1, Math.ceil(this.#next / PAGE_BYTES));
    const needs = `${Math.ceil(this.#next / 2 ** 20)} MiB`;
    if (pages > MAX_PAGES) {
      throw new CrowdwattError('memory/limit', `the problem needs ${needs}; WebAssembly addresses 4096 MiB`);
    }
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: options.shared });
    } catch (cause) {
      throw new CrowdwattError('memory/limit', `the system gives no memory of ${needs}`, {}, { cause });
    }
  }

  #take(length: number, width: number): Region {
    const offset = this.#next;
    this.#next = offset + Math.ceil((length * width) / 64) * 64;
    return { offset, length };
  }
}

export function viewF64(memory: WebAssembly.Memory, region: Region): Float64Array {
  return new Float64Array(memory.buffer, region.offset, region.length);
}

export function viewI32(memory: WebAssembly.Memory, region: Region): Int32Array {
  return new Int32Array(memory.buffer, region.offset, region.length);
}
