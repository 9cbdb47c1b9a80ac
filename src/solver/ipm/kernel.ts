import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import { packageRoot } from '../../package-root.js';
import { ABI_VERSION, PLAN_BYTES } from './abi.js';

/** Exports of dist/kernels/ipm.*.wasm; every one takes the byte offset of a Plan. */
export interface IpmKernel {
  readonly memory: WebAssembly.Memory;
  abiVersion(): number;
  planBytes(): number;
  /** Scales the numbers in place; `keep` ≠ 0: with the scaling found before. */
  equilibrate(plan: number, keep: number): void;
  initialise(plan: number): void;
  /** 0: stepped; 1: a point left its cone; 2: a number stopped being finite. */
  iterate(plan: number): number;
  residuals(plan: number): void;
  factorValues(plan: number): number;
  solveValues(plan: number): void;
  assembleAndFactor(plan: number): void;
  /** Symbolic analysis on an Analysis (sparse/symbolic.ts). */
  analysisBytes(): number;
  analyseTree(analysis: number): void;
  analyseFronts(analysis: number): void;
}

export type KernelTarget = 'simd' | 'scalar';

const compiled = new Map<KernelTarget, WebAssembly.Module>();

/** (module (func (result v128) i32.const 0 i8x16.splat)) */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** Instantiates the module on a memory of its own of at least `bytes` bytes. */
export function openKernel(bytes: number, target?: KernelTarget): IpmKernel {
  const chosen = target ?? (WebAssembly.validate(SIMD_PROBE) ? 'simd' : 'scalar');
  let module = compiled.get(chosen);
  if (module === undefined) {
    module = new WebAssembly.Module(readFileSync(join(packageRoot(), 'dist', 'kernels', `ipm.${chosen}.wasm`)));
    compiled.set(chosen, module);
  }
  const pages = Math.ceil(bytes / 65536);
  if (pages > 65536) {
    throw new CrowdwattError(
      'memory/limit',
      `the interior point needs ${(bytes / 1e9).toFixed(1)} GB; WebAssembly addresses 4 GB at most`,
    );
  }
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernel = { ...exports, memory } as unknown as IpmKernel;
  if (kernel.abiVersion() !== ABI_VERSION || kernel.planBytes() !== PLAN_BYTES) {
    throw new CrowdwattError(
      'kernel/abi',
      `ipm kernel has ABI ${kernel.abiVersion()} with ${kernel.planBytes()} bytes, expected ${ABI_VERSION} with ${PLAN_BYTES}: run the build again`,
    );
  }
  return kernel;
}
