import { type Command, Option } from 'commander';
import { CrowdwattError } from '../../errors.js';
import type { RunReport } from '../../market/documents.js';
import type { DayResult, RunDayOptions } from '../../market/index.js';
import type { ExactnessMode, Method } from '../../solver/solution.js';
import { integerBetween, tolerance, workers } from '../arguments.js';
import type { CliContext } from '../context.js';

interface RunFlags {
  readonly method?: Method;
  readonly tolerance?: number;
  readonly exactness?: ExactnessMode;
  readonly day?: string;
  readonly crowd: string;
  readonly seed?: number;
  readonly ledger: string;
  readonly keys?: string;
  readonly allowInexact?: boolean;
  readonly workers?: number;
  readonly out?: string;
  readonly report?: string;
}

/** `crowdwatt run CASE.json`: a day of Algorithm 1. */
export function register(program: Command, context: CliContext): void {
  program
    .command('run')
    .description('run a day of the market: schedule, contracts, incentives, answers, supplements, payments')
    .argument('<case>', 'case file, crowdwatt-case/1')
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .option('--tolerance <number>', 'tolerance; default 1e-6 for ipm, 1e-4 for admm and admm-bus', tolerance)
    .addOption(
      new Option('--exactness <mode>', 'what to do about an inexact relaxation').choices(['off', 'bound', 'recover']),
    )
    .option('--day <date>', 'YYYY-MM-DD; default: the ledger’s open day, else the next one, else 2018-08-05')
    .option('--crowd <who>', 'accept, reservation, or a crowdwatt-crowd/1 file', 'reservation')
    .option('--seed <number>', 'seed of the simulated crowd; default 1', integerBetween(0, 4294967295))
    .option('--ledger <where>', 'memory, a folder, or fabric:PROFILE', 'memory')
    .option('--keys <folder>', 'keys of the members; default: beside the ledger')
    .option('--allow-inexact', 'trade also on a schedule that its AC replay does not confirm')
    .option('--workers <count>', 'worker threads, 1 to 16', workers)
    .option('--out <file>', 'write the run report, crowdwatt-run/1; - is standard output')
    .option('--report <folder>', 'write a report to open in a browser')
    .action((path: string, flags: RunFlags) => run(path, flags, context));
}

async function run(path: string, flags: RunFlags, context: CliContext): Promise<void> {
  const { readCase, readJson } = await import('../../model/index.js');
  const source = await readCase(path);
  const { crowdChoice, runDayInFull } = await import('../../market/index.js');
  const options: RunDayOptions = {
    ...context.hooks(flags.workers),
    method: flags.method,
    tolerance: flags.tolerance,
    exactness: flags.exactness,
    day: flags.day,
    crowd: await crowdChoice(flags.crowd, readJson),
    seed: flags.seed,
    ledger: flags.ledger,
    ledgerOptions: { keys: flags.keys, onBlock: (block) => context.emit(block) },
    allowInexact: flags.allowInexact,
  };
  let result: DayResult;
  try {
    result = await runDayInFull(source, options);
  } catch (thrown) {
    // A day that stopped half way still writes what there is, and keeps its own exit status.
    if (thrown instanceof CrowdwattError && thrown.details.report !== undefined) {
      await context.writeOutput(flags.out, thrown.details.report);
    }
    throw thrown;
  }
  if (flags.report !== undefined) await writeDayReport(flags.report, result, context);
  await context.writeOutput(flags.out, result.report);
  await summarise(result, context);
}

async function writeDayReport(folder: string, result: DayResult, context: CliContext): Promise<void> {
  const { writeReport } = await import('../../report/index.js');
  // The feeder as the ledger had it at the gate: preferences may have changed it.
  const { feeder, solution } = result.outcome.equilibrium;
  const { page } = await writeReport(folder, { case: feeder, solution, report: result.report });
  context.note(`report: ${page}`);
}

async function summarise(result: DayResult, context: CliContext): Promise<void> {
  const { describeDay } = await import('../day-view.js');
  context.print(describeDay(result));
  const { report } = result;
  if (report.opf.certificate?.verdict === 'inexact') {
    context.warn('inexact: this day was traded on prices that the AC replay does not confirm');
  }
  warnOfShortfall(report, context);
}

function warnOfShortfall(report: RunReport, context: CliContext): void {
  const short = report.shortfallMw.flatMap((mw, t) => (mw > 0 ? [`${t}: ${mw.toFixed(4)}`] : []));
  if (short.length > 0) context.warn(`shortfall: the generators cannot cover these periods (MW): ${short.join(', ')}`);
}
