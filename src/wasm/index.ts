export { ABI_VERSIONS, type KernelName } from './abi.js';
export type { AdmmExports } from './admm-kernel.js';
export { chooseFlavor, type KernelFlavor, simdSupported } from './flavor.js';
export { MemoryPlan, type Region, viewF64, viewI32 } from './layout.js';
export { type CompiledKernel, compileKernel, instantiateKernel, type Kernel } from './load.js';
