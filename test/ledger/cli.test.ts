import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-ledger-cli-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function cli(...args: string[]) {
  const done = spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const json = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('crowdwatt ledger, on a day of the market', () => {
  const at = join(scratch, 'market');
  const day = '2018-08-05';
  let stateHash: string;

  beforeAll(() => {
    const run = cli('run', 'examples/cases/sce56-market.json', '--crowd', 'reservation', '--ledger', at, '--quiet');
    expect([run.status, run.err]).toEqual([0, '']);
    stateHash = (JSON.parse(cli('ledger', 'verify', at, '--out', '-').out) as { stateHash: string }).stateHash;
  }, 60_000);

  it('gives the same world state for the same inputs', { timeout: 60_000 }, () => {
    const again = join(scratch, 'again');
    expect(
      cli('run', 'examples/cases/sce56-market.json', '--crowd', 'reservation', '--ledger', again, '--quiet').status,
    ).toBe(0);
    expect(JSON.parse(cli('ledger', 'verify', again, '--out', '-').out)).toMatchObject({ stateHash, state: 'equal' });
  });

  it('shows every list as a table and as JSON, with filters and pages', () => {
    for (const what of ['summary', 'blocks', 'transactions', 'participants', 'days', 'spans']) {
      const shown = cli('ledger', 'show', at, what);
      expect([what, shown.status, lines(shown.out).length > 1]).toEqual([what, 0, true]);
    }
    for (const what of [
      'preferences',
      'contracts',
      'offers',
      'rounds',
      'supplements',
      'deliveries',
      'statements',
      'lines',
    ]) {
      const rows = json(cli('ledger', 'show', at, what, '--day', day, '--json').out);
      expect([what, rows.length > 5]).toEqual([what, true]);
    }
    const mine = json(
      cli('ledger', 'show', at, 'offers', '--day', day, '--participant', 'c-5', '--json', '--limit', '1000').out,
    );
    expect(new Set(mine.map(({ participant }) => participant))).toEqual(new Set(['c-5']));
    const pages: Record<string, unknown>[] = [];
    let after: string[] = [];
    for (let page = 0; page < 20; page++) {
      const shown = cli(
        'ledger',
        'show',
        at,
        'offers',
        '--day',
        day,
        '--period',
        '12',
        '--limit',
        '5',
        '--json',
        ...after,
      );
      pages.push(...json(shown.out));
      const next = /--after '([^']+)'/.exec(shown.err)?.[1];
      if (next === undefined) break;
      after = ['--after', next];
    }
    const whole = json(
      cli('ledger', 'show', at, 'offers', '--day', day, '--period', '12', '--limit', '1000', '--json').out,
    );
    expect(pages).toEqual(whole);
    expect(whole.length).toBeGreaterThan(5);
    const accepted = mine.find(({ outcome }) => outcome === 'accepted') ?? mine[0]!;
    const key = `offer/${day}/${String(accepted.period).padStart(4, '0')}/${String(accepted.round).padStart(2, '0')}/c-5`;
    const history = json(cli('ledger', 'show', at, 'history', key, '--json').out);
    expect(history.length).toBeGreaterThanOrEqual(1);
    const found = json(cli('ledger', 'show', at, 'transactions', '--name', 'OpenDay', '--json').out);
    expect(found).toMatchObject([{ name: 'OpenDay', creatorId: 'operator' }]);
    expect(json(cli('ledger', 'show', at, 'transactions', String(found[0]!.txId), '--json').out)).toEqual(found);
    expect(cli('ledger', 'show', at, 'nonsense').status).toBe(2);
    expect(cli('ledger', 'show', at, 'offers').status).toBe(2);
  });

  it('keeps private documents closed without the keys', () => {
    const closed = json(cli('ledger', 'show', at, 'preferences', '--day', day, '--json').out);
    expect(closed.every(({ document }) => document === null)).toBe(true);
    const open = json(cli('ledger', 'show', at, 'preferences', '--day', day, '--json', '--keys', `${at}.keys`).out);
    expect(open.every(({ document }) => document !== null)).toBe(true);
  });

  it('gives heads and receipts that verify keeps to', () => {
    const head = join(scratch, 'head.json');
    expect(cli('ledger', 'head', at, '--out', head).status).toBe(0);
    const [first] = json(cli('ledger', 'show', at, 'transactions', '--limit', '1', '--json').out);
    const receipt = join(scratch, 'receipt.json');
    expect(cli('ledger', 'receipt', at, String(first!.txId), '--out', receipt).status).toBe(0);
    const witness = join(scratch, 'witness');
    expect(cli('ledger', 'witness', at, '--keys', witness).status).toBe(0);
    const verified = cli(
      'ledger',
      'verify',
      at,
      '--receipt',
      receipt,
      '--since',
      head,
      '--witness',
      join(witness, 'heads.jsonl'),
    );
    expect([verified.status, verified.err]).toEqual([0, '']);
    expect(verified.out).toContain('1 receipts kept');
    const forged = { ...(JSON.parse(readFileSync(receipt, 'utf8')) as object), txId: '0'.repeat(64) };
    writeFileSync(receipt, JSON.stringify(forged));
    const refused = cli('ledger', 'verify', at, '--receipt', receipt);
    expect([refused.status, lines(refused.err).length]).toEqual([4, 1]);
  });

  it('names block and transaction of what is damaged', () => {
    const copy = join(scratch, 'damaged');
    expect(
      cli('run', 'examples/cases/sce56-single.json', '--crowd', 'accept', '--ledger', copy, '--quiet').status,
    ).toBe(0);
    const path = join(copy, 'blocks', '00000000.seg');
    const bytes = readFileSync(path);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(path, bytes);
    for (const verb of ['verify', 'show', 'export', 'head']) {
      const done = cli('ledger', verb, copy);
      expect([verb, done.status]).toEqual([verb, 4]);
      expect(done.err).toMatch(/^crowdwatt: error\[ledger\/damaged\]: block \d+ .*offset \d+/);
    }
  });
});

