import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Imports, instantiateSync } from '@assemblyscript/loader';
import { CrowdwattError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { ABI_VERSIONS, type KernelName } from './abi.js';
import { chooseFlavor, type KernelFlavor } from './flavor.js';

/** A compiled module: it may be posted to worker threads, which instantiate it on their own. */
export interface CompiledKernel {
  readonly name: KernelName;
  readonly flavor: KernelFlavor;
  readonly module: WebAssembly.Module;
}

export interface Kernel<Exports> {
  readonly name: KernelName;
  readonly flavor: KernelFlavor;
  readonly exports: Exports & { abiVersion(): number };
}

const compiled = new Map<string, CompiledKernel>();

/**
 * Reads and compiles dist/kernels/<name>.<flavor>.wasm, once per process and flavor.
 * @throws CrowdwattError `kernel/abi` where the file is missing or does not compile.
 */
export function compileKernel(name: KernelName, flavor: KernelFlavor = chooseFlavor()): CompiledKernel {
  const key = `${name}.${flavor}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const file = join(packageRoot(), 'dist', 'kernels', `${key}.wasm`);
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(readFileSync(file));
  } catch (cause) {
    throw new CrowdwattError(
      'kernel/abi',
      `kernel ${key} cannot be loaded; run: npm run build`,
      { id: key },
      { cause },
    );
  }
  const kernel = { name, flavor, module };
  compiled.set(key, kernel);
  return kernel;
}

/**
 * One instance of a kernel. `memory` becomes `env.memory` of modules that import it; modules with a
 * memory of their own are given none.
 * @throws CrowdwattError `kernel/abi` where the build's interface version is not this code's.
 */
export function instantiateKernel<Exports>(kernel: CompiledKernel, memory?: WebAssembly.Memory): Kernel<Exports> {
  // Kernels have no assertions and no managed objects; `abort` is there because the loader expects it.
  const imports: Imports = {
    env: {
      ...(memory === undefined ? {} : { memory }),
      abort: (_message: number, _file: number, line: number) => {
        throw new CrowdwattError('internal', `kernel ${kernel.name} aborted at line ${line}`);
      },
    },
  };
  const { instance } = instantiateSync(kernel.module, imports);
  const exports = instance.exports as unknown as Exports & { abiVersion(): number };
  const version = exports.abiVersion();
  const expected = ABI_VERSIONS[kernel.name];
  if (version !== expected) {
    const message = `kernel ${kernel.name} has interface version ${version}, this build needs ${expected}; run: npm run build`;
    throw new CrowdwattError('kernel/abi', message, { id: kernel.name });
  }
  return { name: kernel.name, flavor: kernel.flavor, exports };
}
