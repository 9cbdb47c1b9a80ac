import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';

/** Needs the built package (`npm test` builds it): a process is killed, so it cannot be this one. */
const CLI = 'dist/src/cli/main.js';
const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-kill-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const KILLS = Number(process.env.CROWDWATT_KILLS ?? 50);

interface ExportedBlock {
  readonly block: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly transactions: readonly { readonly txId: string; readonly operationId: string }[];
}

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [CLI, 'ledger', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

function exported(folder: string): ExportedBlock[] {
  const { status, stdout, stderr } = run('export', folder);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportedBlock);
}

function write(folder: string, from: number, count?: number): ChildProcess {
  return spawn(
    process.execPath,
    ['test/ledger/writer.mjs', folder, String(from), ...(count === undefined ? [] : [String(count)])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** Kills the writer after so many durable blocks and a bit; gives what it had acknowledged by then. */
async function killAfter(child: ChildProcess, blocks: number, delayMs: number) {
  const durable = new Map<number, readonly string[]>();
  const acknowledged: { index: number; txId: string }[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const strays: string[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => acknowledged.push(JSON.parse(line)));
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!line.startsWith('{')) {
      strays.push(line);
      return;
    }
    const { block, transactions } = JSON.parse(line) as { block: number; transactions: string[] };
    durable.set(block, transactions);
    if (durable.size === blocks) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await ended;
  expect(strays).toEqual([]);
  return { durable, acknowledged };
}

describe('a writer that is killed', () => {
  it(`loses nothing acknowledged and leaves no half block, ${KILLS} times`, { timeout: 600_000 }, async () => {
    const folder = join(scratch, 'killed');
    const everything = new Map<string, number>();
    const durable = new Map<number, readonly string[]>();
    let next = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = write(folder, next);
      const seen = await killAfter(child, 1 + Math.floor(Math.random() * 12), Math.random() * 5);
      for (const { index, txId } of seen.acknowledged) everything.set(txId, index);
      for (const [block, txIds] of seen.durable) durable.set(block, txIds);
      // Operations are repeated from a little before: the ones that were committed give their first outcome.
      next = Math.max(0, ...[...everything.values()]) - 3;
      if (kill % 10 === 9 || kill === KILLS - 1) check(folder, everything, durable);
      next = Math.max(0, next);
    }
    const finish = await killAfter(write(folder, next, 20), -1, 0);
    for (const { index, txId } of finish.acknowledged) everything.set(txId, index);
    check(folder, everything, durable);
    const verified = run('verify', folder);
    expect(verified.status).toBe(0);
    expect(verified.stdout).toContain('stored state: equal');
  });

  function check(
    folder: string,
    everything: ReadonlyMap<string, number>,
    durable: ReadonlyMap<number, readonly string[]>,
  ) {
    const blocks = exported(folder);
    const byBlock = new Map(blocks.map(({ block, transactions }) => [block, transactions.map(({ txId }) => txId)]));
    const present = new Set([...byBlock.values()].flat());
    for (const txId of everything.keys()) expect(present.has(txId)).toBe(true);
    for (const [block, txIds] of durable) expect(byBlock.get(block)).toEqual(txIds);
    for (const [index, { block, previousHash }] of blocks.entries()) {
      expect(block).toBe(index);
      if (index > 0) expect(previousHash).toBe(blocks[index - 1]!.hash);
    }
    const operations = blocks.flatMap(({ transactions }) => transactions.map(({ operationId }) => operationId));
    expect(new Set(operations).size).toBe(operations.length);
  }
});

describe('readers and writers at once', () => {
  it('verifies, shows and exports while another process writes, refuses a second writer, and a copy restores', {
    timeout: 120_000,
  }, async () => {
    const folder = join(scratch, 'shared');
    const child = write(folder, 0);
    let lines = 0;
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stderr! }).on('line', () => {
        if (++lines === 20) resolve();
      });
      child.stdout!.resume();
    });
    try {
      const heights: number[] = [];
      for (let round = 0; round < 3; round++) {
        const verified = run('verify', folder, '--out', '-');
        expect(verified.stderr.replace(/crowdwatt: warning.*not written whole.*\n/, '')).toBe('');
        expect(verified.status).toBe(0);
        const report = JSON.parse(verified.stdout) as { height: number; state: string };
        expect(report.state).toBe('in use by a writer');
        heights.push(report.height);
        expect(exported(folder).length).toBeGreaterThanOrEqual(report.height);
        expect(run('show', folder, 'blocks').status).toBe(0);
        // The commands above ran with this process standing still, and with it the writer, once the pipe
        // of its progress lines was full: let it go on before the next round.
        const before = lines;
        while (lines < before + 5) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(heights[2]).toBeGreaterThan(heights[0]!);
      const second = run('reconcile', folder, '--from', '2018-08-05', '--to', '2018-08-05');
      expect(second.status).toBe(2);
      expect(second.stderr).toContain('error[ledger/locked]');
      // Backup while running: head.json first, then the blocks.
      const backup = join(scratch, 'backup');
      cpSync(join(folder, 'head.json'), join(backup, 'head.json'));
      cpSync(join(folder, 'blocks'), join(backup, 'blocks'), { recursive: true });
      cpSync(`${folder}.keys`, `${backup}.keys`, { recursive: true });
      expect(run('verify', backup).status).toBe(0);
      const restored = spawnSync(process.execPath, ['test/ledger/writer.mjs', backup, '1000000', '5'], {
        encoding: 'utf8',
      });
      expect(restored.status).toBe(0);
      expect(run('verify', backup).stdout).toContain('stored state: equal');
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    expect(existsSync(join(folder, 'writer.pid'))).toBe(true);
    // A dead writer's note does not keep verify from comparing the state (it may be behind: it is derived).
    const after = run('verify', folder, '--out', '-');
    expect(after.status).toBe(0);
    expect(['equal', 'behind the blocks']).toContain((JSON.parse(after.stdout) as { state: string }).state);
  });
});

