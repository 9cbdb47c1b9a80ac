import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

/** Redis of the machine, if there is one: `undefined` after one loud line where there is none. */
export function redisProgram(what: string): string | undefined {
  const found = spawnSync('redis-server', ['--version']);
  if (found.status === 0) return 'redis-server';
  if (process.env.CROWDWATT_REQUIRE_REDIS === '1')
    throw new Error('redis-server is not on PATH and CROWDWATT_REQUIRE_REDIS=1');
  console.warn(`SKIPPED: redis-server is not on PATH; not proven here: ${what}`);
  return undefined;
}

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis of its own on a free loopback port, in memory only. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await ready(child);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout!.on('data', (chunk) => {
      seen += chunk;
      if (/ready to accept connections/i.test(seen)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${seen}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
