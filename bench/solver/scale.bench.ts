import type { Case } from '../../src/model/case.js';
import { compileCase, parseCase } from '../../src/model/index.js';
import { buildScenario, generateFeeder } from '../../src/scenario/index.js';
import { type SolveOptions, solve } from '../../src/solver/index.js';
import type { Solution } from '../../src/solver/solution.js';
import type { Bench, BenchReport } from '../harness.js';
import type { Reference } from '../lib/accuracy.js';
import { ours } from '../lib/ours.js';
import { Peers } from '../lib/peers.js';
import { seconds } from '../lib/statistics.js';

const SIZES = [250, 500, 1000, 2000, 4000, 10_000];
/** Beyond this an interior point is not asked for its exact cost; the gap to the lower bound stands in. */
const MOST_FOR_IPM = 1000;
const COMPARED = 500;

/** A generated radial feeder with a load, a solar plant, a battery and a shapable load at every bus. */
function feeder(buses: number, periods: number): Case {
  const bare = generateFeeder({ buses, seed: 'bench', loaded: 1 });
  return parseCase(buildScenario(bare, { seed: 'bench', periods }));
}

/** What an independent solver says of the case: our interior point is checked against those elsewhere. */
function referenceOf(solution: Solution): Reference {
  const buses = solution.buses ?? [];
  return {
    objective: solution.objective ?? Number.NaN,
    buses: buses.map((bus) => bus.id),
    dlmpPerMwh: buses.map((bus) => bus.dlmpPerMwh ?? []),
    voltagePu: buses.map((bus) => bus.voltagePu),
  };
}

const admm: SolveOptions = { method: 'admm', tolerance: 1e-4, exactness: 'off' };

export const bench: Bench = {
  name: 'scale',
  title: 'Growing feeders, devices at every bus',
  run: async (report) => {
    if (report.buses !== undefined) {
      await growth(report, [report.buses]);
      return;
    }
    await compared(report);
    await growth(report, SIZES);
    await singlePeriod(report);
  },
};

async function compared(report: BenchReport): Promise<void> {
  const source = feeder(COMPARED, 24);
  const reference = referenceOf(await solve(source, { method: 'ipm', tolerance: 1e-8, exactness: 'off' }));
  const peers = await Peers.open(compileCase(source), reference);
  try {
    await report.compare({
      title: `${COMPARED} buses × 24 periods, cold`,
      errorLabel: 'cost against ipm at 1e-8, relative',
      repeats: 3,
      contestants: [
        await ours('admm 1e-4, 1 worker', source, { ...admm, workers: 1 }, reference),
        await ours('admm 1e-4, 2 workers', source, { ...admm, workers: 2 }, reference),
        await ours('ipm 1e-8', source, { method: 'ipm', tolerance: 1e-8, workers: 1 }, reference),
        peers.native('clarabel'),
        peers.native('clarabel', 1e-4),
      ],
    });
  } finally {
    peers.close();
  }
}

async function growth(report: BenchReport, sizes: readonly number[]): Promise<void> {
  const points: [number, number][] = [];
  const rows: (string | number)[][] = [];
  for (const buses of sizes) {
    const source = feeder(buses, 24);
    const solution = await solve(source, admm);
    const time = solution.seconds.setup + solution.seconds.solve;
    points.push([buses, time]);
    let exact = '';
    if (buses <= MOST_FOR_IPM && solution.objective !== undefined) {
      const ipm = await solve(source, { method: 'ipm', tolerance: 1e-8, exactness: 'off' });
      const error = Math.abs(solution.objective - (ipm.objective ?? Number.NaN)) / Math.abs(ipm.objective ?? 1);
      exact = error.toExponential(1);
    }
    rows.push([
      buses.toString(),
      (source.solar.length + source.batteries.length + source.shapables.length).toString(),
      solution.status,
      solution.iterations.toString(),
      seconds(time),
      seconds(time / buses),
      solution.certificate?.relativeGap.toExponential(1) ?? '',
      exact,
    ]);
  }
  const columns = ['buses', 'devices', 'status', 'iterations', 'set-up + solve', 'per bus', 'gap', 'true cost error'];
  report.table('admm at 1e-4, 24 periods, workers as it chooses', columns, rows);
  report.note(
    `Peak resident memory of this process so far: ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GB.`,
  );
  if (points.length < 3) return;
  const [first, last] = [points[0]!, points.at(-1)!];
  const order = Math.log(last[1] / first[1]) / Math.log(last[0] / first[0]);
  report.note(`From ${first[0]} to ${last[0]} buses time grows like buses^${order.toFixed(2)}.`);
  report.plot('scale', {
    title: 'Time to 1e-4 by size of the feeder, 24 periods',
    xLabel: 'buses',
    yLabel: 'seconds',
    logX: true,
    logY: true,
    series: [
      { label: 'admm', points },
      { label: 'linear in buses', points: points.map(([x]) => [x, (first[1] * x) / first[0]]) },
    ],
  });
}

async function singlePeriod(report: BenchReport): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const buses of [2065, 100_000]) {
    const source = feeder(buses, 1);
    const solution = await solve(source, admm);
    const time = solution.seconds.setup + solution.seconds.solve;
    rows.push([buses.toString(), solution.status, solution.iterations.toString(), seconds(time)]);
  }
  report.table('admm at 1e-4, one period', ['buses', 'status', 'iterations', 'set-up + solve'], rows);
  report.note(
    '2,065 buses is the size of the feeder on which Peng and Low (CDC 2014) report 1,153 s of sequential work for one period.',
  );
}