describe('what is derived', () => {
  it('is rebuilt after state/ was deleted or damaged, and verify names a changed value', { timeout: 60_000 }, () => {
    const folder = join(scratch, 'derived');
    const writer = (from: number) =>
      spawnSync(process.execPath, ['test/ledger/writer.mjs', folder, String(from), '30'], { encoding: 'utf8' });
    expect(writer(0).status).toBe(0);
    const before = JSON.parse(run('verify', folder, '--out', '-').stdout) as { stateHash: string; state: string };
    expect(before.state).toBe('equal');
    rmSync(join(folder, 'state'), { recursive: true });
    expect(JSON.parse(run('verify', folder, '--out', '-').stdout)).toMatchObject({
      state: 'absent',
      stateHash: before.stateHash,
    });
    // A repeat of what is there changes nothing, but opens and rebuilds.
    expect(writer(0).status).toBe(0);
    expect(JSON.parse(run('verify', folder, '--out', '-').stdout)).toMatchObject({
      state: 'equal',
      stateHash: before.stateHash,
    });
    const current = join(folder, 'state', 'CURRENT');
    writeFileSync(current, Buffer.from(readFileSync(current)).fill(0x41));
    const damaged = run('verify', folder);
    expect(damaged.status).toBe(4);
    expect(damaged.stderr).toContain('state/');
    expect(writer(0).status).toBe(0);
    expect(JSON.parse(run('verify', folder, '--out', '-').stdout)).toMatchObject({
      state: 'equal',
      stateHash: before.stateHash,
    });
  });

  it('answers for folders that are empty or not there', () => {
    const empty = mkdtempSync(join(scratch, 'empty-'));
    const verified = run('verify', empty);
    expect([verified.status, verified.stdout]).toEqual([
      0,
      'height 0, 0 transactions, every signature and effect checked\n',
    ]);
    expect(run('verify', join(scratch, 'nowhere')).status).toBe(2);
  });
});