describe('crowdwatt member', () => {
  const at = join(scratch, 'members');
  const secretOf = (text: string, id: string) => new RegExp(` ${id}: secret (\\S+)`).exec(text)?.[1] ?? '';

  it("adds, enrols once, lists and revokes; the first operator's secret is printed once", { timeout: 60_000 }, () => {
    const first = cli('member', 'add', 'meter-1', '--role', 'meter', '--ledger', at);
    expect(first.status).toBe(0);
    expect(first.out).toMatch(/^operator operator: secret \S+ \(the first operator; shown once\)/);
    const enrol = (id: string, secret: string, keys: string) =>
      cli('member', 'enroll', id, '--secret', secret, '--ledger', at, '--keys', join(scratch, keys));
    expect(enrol('operator', secretOf(first.out, 'operator'), 'own-operator').status).toBe(0);
    expect(cli('member', 'add', 'c-5', '--ledger', at).out).not.toContain('operator operator');
    expect(enrol('meter-1', 'wrong', 'own-meter').status).toBe(2);
    expect(enrol('meter-1', secretOf(first.out, 'meter-1'), 'own-meter').status).toBe(0);
    expect(enrol('meter-1', secretOf(first.out, 'meter-1'), 'own-meter-2').status).toBe(2);
    expect(cli('member', 'add', 'meter-1', '--role', 'meter', '--ledger', at).status).toBe(2);
    const status = (id: string) =>
      json(cli('member', 'list', '--ledger', at, '--json').out).find((row) => row.id === id)?.status;
    expect([status('operator'), status('meter-1'), status('c-5')]).toEqual(['enrolled', 'enrolled', 'waiting']);
    // The operator's key is its own: the ledger's key folder does not have it.
    expect(cli('member', 'revoke', 'meter-1', '--ledger', at).status).toBe(2);
    expect(cli('member', 'revoke', 'meter-1', '--ledger', at, '--as', join(scratch, 'own-operator')).status).toBe(0);
    expect(status('meter-1')).toBe('revoked');
    expect(cli('ledger', 'verify', at).status).toBe(0);
  });
});
