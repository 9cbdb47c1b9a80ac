// The WebAssembly modules of the project: one entry each, compiled once scalar and once with SIMD.
// `shared` modules run many instances on one shared memory and must hold no data, start function or globals.
export const KERNELS = [
  { name: 'admm', entry: 'assembly/admm.ts', targets: ['shared-scalar', 'shared-simd'], shared: true },
  { name: 'ipm', entry: 'assembly/ipm.ts', targets: ['scalar', 'simd'], shared: false },
  // Index-driven throughout: v128 has nothing to load side by side, so one build serves every machine.
  { name: 'simplex', entry: 'assembly/simplex.ts', targets: ['scalar'], shared: false },
];
