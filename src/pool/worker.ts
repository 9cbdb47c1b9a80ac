import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asCrowdwattError, CrowdwattError, type SerializedError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { ABI_VERSIONS, type AdmmExports, compileKernel, instantiateKernel } from '../wasm/index.js';

/** Many iterations of one party of a gang; the parties meet at barriers inside the kernel. */
export interface GangTask {
  readonly memory: WebAssembly.Memory;
  readonly context: number;
  readonly party: number;
  /** At most so many iterations. */
  readonly most: number;
}

/** A function of one file, called with plain data. */
export interface NamedTask {
  /** File below dist/src without its ending, for instance `lp/tasks`; its default export is called. */
  readonly name: string;
  readonly payload: unknown;
}

/** Errors lose their class between threads, so every answer is plain data. */
export type Answer<T> = { readonly value: T } | { readonly error: SerializedError };

async function answer<T>(work: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (thrown) {
    return { error: asCrowdwattError(thrown).toJSON() };
  }
}

/** Versions of the kernels' interfaces as this thread has them: a host can tell a stale worker. */
export function ping(): typeof ABI_VERSIONS {
  return ABI_VERSIONS;
}

/** Runs one party until its gang stops; gives back STATUS_*. */
export function gang(task: GangTask): Promise<Answer<number>> {
  return answer(() => {
    const kernel = instantiateKernel<AdmmExports>(compileKernel('admm'), task.memory);
    return kernel.exports.iterate(task.context, task.party, task.most);
  });
}

/** Runs a named task. */
export function named(task: NamedTask): Promise<Answer<unknown>> {
  return answer(async () => {
    // names are given by this package's own code; a path that leaves it is a mistake, not a request
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(task.name)) {
      throw new CrowdwattError('internal', `"${task.name}" is no task name`, { id: task.name });
    }
    const file = join(packageRoot(), 'dist', 'src', `${task.name}.js`);
    const module = (await import(pathToFileURL(file).href)) as { default?: (payload: unknown) => unknown };
    if (typeof module.default !== 'function') {
      throw new CrowdwattError('internal', `task ${task.name} has no default export to call`, { id: task.name });
    }
    return module.default(task.payload);
  });
}
