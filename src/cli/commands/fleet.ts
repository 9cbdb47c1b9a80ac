import type { Command } from 'commander';
import { CrowdwattError } from '../../errors.js';
import {
  cancelJobs,
  checkQueueName,
  collectResults,
  type FleetConnection,
  type FleetQueue,
  type FleetSettings,
  findCases,
  fleetStatus,
  openQueue,
  ResultFolder,
  readJobs,
  runLocally,
  runWorker,
  submitJobs,
} from '../../fleet/index.js';
import type { ExactnessMode, Method } from '../../solver/solution.js';
import { integerBetween, seconds, tolerance, workers } from '../arguments.js';
import type { CliContext } from '../context.js';

interface Connection {
  readonly redis?: string;
  readonly queue: string;
}

interface Submit extends Connection {
  readonly method?: Method;
  readonly tolerance?: number;
  readonly exactness?: ExactnessMode;
  readonly timeLimit?: number;
  readonly priority?: number;
  readonly workers?: number;
  readonly wait?: boolean;
  readonly results?: string;
}

const POLL_MS = 500;

export function register(program: Command, context: CliContext): void {
  const fleet = program
    .command('fleet')
    .description('many feeders on many machines: a queue on Redis, or this machine alone');
  const connected = (command: Command): Command =>
    command
      .option('--redis <url>', 'redis://HOST:PORT; default CROWDWATT_REDIS; without either, this machine alone')
      .option('--queue <name>', 'name of the queue', checkQueueName, 'crowdwatt');

  connected(
    fleet.command('submit').description('queue every case of a folder or pattern; without Redis, solve them here'),
  )
    .argument('<cases>', "folder, file or quoted pattern ('feeders/*.json')")
    .option('--method <name>', 'ipm, admm or admm-bus')
    .option('--tolerance <x>', 'stop tolerance', tolerance)
    .option('--exactness <mode>', 'off, bound or recover')
    .option('--time-limit <s>', 'for each case', seconds)
    .option('--priority <n>', 'lower goes first', integerBetween(1, 1_000_000))
    .option('--workers <n>', 'threads, without Redis', workers)
    .option('--wait', 'stay until all are done')
    .option('--results <dir>', 'folder for results, one file for each content hash')
    .action(async (pattern: string, options: Submit) => submit(context, pattern, options));

  connected(fleet.command('worker').description('take jobs until stopped'))
    .option('--until-empty', 'stop when nothing is left')
    .option('--lock <s>', 'a worker silent for so long loses its job to another', seconds, 30)
    .action(async (options: Connection & { untilEmpty?: boolean; lock: number }) => {
      const connection = needRedis(options);
      const summary = await runWorker({
        ...connection,
        signal: context.signal,
        onProgress: context.onProgress,
        untilEmpty: options.untilEmpty,
        lockMs: Math.max(500, options.lock * 1000),
        onResult: (result, recorded) =>
          context.note(
            `${result.name}: ${result.error?.message ?? result.solution?.status}${recorded ? '' : ' (recorded before)'}`,
          ),
      });
      context.print(
        `${summary.solved} solved, ${summary.failed} refused, ${summary.repeated} recorded before by another worker`,
      );
    });

  connected(fleet.command('status').description('what waits, runs, failed and is recorded'))
    .option('--json', 'as JSON')
    .action(async (options: Connection & { json?: boolean }) => {
      await withQueue(needRedis(options), async (queue) => {
        const status = await fleetStatus(queue);
        if (options.json === true) {
          context.result(JSON.stringify(status));
          return;
        }
        context.print(
          `${status.recorded} recorded, ${status.waiting} waiting, ${status.active} running, ${status.delayed} to be tried again, ${status.failed} failed`,
        );
        for (const job of status.running)
          context.print(`  running  ${job.name}  ${(100 * job.fraction).toFixed(0)}%  ${job.message}`);
        for (const job of status.failures) context.print(`  failed   ${job.name}  ${job.reason}`);
      });
    });

  connected(fleet.command('cancel').description('cancel a job by its hash (or the start of it), or all'))
    .argument('<hash>', "hash, or 'all'")
    .action(async (hash: string, options: Connection) => {
      await withQueue(needRedis(options), async (queue) => context.print(`${await cancelJobs(queue, hash)} cancelled`));
    });

  connected(fleet.command('collect').description('write recorded results into a folder'))
    .requiredOption('--results <dir>', 'folder')
    .action(async (options: Connection & { results: string }) => {
      await withQueue(needRedis(options), async (queue) => {
        context.print(
          `${await collectResults(queue, await ResultFolder.open(options.results))} new results in ${options.results}`,
        );
      });
    });
}

function redisOf(options: Connection): FleetConnection | undefined {
  const redis = options.redis ?? process.env.CROWDWATT_REDIS;
  return redis === undefined || redis === '' ? undefined : { redis, queue: options.queue };
}

function needRedis(options: Connection): FleetConnection {
  const connection = redisOf(options);
  if (connection === undefined)
    throw new CrowdwattError('usage', 'no Redis is named: give --redis redis://HOST:PORT or set CROWDWATT_REDIS');
  return connection;
}

async function withQueue(connection: FleetConnection, work: (queue: FleetQueue) => Promise<void>): Promise<void> {
  const queue = await openQueue(connection);
  try {
    await work(queue);
  } finally {
    await queue.close();
  }
}

async function submit(context: CliContext, pattern: string, options: Submit): Promise<void> {
  const { method, exactness } = options;
  const settings: FleetSettings = {
    method,
    tolerance: options.tolerance,
    exactness,
    timeLimitSeconds: options.timeLimit,
  };
  const jobs = await readJobs(await findCases(pattern), settings);
  const connection = redisOf(options);
  if (connection === undefined) {
    const folder = await ResultFolder.open(options.results ?? 'fleet-results');
    const summary = await runLocally(jobs, folder, context.hooks(options.workers));
    context.print(
      `${summary.solved} solved, ${summary.failed} refused, ${summary.known} known before; results in ${folder.folder}`,
    );
    if (summary.cancelled) context.status = 130;
    else if (summary.failed > 0) context.status = 3;
    return;
  }
  await withQueue(connection, async (queue) => {
    const submission = await submitJobs(queue, jobs, options.priority);
    context.print(`${submission.submitted} submitted, ${submission.known} known before`);
    if (options.wait === true) await waitForAll(context, queue, new Set(submission.hashes));
    if (options.results !== undefined)
      context.print(
        `${await collectResults(queue, await ResultFolder.open(options.results))} new results in ${options.results}`,
      );
  });
}

async function waitForAll(context: CliContext, queue: FleetQueue, wanted: ReadonlySet<string>): Promise<void> {
  for (;;) {
    const status = await fleetStatus(queue);
    const idle = status.waiting + status.active + status.delayed === 0;
    const done = wanted.size === 0 ? 1 : Math.min(1, status.recorded / wanted.size);
    context.onProgress({
      stage: 'fleet',
      message: `${status.recorded} recorded, ${status.waiting} waiting, ${status.active} running`,
      fraction: done,
    });
    if (idle) {
      if (status.failed > 0) context.status = 3;
      return;
    }
    if (context.signal.aborted) {
      context.status = 130;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
