import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { CrowdwattError } from '../errors.js';
import type { FleetJob, FleetResult } from './job.js';

export interface FleetConnection {
  /** redis:// or rediss:// address. */
  readonly redis: string;
  /** Queue name; one Redis may serve several fleets. */
  readonly queue: string;
}

export type FleetQueue = Queue<FleetJob, void, string>;
export type FleetQueueJob = Job<FleetJob, void, string>;

const ATTEMPTS = 5;
const BACKOFF_MS = 500;

/** Connection options that fail with words instead of waiting for ever for a Redis that is not there. */
export function connectionOptions(address: string) {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new CrowdwattError(
      'usage',
      `'${address}' is not a Redis address; redis://HOST:PORT is needed`,
      {},
      { cause },
    );
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new CrowdwattError('usage', `'${address}' is not a Redis address; redis://HOST:PORT is needed`);
  }
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 ? { db: Number(url.pathname.slice(1)) } : {}),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Makes sure that somebody answers, once, before anything is queued. */
export async function openQueue(connection: FleetConnection): Promise<FleetQueue> {
  const { Queue: BullQueue } = await import('bullmq');
  const options = connectionOptions(connection.redis);
  const queue: FleetQueue = new BullQueue(connection.queue, {
    connection: {
      ...options,
      maxRetriesPerRequest: 1,
      connectTimeout: 5000,
      retryStrategy: (times: number) => (times > 3 ? null : 200 * times),
    },
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: BACKOFF_MS },
      removeOnComplete: false,
      removeOnFail: false,
    },
  });
  // Without a listener a lost connection would be an unhandled 'error' event.
  queue.on('error', () => {});
  try {
    await queue.waitUntilReady();
    return queue;
  } catch (cause) {
    await queue.close().catch(() => {});
    throw new CrowdwattError('fleet/unavailable', `no Redis answers at ${options.host}:${options.port}`, {}, { cause });
  }
}

/**
 * Results live in one hash, a list holds the order in which they came. Both are written by one
 * script, so that a job which two workers finished (one of them thought dead) is recorded once.
 */
const RECORD_ONCE = `if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('RPUSH', KEYS[2], ARGV[1])
  return 1
end
return 0`;

/** BullMQ types its client by what it needs itself; it is an ioredis connection. */
async function client(queue: FleetQueue): Promise<Redis> {
  return (await queue.client) as unknown as Redis;
}

function keys(queue: FleetQueue): { results: string; order: string; cancelled: string } {
  const base = `crowdwatt:fleet:${queue.name}`;
  return { results: `${base}:results`, order: `${base}:order`, cancelled: `${base}:cancelled` };
}

/** Gives true where this call recorded the result, false where one was there already. */
export async function recordOnce(queue: FleetQueue, result: FleetResult): Promise<boolean> {
  const redis = await client(queue);
  const { results, order } = keys(queue);
  const made = await redis.eval(RECORD_ONCE, 2, results, order, result.hash, JSON.stringify(result));
  return made === 1;
}

export async function recordedResult(queue: FleetQueue, hash: string): Promise<FleetResult | undefined> {
  const text = await (await client(queue)).hget(keys(queue).results, hash);
  return text === null ? undefined : (JSON.parse(text) as FleetResult);
}

/** Hashes of the results in the order in which they were recorded. */
export async function recordedOrder(queue: FleetQueue): Promise<string[]> {
  return await (await client(queue)).lrange(keys(queue).order, 0, -1);
}

export async function requestCancel(queue: FleetQueue, hash: string): Promise<void> {
  await (await client(queue)).sadd(keys(queue).cancelled, hash);
}

export async function withdrawCancel(queue: FleetQueue, hash: string): Promise<void> {
  await (await client(queue)).srem(keys(queue).cancelled, hash);
}

export async function cancelRequested(queue: FleetQueue, hash: string): Promise<boolean> {
  return (await (await client(queue)).sismember(keys(queue).cancelled, hash)) === 1;
}
