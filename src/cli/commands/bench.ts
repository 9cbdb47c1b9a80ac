import type { Command } from 'commander';
import { CrowdwattError } from '../../errors.js';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface BenchArguments {
  readonly buses?: number;
  readonly write?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('bench')
    .description('measure the solvers beside those peers that are installed; Markdown on standard output')
    .argument('[names...]', 'benchmarks or areas to run; default: all')
    .option('--buses <n>', 'size of generated feeders, for the benchmarks that make one', integerBetween(2, 1_000_000))
    .option('--write <folder>', 'write benchmarks.md, benchmarks.json and plots there')
    .action(async (names: string[], options: BenchArguments) => {
      const load = async () => {
        const [{ runBenches }, { toMarkdown }] = await Promise.all([
          import('../../../bench/main.js'),
          import('../../../bench/lib/markdown.js'),
        ]);
        return { runBenches, toMarkdown };
      };
      const { runBenches, toMarkdown } = await load().catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CrowdwattError('not-built', `bench: the benchmarks cannot be loaded: ${why}`, {}, { cause });
      });
      const { buses, write: out } = options;
      const { sections } = await runBenches({ names, mode: 'full', buses, out, signal: context.signal });
      context.print(toMarkdown(sections));
    });
}
