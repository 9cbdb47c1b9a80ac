import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { Simulation } from '../../simulation/index.js';
import type { ExactnessMode, Method } from '../../solver/solution.js';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface Flags {
  readonly days: number;
  readonly dir: string;
  readonly from?: string;
  readonly seed: string;
  readonly crowd: string;
  readonly learn?: boolean;
  readonly reconcileEvery: number;
  readonly method?: Method;
  readonly exactness?: ExactnessMode;
  readonly allowInexact?: boolean;
  readonly out?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('simulate')
    .description('day after day of the market on one ledger, with weather, weekdays and prices from a seed')
    .argument('<case>', 'case file, crowdwatt-case/1: one day')
    .option('--days <n>', 'how many days', integerBetween(1, 3660), 30)
    .requiredOption('--dir <folder>', 'folder of the simulation; what is there is kept and gone on from')
    .option('--from <date>', 'first day, YYYY-MM-DD')
    .option('--seed <text>', 'the same seed gives the same days', '1')
    .option('--crowd <who>', 'accept, reservation or a crowd file', 'reservation')
    .option('--learn', "terms from the ledger's history of answers")
    .option('--reconcile-every <days>', 'days between two reconciliations', integerBetween(1, 366), 7)
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .addOption(
      new Option('--exactness <mode>', 'what to do about an inexact relaxation').choices(['off', 'bound', 'recover']),
    )
    .option('--allow-inexact', 'trade also on inexact prices')
    .option('--out <file>', 'crowdwatt-simulation/1; - is standard output')
    .action(async (path: string, flags: Flags) => {
      const { readCase, readJson } = await import('../../model/index.js');
      const { crowdChoice } = await import('../../market/index.js');
      const { simulate, simulationPlots } = await import('../../simulation/index.js');
      const { days, from, seed, learn, reconcileEvery, method, exactness, allowInexact } = flags;
      const result = await simulate(await readCase(path), {
        ...context.hooks(),
        folder: flags.dir,
        crowd: await crowdChoice(flags.crowd, readJson),
        days,
        from,
        seed,
        learn,
        reconcileEvery,
        method,
        exactness,
        allowInexact,
      });
      for (const [name, svg] of Object.entries(simulationPlots(result)))
        await context.writeOutput(join(flags.dir, name), svg);
      await context.writeOutput(flags.out, result);
      context.print(table(result));
    });
}

function table({ case: name, days, reconciliations }: Simulation): string {
  const lines = [
    `${name}: ${days.length} days, ${reconciliations.length} reconciliations`,
    '  date          cost $  supplement $  rewards $  accepted      solar used   losses MWh  verdict',
  ];
  for (const d of days) {
    lines.push(
      `  ${d.date}${d.cost.toFixed(2).padStart(10)}${d.supplementCost.toFixed(2).padStart(14)}${d.rewards.toFixed(2).padStart(11)}` +
        `${`${d.accepted} of ${d.offers}`.padStart(14)}${`${(100 * d.selfConsumption).toFixed(0)}%`.padStart(12)}${d.lossMwh.toFixed(3).padStart(13)}  ${d.verdict}`,
    );
  }
  const sum = (value: (d: Simulation['days'][number]) => number): number => days.reduce((all, d) => all + value(d), 0);
  const offers = sum((d) => d.offers);
  lines.push(
    `  in all: ${(sum((d) => d.cost) + sum((d) => d.supplementCost)).toFixed(2)} $, rewards ${sum((d) => d.rewards).toFixed(2)} $, ` +
      `${offers === 0 ? 0 : ((100 * sum((d) => d.accepted)) / offers).toFixed(1)}% accepted, shortfall ${sum((d) => d.shortfallMwh).toFixed(3)} MWh`,
  );
  return lines.join('\n');
}
