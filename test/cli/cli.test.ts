import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = resolve('dist/src/cli/main.js');
const SCE56 = resolve('examples/cases/sce56.json');
let folder = '';

function crowdwatt(...args: string[]) {
  const done = spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line `crowdwatt: error[code]: message`, nothing on standard output, no stack. */
function expectError(run: ReturnType<typeof crowdwatt>, status: number, code: string, words: RegExp) {
  expect(run.status).toBe(status);
  expect(run.stdout).toBe('');
  const lines = run.stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(new RegExp(`^crowdwatt: error\\[${code}\\]: `));
  expect(lines[0]).toMatch(words);
  expect(run.stderr).not.toMatch(/\n\s+at /);
}

describe('usage', () => {
  it('prints its version and helps', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(crowdwatt('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = crowdwatt('--help');
    expect(help.status).toBe(0);
    expect(help.stdout).toMatch(/solve .*optimal power flow/);
    expect(crowdwatt('powerflow', '--help').stdout).toMatch(/--quiet[\s\S]*--progress \[=json\][\s\S]*--log-level/);
    const nothing = crowdwatt();
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toMatch(/^Usage: crowdwatt/);
  });

  it('refuses unknown verbs, options, values and missing arguments with one line and 2', () => {
    expectError(crowdwatt('frobnicate'), 2, 'usage', /unknown command 'frobnicate'/);
    expectError(crowdwatt('powerflow'), 2, 'usage', /missing required argument 'case'/);
    expectError(crowdwatt('powerflow', SCE56, '--fast'), 2, 'usage', /unknown option '--fast'/);
    expectError(crowdwatt('powerflow', SCE56, '--log-level', 'loud'), 2, 'usage', /loud/);
    expectError(crowdwatt('powerflow', SCE56, '--progress=xml'), 2, 'usage', /--progress=xml is not known/);
    expectError(crowdwatt('solve', SCE56, '--method', 'magic'), 2, 'usage', /magic/);
    expectError(crowdwatt('solve', SCE56, '--tolerance', 'NaN'), 2, 'usage', /must be a number from 1e-12/);
    expectError(crowdwatt('solve', SCE56, '--workers', '0'), 2, 'usage', /whole number from 1 to 16/);
  });

  it('does not let a bare --progress swallow the case', () => {
    const run = crowdwatt('powerflow', '--progress', SCE56);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/cost +[\d.]+ \$/);
  });
});

describe('bad input', () => {
  it('is refused with 2, one line and no output file', () => {
    writeFileSync(join(folder, 'broken.json'), '{"format": "crowdwatt-case/1", ');
    const bad = JSON.parse(readFileSync(SCE56, 'utf8'));
    bad.batteries[3].powerMw = -1;
    writeFileSync(join(folder, 'bad.json'), JSON.stringify(bad));
    for (const verb of ['powerflow', 'solve']) {
      expectError(crowdwatt(verb, 'none.json', '--out', 'o.json'), 2, 'input/unreadable', /there is no such file/);
      expectError(crowdwatt(verb, '.', '--out', 'o.json'), 2, 'input/unreadable', /it is a folder/);
      expectError(crowdwatt(verb, 'broken.json', '--out', 'o.json'), 2, 'input/not-json', /broken\.json/);
      expectError(
        crowdwatt(verb, 'bad.json', '--out', 'o.json'),
        2,
        'input/invalid',
        /batteries\[3\]\.powerMw \(bat-\w+\) is -1/,
      );
    }
    expect(readdirSync(folder).sort()).toEqual(['bad.json', 'broken.json']);
  });

  it('refuses an output path that cannot work before it starts', () => {
    expectError(crowdwatt('powerflow', SCE56, '--out', 'no/such/o.json'), 2, 'usage', /its folder does not exist/);
    expectError(crowdwatt('powerflow', SCE56, '--out', '.'), 2, 'usage', /is a folder/);
  });

  it('shows a stack with --log-level debug only', () => {
    const run = crowdwatt('powerflow', 'none.json', '--log-level', 'debug');
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/\n\s+at /);
  });
});

