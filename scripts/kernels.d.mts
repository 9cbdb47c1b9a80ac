export interface Kernel {
  readonly name: string;
  readonly entry: string;
  readonly targets: readonly string[];
  readonly shared: boolean;
  readonly flags?: readonly string[];
}
export const KERNELS: readonly Kernel[];
