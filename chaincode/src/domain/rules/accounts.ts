import type { World } from '../context.js';
import { periodPart, roundPart } from '../keys.js';
import {
  type CarryRecord,
  type ContractRecord,
  type DayRecord,
  type DeliveryRecord,
  type OfferRecord,
  OPERATOR_ACCOUNT,
  type StatementLine,
  type SupplementRecord,
} from '../records.js';
import { adjustmentLine, contractLines, operatorLines, supplementLine, supplementPrice, taskLines } from '../settle.js';
import { acceptedOffer } from './common.js';

export type Accounts = Map<string, StatementLine[]>;

/**
 * Lines of every account for the given days and late values. They follow from the state alone, and
 * nothing that they follow from can change once the span is closed: so they need not be stored.
 */
export async function accountsOf(
  world: World,
  days: readonly DayRecord[],
  carries: readonly CarryRecord[],
): Promise<Accounts> {
  const accounts: Accounts = new Map();
  const book = (account: string, lines: readonly StatementLine[]) => {
    const known = accounts.get(account);
    if (known) known.push(...lines);
    else accounts.set(account, [...lines]);
  };
  for (const day of days) {
    for await (const { value } of world.list<ContractRecord>('contract', [day.day]))
      book(value.participant, contractLines(value));
    for (let period = 0; period < day.periods; period++) await bookPeriod(world, day, period, book);
  }
  for (const carry of carries) {
    const line = await carryLine(world, carry);
    if (line) book(carry.participant, [line]);
  }
  for (const lines of accounts.values()) sortLines(lines);
  accounts.set(OPERATOR_ACCOUNT, operatorLines(accounts.values()));
  return accounts;
}

async function bookPeriod(
  world: World,
  day: DayRecord,
  period: number,
  book: (account: string, lines: readonly StatementLine[]) => void,
): Promise<void> {
  const supplements = await supplementsOf(world, day.day, period);
  for (const supplement of supplements) book(supplement.generator, [supplementLine(supplement)]);
  const price = supplementPrice(supplements);
  const metered = new Map<string, number>();
  for await (const { value } of world.list<DeliveryRecord>('delivery', [day.day, periodPart(period)])) {
    metered.set(value.participant, value.wh);
  }
  for (let round = 1; round <= day.maxRounds; round++) {
    for await (const { value } of world.list<OfferRecord>('offer', [day.day, periodPart(period), roundPart(round)])) {
      if (value.status !== 'accepted') continue;
      book(value.participant, taskLines(value, metered.get(value.participant) ?? null, price));
    }
  }
}

/** One participant's own lines, by single reads instead of the whole market's. */
export async function linesOf(
  world: World,
  participant: string,
  days: readonly DayRecord[],
  carries: readonly CarryRecord[],
): Promise<StatementLine[]> {
  const lines: StatementLine[] = [];
  for (const day of days) {
    const contract = await world.read<ContractRecord>('contract', day.day, participant);
    if (contract) lines.push(...contractLines(contract));
    for (let period = 0; period < day.periods; period++) {
      const supplement = await world.read<SupplementRecord>('supplement', day.day, periodPart(period), participant);
      if (supplement) lines.push(supplementLine(supplement));
      const task = await acceptedOffer(world, day, period, participant);
      if (!task) continue;
      const delivery = await world.read<DeliveryRecord>('delivery', day.day, periodPart(period), participant);
      const price = supplementPrice(await supplementsOf(world, day.day, period));
      lines.push(...taskLines(task, delivery?.wh ?? null, price));
    }
  }
  for (const carry of carries) {
    const line = carry.participant === participant ? await carryLine(world, carry) : undefined;
    if (line) lines.push(line);
  }
  return sortLines(lines);
}

async function carryLine(world: World, carry: CarryRecord): Promise<StatementLine | undefined> {
  const day = await world.read<DayRecord>('day', carry.day);
  const task = day && (await acceptedOffer(world, day, carry.period, carry.participant));
  // A contract is settled on its schedule: its meter value changes nothing.
  if (!task) return undefined;
  const price = supplementPrice(await supplementsOf(world, carry.day, carry.period));
  return adjustmentLine(task, carry.wh, carry.previousWh, price);
}

async function supplementsOf(world: World, day: string, period: number): Promise<SupplementRecord[]> {
  const found: SupplementRecord[] = [];
  for await (const { value } of world.list<SupplementRecord>('supplement', [day, periodPart(period)]))
    found.push(value);
  return found;
}

function sortLines(lines: StatementLine[]): StatementLine[] {
  const key = (line: StatementLine) => `${line.day}/${periodPart(line.period)}/${line.kind}`;
  return lines.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