describe('output', () => {
  it('writes the whole document over what was there, and keeps links', () => {
    writeFileSync(join(folder, 'real.json'), 'old');
    symlinkSync('real.json', join(folder, 'link.json'));
    expect(crowdwatt('powerflow', SCE56, '--out', 'link.json').status).toBe(0);
    const solution = JSON.parse(readFileSync(join(folder, 'real.json'), 'utf8'));
    expect(solution.format).toBe('crowdwatt-solution/1');
    expect(solution.buses).toHaveLength(56);
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it('with --out - prints the document and nothing else on standard output', () => {
    const run = crowdwatt('powerflow', SCE56, '--out', '-');
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout).method).toBe('powerflow');
    expect(run.stdout.trimEnd()).not.toMatch(/\n/);
  });

  it('writes through a device instead of replacing it', () => {
    expect(crowdwatt('powerflow', SCE56, '--quiet', '--out', '/dev/null')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(existsSync('/dev/null')).toBe(true);
  });

  it('is silent under --quiet', () => {
    expect(crowdwatt('powerflow', SCE56, '--quiet')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('survives a reader that goes away', async () => {
    const child = spawn(process.execPath, [MAIN, 'powerflow', SCE56, '--out', '-'], { cwd: folder });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await new Promise((done) => child.on('close', done));
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('gives 3 and still the document where there is no answer', () => {
    const heavy = JSON.parse(readFileSync(SCE56, 'utf8'));
    for (const load of heavy.loads) load.pMw = load.pMw.map((p: number) => 100 * p);
    writeFileSync(join(folder, 'heavy.json'), JSON.stringify(heavy));
    const run = crowdwatt('powerflow', 'heavy.json', '--out', 'heavy.out.json');
    expect(run.status).toBe(3);
    const solution = JSON.parse(readFileSync(join(folder, 'heavy.out.json'), 'utf8'));
    expect(solution.buses).toBeUndefined();
    expect(solution.reason).toMatch(/voltage collapse/);
  });
});

describe('solve', () => {
  it('prints a day and writes the solution', () => {
    const run = crowdwatt('solve', SCE56, '--exactness', 'off', '--out', 'solved.json');
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/cost +775\.\d+ \$ .*\n +verdict +exact/);
    expect(run.stdout).toMatch(/highest DLMP +[▁▂▃▄▅▆▇█]{24} /);
    const solution = JSON.parse(readFileSync(join(folder, 'solved.json'), 'utf8'));
    expect(solution.buses[8].dlmpPerMwh).toHaveLength(24);
  });

  it('says inexact first and on standard error, and gives 3 under --strict', () => {
    const tight = resolve('examples/cases/sce56-tight.json');
    const run = crowdwatt('solve', tight, '--exactness', 'off');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^INEXACT/);
    expect(run.stderr).toMatch(/^crowdwatt: warning: inexact: replayed in AC, bus/);
    const strict = crowdwatt('solve', tight, '--exactness', 'off', '--strict', '--quiet', '--out', 'strict.json');
    expect(strict.status).toBe(3);
    expect(strict.stderr).toMatch(/inexact/);
    expect(existsSync(join(folder, 'strict.json'))).toBe(true);
  });

  it('gives 3 and the best point at a limit', () => {
    const run = crowdwatt('solve', SCE56, '--exactness', 'off', '--max-iterations', '4', '--out', 'limited.json');
    expect(run.status).toBe(3);
    expect(JSON.parse(readFileSync(join(folder, 'limited.json'), 'utf8'))).toMatchObject({ status: 'iteration-limit' });
  });

  it('gives 130 and what there is on Ctrl-C, progress being JSON lines until then', async () => {
    // Four days in a row, so that there is time to interrupt.
    const day = JSON.parse(readFileSync(SCE56, 'utf8'));
    const often = (values: number[]) => [...values, ...values, ...values, ...values];
    day.periods = 96;
    for (const load of day.loads) Object.assign(load, { pMw: often(load.pMw), qMvar: often(load.qMvar) });
    for (const plant of day.solar) plant.forecastMw = often(plant.forecastMw);
    for (const generator of day.generators) generator.costLinear = often(generator.costLinear);
    writeFileSync(join(folder, 'days.json'), JSON.stringify(day));
    const args = [MAIN, 'solve', 'days.json', '--tolerance', '1e-10', '--progress=json', '--out', 'cancelled.json'];
    const child = spawn(process.execPath, args, { cwd: folder });
    let stderr = '';
    let interrupted = false;
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (!interrupted && stderr.includes('"iteration":2')) {
        interrupted = true;
        child.kill('SIGINT');
      }
    });
    const status = await new Promise((done) => child.on('close', done));
    expect(status).toBe(130);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text).stage)).toContain('solve');
    expect(JSON.parse(readFileSync(join(folder, 'cancelled.json'), 'utf8')).status).toBe('cancelled');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
