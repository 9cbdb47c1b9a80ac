import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.js';

const BUILT = resolve('dist/src/index.js');

describe('importing the library', () => {
  it('has no side effect: no listener, no handle, nothing heavy loaded', () => {
    if (!existsSync(BUILT)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
    const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-import-'));
    const log = join(folder, 'loaded.txt');
    const hooks = `import { appendFileSync } from 'node:fs';
      export async function load(url, context, next) { appendFileSync(${JSON.stringify(log)}, url + '\\n'); return next(url, context); }`;
    const script = `
      import { createRequire, register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
      const count = () => JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
      const settled = () => new Promise((done) => setImmediate(() => setImmediate(done)));
      await import('node:os');
      await settled();
      const before = count();
      const handles = process.getActiveResourcesInfo().length;
      await import(${JSON.stringify(BUILT)});
      await settled();
      console.log(JSON.stringify({
        sameListeners: before === count(),
        handles: process.getActiveResourcesInfo().length - handles,
        required: Object.keys(createRequire(import.meta.url).cache),
      }));`;
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(done.stderr).toBe('');
    const { sameListeners, handles, required } = JSON.parse(done.stdout) as {
      sameListeners: boolean;
      handles: number;
      required: string[];
    };
    expect(sameListeners).toBe(true);
    expect(handles).toBeLessThanOrEqual(0);
    const loaded = [...readFileSync(log, 'utf8').split('\n'), ...required];
    rmSync(folder, { recursive: true });
    expect(loaded.some((url) => url.endsWith('dist/src/index.js'))).toBe(true);
    const heavy = /node_modules.(fabric-|piscina|classic-level|fastify|pino|zod|@hyperledger|@assemblyscript)/;
    expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
  });

  it('offers every verb as a function that loads its part when called', async () => {
    const { designIncentives, powerFlow, runDay, solve, solveLp } = library;
    for (const verb of [designIncentives, powerFlow, runDay, solve, solveLp]) expect(verb).toBeTypeOf('function');
    await using ledger = await library.openLedger();
    expect((await ledger.head()).height).toBeTypeOf('number');
    const source = await library.readCase('examples/cases/sce56-single.json');
    expect((await library.solve(source)).objective).toBeCloseTo(-54.0946, 3);
  });

  it('checks cases with coded errors', async () => {
    await expect(library.parseCase({})).rejects.toMatchObject({ name: 'CrowdwattError', code: 'input/invalid' });
    const read = await library.readCase('examples/cases/sce56-single.json');
    const flow = await library.powerFlow(read);
    expect(flow.buses).toHaveLength(56);
  });

  it('gives errors that survive a structured clone as data', () => {
    const error = new library.CrowdwattError('case/device', 'no', { path: 'batteries[0]', id: 'b' });
    const cloned = structuredClone(error.toJSON());
    const back = library.CrowdwattError.fromJSON(cloned);
    expect(back).toBeInstanceOf(library.CrowdwattError);
    expect([back.code, back.message, back.details]).toEqual(['case/device', 'no', { path: 'batteries[0]', id: 'b' }]);
  });
});
