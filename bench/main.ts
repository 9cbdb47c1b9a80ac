import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CrowdwattError } from '../src/errors.js';
import type { Bench } from './harness.js';
import { gate, writeBaseline } from './lib/gate.js';
import { commitLine, machineLine } from './lib/machine.js';
import { toMarkdown } from './lib/markdown.js';
import { Recorder } from './lib/recorder.js';
import type { Section } from './lib/section.js';

export interface BenchOptions {
  /** Benchmarks or areas to run; none: all. */
  readonly names: readonly string[];
  readonly mode: 'full' | 'gate' | 'baseline';
  readonly buses?: number;
  /** Folder for benchmarks.md, benchmarks.json and the plots; none: nothing is written. */
  readonly out?: string;
  /** Ends the run after the benchmark that is under way. */
  readonly signal?: AbortSignal;
}

export interface BenchOutcome {
  readonly sections: readonly Section[];
  /** What failed the gate, one line each. */
  readonly failed: readonly string[];
}

interface Found extends Bench {
  /** Folder below bench/: `kernels`, `solver`, … */
  readonly area: string;
}

/** Every `<area>/<name>.bench.js` beside this file. */
export async function findBenches(): Promise<Found[]> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((file) => /\.bench\.[jt]s$/.test(file));
  const found: Found[] = [];
  for (const file of files.sort()) {
    const path = join(here, file);
    const { bench } = (await import(pathToFileURL(path).href)) as { bench: Bench };
    found.push({
      area: relative(here, path).split(/[\\/]/)[0]!,
      name: bench.name,
      title: bench.title,
      run: (r) => bench.run(r),
    });
  }
  return found;
}

/** Runs benchmarks and, where asked, writes their document. */
export async function runBenches(options: BenchOptions): Promise<BenchOutcome> {
  const all = await findBenches();
  const chosen = choose(all, options);
  const machine = machineLine();
  console.error(machine);
  const sections: Section[] = [];
  for (const bench of chosen) {
    options.signal?.throwIfAborted();
    console.error(`\n${bench.name}: ${bench.title}`);
    const measured = new Date().toISOString();
    const section: Section = {
      name: bench.name,
      title: bench.title,
      measured,
      machine,
      commit: commitLine(),
      blocks: [],
    };
    const recorder = new Recorder(section, options.mode === 'full' ? 'full' : 'gate', options.buses);
    await bench.run(recorder);
    sections.push(section);
    if (options.out) writeOut(options.out, all, section, recorder.plots);
  }
  if (options.mode === 'baseline') writeBaseline(sections);
  return { sections, failed: options.mode === 'gate' ? gate(sections) : [] };
}

function choose(all: readonly Found[], options: BenchOptions): readonly Found[] {
  if (options.mode !== 'full') return all.filter((bench) => bench.area === 'kernels');
  for (const name of options.names) {
    if (all.some((bench) => bench.name === name || bench.area === name)) continue;
    const known = all.map((bench) => bench.name).join(', ');
    throw new CrowdwattError('usage', `no benchmark is called ${name}; there are ${known}`);
  }
  if (options.names.length === 0) return all;
  return all.filter((bench) => options.names.includes(bench.name) || options.names.includes(bench.area));
}

/** Written after each benchmark, so that an interrupted run keeps what it has. Sections not run now stay as they are. */
function writeOut(folder: string, all: readonly Found[], section: Section, plots: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'benchmarks.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Section[]) : [];
  const place = (name: string) => all.findIndex((bench) => bench.name === name);
  const kept = before.filter((other) => other.name !== section.name && place(other.name) >= 0);
  const sections = [...kept, section].sort((a, b) => place(a.name) - place(b.name));
  writeFileSync(file, `${JSON.stringify(sections, null, 1)}\n`);
  writeFileSync(join(folder, 'benchmarks.md'), toMarkdown(sections));
  for (const [name, svg] of plots) writeFileSync(join(folder, name), svg);
}
