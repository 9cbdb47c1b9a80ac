import { compileCase, readCase } from '../../src/model/index.js';
import type { Bench, BenchReport, Contestant } from '../harness.js';
import { caseFile, readReference } from './accuracy.js';
import { ours } from './ours.js';
import { type NativeSolver, Peers } from './peers.js';

export interface SolverBenchOptions {
  /** Name of the case's file, without `.json`; also the benchmark's. */
  readonly name: string;
  readonly title: string;
  readonly repeats: number;
  /** Accuracies at which native peers run; undefined: their default. */
  readonly peers: readonly (readonly [NativeSolver, number | undefined])[];
  /** Also the WebAssembly build of SCS (minutes on large cases). */
  readonly scsWasm?: boolean;
}

/** ADMM and interior point beside their peers on one case: cold, set-up and solve. */
export function solverBench(options: SolverBenchOptions): Bench {
  return { name: options.name, title: options.title, run: (report) => run(options, report) };
}

async function run(options: SolverBenchOptions, report: BenchReport): Promise<void> {
  const file = caseFile(`${options.name}.json`);
  if (file === undefined) {
    report.skip(`${options.name}.json is not on this machine (CROWDWATT_CASES names the folder)`);
    return;
  }
  const source = await readCase(file);
  const problem = compileCase(source);
  const reference = readReference(options.name);
  const devices = source.solar.length + source.batteries.length + source.shapables.length;
  report.note(
    `${source.buses.length} buses, ${source.periods} periods, ${devices} devices. Set-up and solve, from cold.`,
  );
  if (reference === undefined) report.skip(`${options.name}: no reference, so true errors are not known`);
  const peers = await Peers.open(problem, reference);
  try {
    const contestants: Contestant[] = [
      await ours('admm 1e-4, 1 worker', source, { method: 'admm', tolerance: 1e-4, workers: 1 }, reference),
      await ours('admm 1e-4, 2 workers', source, { method: 'admm', tolerance: 1e-4, workers: 2 }, reference),
      await ours('ipm 1e-8', source, { method: 'ipm', tolerance: 1e-8, workers: 1 }, reference),
      ...options.peers.map(([solver, tolerance]) => peers.native(solver, tolerance)),
    ];
    if (options.scsWasm) contestants.push(await peers.scsWasm(1e-4));
    await report.compare({
      title: `${options.name}, cold`,
      errorLabel: 'cost, relative',
      repeats: options.repeats,
      contestants,
    });
  } finally {
    peers.close();
  }
}
