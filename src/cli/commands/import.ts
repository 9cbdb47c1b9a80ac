import type { Command } from 'commander';
import { Argument } from 'commander';
import { IMPORT_FORMATS, type ImportFormat, importCase } from '../../import/index.js';
import type { CliContext } from '../context.js';

export function register(program: Command, context: CliContext): void {
  program
    .command('import')
    .description('make a case from MATPOWER, OpenDSS, pandapower or a CSV feeder folder')
    .addArgument(new Argument('<format>', 'what the source is').choices([...IMPORT_FORMATS]))
    .argument('<source>', 'file; for csv a folder with feeder.json, lines.csv and buses.csv')
    .requiredOption('--out <file>', "the case; '-' for standard output")
    .action(async (format: ImportFormat, source: string, options: { out: string }) => {
      const imported = await importCase(format, source);
      for (const line of imported.approximations) context.note(`approximated: ${line}`);
      for (const line of imported.leftOut) context.note(`left out: ${line}`);
      await context.writeOutput(options.out, imported.case);
      const { buses, lines, loads, periods, name } = imported.case;
      context.print(
        `${name}: ${buses.length} buses, ${lines.length} lines, ${loads.length} loads, ${periods} period${periods === 1 ? '' : 's'}; ` +
          `${imported.approximations.length} kinds of approximation, ${imported.leftOut.length} kinds of element left out`,
      );
    });
}
