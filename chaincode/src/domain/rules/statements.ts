import { z } from 'zod';
import * as arg from '../arguments.js';
import { canonicalJson, compareText } from '../canonical.js';
import type { World } from '../context.js';
import { transaction } from '../definition.js';
import { periodPart, roundPart } from '../keys.js';
import { merkleRoot } from '../merkle.js';
import { amountOf } from '../money.js';
import type { CarryRecord, DayRecord, OfferRecord, SpanRecord, StatementLine, StatementRecord } from '../records.js';
import { insist } from '../refusals.js';
import { totalOf } from '../settle.js';
import { type Accounts, accountsOf } from './accounts.js';
import { insistOwner, roundAt } from './common.js';

const MAX_SPAN_DAYS = 366;

/**
 * Closes a span of days: a statement for every account, the operator's included, that together add
 * up to zero. The same span again gives the same answer and writes nothing.
 */
export const reconcile = transaction(
  'Reconcile',
  ['operator'],
  z.strictObject({ from: arg.day, to: arg.day }),
  async (world, { from, to }) => {
    insist(from <= to, 'arguments', `from ${from} lies after to ${to}`);
    for await (const { value: span } of world.list<SpanRecord>('span', [])) {
      if (span.from === from && span.to === to) return span;
      insist(
        to < span.from || from > span.to,
        'span-overlap',
        `${from}..${to} overlaps the closed span ${span.from}..${span.to}`,
      );
    }
    const days = await daysOf(world, from, to);
    insist(days.length > 0, 'unknown-day', `no day from ${from} to ${to} is on the ledger`);
    for (const day of days) await insistFinished(world, day);
    const carries = await openCarries(world, to);
    const accounts = await accountsOf(world, days, carries);
    const held = countHeld(accounts);
    for (const day of days) {
      insist(
        world.time >= day.meterDeadline || !hasHeld(accounts, day.day),
        'meters-missing',
        `day ${day.day}: metered values are missing; they may come until ${day.meterDeadline}`,
      );
    }
    return close(world, from, to, days, carries, accounts, held);
  },
);

async function close(
  world: World,
  from: string,
  to: string,
  days: readonly DayRecord[],
  carries: readonly CarryRecord[],
  accounts: Accounts,
  held: number,
): Promise<SpanRecord> {
  const leaves: string[] = [];
  let turnover = 0n;
  let sum = 0n;
  for (const participant of [...accounts.keys()].sort(compareText)) {
    const lines = accounts.get(participant)!;
    const total = totalOf(lines);
    sum += total;
    if (total > 0n) turnover += total;
    const statement: StatementRecord = {
      participant,
      from,
      to,
      lines: lines.length,
      linesRoot: merkleRoot(lines.map(lineLeaf)),
      totalMicro: amountOf(total),
    };
    leaves.push(canonicalJson(statement));
    await world.write('statement', [from, participant], statement);
  }
  if (sum !== 0n) throw new Error(`debits and credits of ${from}..${to} differ by ${sum}`);
  for (const carry of carries) {
    const key = [carry.participant, carry.day, periodPart(carry.period)];
    await world.remove('open-carry', key);
    await world.write('carry', [...key, from], carry);
  }
  for (const day of days)
    await world.write('day', [day.day], { ...day, status: 'settled', time: world.time, span: { from, to } });
  const span: SpanRecord = {
    from,
    to,
    days: days.map((day) => day.day),
    statements: leaves.length,
    root: merkleRoot(leaves),
    turnoverMicro: amountOf(turnover),
    held,
  };
  await world.write('span', [from], span);
  world.context.event('SpanReconciled', { from, to, statements: span.statements, root: span.root });
  return span;
}

export function lineLeaf(line: StatementLine): string {
  return canonicalJson(line);
}

function countHeld(accounts: Accounts): number {
  let held = 0;
  for (const [account, lines] of accounts) {
    if (account !== 'operator') held += lines.filter((line) => line.kind === 'held').length;
  }
  return held;
}

function hasHeld(accounts: Accounts, day: string): boolean {
  for (const lines of accounts.values())
    if (lines.some((line) => line.kind === 'held' && line.day === day)) return true;
  return false;
}

/** Day records from..to that exist, by single reads: no key range that a new day could slip into unseen. */
async function daysOf(world: World, from: string, to: string): Promise<DayRecord[]> {
  const days: DayRecord[] = [];
  const last = Date.parse(`${to}T00:00:00Z`);
  let count = 0;
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= last; at += 86_400_000) {
    insist(++count <= MAX_SPAN_DAYS, 'huge', `a span holds at most ${MAX_SPAN_DAYS} days`);
    const record = await world.read<DayRecord>('day', new Date(at).toISOString().slice(0, 10));
    if (record) days.push(record);
  }
  return days;
}

async function insistFinished(world: World, day: DayRecord): Promise<void> {
  insist(day.status === 'priced', 'day-unfinished', `day ${day.day} is ${day.status}`);
  const end = day.startTime + day.periods * day.minutesPerPeriod * 60_000;
  insist(world.time >= end, 'early', `day ${day.day} ends at ${end}`);
  for (let period = 0; period < day.periods; period++) {
    for (let round = 1; round <= day.maxRounds; round++) {
      if (await roundAt(world, day.day, period, round)) continue;
      for await (const { value } of world.list<OfferRecord>('offer', [day.day, periodPart(period), roundPart(round)])) {
        insist(
          value.status === 'withdrawn',
          'day-unfinished',
          `day ${day.day}, period ${period}: round ${round} is still open`,
        );
      }
    }
  }
}

async function openCarries(world: World, to: string): Promise<CarryRecord[]> {
  const carries: CarryRecord[] = [];
  for await (const { value } of world.list<CarryRecord>('open-carry', [])) if (value.day <= to) carries.push(value);
  return carries;
}

/** Kept beside the statement; it lets the meter role correct values of the span, which then count in the next one. */
export const disputeStatement = transaction(
  'DisputeStatement',
  ['participant'],
  z.strictObject({ participant: arg.id, from: arg.day, reasonHash: arg.hash }),
  async (world, { participant, from, reasonHash }) => {
    insistOwner(world, participant);
    insist(
      await world.read('statement', from, participant),
      'unknown-span',
      `${participant} has no statement from ${from}`,
    );
    insist(
      !(await world.read('dispute', participant, from)),
      'exists',
      `the statement from ${from} is disputed already`,
    );
    await world.write('dispute', [participant, from], { participant, from, reasonHash, time: world.time });
    world.context.event('StatementDisputed', { participant, from, reasonHash });
    return { participant, from };
  },
);
