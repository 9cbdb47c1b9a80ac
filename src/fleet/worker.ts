import { hostname } from 'node:os';
import { CrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { Case } from '../model/case.js';
import { caseOf, type FleetResult } from './job.js';
import {
  cancelRequested,
  connectionOptions,
  type FleetConnection,
  type FleetQueueJob,
  openQueue,
  recordOnce,
} from './redis.js';
import { solveJob } from './solve-job.js';

export interface WorkerOptions extends FleetConnection {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told after each job. */
  readonly onResult?: (result: FleetResult, recorded: boolean) => void;
  /** Stop when nothing is left to do. */
  readonly untilEmpty?: boolean;
  /** How long a silent worker keeps its job before others take it over, ms. */
  readonly lockMs?: number;
}

export interface WorkerSummary {
  readonly solved: number;
  readonly failed: number;
  readonly repeated: number;
}

const CANCEL_POLL_MS = 500;

/**
 * Takes jobs until the signal (or the queue is empty) and records each result once. A worker that
 * dies keeps its lock until it runs out; the job then goes to another one.
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerSummary> {
  const { Worker, UnrecoverableError } = await import('bullmq');
  const queue = await openQueue(options);
  const name = `${hostname()}:${process.pid}`;
  const summary = { solved: 0, failed: 0, repeated: 0 };

  const handle = async (job: FleetQueueJob): Promise<void> => {
    const stop = new AbortController();
    const forward = (): void => stop.abort();
    options.signal.addEventListener('abort', forward, { once: true });
    const poll = setInterval(() => {
      void cancelRequested(queue, job.data.hash).then(
        (asked) => asked && stop.abort(),
        () => {},
      );
    }, CANCEL_POLL_MS);
    let result: FleetResult;
    try {
      if (await cancelRequested(queue, job.data.hash)) stop.abort();
      const base = { hash: job.data.hash, name: job.data.name, worker: name };
      const report = (progress: Progress): void => {
        options.onProgress?.({ ...progress, message: `${job.data.name}: ${progress.message}` });
        void job.updateProgress({ message: progress.message, fraction: progress.fraction ?? 0 }).catch(() => {});
      };
      const solved = await solveJob(caseOf(job.data) as Case, job.data.settings, stop.signal, report);
      // Shutting down is no result: the job goes back and another worker takes it.
      if (solved.solution?.status === 'cancelled') {
        throw options.signal.aborted
          ? new Error('the worker is stopping')
          : new UnrecoverableError('cancelled on request');
      }
      result = { ...base, ...solved, finishedAt: new Date().toISOString() };
    } finally {
      clearInterval(poll);
      options.signal.removeEventListener('abort', forward);
    }
    const recorded = await recordOnce(queue, result);
    if (!recorded) summary.repeated++;
    else if (result.error === undefined) summary.solved++;
    else summary.failed++;
    options.onResult?.(result, recorded);
    // What is wrong with the input stays wrong: no further attempts.
    if (result.error !== undefined) throw new UnrecoverableError(result.error.message);
  };

  const lockMs = options.lockMs ?? 30_000;
  const worker = new Worker(options.queue, handle, {
    connection: { ...connectionOptions(options.redis), maxRetriesPerRequest: null },
    concurrency: 1,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: 20,
  });
  worker.on('error', () => {});
  try {
    await new Promise<void>((resolve) => {
      if (options.signal.aborted) resolve();
      options.signal.addEventListener('abort', () => resolve(), { once: true });
      if (options.untilEmpty === true) void waitUntilEmpty(queue, options.signal).then(resolve, () => resolve());
    });
  } finally {
    await worker.close();
    await queue.close();
  }
  return summary;
}

async function waitUntilEmpty(queue: Awaited<ReturnType<typeof openQueue>>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'paused');
    if (Object.values(counts).every((count) => count === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function checkQueueName(name: string): string {
  if (!/^[\w-]{1,64}$/.test(name))
    throw new CrowdwattError('usage', `queue name '${name}': letters, digits, '-' and '_' only, at most 64`);
  return name;
}
