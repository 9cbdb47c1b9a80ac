import type { FleetQueue } from './redis.js';
import { recordedOrder, requestCancel } from './redis.js';

export interface FleetStatus {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Results recorded. */
  readonly recorded: number;
  readonly running: readonly {
    readonly name: string;
    readonly hash: string;
    readonly attempt: number;
    readonly message: string;
    readonly fraction: number;
  }[];
  readonly failures: readonly { readonly name: string; readonly hash: string; readonly reason: string }[];
}

export async function fleetStatus(queue: FleetQueue): Promise<FleetStatus> {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'paused', 'active', 'delayed', 'failed');
  const running = (await queue.getActive()).map((job) => {
    const progress = job.progress as { message?: string; fraction?: number };
    return {
      name: job.data.name,
      hash: job.data.hash,
      attempt: job.attemptsMade + 1,
      message: progress.message ?? '',
      fraction: progress.fraction ?? 0,
    };
  });
  const failures = (await queue.getFailed(0, 99)).map((job) => ({
    name: job.data.name,
    hash: job.data.hash,
    reason: job.failedReason ?? '',
  }));
  const count = (name: string): number => counts[name] ?? 0;
  return {
    waiting: count('waiting') + count('prioritized') + count('paused'),
    active: count('active'),
    delayed: count('delayed'),
    failed: count('failed'),
    recorded: (await recordedOrder(queue)).length,
    running,
    failures,
  };
}

/** Takes a waiting job out of the queue or tells the worker of a running one to stop; `all` for every job. */
export async function cancelJobs(queue: FleetQueue, hashOrAll: string): Promise<number> {
  const jobs = await queue.getJobs(['waiting', 'prioritized', 'paused', 'delayed', 'active']);
  let cancelled = 0;
  for (const job of jobs) {
    if (job === undefined || (hashOrAll !== 'all' && !job.data.hash.startsWith(hashOrAll))) continue;
    await requestCancel(queue, job.data.hash);
    // A job that a worker holds cannot be removed; its worker sees the request and stops.
    await job.remove().catch(() => {});
    cancelled++;
  }
  return cancelled;
}
