import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CrowdwattError } from '../../errors.js';
import { packageRoot } from '../../package-root.js';
import type { Method } from '../../solver/solution.js';
import type { CliContext } from '../context.js';

interface ReproduceFlags {
  readonly method?: Method;
  readonly bus: string;
  readonly report: string;
}

/** `crowdwatt reproduce`: the test of the paper's section V, where everyone accepts, as one page with its Fig. 3. */
export function register(program: Command, context: CliContext): void {
  program
    .command('reproduce')
    .description("the paper's test: a day of the SCE 56-bus feeder on which everyone accepts, with its Fig. 3")
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .option('--bus <id>', 'bus of Fig. 3, left', '5')
    .option('--report <folder>', 'where the page and the figures go', 'crowdwatt-reproduction')
    .action((flags: ReproduceFlags) => reproduce(flags, context));
}

async function reproduce(flags: ReproduceFlags, context: CliContext): Promise<void> {
  const { readCase } = await import('../../model/index.js');
  const source = await readCase(join(packageRoot(), 'examples', 'cases', 'sce56.json'));
  if (!source.buses.some((bus) => bus.id === flags.bus)) {
    throw new CrowdwattError('usage', `--bus ${flags.bus}: the feeder has no such bus; its buses are 1 to 56`);
  }
  const { runDayInFull } = await import('../../market/index.js');
  const result = await runDayInFull(source, { ...context.hooks(), method: flags.method, crowd: 'accept' });
  const { writeReport } = await import('../../report/index.js');
  const { feeder, solution } = result.outcome.equilibrium;
  const written = await writeReport(flags.report, { case: feeder, solution, report: result.report, bus: flags.bus });
  const { describeDay } = await import('../day-view.js');
  context.print(describeDay(result));
  context.print(['', `page     ${written.page}`, ...written.figures.map((file) => `figure   ${file}`)].join('\n'));
}
