import { CrowdwattError } from '../errors.js';
import { taskPool } from './pools.js';
import type { Answer, NamedTask } from './worker.js';

/**
 * Runs independent work on a worker thread: the default export of dist/src/<name>.js is called there
 * with `payload` (plain data, cloned), its answer is cloned back. Work that waits is kept in order.
 *
 * @throws CrowdwattError the task's own error by code, `cancelled`, or `pool/worker-lost`
 */
export async function runTask<T>(name: string, payload: unknown, options: { signal?: AbortSignal } = {}): Promise<T> {
  const pool = await taskPool();
  const task: NamedTask = { name, payload };
  let answer: Answer<T>;
  try {
    answer = (await pool.run(task, { name: 'named', signal: options.signal })) as Answer<T>;
  } catch (cause) {
    if (options.signal?.aborted) throw new CrowdwattError('cancelled', 'cancelled', {}, { cause });
    throw new CrowdwattError('pool/worker-lost', `a worker thread ended in task ${name}`, { id: name }, { cause });
  }
  if ('error' in answer) throw CrowdwattError.fromJSON(answer.error);
  return answer.value;
}

/**
 * Runs one task for each payload with at most `limit` on their way (default: twice the threads), so
 * that a long list neither fills memory nor the queue. Answers in the order of the payloads; the first
 * error ends it.
 */
export async function runTasks<T>(
  name: string,
  payloads: Iterable<unknown>,
  options: { signal?: AbortSignal; limit?: number } = {},
): Promise<T[]> {
  const limit = options.limit ?? 2 * (await taskPool()).maxThreads;
  const answers: T[] = [];
  const source = payloads[Symbol.iterator]();
  let index = 0;
  let failed = false;
  const lane = async () => {
    for (;;) {
      const next = source.next();
      if (next.done || failed) return;
      const at = index;
      index += 1;
      try {
        answers[at] = await runTask<T>(name, next.value, options);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, lane));
  return answers;
}

/** Asks a worker thread for the kernel interface versions it was built with. */
export async function pingWorker(): Promise<Record<string, number>> {
  const pool = await taskPool();
  return (await pool.run(undefined, { name: 'ping' })) as Record<string, number>;
}
