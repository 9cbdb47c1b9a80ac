import { CrowdwattError } from '../errors.js';

/** Which build of a kernel module runs: both have the same exports and give the same answers. */
export type KernelFlavor = 'scalar' | 'simd';

/** `(func (result v128) i32.const 0 i8x16.splat)`: validates only where fixed-width SIMD exists. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b],
);

/** Whether this engine runs fixed-width SIMD. */
export function simdSupported(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * The flavor to load: SIMD where the engine has it, unless the environment variable
 * CROWDWATT_KERNELS says `scalar` or `simd`.
 */
export function chooseFlavor(environment: NodeJS.ProcessEnv = process.env): KernelFlavor {
  const wanted = environment.CROWDWATT_KERNELS;
  if (wanted === undefined || wanted === '') return simdSupported() ? 'simd' : 'scalar';
  if (wanted !== 'scalar' && wanted !== 'simd') {
    throw new CrowdwattError('usage', `CROWDWATT_KERNELS is "${wanted}"; it must be scalar or simd`);
  }
  return wanted;
}
