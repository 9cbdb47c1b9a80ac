import type { Command } from 'commander';
import { designIncentives } from '../../market/design-incentives.js';
import type { IncentiveAnswer } from '../../market/documents.js';
import { readJson } from '../../model/index.js';
import type { CliContext } from '../context.js';

/** `crowdwatt incentives PROBLEM.json [--out FILE]` */
export function register(program: Command, context: CliContext): void {
  program
    .command('incentives')
    .description('incentive design for one period')
    .argument('<problem>', 'a crowdwatt-incentive/1 file')
    .option('--out <file>', 'write the answer here; - is standard output')
    .action(async (path: string, options: { out?: string }) => {
      const answer = await designIncentives(await readJson(path), context.hooks());
      for (const line of describe(answer)) context.print(line);
      await context.writeOutput(options.out, answer);
      if (answer.status === 'cancelled') context.status = 130;
      else if (answer.status !== 'optimal') context.status = 3;
    });
}

function describe(answer: IncentiveAnswer): string[] {
  if (answer.status !== 'optimal') return [`${answer.status}: ${answer.reason ?? 'no reason known'}`];
  const rows = answer.tasks!.map((task) => [task.id, task.mw.toFixed(6), task.incentivePerMwh.toFixed(4)]);
  const table = [['task', 'MW', '$/MWh'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    `optimal  objective ${answer.objective!.toFixed(6)} $  spent ${answer.spent!.toFixed(6)} $  supplement ${answer.supplementMw!.toFixed(6)} MW`,
    ...table.map((row) =>
      row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  '),
    ),
    `duals: budget ${answer.budgetDual!.toPrecision(6)} $ per $, demand ${answer.demandDual!.toPrecision(6)} $ per MW`,
  ];
}
