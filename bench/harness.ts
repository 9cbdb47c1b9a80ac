/**
 * What a benchmark is and what it may say. A benchmark lives in `bench/<area>/<name>.bench.ts` and
 * exports `bench: Bench`; `npm run bench [NAME…]` runs it and writes what it reports to
 * docs/benchmarks.{md,json} and docs/bench-*.svg. Nothing there is typed by hand.
 */
export interface Bench {
  /** Short and unique: `sce56`, `socp-projection`; what the command line selects by. */
  readonly name: string;
  /** Heading in docs/benchmarks.md. */
  readonly title: string;
  run(report: BenchReport): Promise<void>;
}

/** One answer of a contestant; what it leaves out is measured (time) or shown as unknown (error). */
export interface Sample {
  /** Time that counts; default: wall clock around `run`. Say in the contestant's label what it covers. */
  readonly seconds?: number;
  readonly iterations?: number;
  /** True error against an independent reference, in the comparison's `errorUnit`. */
  readonly error?: number;
  /** Further columns, the same names in every sample. */
  readonly extra?: Readonly<Record<string, number | string>>;
}

export interface Contestant {
  readonly name: string;
  /** Ratios are quoted of `ours` to each peer. */
  readonly side: 'ours' | 'peer';
  /** Called once per repeat; set-up that does not count belongs outside. */
  run(): Promise<Sample> | Sample;
  /** Why this contestant cannot run here: printed loudly and written down, never silently left out. */
  readonly unavailable?: string;
}

export interface Comparison {
  readonly title: string;
  /** What `Sample.error` is, for instance `objective, relative`. */
  readonly errorLabel?: string;
  /** Rounds; in each round every contestant runs once, in turn, so that a busy machine hits all alike. */
  readonly repeats?: number;
  /** Runs of each contestant before the first round; default 1. */
  readonly warmup?: number;
  readonly contestants: readonly Contestant[];
}

export interface KernelBench {
  readonly name: string;
  /** Does the work `operations` times over. */
  run(): void;
  /** Kernel calls in one `run`; times are reported per call. Default 1. */
  readonly operations?: number;
  /** A peer (a TypeScript twin, a native build) that does the same, beside which the ratio is quoted. */
  readonly peers?: readonly { readonly name: string; run(): void }[];
}

export interface PlotSeries {
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface BenchReport {
  /** `gate`: a quick look at kernels only, compared with bench/baseline.json. */
  readonly mode: 'full' | 'gate';
  /** Feeder size asked for with `--buses`, where given. */
  readonly buses?: number;
  /** A paragraph of Markdown. */
  note(text: string): void;
  /** A loud line on what was not measured and why; also written to the document. */
  skip(text: string): void;
  table(title: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
  /** Runs contestants in turn and reports minimum, median, error and the ratio with its spread. */
  compare(comparison: Comparison): Promise<void>;
  /** Times a kernel with the `benchmark` package, in ns per call and relative to a calibrating loop. */
  kernel(kernel: KernelBench): Promise<void>;
  /** Writes docs/bench-<name>.svg and shows it in the document. */
  plot(
    name: string,
    plot: {
      title: string;
      xLabel: string;
      yLabel: string;
      logX?: boolean;
      logY?: boolean;
      series: readonly PlotSeries[];
    },
  ): void;
}
