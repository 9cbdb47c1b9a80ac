import { type Command, Option } from 'commander';
import type { Method } from '../../solver/solution.js';
import type { CliContext } from '../context.js';

export function register(program: Command, context: CliContext): void {
  program
    .command('diagnose')
    .description('why a case has no schedule, or what binds where it has one, in words')
    .argument('<case>', 'case file, crowdwatt-case/1')
    .addOption(new Option('--method <name>', 'solver').choices(['ipm', 'admm', 'admm-bus']))
    .option('--out <file>', 'write the diagnosis, crowdwatt-diagnosis/1; - is standard output')
    .action(async (path: string, flags: { method?: Method; out?: string }) => {
      const { readCase } = await import('../../model/index.js');
      const source = await readCase(path);
      const { diagnose } = await import('../../solver/diagnose/index.js');
      const diagnosis = await diagnose(source, { ...context.hooks(), method: flags.method });
      await context.writeOutput(flags.out, diagnosis);
      const verdict = diagnosis.verdict === undefined ? '' : `, ${diagnosis.verdict}`;
      context.print(`${diagnosis.case}: ${diagnosis.status}${verdict}`);
      for (const finding of diagnosis.findings) context.print(`  ${finding}`);
      if (diagnosis.findings.length === 0) context.print('  nothing binds and nothing looks suspicious');
      if (diagnosis.status === 'cancelled') context.status = 130;
    });
}
