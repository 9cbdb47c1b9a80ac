import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { CrowdwattError } from '../../errors.js';
import type { RealtimeReport } from '../../realtime/index.js';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface Flags {
  readonly step: number;
  readonly feed?: string;
  readonly day?: string;
  readonly crowd: string;
  readonly seed: number;
  readonly ledger: string;
  readonly keys?: string;
  readonly learn?: boolean;
  readonly out?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('realtime')
    .description(
      'the market in real time: measured load and solar come in, each step is solved, offered, answered and metered',
    )
    .argument('<case>', 'case file, crowdwatt-case/1: one day')
    .option('--step <length>', "length of a step: '5m', '15m', '1h'", minutes, 5)
    .option(
      '--feed <source>',
      "what was measured, one JSON object a line: a file, '-' for standard input, or http(s)://…; none: made up from the seed",
    )
    .option('--day <date>', 'YYYY-MM-DD')
    .option('--crowd <who>', 'accept, reservation or a crowd file', 'reservation')
    .option('--seed <n>', 'of the crowd and of a made-up feed', integerBetween(0, 2 ** 31), 1)
    .option('--ledger <where>', 'memory, a folder, or fabric:PROFILE', 'memory')
    .option('--keys <dir>', 'folder of keys')
    .option('--learn', "terms from the ledger's history of answers")
    .option('--out <file>', 'crowdwatt-realtime/1; - is standard output')
    .action(async (path: string, flags: Flags) => {
      const { readCase, readJson } = await import('../../model/index.js');
      const { crowdChoice } = await import('../../market/index.js');
      const { feedFrom, runRealtime, simulatedFeed } = await import('../../realtime/index.js');
      const source = await readCase(path);
      const steps = (source.periods * source.hoursPerPeriod * 60) / flags.step;
      const feed =
        flags.feed === undefined
          ? simulatedFeed(steps, String(flags.seed))
          : feedFrom(await stream(flags.feed, context.signal), source);
      const { day, seed, ledger, keys, learn } = flags;
      const report = await runRealtime(source, {
        ...context.hooks(),
        stepMinutes: flags.step,
        feed,
        ledger,
        keys,
        day,
        seed,
        learn,
        crowd: await crowdChoice(flags.crowd, readJson),
        onStep: (step) => context.emit({ realtime: step }),
      });
      await context.writeOutput(flags.out, report);
      context.print(summary(report));
    });
}

function minutes(text: string): number {
  const match = /^(\d+)(m|min|h)?$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * (match[2] === 'h' ? 60 : 1);
  if (!(value >= 1 && value <= 1440))
    throw new InvalidArgumentError("It must be a length such as '5m', '15m' or '1h'.");
  return value;
}

async function stream(source: string, signal: AbortSignal) {
  if (source === '-') return process.stdin;
  if (!/^https?:\/\//.test(source)) return createReadStream(source);
  const { Readable } = await import('node:stream');
  const answer = await fetch(source, { signal }).catch((cause: Error) => {
    throw new CrowdwattError('input/unreadable', `${source}: ${cause.message}`, {}, { cause });
  });
  if (!answer.ok || answer.body === null)
    throw new CrowdwattError('input/unreadable', `${source} answers ${answer.status}`);
  return Readable.fromWeb(answer.body as never);
}

function summary({ case: name, day, stepMinutes, steps, unmetMwh, statements, ledger }: RealtimeReport): string {
  const sum = (value: (s: RealtimeReport['steps'][number]) => number): number =>
    steps.reduce((all, s) => all + value(s), 0);
  const seconds = steps.map((s) => s.seconds).sort((a, b) => a - b);
  const hours = stepMinutes / 60;
  const prices = steps.map((s) => s.price);
  return [
    `${name}, ${day}, ${steps.length} steps of ${stepMinutes} minutes`,
    `  price at the root  ${Math.min(...prices).toFixed(2)} to ${Math.max(...prices).toFixed(2)} $/MWh`,
    `  offers             ${sum((s) => s.offers)}, ${sum((s) => s.accepted)} accepted, rewards ${sum((s) => s.rewards).toFixed(2)} $`,
    `  supplements        ${(hours * sum((s) => Math.max(0, s.supplementMw))).toFixed(3)} MWh up, ${(hours * sum((s) => Math.max(0, -s.supplementMw))).toFixed(3)} MWh down`,
    `  shortfall          ${(hours * sum((s) => s.shortfallMw)).toFixed(4)} MWh; shapable loads went without ${unmetMwh.toFixed(4)} MWh`,
    `  AC replay          worst miss of a limit ${Math.max(...steps.map((s) => s.violationPu)).toExponential(1)} pu`,
    `  statements         ${statements.length}`,
    `  ledger             ${ledger.height} blocks, ${ledger.kind}`,
    `  compute, a step    median ${seconds[Math.floor(seconds.length / 2)]!.toFixed(2)} s, longest ${seconds.at(-1)!.toFixed(2)} s`,
  ].join('\n');
}
