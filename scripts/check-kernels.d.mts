export interface WasmModule {
  readonly sections: Map<number, number>;
  readonly imports: { readonly name: string; readonly kind: string; readonly shared: boolean }[];
  readonly exports: string[];
}
export function parseModule(bytes: Uint8Array): WasmModule;
export function moduleProblems(module: WasmModule, shared: boolean): string[];
export function checkKernels(): string[];
