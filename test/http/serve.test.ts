import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const main = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly text: () => string;
}

function serve(...args: string[]): Run {
  const child = spawn(process.execPath, [main, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, text: () => text };
}

describe('crowdwatt serve', () => {
  it('refuses to be seen from outside without TLS, in one line', async () => {
    expect(existsSync(main), 'build first').toBe(true);
    const run = serve('--host', '0.0.0.0', '--port', '0');
    expect(await run.ended).toBe(2);
    expect(run.text()).toMatch(/^crowdwatt: error\[usage\]: --host 0\.0\.0\.0 is not loopback/);
  });

  it('serves until it is told to stop', async () => {
    const run = serve('--port', '0');
    try {
      let base: string | undefined;
      for (let k = 0; k < 600 && base === undefined; k++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        base = /listens on (http:\S+)/.exec(run.text())?.[1];
      }
      expect((await fetch(`${base}/health`)).status).toBe(200);
      expect((await fetch(`${base}/api/days`, { method: 'POST' })).status).toBe(401);
      const secret = /one-time secret of operator: (\S+)/.exec(run.text())![1];
      const body = JSON.stringify({ id: 'operator', secret, held: true });
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${base}/api/enrol`, { method: 'POST', headers, body })).status).toBe(201);
    } finally {
      run.child.kill('SIGTERM');
    }
    expect(await run.ended).toBe(0);
  });
});
