import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CrowdwattError } from '../../src/errors.js';
import { compileCase, parseCase } from '../../src/model/index.js';
import { packageRoot } from '../../src/package-root.js';
import { closePools, pingWorker, runTask, runTasks } from '../../src/pool/index.js';
import { gangPool } from '../../src/pool/pools.js';
import { admmEngine } from '../../src/solver/admm/index.js';
import { ABI_VERSIONS } from '../../src/wasm/index.js';
import { randomCase } from '../support/random-case.js';

afterAll(() => closePools());

/** A feeder that keeps two threads busy for long: a tolerance no iteration reaches. */
const endless = () => compileCase(parseCase(randomCase(7, { buses: 300, periods: 24 })));
const never = { tolerance: 1e-12, maxIterations: 1_000_000 };

describe('worker threads', () => {
  it('answer ping with the interface versions of this build', async () => {
    expect(await pingWorker()).toEqual({ ...ABI_VERSIONS });
  });

  it('run named tasks, keep their order and pass errors on by code', async () => {
    const answers = await runTasks<number>(
      'pool/echo-task',
      Array.from({ length: 20 }, (_, k) => ({ value: k })),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, k) => k));
    await expect(runTask('pool/echo-task', { fail: 'lp/malformed' })).rejects.toMatchObject({ code: 'lp/malformed' });
    await expect(runTask('../../outside', {})).rejects.toMatchObject({ code: 'internal' });
    await expect(runTask('pool/no-such-task', {})).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a gang of threads', () => {
  it('gives the answer of one thread to the last bit, for 2, 3 and 16 threads', async () => {
    const problem = compileCase(parseCase(randomCase(11, { buses: 60, periods: 7 })));
    const solve = (workers: number) => admmEngine('tree')(problem, { tolerance: 1e-4, workers });
    const one = await solve(1);
    expect(one.status).toBe('optimal');
    for (const workers of [2, 3, 16]) {
      const many = await solve(workers);
      expect(many.iterations).toBe(one.iterations);
      expect(many.primalObjective).toBe(one.primalObjective);
      expect([...many.point!.v]).toEqual([...one.point!.v]);
      expect([...many.point!.charge]).toEqual([...one.point!.charge]);
      expect([...many.duals!.balanceP]).toEqual([...one.duals!.balanceP]);
    }
  });

  it('gives admm-bus alike on one thread and three', async () => {
    const problem = compileCase(parseCase(randomCase(12, { buses: 20, periods: 3 })));
    const solve = (workers: number) => admmEngine('bus')(problem, { tolerance: 1e-3, maxIterations: 300, workers });
    const [one, three] = [await solve(1), await solve(3)];
    expect(three.iterations).toBe(one.iterations);
    expect([...three.point!.v]).toEqual([...one.point!.v]);
  });

  it('stops within an iteration when cancelled, keeps its threads, and solves again', async () => {
    const stop = new AbortController();
    const running = admmEngine('tree')(endless(), { ...never, workers: 2, signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    const cancelled = await running;
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.point).toBeDefined();
    const threads = (await gangPool(2)).threads.length;
    expect(threads).toBeGreaterThanOrEqual(2);
    const again = await admmEngine('tree')(compileCase(parseCase(randomCase(3))), { tolerance: 1e-4, workers: 2 });
    expect(again.status).toBe('optimal');
  });

  it('stops at the time limit', async () => {
    const limited = await admmEngine('tree')(endless(), { ...never, workers: 2, timeLimitSeconds: 0.4 });
    expect(limited.status).toBe('time-limit');
    expect(limited.iterations).toBeGreaterThan(0);
  });

  it('ends with pool/worker-lost when a thread is killed, frees the others, and works again', async () => {
    const running = admmEngine('tree')(endless(), { ...never, workers: 3 });
    const failed = running.then(
      () => undefined,
      (thrown: CrowdwattError) => thrown,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await (await gangPool(3)).threads[1]!.terminate();
    expect(await failed).toMatchObject({ code: 'pool/worker-lost' });
    const again = await admmEngine('tree')(compileCase(parseCase(randomCase(3))), { tolerance: 1e-4, workers: 3 });
    expect(again.status).toBe('optimal');
  });

  it('leaves nothing that keeps a process alive', async () => {
    const folder = await mkdtemp(join(packageRoot(), 'dist', 'pool-test-'));
    try {
      const script = join(folder, 'solve.mjs');
      const at = (path: string) => JSON.stringify(join(packageRoot(), 'dist', 'src', path));
      const file = JSON.stringify(join(packageRoot(), 'examples', 'cases', 'sce56.json'));
      writeFileSync(
        script,
        `import { compileCase, readCase } from ${at('model/index.js')};
import { admmEngine } from ${at('solver/admm/index.js')};
const result = await admmEngine('tree')(compileCase(await readCase(${file})), { tolerance: 1e-4, workers: 2 });
console.log(result.status);`,
      );
      const done = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 60_000 });
      expect(done.stderr).toBe('');
      expect(done.stdout.trim()).toBe('optimal');
      expect(done.status).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
