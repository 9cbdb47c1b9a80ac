import { CrowdwattError } from '../errors.js';
import { CONTROL, POISON } from '../wasm/admm-abi.js';
import { closeGangPool, gangPool } from './pools.js';
import type { Answer, GangTask } from './worker.js';

/** Gangs run one after the other: two at once would wait for each other's threads. */
let turn: Promise<unknown> = Promise.resolve();

export interface GangOptions {
  readonly memory: WebAssembly.Memory;
  readonly context: number;
  readonly parties: number;
  readonly most: number;
  /** Backstop only (it kills the threads): a gang is stopped by a word in its memory. */
  readonly signal?: AbortSignal;
}

/**
 * Runs all parties of a context until they stop together; gives back their status.
 * @throws CrowdwattError `pool/worker-lost` where a thread ends on the way: the others are released by
 * the poison word, all threads are freed, and the next gang starts afresh.
 */
export function runGang(options: GangOptions): Promise<number> {
  const mine = turn.then(() => runNow(options));
  turn = mine.catch(() => undefined);
  return mine;
}

async function runNow(options: GangOptions): Promise<number> {
  const pool = await gangPool(options.parties);
  const poison = new Int32Array(options.memory.buffer, options.context + CONTROL + POISON * 64, 1);
  const runs = Array.from({ length: options.parties }, (_, party) => {
    const task: GangTask = { memory: options.memory, context: options.context, party, most: options.most };
    const run: Promise<Answer<number>> = pool.run(task, { name: 'gang', signal: options.signal });
    return run.catch((thrown) => {
      Atomics.store(poison, 0, 1);
      throw thrown;
    });
  });
  const settled = await Promise.allSettled(runs);
  const lost = settled.find((one) => one.status === 'rejected');
  if (lost !== undefined) {
    await closeGangPool();
    const message = options.signal?.aborted
      ? 'the worker threads did not stop when asked and were ended'
      : 'a worker thread ended in the middle of a solve';
    throw new CrowdwattError('pool/worker-lost', message, {}, { cause: lost.reason });
  }
  const answers = settled.map((one) => (one as PromiseFulfilledResult<Answer<number>>).value);
  for (const one of answers) if ('error' in one) throw CrowdwattError.fromJSON(one.error);
  return (answers[0] as { value: number }).value;
}
