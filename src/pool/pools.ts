import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Piscina } from 'piscina';
import { CrowdwattError } from '../errors.js';
import { packageRoot } from '../package-root.js';

/** Most threads of a gang. */
export const MOST_PARTIES = 16;

interface Pools {
  /** Threads that run gangs; as many as the largest gang so far. */
  gang: Promise<Piscina> | undefined;
  gangThreads: number;
  /** Threads for independent work. */
  tasks: Promise<Piscina> | undefined;
}

const pools: Pools = { gang: undefined, gangThreads: 0, tasks: undefined };

async function makePool(threads: { min: number; max: number }): Promise<Piscina> {
  const filename = join(packageRoot(), 'dist', 'src', 'pool', 'worker.js');
  if (!existsSync(filename)) {
    throw new CrowdwattError('kernel/abi', 'the worker is not built; run: npm run build', { path: 'dist/src/pool' });
  }
  const { Piscina: Pool } = await import('piscina');
  return new Pool({
    filename,
    minThreads: threads.min,
    maxThreads: threads.max,
    // a thread that went to sleep and came back would compile its kernels again
    idleTimeout: Number.POSITIVE_INFINITY,
    // flags of the host (test runners, loaders) are none of the workers' business
    execArgv: [],
  });
}

/** A pool in which `parties` tasks surely run at the same time. */
export async function gangPool(parties: number): Promise<Piscina> {
  if (pools.gang !== undefined && pools.gangThreads < parties) await closeGangPool();
  if (pools.gang === undefined) {
    pools.gangThreads = parties;
    pools.gang = makePool({ min: parties, max: parties });
  }
  try {
    return await pools.gang;
  } catch (thrown) {
    pools.gang = undefined;
    throw thrown;
  }
}

export async function taskPool(): Promise<Piscina> {
  pools.tasks ??= makePool({ min: 0, max: Math.max(1, Math.min(MOST_PARTIES, availableParallelism())) });
  try {
    return await pools.tasks;
  } catch (thrown) {
    pools.tasks = undefined;
    throw thrown;
  }
}

/** Ends the gang's threads, whatever they do; the next gang gets new ones. */
export async function closeGangPool(): Promise<void> {
  const pool = pools.gang;
  pools.gang = undefined;
  pools.gangThreads = 0;
  await destroy(pool);
}

/** Ends all worker threads. The next call that needs some makes new ones. */
export async function closePools(): Promise<void> {
  const tasks = pools.tasks;
  pools.tasks = undefined;
  await Promise.all([closeGangPool(), destroy(tasks)]);
}

async function destroy(pool: Promise<Piscina> | undefined): Promise<void> {
  if (pool === undefined) return;
  const made = await pool.catch(() => undefined);
  await made?.destroy();
}
