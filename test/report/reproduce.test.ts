import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-reproduce-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const crowdwatt = (...args: string[]) =>
  spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], { encoding: 'utf8', timeout: 110_000 });

describe('crowdwatt reproduce', () => {
  it('runs the paper’s test and draws its Fig. 3', () => {
    const report = join(folder, 'report');
    const done = crowdwatt('reproduce', '--report', report);
    expect(done.status, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/0 refused/);
    const left = readFileSync(join(report, 'fig3-left.svg'), 'utf8');
    for (const what of ['Bus 5', 'load', 'solar', 'battery', 'shapable load', 'net demand'])
      expect(left).toContain(what);
    // Several buses, one line each.
    const right = readFileSync(join(report, 'fig3-right.svg'), 'utf8');
    expect(new Set(right.match(/>bus \d+</g)).size).toBeGreaterThanOrEqual(4);
    expect(existsSync(join(report, 'index.html'))).toBe(true);
  });

  it('refuses a bus that is not there before it starts', () => {
    const done = crowdwatt('reproduce', '--bus', '99', '--report', join(folder, 'none'));
    expect([done.status, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toContain('no such bus');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('crowdwatt bench', () => {
  it('names what there is where a name is wrong', () => {
    const done = crowdwatt('bench', 'nothing-like-it');
    expect(done.status).toBe(2);
    expect(done.stderr).toMatch(/no benchmark is called nothing-like-it; there are .*sce56/);
  });
});
