import { z } from 'zod';
import * as arg from '../arguments.js';
import type { CallerRole, World } from '../context.js';
import { query } from '../definition.js';
import { periodPart, type RecordType, roundPart, splitCompositeKey } from '../keys.js';
import { merkleLeaf, merkleLevels, merklePath } from '../merkle.js';
import {
  type CarryRecord,
  type DayRecord,
  type OfferRecord,
  OPERATOR_ACCOUNT,
  type PreferencesDocument,
  type PreferencesRecord,
  type RoundRecord,
  type SpanRecord,
  type SpentRecord,
  type StatementRecord,
} from '../records.js';
import { insist } from '../refusals.js';
import { accountsOf, linesOf } from './accounts.js';
import { offerAt, roundAt } from './common.js';
import { preferencesLeaf } from './days.js';
import { preferencesPrivateKey } from './preferences.js';
import { lineLeaf } from './statements.js';

const ALL: readonly CallerRole[] = ['operator', 'auditor', 'participant', 'meter'];
const READERS: readonly CallerRole[] = ['operator', 'auditor', 'participant'];
const DEFAULT_LIMIT = 200;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Give it as `after` for the next page; absent on the last. */
  readonly next?: string;
}

const seesAll = (world: World) => world.caller.role !== 'participant';

/** A participant sees its own; asking for another's is refused, asking for none means its own. */
function ownOr(world: World, participant: string | undefined): string | undefined {
  if (seesAll(world)) return participant;
  insist(
    participant === undefined || participant === world.caller.id,
    'wrong-owner',
    `${world.caller.id} may not read what belongs to ${participant}`,
  );
  return world.caller.id;
}

async function pageOf<Value, Item = Value>(
  world: World,
  type: RecordType,
  parts: readonly string[],
  page: { limit?: number; after?: string },
  keep: (value: Value, key: string) => Item | undefined | Promise<Item | undefined> = (value) =>
    value as unknown as Item,
): Promise<Page<Item>> {
  const limit = page.limit ?? DEFAULT_LIMIT;
  const items: Item[] = [];
  let last: string | undefined;
  const after = page.after === undefined ? undefined : Buffer.from(page.after, 'base64url').toString('utf8');
  for await (const { key, value } of world.list<Value>(type, parts, { after })) {
    const item = await keep(value, key);
    if (item === undefined) continue;
    // Keys hold NUL characters, which no command line can carry.
    if (items.length === limit) return { items, next: Buffer.from(last ?? '', 'utf8').toString('base64url') };
    items.push(item);
    last = key;
  }
  return { items };
}

const getDay = query('GetDay', ALL, z.strictObject({ day: arg.day }), async (world, { day }) => {
  const record = await world.read<DayRecord>('day', day);
  return record ?? null;
});

const latestDay = query(
  'LatestDay',
  ALL,
  z.strictObject({}),
  async (world) => (await world.read<string>('latest', 'day')) ?? null,
);

const listDays = query('ListDays', ALL, z.strictObject(arg.page), (world, page) =>
  pageOf<DayRecord>(world, 'day', [], page),
);

const listParticipants = query(
  'ListParticipants',
  READERS,
  z.strictObject({ participant: arg.id.optional(), ...arg.page }),
  async (world, { participant, ...page }) => {
    const wanted = ownOr(world, participant);
    return pageOf(world, 'participant', wanted === undefined ? [] : [wanted], page);
  },
);

export interface PreferencesView extends PreferencesRecord {
  /** Null where it was erased. */
  readonly document: PreferencesDocument | null;
  readonly salt: string | null;
}

async function withDocument(world: World, record: PreferencesRecord): Promise<PreferencesView> {
  const text = await world.context.getPrivate(record.participant, preferencesPrivateKey(record.day, record.version));
  const kept = text === undefined ? undefined : (JSON.parse(text) as { salt: string; document: PreferencesDocument });
  return { ...record, document: kept?.document ?? null, salt: kept?.salt ?? null };
}

const listPreferences = query(
  'ListPreferences',
  READERS,
  z.strictObject({ day: arg.day, participant: arg.id.optional(), ...arg.page }),
  async (world, { day, participant, ...page }) => {
    const wanted = ownOr(world, participant);
    const parts = wanted === undefined ? [day] : [day, wanted];
    return pageOf<PreferencesRecord, PreferencesView>(world, 'preferences', parts, page, (record) =>
      withDocument(world, record),
    );
  },
);

