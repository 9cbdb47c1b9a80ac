import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { CrowdwattError } from '../../errors.js';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecure?: boolean;
  readonly ledger: string;
  readonly keys?: string;
  readonly data?: string;
  readonly case?: string[];
  readonly allowOrigin?: string[];
  readonly rateLimit: number;
  readonly solveThreads: number;
  readonly queue: number;
  readonly quiet?: boolean;
  readonly logLevel?: string;
}

/** `crowdwatt serve`: the HTTP service and the web application, until Ctrl-C. */
export function register(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('web application and HTTP service')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', integerBetween(0, 65_535), 8080)
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--insecure', 'listen on a host other than loopback without TLS')
    .option('--ledger <where>', 'memory, a folder, or fabric:PROFILE', 'memory')
    .option('--keys <folder>', 'keys of the members; default: beside the ledger')
    .option('--data <folder>', 'keeps cases, solves, members and sessions over a restart')
    .option('--case <file...>', 'case files to begin with')
    .option('--allow-origin <origin...>', 'origins whose pages may call the API with bearer tokens')
    .option('--rate-limit <number>', 'requests a minute of one caller', integerBetween(1, 10_000_000), 1200)
    .option('--solve-threads <number>', 'solves at once', integerBetween(1, 16), 1)
    .option('--queue <number>', 'solves that may wait or run', integerBetween(1, 10_000), 16)
    .action((flags: ServeFlags) => serve(flags, context));
}

async function serve(flags: ServeFlags, context: CliContext): Promise<void> {
  const tls = await tlsOf(flags);
  const loopback = isLoopback(flags.host);
  if (!loopback && !tls && !flags.insecure) {
    const text = `--host ${flags.host} is not loopback: give --tls-cert and --tls-key, or --insecure if something before it speaks TLS`;
    throw new CrowdwattError('usage', text);
  }
  const { createServer } = await import('../../http/index.js');
  const log = await logger(flags);
  const { app, service, close } = await createServer({
    ledger: flags.ledger,
    keys: flags.keys,
    data: flags.data,
    cases: flags.case,
    solveThreads: flags.solveThreads,
    queueLimit: flags.queue,
    allowOrigins: flags.allowOrigin,
    perMinute: flags.rateLimit,
    openMetrics: loopback,
    tls,
    log,
  });
  try {
    const address = await listen(app, flags);
    if (!service.durable) {
      context.warn('without --data, cases, solves, members and sessions end with this process');
    }
    if (service.operatorSecret !== undefined) context.warn(`one-time secret of operator: ${service.operatorSecret}`);
    context.print(`crowdwatt listens on ${address}`);
    await stopped(context.signal);
  } finally {
    await close();
  }
}

async function listen(
  app: { listen(where: { host: string; port: number }): Promise<string> },
  { host, port }: ServeFlags,
) {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new CrowdwattError('usage', `cannot listen on ${host}:${port} (${code})`, {}, { cause: error });
  }
}

async function tlsOf({ tlsCert, tlsKey }: ServeFlags): Promise<{ cert: Buffer; key: Buffer } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CrowdwattError('usage', '--tls-cert and --tls-key go together');
  }
  const read = (path: string) =>
    readFile(path).catch((cause) => {
      throw new CrowdwattError('input/unreadable', `${path}: cannot be read`, { path }, { cause });
    });
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** JSON lines on standard error; `--quiet` and the default level keep it to what went wrong. */
async function logger({ quiet, logLevel }: ServeFlags) {
  const { pino } = await import('pino');
  const level = logLevel !== undefined && logLevel !== 'silent' ? logLevel : quiet ? 'error' : 'warn';
  return pino({ level, name: 'crowdwatt', base: { pid: process.pid } }, pino.destination({ fd: 2, sync: false }));
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
