import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StressReport } from '../../market/stress.js';
import type { Method } from '../../solver/solution.js';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface Flags {
  readonly decline: readonly number[];
  readonly samples: number;
  readonly seed: number;
  readonly method?: Method;
  readonly out?: string;
  readonly plot?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('stress')
    .description('what refusals cost: a random share of the tasks is declined, many times over')
    .argument('<case>', 'case file, crowdwatt-case/1')
    .option(
      '--decline <range>',
      "shares declined: '0..0.6' in steps of 0.1, '0..0.5/0.05', or '0,0.2,0.4'",
      shares,
      shares('0..0.6'),
    )
    .option('--samples <n>', 'draws for each share', integerBetween(1, 100_000), 20)
    .option('--seed <n>', 'the same seed gives the same draws', integerBetween(0, 2 ** 31), 1)
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .option('--out <file>', 'crowdwatt-stress/1; - is standard output')
    .option('--plot <file>', 'SVG of cost and shortfall by share')
    .action(async (path: string, flags: Flags) => {
      const { readCase } = await import('../../model/index.js');
      const { stress } = await import('../../market/stress.js');
      const { decline, samples, seed, method } = flags;
      const report = await stress(await readCase(path), { decline, samples, seed, method, ...context.hooks() });
      await context.writeOutput(flags.out, report);
      if (flags.plot !== undefined) await context.writeOutput(flags.plot, await plot(report));
      context.print(table(report));
    });
}

function shares(text: string): number[] {
  const range = /^(\d*\.?\d+)\.\.(\d*\.?\d+)(?:\/(\d*\.?\d+))?$/.exec(text);
  const values: number[] = [];
  if (range === null) values.push(...text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))));
  else {
    const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 0.1)];
    if (!(step > 0.0005)) throw new InvalidArgumentError('The step must be at least 0.001.');
    // Counted in steps, so that 0.1 + 0.2 does not drift.
    for (let k = 0; from + k * step <= to + 1e-9; k++) values.push(Number((from + k * step).toFixed(6)));
  }
  if (values.length === 0 || values.some((value) => !(value >= 0 && value <= 1))) {
    throw new InvalidArgumentError("It must be shares from 0 to 1, such as '0..0.6' or '0,0.2,0.4'.");
  }
  return values;
}

function table(report: StressReport): string {
  const lines = [
    `${report.case}: ${report.tasks} tasks, equilibrium ${report.equilibriumCost.toFixed(2)} $`,
    '  declined   generation $ (5%, median, 95%)      shortfall MWh (median, 95%)   worst miss of a limit, pu   failed',
  ];
  for (const { decline, generationCost: cost, shortfallMwh: short, violationPu, failed } of report.levels) {
    const cells = [
      `${(100 * decline).toFixed(0)}%`.padStart(10),
      `${cost.p05.toFixed(2)}  ${cost.median.toFixed(2)}  ${cost.p95.toFixed(2)}`.padStart(34),
      `${short.median.toFixed(4)}  ${short.p95.toFixed(4)}`.padStart(29),
      violationPu.max.toExponential(1).padStart(27),
      String(failed).padStart(9),
    ];
    lines.push(cells.join(''));
  }
  return lines.join('\n');
}

async function plot(report: StressReport): Promise<string> {
  const { lineChart } = await import('../../report/charts.js');
  const { levels } = report;
  return lineChart({
    title: `What refusals cost: ${report.case}`,
    description:
      'Generation cost by share of tasks declined: median, and the range from the 5th to the 95th percentile',
    xLabel: 'share of tasks declined, %',
    yLabel: 'generation cost, $',
    series: [{ label: 'median', points: levels.map((l) => [100 * l.decline, l.generationCost.median]), markers: true }],
    band: {
      label: '5% to 95%',
      points: levels.map((l) => [100 * l.decline, l.generationCost.p05, l.generationCost.p95]),
    },
    standalone: true,
  });
}
