/**
 * Version of the interface between the kernels (assembly/) and their hosts (src/), one per module.
 * Each module exports `abiVersion()`; loading compares the two, so that a stale build is an error in
 * one line and not a wrong number.
 */
export const ABI_VERSIONS = {
  admm: 1,
  ipm: 1,
  simplex: 1,
} as const;

export type KernelName = keyof typeof ABI_VERSIONS;