/** Proof that a participant's preferences are under the root of the gate. */
const provePreferences = query(
  'ProvePreferences',
  READERS,
  z.strictObject({ day: arg.day, participant: arg.id }),
  async (world, { day, participant }) => {
    ownOr(world, participant);
    const record = await world.read<DayRecord>('day', day);
    insist(record, 'unknown-day', `day ${day} is not on the ledger`);
    insist(record.preferences, 'gate-open', `the gate of day ${day} is open`);
    const leaves: string[] = [];
    let index = -1;
    for await (const { value } of world.list<PreferencesRecord>('preferences', [day])) {
      if (value.participant === participant) index = leaves.length;
      leaves.push(preferencesLeaf(value));
    }
    insist(index >= 0, 'unknown-participant', `${participant} has no preferences for day ${day}`);
    const path = merklePath(merkleLevels(leaves.map(merkleLeaf)), index);
    return { root: record.preferences.root, leaf: leaves[index]!, path };
  },
);

const getEquilibrium = query('GetEquilibrium', ALL, z.strictObject({ day: arg.day }), async (world, { day }) => {
  return (await world.read('equilibrium', day)) ?? null;
});

const listContracts = query(
  'ListContracts',
  READERS,
  z.strictObject({ day: arg.day, participant: arg.id.optional(), ...arg.page }),
  (world, { day, participant, ...page }) => {
    const wanted = ownOr(world, participant);
    return pageOf(world, 'contract', wanted === undefined ? [day] : [day, wanted], page);
  },
);

export interface OfferView extends OfferRecord {
  /** `open` until the round closes; then what nobody answered is `expired`. */
  readonly outcome: 'open' | 'accepted' | 'refused' | 'withdrawn' | 'expired';
}

const listOffers = query(
  'ListOffers',
  ALL,
  z.strictObject({
    day: arg.day,
    period: arg.period.optional(),
    round: arg.round.optional(),
    participant: arg.id.optional(),
    ...arg.page,
  }),
  async (world, { day, period, round, participant, ...page }): Promise<Page<OfferView>> => {
    const wanted = ownOr(world, participant);
    insist(
      round === undefined || period !== undefined || wanted !== undefined,
      'arguments',
      'round: give the period (or participant) too',
    );
    if (wanted !== undefined) return offersOfOne(world, day, wanted, period, round, page);
    const parts = [
      day,
      ...(period === undefined ? [] : [periodPart(period)]),
      ...(round === undefined ? [] : [roundPart(round)]),
    ];
    const closed = new Map<string, boolean>();
    return pageOf<OfferRecord, OfferView>(world, 'offer', parts, page, async (record) => {
      const key = `${record.period}/${record.round}`;
      if (!closed.has(key)) closed.set(key, (await roundAt(world, day, record.period, record.round)) !== undefined);
      return viewOf(record, closed.get(key)!);
    });
  },
);

function viewOf(record: OfferRecord, closed: boolean): OfferView {
  return { ...record, outcome: record.status === 'open' && closed ? 'expired' : record.status };
}

/** Offers stand by period: those of one participant are read key by key, at most periods × rounds. */
async function offersOfOne(
  world: World,
  dayId: string,
  participant: string,
  period: number | undefined,
  round: number | undefined,
  page: { limit?: number; after?: string },
): Promise<Page<OfferView>> {
  const day = await world.read<DayRecord>('day', dayId);
  insist(day, 'unknown-day', `day ${dayId} is not on the ledger`);
  const limit = page.limit ?? DEFAULT_LIMIT;
  const items: OfferView[] = [];
  for (let p = period ?? 0; p < (period === undefined ? day.periods : period + 1); p++) {
    for (let r = round ?? 1; r <= (round ?? day.maxRounds); r++) {
      const at = `${periodPart(p)}/${roundPart(r)}`;
      if (page.after !== undefined && at <= page.after) continue;
      const record = await offerAt(world, dayId, p, r, participant);
      if (!record) continue;
      if (items.length === limit) {
        const last = items[items.length - 1]!;
        return { items, next: `${periodPart(last.period)}/${roundPart(last.round)}` };
      }
      items.push(viewOf(record, (await roundAt(world, dayId, p, r)) !== undefined));
    }
  }
  return { items };
}

