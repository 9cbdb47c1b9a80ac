import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/market/documents.js';
import { exampleProblem, exampleTask } from '../market/incentive-examples.js';
import { tinyCase } from '../market/tiny-case.js';

const MAIN = resolve('dist/src/cli/main.js');
const TIGHT = resolve('examples/cases/sce56-tight.json');
let folder = '';

function crowdwatt(...args: string[]) {
  const done = spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function write(name: string, value: unknown): string {
  writeFileSync(join(folder, name), JSON.stringify(value));
  return name;
}

const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-run-'));
  write('tiny.json', tinyCase());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('crowdwatt run', () => {
  it('runs a day, says what came of it, writes the report document and the page', () => {
    const run = crowdwatt('run', 'tiny.json', '--ledger', 'one', '--out', 'run.json', '--report', 'page');
    expect(run.status).toBe(0);
    for (const word of ['cost', 'DLMP', 'offers 1', 'supplements', 'statements', 'blocks', 'seconds']) {
      expect(run.stdout).toContain(word);
    }
    const report = read('run.json') as RunReport;
    expect(report).toMatchObject({ format: 'crowdwatt-run/1', case: 'tiny', day: '2018-08-05' });
    expect(report.ledger.kind).toBe('embedded');
    expect(Object.keys(report.opf)).not.toContain('buses');
    expect(readFileSync(join(folder, 'page', 'index.html'), 'utf8')).toContain('tiny');
  });

  it('goes on with the next day, and refuses a closed one with 2', () => {
    expect(crowdwatt('run', 'tiny.json', '--ledger', 'two', '--quiet').status).toBe(0);
    const next = crowdwatt('run', 'tiny.json', '--ledger', 'two', '--out', '-');
    expect(next.status).toBe(0);
    expect((JSON.parse(next.stdout) as RunReport).day).toBe('2018-08-06');
    const closed = crowdwatt('run', 'tiny.json', '--ledger', 'two', '--day', '2018-08-05', '--out', 'closed.json');
    expect(closed.status).toBe(2);
    expect(closed.stderr).toMatch(/^crowdwatt: error\[market\/day-closed\]: day 2018-08-05 is closed/);
    expect(existsSync(join(folder, 'closed.json'))).toBe(false);
  });

  it('gives one line per durable block with --progress=json, in order, and JSON only', () => {
    const run = crowdwatt('run', 'tiny.json', '--ledger', 'three', '--progress=json', '--out', 'three.json');
    const lines = run.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { block?: number; transactions?: string[] });
    const blocks = lines.filter((line) => line.block !== undefined);
    const report = read('three.json') as RunReport;
    expect(blocks.map((line) => line.block)).toEqual(Array.from({ length: report.ledger.height - 1 }, (_, k) => k + 1));
    expect(blocks.flatMap((line) => line.transactions)).toHaveLength(report.ledger.transactions);
  });

  it('does not trade on inexact prices: 3, the document written, no day on the ledger', () => {
    const run = crowdwatt('run', TIGHT, '--exactness', 'off', '--ledger', 'tight', '--out', 'tight.json');
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^crowdwatt: error\[solver\/inexact\]: .*--allow-inexact/);
    const report = read('tight.json') as RunReport;
    expect(report.opf.certificate!.verdict).toBe('inexact');
    expect([report.offers, report.statements, report.contracts]).toEqual([[], [], []]);
    expect(report.ledger.transactions).toBe(0);
  });

  it('ends with 3 where there is no schedule', () => {
    const feeder = tinyCase();
    const generators = feeder.generators.map((generator) => ({ ...generator, pMaxMw: 0.1 }));
    const run = crowdwatt('run', write('starved.json', { ...feeder, generators }), '--out', 'starved.run.json');
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/solver\/no-schedule/);
    expect((read('starved.run.json') as RunReport).opf.status).toBe('infeasible');
  });

  it.each<[string, () => string[], RegExp]>([
    ['a crowd file with an unknown participant', () => ['--crowd', write('crowd.json', badCrowd)], /"nobody"/],
    ['a crowd file that is not there', () => ['--crowd', 'none.json'], /none\.json: .*there is no such file/],
    ['a date that is none', () => ['--day', '2018-02-30'], /2018-02-30/],
    ['a seed that is none', () => ['--seed', 'x'], /whole number/],
  ])('refuses %s with 2, one line and no document', (_, args, words) => {
    const run = crowdwatt('run', 'tiny.json', '--ledger', 'unmade', '--out', 'bad.json', ...args());
    expect(existsSync(join(folder, 'unmade'))).toBe(false);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).toMatch(words);
    expect(existsSync(join(folder, 'bad.json'))).toBe(false);
  });

  it('refuses people and generators of one name, which could not be paid apart', () => {
    const feeder = tinyCase();
    const generators = feeder.generators.map((generator) => ({ ...generator, id: 'c-3' }));
    const run = crowdwatt('run', write('names.json', { ...feeder, generators }));
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/generators\[0\]\.id \(c-3\)/);
  });

  it('ends with 130 on Ctrl-C, leaves a ledger that goes on, and no temporary file', async () => {
    const at = ['run', 'tiny.json', '--ledger', 'stopped', '--out', 'stopped.json'];
    const child = spawn(process.execPath, [MAIN, ...at, '--progress=json'], { cwd: folder });
    let sent = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (sent || !text.includes('"block"')) return;
      sent = true;
      child.kill('SIGINT');
    });
    const status = await new Promise((done) => child.on('close', done));
    expect(status).toBe(130);
    expect((read('stopped.json') as RunReport).statements).toEqual([]);
    const again = crowdwatt(...at);
    expect(again.status).toBe(0);
    expect((read('stopped.json') as RunReport).statements.length).toBeGreaterThan(2);
    expect(readdirSync(folder).filter((name) => /tmp|partial/.test(name))).toEqual([]);
  });
});

describe('crowdwatt incentives', () => {
  it('answers a problem, in words and as a document', () => {
    const problem = write(
      'problem.json',
      exampleProblem([exampleTask('a'), exampleTask('b')], { budget: 60.75, demandMw: 0 }),
    );
    const run = crowdwatt('incentives', problem, '--out', 'answer.json');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/optimal .*\n.*task +MW +\$\/MWh\n.*a +1\.000000/);
    expect(read('answer.json')).toMatchObject({ format: 'crowdwatt-incentive/1', status: 'optimal' });
  });

  it('says with 3 what an infeasible problem lacks', () => {
    const problem = write('short.json', exampleProblem([exampleTask('a')], { demandMw: 1.5 }));
    const run = crowdwatt('incentives', problem, '--out', 'short.answer.json');
    expect(run.status).toBe(3);
    expect(run.stdout).toContain('0.5000 MW');
    expect(read('short.answer.json').shortfall).toMatchObject({ row: 'demand', unit: 'MW' });
  });

  it('refuses a malformed problem with 2 and one line', () => {
    const problem = write('bad.json.txt', { ...exampleProblem([exampleTask('a')]), hours: -1 });
    const run = crowdwatt('incentives', problem, '--out', 'none.json');
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^crowdwatt: error\[input\/invalid\]: hours is -1/);
    expect(existsSync(join(folder, 'none.json'))).toBe(false);
  });
});

const badCrowd = {
  format: 'crowdwatt-crowd/1',
  default: 'accept',
  answers: [{ participant: 'nobody', answer: 'accept' }],
};
