import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-tally-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tally(tests: unknown, checks: unknown) {
  const files = [tests, checks].map((content, index) => {
    const file = join(folder, `${index}.json`);
    rmSync(file, { force: true });
    if (content !== undefined) writeFileSync(file, JSON.stringify(content));
    return file;
  });
  const done = spawnSync(process.execPath, ['scripts/tally.mjs', ...files], { encoding: 'utf8' });
  return { status: done.status, last: done.stdout.trimEnd().split('\n').at(-1) };
}

const green = { success: true, numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, testResults: [] };
const checked = { passed: ['types'], failed: [] };

describe('the last line of .ci/run', () => {
  it('says what passed', () => {
    expect(tally(green, checked)).toEqual({ status: 0, last: '7 passed, 0 failed' });
  });
  it('adds what was skipped', () => {
    expect(tally({ ...green, numPendingTests: 2 }, checked).last).toBe('7 passed, 0 failed, 2 skipped');
  });
  it('counts failed tests, files that could not be loaded, and failed checks', () => {
    const broken = { name: 'a.test.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] };
    const tests = { ...green, success: false, numFailedTests: 1, testResults: [broken] };
    expect(tally(tests, { passed: [], failed: ['types'] })).toEqual({ status: 1, last: '7 passed, 3 failed' });
  });
  it('never calls a missing result a success', () => {
    expect(tally(undefined, checked).status).toBe(1);
    expect(tally(green, undefined).status).toBe(1);
    expect(tally({ ...green, success: false }, checked).status).toBe(1);
  });
});
