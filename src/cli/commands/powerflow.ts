import type { Command } from 'commander';
import type { CliContext } from '../context.js';

export function register(program: Command, context: CliContext): void {
  program
    .command('powerflow')
    .description('AC power flow by backward/forward sweep: solar at forecast, batteries idle, one generator')
    .argument('<case>', 'case file, crowdwatt-case/1')
    .option('--out <file>', 'write the solution, crowdwatt-solution/1; - is standard output')
    .action(async (path: string, flags: { readonly out?: string }) => {
      const { readCase } = await import('../../model/index.js');
      const source = await readCase(path);
      const { powerFlowChecked } = await import('../../solver/planned-flow.js');
      const solution = powerFlowChecked(source);
      await context.writeOutput(flags.out, solution);
      const { describeSolution } = await import('../solution-view.js');
      context.print(describeSolution(solution));
      context.status = solution.status === 'optimal' ? 0 : 3;
    });
}
