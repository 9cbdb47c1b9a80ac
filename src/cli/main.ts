#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { asCrowdwattError, CrowdwattError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { CliContext, LOG_LEVELS } from './context.js';
import { VERBS } from './verbs.js';

/** Runs one command line; gives the exit status. */
async function main(argv: readonly string[], context: CliContext): Promise<number> {
  // A bare --progress must not swallow the argument after it.
  const args = argv.map((arg) => (arg === '--progress' ? '--progress=plain' : arg));
  const program = new Command('crowdwatt')
    .description('crowdsourced energy systems: schedule, prices, incentives, ledger')
    .version(version(), '--version')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      // Commander's own errors come out again as one line below.
      writeErr: () => {},
      outputError: () => {},
    })
    .exitOverride()
    .hook('preAction', async (_, command) => context.configure(command.opts(), command.opts().out));
  try {
    await registerVerbs(program, args, context);
    for (const command of program.commands) addCommonOptions(command);
    if (args.length === 0) {
      context.stderr.write(program.helpInformation());
      return 2;
    }
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0;
      if (thrown.code === 'commander.help') context.stderr.write(program.helpInformation());
      else context.fail(new CrowdwattError('usage', thrown.message.replace(/^error: /, '')));
      return 2;
    }
    context.fail(asCrowdwattError(thrown));
  } finally {
    context.clearProgress();
  }
  return context.status;
}

/** Loads the one verb that is asked for; the others are there by name only. */
async function registerVerbs(program: Command, args: readonly string[], context: CliContext): Promise<void> {
  const asked = args.find((arg) => !arg.startsWith('-'));
  const wanted = asked === 'help' ? args[args.indexOf('help') + 1] : asked;
  for (const [name, verb] of Object.entries(VERBS)) {
    if (name === wanted && verb.load !== undefined) {
      (await verb.load()).register(program, context);
      continue;
    }
    program
      .command(name)
      .description(verb.load === undefined ? `${verb.summary} (not built yet)` : verb.summary)
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(() => {
        throw new CrowdwattError('not-built', `${name}: not built yet`);
      });
  }
}

function addCommonOptions(command: Command): void {
  for (const child of command.commands) addCommonOptions(child);
  if (command.commands.length > 0) return;
  command
    .option('--quiet', 'nothing but errors and the answer that was asked for')
    .option('--progress [=json]', 'report progress on standard error also where it is no terminal, or as JSON lines')
    .addOption(new Option('--log-level <level>', 'log to standard error').choices(LOG_LEVELS).default('silent'));
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** First Ctrl-C: the work is told to stop and what there is gets written. Second: out at once. */
function cancelOnSignal(context: CliContext): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (context.signal.aborted) process.exit(130);
      context.cancel();
    });
  }
}

function failOnStrayErrors(context: CliContext): void {
  const onError = (thrown: unknown) => {
    context.fail(asCrowdwattError(thrown));
    process.exit(context.status);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  // A reader that goes away (| head) is no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(context.status);
    onError(error);
  });
}

const context = new CliContext();
cancelOnSignal(context);
failOnStrayErrors(context);
const status = await main(process.argv.slice(2), context);
// What is written must be out before the process ends; a pipe may be slow.
await Promise.all([process.stdout, process.stderr].map((s) => new Promise<void>((done) => s.write('', () => done()))));
process.exit(status);
