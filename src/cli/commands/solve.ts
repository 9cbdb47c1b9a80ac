import { type Command, Option } from 'commander';
import type { ExactnessMode, Method, Solution } from '../../solver/solution.js';
import { iterations, seconds, tolerance, workers } from '../arguments.js';
import type { CliContext } from '../context.js';

interface SolveFlags {
  readonly method?: Method;
  readonly tolerance?: number;
  readonly exactness?: ExactnessMode;
  readonly strict?: boolean;
  readonly workers?: number;
  readonly timeLimit?: number;
  readonly maxIterations?: number;
  readonly out?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('solve')
    .description('optimal power flow over all periods: schedule, prices at every bus, certificate')
    .argument('<case>', 'case file, crowdwatt-case/1')
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .option('--tolerance <number>', 'tolerance; default 1e-6 for ipm, 1e-4 for admm and admm-bus', tolerance)
    .addOption(
      new Option('--exactness <mode>', 'what to do about an inexact relaxation').choices(['off', 'bound', 'recover']),
    )
    .option('--strict', 'exit 3 where the verdict is inexact')
    .option('--workers <count>', 'worker threads, 1 to 16', workers)
    .option('--time-limit <seconds>', 'stop after this long with the best there is', seconds)
    .option('--max-iterations <count>', 'stop after so many iterations', iterations)
    .option('--out <file>', 'write the solution, crowdwatt-solution/1; - is standard output')
    .action(async (path: string, flags: SolveFlags) => {
      const { readCase } = await import('../../model/index.js');
      const source = await readCase(path);
      const { solveChecked } = await import('../../solver/index.js');
      const solution = await solveChecked(source, {
        ...context.hooks(flags.workers),
        method: flags.method,
        tolerance: flags.tolerance,
        exactness: flags.exactness,
        timeLimitSeconds: flags.timeLimit,
        maxIterations: flags.maxIterations,
      });
      await context.writeOutput(flags.out, solution);
      const { describeSolution } = await import('../solution-view.js');
      context.print(describeSolution(solution));
      if (solution.certificate?.verdict === 'inexact') context.warn(solution.warnings[0] ?? 'inexact');
      context.status = exitStatus(solution, flags.strict === true);
    });
}

/** 0 answered, 3 no optimum or (strict) not proven, 130 cancelled. */
export function exitStatus(solution: Solution, strict: boolean): number {
  if (solution.status === 'cancelled') return 130;
  if (solution.status !== 'optimal') return 3;
  return strict && solution.certificate?.verdict === 'inexact' ? 3 : 0;
}
