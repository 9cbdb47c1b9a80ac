import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { runDay } from '../../src/market/index.js';
import { parseJson } from '../../src/model/index.js';
import { lasting } from './day-helpers.js';
import { tinyCase } from './tiny-case.js';

const MAIN = resolve('dist/src/cli/main.js');
const KILLS = 50;
/** Refused once and taken in the second round, and one who never answers: every kind of transaction occurs. */
const CROWD = {
  format: 'crowdwatt-crowd/1',
  default: 'accept',
  answers: [
    { participant: 'c-3', round: 1, answer: 'refuse' },
    { participant: 'c-3', period: 3, answer: 'silent' },
  ],
} as const;

let folder = '';
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('dist is not built: run node scripts/build.mjs ts first');
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-kill-'));
  writeFileSync(join(folder, 'case.json'), JSON.stringify(tinyCase()));
  writeFileSync(join(folder, 'crowd.json'), JSON.stringify(CROWD));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly killed: boolean;
  readonly status: number | null;
  /** Hash of each block whose line came out before the end, by number. */
  readonly acknowledged: ReadonlyMap<number, string>;
  readonly transactions: readonly string[];
  readonly errors: string;
}

/** Runs the day and kills it at once when its n-th durable block is announced. */
function runAndKill(ledger: string, day: string, killAt: number): Promise<Ended> {
  return new Promise((done, fail) => {
    const args = [
      MAIN,
      'run',
      'case.json',
      '--crowd',
      'crowd.json',
      '--ledger',
      ledger,
      '--day',
      day,
      '--progress=json',
    ];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const acknowledged = new Map<number, string>();
    const transactions: string[] = [];
    let rest = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (!line.startsWith('{')) {
          errors += `${line}\n`;
          continue;
        }
        const told = parseJson(line, 'progress') as { block?: number; hash?: string; transactions?: string[] };
        if (told.block === undefined) continue;
        acknowledged.set(told.block, told.hash!);
        transactions.push(...told.transactions!);
        if (acknowledged.size === killAt) child.kill('SIGKILL');
      }
    });
    child.on('error', fail);
    child.on('close', (status, signal) => {
      done({ killed: signal === 'SIGKILL', status, acknowledged, transactions, errors });
    });
  });
}

it(`a day killed ${KILLS} times loses nothing acknowledged and comes to the same end`, async () => {
  const ledgerAt = join(folder, 'ledger');
  const random = mulberry(20180805);
  const acknowledged = new Map<number, string>();
  const transactions = new Set<string>();
  let kills = 0;
  let date = '2018-08-05';
  const ended: string[] = [];
  while (kills < KILLS || !ended.includes(date)) {
    if (ended.includes(date)) date = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
    // Once there have been enough, the last day is let through.
    const killAt = kills < KILLS ? 1 + Math.floor(random() * 4) : Infinity;
    const run = await runAndKill(ledgerAt, date, killAt);
    for (const [block, hash] of run.acknowledged) acknowledged.set(block, hash);
    for (const txId of run.transactions) transactions.add(txId);
    if (run.killed) kills += 1;
    else expect([run.errors, run.status]).toEqual(['', 0]);
    await expectKept(ledgerAt, acknowledged, transactions);
    // The kill may have come with the very last block: then the day is over all the same.
    if (!run.killed || (await isSettled(ledgerAt, date))) ended.push(date);
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  await expectAsUninterrupted(ledgerAt, ended);
}, 400_000);

/** Nothing acknowledged is missing or different, the chain is whole, and nothing is offered twice. */
async function expectKept(at: string, acknowledged: ReadonlyMap<number, string>, transactions: ReadonlySet<string>) {
  await using ledger = await openLedger({ at });
  const found = new Map<number, string>();
  const valid = new Set<string>();
  const offers = new Set<string>();
  let previous: string | undefined;
  for await (const block of ledger.blocks(0)) {
    if (previous !== undefined) expect(block.previousHash).toBe(previous);
    previous = block.hash;
    found.set(block.number, block.hash);
    for (const transaction of block.transactions) {
      if (transaction.valid) valid.add(transaction.txId);
      if (transaction.name !== 'MakeOffer' || !transaction.valid) continue;
      const args = transaction.args as {
        day: string;
        round: number;
        offers: { participant: string; period: number }[];
      };
      for (const { participant, period } of args.offers) {
        const key = `${args.day}/${args.round}/${period}/${participant}`;
        expect(offers.has(key), `offered twice: ${key}`).toBe(false);
        offers.add(key);
      }
    }
  }
  for (const [block, hash] of acknowledged) expect(found.get(block), `block ${block}`).toBe(hash);
  for (const txId of transactions) expect(valid.has(txId), `transaction ${txId}`).toBe(true);
}

async function isSettled(at: string, day: string): Promise<boolean> {
  await using ledger = await openLedger({ at });
  const operator = await ledger.member('operator', 'operator');
  return (await ledger.query<{ status: string } | null>(operator, 'GetDay', { day }))?.status === 'settled';
}

/** The same days in one go, in memory: same world state and, for the last day, the same report. */
async function expectAsUninterrupted(at: string, days: readonly string[]) {
  await using killed = await openLedger({ at });
  await using whole = await openLedger();
  for (const day of days) await runDay(tinyCase(), { ledger: whole, crowd: CROWD, day });
  expect(await killed.stateHash!()).toBe(await whole.stateHash!());
  const next = { crowd: CROWD, day: '2019-01-01' };
  const [after, same] = [
    await runDay(tinyCase(), { ledger: killed, ...next }),
    await runDay(tinyCase(), { ledger: whole, ...next }),
  ];
  expect(lasting({ ...after, ledger: same.ledger })).toEqual(lasting(same));
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
