import { createRequire } from 'node:module';
import { lineChart } from '../../src/report/charts.js';
import type { BenchReport, Comparison, Contestant, KernelBench, Sample } from '../harness.js';
import { calibrate } from './calibrate.js';
import type { KernelMeasured, Measured, Section } from './section.js';
import { digits, median, seconds } from './statistics.js';

/** Collects what a benchmark reports into a section, saying it aloud at once. */
export class Recorder implements BenchReport {
  /** File name → SVG text. */
  readonly plots = new Map<string, string>();

  constructor(
    readonly section: Section,
    readonly mode: 'full' | 'gate',
    readonly buses?: number,
  ) {}

  note(text: string): void {
    say(text);
    this.section.blocks.push({ kind: 'note', text });
  }

  skip(text: string): void {
    say(`NOT MEASURED: ${text}`);
    this.section.blocks.push({ kind: 'skip', text });
  }

  table(title: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? digits(cell, 4) : cell)));
    say([title, columns.join('  '), ...cells.map((row) => row.join('  '))].join('\n    '));
    this.section.blocks.push({ kind: 'table', title, columns, rows: cells });
  }

  async compare(comparison: Comparison): Promise<void> {
    const { title, errorLabel, repeats = 5, warmup = 1 } = comparison;
    const field: { contestant: Contestant; samples: Sample[]; times: number[] }[] = [];
    for (const contestant of comparison.contestants) {
      if (contestant.unavailable) this.skip(`${title}: ${contestant.name}: ${contestant.unavailable}`);
      else field.push({ contestant, samples: [], times: [] });
    }
    for (let round = -warmup; round < repeats; round++) {
      for (const { contestant, samples, times } of field) {
        const start = process.hrtime.bigint();
        const sample = await contestant.run();
        const wall = Number(process.hrtime.bigint() - start) / 1e9;
        if (round < 0) continue;
        samples.push(sample);
        times.push(sample.seconds ?? wall);
      }
    }
    const results: Measured[] = field.map(({ contestant, samples, times }) => {
      const last = samples.at(-1);
      const errors = samples.flatMap((sample) => (sample.error === undefined ? [] : [sample.error]));
      return {
        name: contestant.name,
        side: contestant.side,
        seconds: times,
        iterations: last?.iterations,
        error: errors.length > 0 ? Math.max(...errors) : undefined,
        extra: last?.extra,
      };
    });
    say(title);
    for (const result of results) {
      const error = result.error === undefined ? '' : `, error ${digits(result.error)}`;
      const steps = result.iterations === undefined ? '' : `, ${result.iterations} iterations`;
      say(
        `${result.name}: min ${seconds(Math.min(...result.seconds))}, median ${seconds(median(result.seconds))}${steps}${error}`,
      );
    }
    this.section.blocks.push({ kind: 'comparison', title, errorLabel, results });
  }

  async kernel(kernel: KernelBench): Promise<void> {
    const runs = [{ name: kernel.name, run: kernel.run, peer: false }];
    for (const peer of kernel.peers ?? []) runs.push({ name: peer.name, run: peer.run, peer: true });
    const results: KernelMeasured[] = [];
    for (const { name, run, peer } of runs) {
      if (peer && this.mode === 'gate') continue;
      const before = calibrate();
      const timed = this.mode === 'gate' ? quickly(run) : timedByBenchmark(name, run);
      if (timed === undefined) {
        this.skip(`${name}: the package benchmark is not installed`);
        return;
      }
      const perCall = timed.seconds / (kernel.operations ?? 1);
      const toCalibration = perCall / Math.min(before, calibrate());
      results.push({ name, peer, nanoseconds: perCall * 1e9, marginPercent: timed.marginPercent, toCalibration });
      say(
        `${name}: ${digits(perCall * 1e9)} ns ±${digits(timed.marginPercent, 2)} %, ${digits(toCalibration)} of a calibrating loop`,
      );
    }
    this.section.blocks.push({ kind: 'kernel', results });
  }

  plot(name: string, plot: Parameters<BenchReport['plot']>[1]): void {
    const file = `bench-${name}.svg`;
    this.plots.set(file, lineChart({ ...plot, standalone: true }));
    this.section.blocks.push({ kind: 'plot', title: plot.title, file });
  }
}

const say = (text: string): void => console.error(`  ${text}`);

interface Timed {
  readonly seconds: number;
  readonly marginPercent: number;
}

interface Suite {
  run(options: { async: boolean }): void;
  readonly stats: { readonly sample: readonly number[]; readonly rme: number };
  readonly error?: unknown;
}

function timedByBenchmark(name: string, run: () => void): Timed | undefined {
  let Benchmark: new (name: string, fn: () => void, options: object) => Suite;
  try {
    Benchmark = createRequire(import.meta.url)('benchmark');
  } catch {
    return undefined;
  }
  const suite = new Benchmark(name, run, { maxTime: 1 });
  suite.run({ async: false });
  if (suite.error) throw suite.error;
  // The fastest sample: what else the machine does can only slow a kernel down.
  return { seconds: Math.min(...suite.stats.sample), marginPercent: suite.stats.rme };
}

/** The gate asks for a factor of three, not for three digits: the fastest of repeated batches is enough. */
function quickly(run: () => void): Timed {
  for (let k = 0; k < 20; k++) run();
  let best = Number.POSITIVE_INFINITY;
  const until = Date.now() + 200;
  while (Date.now() < until) {
    const start = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  return { seconds: best, marginPercent: 0 };
}
