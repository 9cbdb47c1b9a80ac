import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = resolve('dist/src/cli/main.js');
let folder = '';

function lp(...args: string[]) {
  const done = spawnSync(process.execPath, [MAIN, 'lp', ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function model(name: string, ...text: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${text.join('\n')}\n`);
  return file;
}

const WYNDOR = [
  'NAME wyndor',
  'OBJSENSE',
  ' MAX',
  'ROWS',
  ' N profit',
  ' L plant1',
  ' L plant2',
  ' L plant3',
  'COLUMNS',
  ' doors profit 3 plant1 1',
  ' doors plant3 3',
  ' windows profit 5 plant2 2',
  ' windows plant3 2',
  'RHS',
  ' r plant1 4 plant2 12',
  ' r plant3 18',
  'ENDATA',
];

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-lp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('crowdwatt lp', () => {
  it('prints status, objective and iterations, and writes the answer by name', () => {
    const out = join(folder, 'answer.json');
    const run = lp(model('wyndor.mps', ...WYNDOR), '--out', out);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/status +optimal/);
    expect(run.stdout).toMatch(/objective +36\n/);
    expect(run.stdout).toMatch(/iterations +\d+/);
    const answer = JSON.parse(readFileSync(out, 'utf8'));
    expect(answer).toMatchObject({
      format: 'crowdwatt-lp/1',
      name: 'wyndor',
      status: 'optimal',
      objective: 36,
      primal: { doors: 2, windows: 6 },
      dual: { plant1: 0, plant2: 1.5, plant3: 1 },
      reducedCosts: { doors: 0, windows: 0 },
      basis: {
        columns: { doors: 'basic', windows: 'basic' },
        rows: { plant1: 'basic', plant2: 'atUpper', plant3: 'atUpper' },
      },
    });
  });

  it('puts the document alone on standard output with --out -', () => {
    const run = lp(model('wyndor.mps', ...WYNDOR), '--out', '-');
    expect(JSON.parse(run.stdout).status).toBe('optimal');
  });

  it('exits 3 with a proof where there is no optimum', () => {
    const head = ['NAME x', 'ROWS', ' N c', ' G need', ' L room', 'COLUMNS', ' x c -1 need 1', ' x room 1', 'RHS'];
    const none = lp(model('none.mps', ...head, ' r need 5 room 3', 'ENDATA'), '--explain', '--out', 'none.json');
    expect(none.status).toBe(3);
    expect(none.stdout).toMatch(
      /status +infeasible[\s\S]*These 2 limits cannot hold together[\s\S]*need: 1 x must be at least 5/,
    );
    const answer = JSON.parse(readFileSync(join(folder, 'none.json'), 'utf8'));
    expect(answer.objective).toBeNull();
    expect(answer.farkas.need).toBe(-answer.farkas.room);
    const endless = lp(
      model('endless.mps', ...head.slice(0, 4), ...head.slice(5, 7), 'RHS', 'ENDATA'),
      '--out',
      'endless.json',
    );
    expect(endless.status).toBe(3);
    expect(JSON.parse(readFileSync(join(folder, 'endless.json'), 'utf8'))).toMatchObject({
      status: 'unbounded',
      ray: { x: 1 },
    });
    expect(lp(model('wyndor.mps', ...WYNDOR), '--max-iterations', '1', '--no-presolve').status).toBe(3);
  });

  it('exits 2 with line and reason on a malformed file, and writes nothing', () => {
    const out = join(folder, 'never.json');
    const bad = lp(model('bad.mps', 'ROWS', ' N c', 'COLUMNS', ' x nope 1', 'ENDATA'), '--out', out);
    expect(bad).toMatchObject({ status: 2, stdout: '' });
    expect(bad.stderr).toBe(
      "crowdwatt: error[lp/malformed]: line 4: column 'x' names row 'nope', which is not in ROWS\n",
    );
    expect(existsSync(out)).toBe(false);
    expect(lp('missing.mps').stderr).toMatch(/^crowdwatt: error\[input\/unreadable\]: missing.mps: /);
    expect(lp(folder).status).toBe(2);
  });
});