const listRounds = query('ListRounds', ALL, z.strictObject({ day: arg.day, ...arg.page }), (world, { day, ...page }) =>
  pageOf<RoundRecord>(world, 'round', [day], page),
);

const listSpent = query(
  'ListSpent',
  ['operator', 'auditor'],
  z.strictObject({ day: arg.day, ...arg.page }),
  // The record does not say which period it is of; its key does.
  (world, { day, ...page }) =>
    pageOf<SpentRecord, SpentRecord & { readonly period: number }>(world, 'spent', [day], page, (record, key) => ({
      ...record,
      period: Number(splitCompositeKey(key).parts[1]),
    })),
);

const listSupplements = query(
  'ListSupplements',
  ALL,
  z.strictObject({ day: arg.day, ...arg.page }),
  (world, { day, ...page }) => {
    const own = ownOr(world, undefined);
    return pageOf<{ generator: string }>(world, 'supplement', [day], page, (record) =>
      own === undefined || record.generator === own ? record : undefined,
    );
  },
);

const listDeliveries = query(
  'ListDeliveries',
  ALL,
  z.strictObject({ day: arg.day, participant: arg.id.optional(), ...arg.page }),
  (world, { day, participant, ...page }) => {
    const wanted = ownOr(world, participant);
    return pageOf<{ participant: string }>(world, 'delivery', [day], page, (record) =>
      wanted === undefined || record.participant === wanted ? record : undefined,
    );
  },
);

const listSpans = query('ListSpans', ALL, z.strictObject(arg.page), (world, page) =>
  pageOf<SpanRecord>(world, 'span', [], page),
);

const listStatements = query(
  'ListStatements',
  READERS,
  z.strictObject({ from: arg.day, participant: arg.id.optional(), ...arg.page }),
  (world, { from, participant, ...page }) => {
    const wanted = ownOr(world, participant);
    return pageOf<StatementRecord>(world, 'statement', wanted === undefined ? [from] : [from, wanted], page);
  },
);

/** Lines of one account's statement with the Merkle path of each to the statement's `linesRoot`. */
const listStatementLines = query(
  'ListStatementLines',
  READERS,
  z.strictObject({
    from: arg.day,
    participant: arg.id,
    paths: z.boolean().optional(),
    limit: arg.page.limit,
    after: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional(),
  }),
  async (world, { from, participant, paths, limit = 1000, after }) => {
    ownOr(world, participant);
    const span = await world.read<SpanRecord>('span', from);
    insist(span, 'unknown-span', `no closed span begins on ${from}`);
    const days: DayRecord[] = [];
    for (const day of span.days) days.push((await world.read<DayRecord>('day', day))!);
    const carries = await settledCarries(world, from);
    const lines =
      participant === OPERATOR_ACCOUNT
        ? (await accountsOf(world, days, carries)).get(OPERATOR_ACCOUNT)!
        : await linesOf(world, participant, days, carries);
    const start = after === undefined ? 0 : Number(after);
    const levels = paths ? merkleLevels(lines.map((line) => merkleLeaf(lineLeaf(line)))) : undefined;
    const items = lines
      .slice(start, start + limit)
      .map((line, offset) => (levels ? { ...line, path: merklePath(levels, start + offset) } : line));
    const end = start + items.length;
    return { items, ...(end < lines.length ? { next: String(end) } : {}) };
  },
);

async function settledCarries(world: World, from: string): Promise<CarryRecord[]> {
  const carries: CarryRecord[] = [];
  for await (const { key, value } of world.list<CarryRecord>('carry', [])) {
    if (key.endsWith(`\u0000${from}\u0000`)) carries.push(value);
  }
  return carries;
}

const listDisputes = query('ListDisputes', READERS, z.strictObject(arg.page), (world, page) => {
  const own = ownOr(world, undefined);
  return pageOf(world, 'dispute', own === undefined ? [] : [own], page);
});

const listRevoked = query('ListRevoked', ['operator', 'auditor'], z.strictObject(arg.page), (world, page) =>
  pageOf(world, 'revoked', [], page),
);

export const queries = [
  getDay,
  latestDay,
  listDays,
  listParticipants,
  listPreferences,
  provePreferences,
  getEquilibrium,
  listContracts,
  listOffers,
  listRounds,
  listSpent,
  listSupplements,
  listDeliveries,
  listSpans,
  listStatements,
  listStatementLines,
  listDisputes,
  listRevoked,
] as const;
