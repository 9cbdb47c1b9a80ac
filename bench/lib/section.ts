/** What one benchmark found, as plain data: docs/benchmarks.json holds these, the Markdown is made from them. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** ISO date. */
  readonly measured: string;
  readonly machine: string;
  readonly commit: string;
  readonly blocks: Block[];
}

export type Block =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'skip'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly title: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'comparison';
      readonly title: string;
      readonly errorLabel?: string;
      readonly results: readonly Measured[];
    }
  | { readonly kind: 'kernel'; readonly results: readonly KernelMeasured[] }
  | { readonly kind: 'plot'; readonly title: string; readonly file: string };

export interface Measured {
  readonly name: string;
  readonly side: 'ours' | 'peer';
  readonly seconds: readonly number[];
  readonly iterations?: number;
  readonly error?: number;
  readonly extra?: Readonly<Record<string, number | string>>;
}

export interface KernelMeasured {
  readonly name: string;
  readonly peer: boolean;
  /** Per call. */
  readonly nanoseconds: number;
  /** Relative margin of error, %. */
  readonly marginPercent: number;
  /** Time per call ÷ time of one turn of the calibrating loop on the same machine in the same run. */
  readonly toCalibration: number;
}
