import { readFile, stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { CrowdwattError } from '../../errors.js';
import type { LpResult, SimplexMethod } from '../../lp/types.js';
import { iterations, seconds } from '../arguments.js';
import type { CliContext } from '../context.js';

/** Larger files are refused before they are read. */
const MAX_BYTES = 512 * 1024 * 1024;

interface LpFlags {
  readonly method?: SimplexMethod;
  readonly presolve?: boolean;
  readonly timeLimit?: number;
  readonly maxIterations?: number;
  readonly explain?: boolean;
  readonly out?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('lp')
    .description('solve a linear program from an MPS file by the sparse simplex')
    .argument('<model>', 'MPS file, free or fixed form')
    .addOption(new Option('--method <name>', 'algorithm').choices(['auto', 'primal', 'dual']))
    .option('--no-presolve', 'leave the model as it is')
    .option('--explain', 'where infeasible, name an irreducible set of limits that contradict each other')
    .option('--time-limit <seconds>', 'stop after this long', seconds)
    .option('--max-iterations <count>', 'stop after so many iterations', iterations)
    .option('--out <file>', 'write the answer, crowdwatt-lp/1; - is standard output')
    .action(async (path: string, flags: LpFlags) => {
      const { explainInfeasible, parseMps, solveLp } = await import('../../lp/index.js');
      const { toDocument } = await import('../../lp/document.js');
      const model = parseMps(await readText(path));
      for (const warning of model.warnings ?? []) context.note(`${path}: ${warning}`);
      const result = await solveLp(model, {
        ...context.hooks(),
        method: flags.method,
        presolve: flags.presolve === false ? false : undefined,
        timeLimitSeconds: flags.timeLimit,
        maxIterations: flags.maxIterations,
      });
      await context.writeOutput(flags.out, toDocument(model, result));
      context.print(describe(model.name ?? path, model.rowCount, model.columnCount, result));
      if (flags.explain === true && result.status === 'infeasible') {
        const reason = explainInfeasible(model, { signal: context.signal });
        if (reason !== undefined) context.print(reason.text);
      }
      context.status = result.status === 'optimal' ? 0 : result.status === 'cancelled' ? 130 : 3;
    });
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new CrowdwattError('input/too-large', `${path}: ${size} bytes, at most ${MAX_BYTES} are read`);
    }
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof CrowdwattError) throw thrown;
    throw new CrowdwattError('input/unreadable', `${path}: ${(thrown as Error).message}`, { path }, { cause: thrown });
  }
}

function describe(name: string, rows: number, columns: number, result: LpResult): string {
  const lines = [
    `model       ${name} (${rows} rows, ${columns} columns)`,
    `status      ${result.status}`,
    `objective   ${Number.isNaN(result.objective) ? 'none' : result.objective}`,
    `iterations  ${result.iterations}`,
    `seconds     ${result.seconds.total.toFixed(3)}`,
  ];
  if (result.quality !== undefined) {
    const { primalResidual, dualResidual, relativeGap } = result.quality;
    const text = [primalResidual, dualResidual, relativeGap].map((value) => value.toExponential(1));
    lines.push(`residuals   primal ${text[0]}, dual ${text[1]}, gap ${text[2]}`);
  }
  if (result.reason !== undefined) lines.push(`reason      ${result.reason}`);
  return lines.join('\n');
}
