import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cancelJobs,
  findCases,
  fleetStatus,
  openQueue,
  ResultFolder,
  readJobs,
  recordedOrder,
  runLocally,
  runWorker,
  submitJobs,
} from '../../src/fleet/index.js';
import type { Case } from '../../src/model/case.js';
import { redisProgram, startRedis, type TestRedis } from './redis-server.js';

const single = JSON.parse(readFileSync('examples/cases/sce56-single.json', 'utf8')) as Case;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-fleet-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same feeder with another load: another content, so another job. */
function writeCases(name: string, count: number): string {
  const into = mkdtempSync(join(folder, `${name}-`));
  for (let k = 0; k < count; k++) {
    const factor = 0.5 + (0.5 * k) / count;
    const loads = single.loads.map((l) => ({ ...l, pMw: l.pMw.map((p) => p * factor) }));
    writeFileSync(
      join(into, `case-${String(k).padStart(3, '0')}.json`),
      JSON.stringify({ ...single, name: `${name} ${k}`, loads }),
    );
  }
  return into;
}

describe('fleet on this machine alone', () => {
  it('solves each content once and keeps what is there', async () => {
    const jobs = await readJobs(await findCases(writeCases('local', 3)), { exactness: 'off' });
    const results = await ResultFolder.open(join(folder, 'results'));
    expect(await runLocally([...jobs, jobs[0]!], results)).toEqual({
      solved: 3,
      failed: 0,
      known: 1,
      cancelled: false,
    });
    expect(await runLocally(jobs, results)).toEqual({ solved: 0, failed: 0, known: 3, cancelled: false });
    const stored = await results.get(jobs[0]!.hash);
    expect(stored?.solution?.status).toBe('optimal');
    expect(readdirSync(results.folder).every((name) => /^[0-9a-f]{64}\.json$/.test(name))).toBe(true);
  });

  it('stops when told and takes up where it was', async () => {
    const jobs = await readJobs(await findCases(writeCases('cancel', 3)), { exactness: 'off' });
    const results = await ResultFolder.open(join(folder, 'cancelled'));
    const stop = new AbortController();
    const first = await runLocally(jobs, results, {
      signal: stop.signal,
      onProgress: (p) => p.stage === 'fleet' && stop.abort(),
    });
    expect(first).toMatchObject({ solved: 1, cancelled: true });
    expect(await runLocally(jobs, results)).toMatchObject({ solved: 2, known: 1 });
  });

  it('names what it cannot find', async () => {
    await expect(findCases(join(folder, 'nowhere'))).rejects.toThrow(/no case file/);
    await expect(findCases(join(folder, '*', 'x.json'))).rejects.toThrow(/last part/);
    const cases = writeCases('pattern', 3);
    expect(await findCases(join(cases, 'case-00[12]*.json')).catch((e) => e.message)).toMatch(/no case file/);
    expect(await findCases(join(cases, '*-001.json'))).toHaveLength(1);
  });
});

const program = redisProgram(
  'the fleet over Redis: priorities, cancel, lost workers, exactly one record of each result',
);

describe.skipIf(program === undefined)('fleet over Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
  });

  it('takes jobs by priority, submits nothing twice and lets a waiting job be cancelled', async () => {
    const connection = { redis: redis.url, queue: 'order' };
    const queue = await openQueue(connection);
    try {
      const [low, high, gone] = await readJobs(await findCases(writeCases('order', 3)), { exactness: 'off' });
      await submitJobs(queue, [low!], 10);
      await submitJobs(queue, [high!], 1);
      await submitJobs(queue, [gone!], 20);
      expect(await submitJobs(queue, [low!, high!])).toMatchObject({ submitted: 0, known: 2 });
      expect(await cancelJobs(queue, gone!.hash)).toBe(1);
      const summary = await runWorker({ ...connection, signal: new AbortController().signal, untilEmpty: true });
      expect(summary).toEqual({ solved: 2, failed: 0, repeated: 0 });
      expect(await recordedOrder(queue)).toEqual([high!.hash, low!.hash]);
      expect(await submitJobs(queue, [low!, high!])).toMatchObject({ submitted: 0 });
      expect(await submitJobs(queue, [gone!])).toMatchObject({ submitted: 1 });
    } finally {
      await queue.close();
    }
  });

  it('records a case that is wrong as refused, without trying it again and again', async () => {
    const connection = { redis: redis.url, queue: 'wrong' };
    const queue = await openQueue(connection);
    try {
      const [job] = await readJobs(await findCases(writeCases('wrong', 1)), { exactness: 'off' });
      const broken = { ...job!, settings: { ...job!.settings, tolerance: 7 } };
      await submitJobs(queue, [broken]);
      const summary = await runWorker({ ...connection, signal: new AbortController().signal, untilEmpty: true });
      expect(summary).toEqual({ solved: 0, failed: 1, repeated: 0 });
      expect((await fleetStatus(queue)).failures[0]!.reason).toMatch(/tolerance/);
    } finally {
      await queue.close();
    }
  });

  it('records every one of 200 results exactly once while workers are killed at random', async () => {
    const connection = { redis: redis.url, queue: 'kills' };
    const queue = await openQueue(connection);
    const workers = new Set<ChildProcess>();
    const start = (): void => {
      const child = spawn(
        process.execPath,
        ['dist/src/cli/main.js', 'fleet', 'worker', '--redis', redis.url, '--queue', 'kills', '--lock', '1', '--quiet'],
        { stdio: 'ignore' },
      );
      workers.add(child);
      child.once('exit', () => workers.delete(child));
    };
    try {
      const jobs = await readJobs(await findCases(writeCases('kills', 200)), { exactness: 'off' });
      await submitJobs(queue, jobs);
      start();
      start();
      let kills = 0;
      let seed = 12345;
      const deadline = Date.now() + 100_000;
      while ((await recordedOrder(queue)).length < 200 && Date.now() < deadline) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        await new Promise((resolve) => setTimeout(resolve, 300 + (seed % 900)));
        const [victim] = workers;
        if (kills < 15 && victim !== undefined) {
          victim.kill('SIGKILL');
          kills++;
        }
        while (workers.size < 2) start();
      }
      const order = await recordedOrder(queue);
      expect(kills).toBeGreaterThan(2);
      expect(order).toHaveLength(200);
      expect(new Set(order)).toEqual(new Set(jobs.map((job) => job.hash)));
    } finally {
      for (const child of workers) child.kill('SIGKILL');
      await queue.close();
    }
  });

  it('says so when no Redis answers', async () => {
    await expect(openQueue({ redis: 'redis://127.0.0.1:1', queue: 'x' })).rejects.toMatchObject({
      code: 'fleet/unavailable',
    });
    await expect(openQueue({ redis: 'http://here', queue: 'x' })).rejects.toMatchObject({ code: 'usage' });
  });
});
