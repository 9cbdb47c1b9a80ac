import { resolve } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import type { Explorer } from '../../ledger/embedded/explore.js';
import type { CliContext } from '../context.js';
import { table } from '../table.js';
import { cell, explore } from './files.js';

export interface ShowFlags {
  readonly day?: string;
  readonly participant?: string;
  readonly name?: string;
  readonly period?: number;
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
  readonly keys?: string;
}

/** What `show` can list from the world state: query and the columns of its table. */
const LISTS: Readonly<Record<string, { query: string; day?: true; columns: readonly string[]; participant?: true }>> = {
  participants: { query: 'ListParticipants', participant: true, columns: ['id', 'bus', 'type', 'role', 'status'] },
  days: { query: 'ListDays', columns: ['day', 'status', 'periods', 'maxRounds'] },
  preferences: {
    query: 'ListPreferences',
    day: true,
    participant: true,
    columns: ['participant', 'version', 'optOut', 'commitment'],
  },
  contracts: {
    query: 'ListContracts',
    day: true,
    participant: true,
    columns: ['participant', 'wh', 'priceMicroPerKwh'],
  },
  offers: {
    query: 'ListOffers',
    day: true,
    participant: true,
    columns: [
      'period',
      'round',
      'participant',
      'direction',
      'wh',
      'energyPriceMicroPerKwh',
      'incentiveMicroPerKwh',
      'outcome',
    ],
  },
  rounds: {
    query: 'ListRounds',
    day: true,
    columns: ['period', 'round', 'accepted', 'refused', 'expired', 'withdrawn', 'acceptedWh', 'acceptedMicro'],
  },
  supplements: { query: 'ListSupplements', day: true, columns: ['period', 'generator', 'wh', 'priceMicroPerKwh'] },
  deliveries: {
    query: 'ListDeliveries',
    day: true,
    participant: true,
    columns: ['period', 'participant', 'wh', 'version'],
  },
  spans: { query: 'ListSpans', columns: ['from', 'to', 'statements', 'turnoverMicro', 'held', 'root'] },
};

export async function show(
  context: CliContext,
  dir: string,
  what: string,
  id: string | undefined,
  flags: ShowFlags,
): Promise<void> {
  const explorer = await explore(dir, flags.keys);
  try {
    const { rows, columns, next } = await rowsOf(explorer, what, id, flags);
    if (flags.json) for (const row of rows) context.result(JSON.stringify(row));
    else if (rows.length > 0)
      context.result(table([columns, ...rows.map((row) => columns.map((name) => cell(row[name])))]));
    if (next !== undefined) context.note(`more: --after '${next}'`);
    if (rows.length === 0 && !flags.json) context.note(`no ${what}`);
  } finally {
    await explorer.close();
  }
}

type Row = Record<string, unknown>;

async function rowsOf(
  explorer: Explorer,
  what: string,
  id: string | undefined,
  flags: ShowFlags,
): Promise<{ rows: Row[]; columns: readonly string[]; next?: string }> {
  const { limit, day, participant } = flags;
  if (what === 'summary')
    return {
      rows: [await summary(explorer)],
      columns: ['ledgerId', 'height', 'transactions', 'latestDay', 'lastBlock'],
    };
  if (what === 'blocks') {
    const from = id === undefined ? (flags.from ?? 0) : Number(id);
    const to = id === undefined ? Math.min(flags.to ?? explorer.height, from + limit) : from + 1;
    const rows: Row[] = [];
    for await (const block of explorer.blocks(from, to))
      rows.push(flags.json || id !== undefined ? { ...block } : { ...block, transactions: block.transactions.length });
    return { rows, columns: ['number', 'timestamp', 'transactions', 'hash'] };
  }
  if (what === 'transactions') {
    const filter = { name: flags.name, participant, day, fromBlock: flags.from, toBlock: flags.to };
    const found = id === undefined ? await explorer.find(filter, limit) : [await explorer.transaction(id)];
    return { rows: found.map((row) => ({ ...row })), columns: ['block', 'name', 'creatorId', 'timestamp', 'txId'] };
  }
  if (what === 'history') {
    if (id === undefined)
      throw new CrowdwattError(
        'usage',
        'show history wants a key: type/part/part…, for instance offer/2018-08-05/0003/01/c-5',
      );
    const [type, ...parts] = id.split('/');
    const rows: Row[] = [];
    for await (const entry of explorer.history(type as never, parts)) rows.push({ ...entry });
    return { rows, columns: ['block', 'index', 'value'] };
  }
  if (what === 'statements' || what === 'lines') {
    const from = day ?? id;
    if (from === undefined) throw new CrowdwattError('usage', `show ${what} wants the first day of the span: --day`);
    const args = what === 'lines' ? { from, participant: participant ?? 'operator' } : { from, participant };
    return list(
      explorer,
      what === 'lines' ? 'ListStatementLines' : 'ListStatements',
      { ...args, limit: Math.min(limit, 1000), after: flags.after },
      what === 'lines' ? ['day', 'period', 'kind', 'wh', 'microDollars'] : ['participant', 'lines', 'totalMicro'],
    );
  }
  const known = Object.hasOwn(LISTS, what) ? LISTS[what] : undefined;
  if (!known)
    throw new CrowdwattError(
      'usage',
      `show ${what} is not known; there are summary, blocks, transactions, statements, lines, history, ${Object.keys(LISTS).join(', ')}`,
    );
  if (known.day && day === undefined) throw new CrowdwattError('usage', `show ${what} wants a day: --day`);
  const args = {
    ...(known.day ? { day } : {}),
    ...(known.participant && participant !== undefined ? { participant } : {}),
    ...(what === 'offers' && flags.period !== undefined ? { period: flags.period } : {}),
    limit: Math.min(limit, 1000),
    after: flags.after,
  };
  return list(explorer, known.query, args, known.columns);
}

async function list(explorer: Explorer, query: string, args: Row, columns: readonly string[]) {
  const page = await explorer.query<{ items: Row[]; next?: string }>(query, args);
  return { rows: page.items, columns, next: page.next };
}

async function summary(explorer: Explorer): Promise<Row> {
  return {
    ledgerId: explorer.ledgerId,
    height: explorer.height,
    transactions: explorer.transactions,
    latestDay: explorer.height === 0 ? null : await explorer.query('LatestDay', {}),
    lastBlock: explorer.lastHash,
  };
}

export async function exportBlocks(
  context: CliContext,
  dir: string,
  flags: { from?: number; to?: number },
): Promise<void> {
  const { openPayload, readLedger, scanBlocks } = await import('../../ledger/embedded/reader.js');
  const { viewOf } = await import('../../ledger/engine/views.js');
  const files = await readLedger(resolve(dir));
  const { height } = await scanBlocks(files, async (payload, number) => {
    context.signal.throwIfAborted();
    if (number < (flags.from ?? 0) || number >= (flags.to ?? Number.POSITIVE_INFINITY)) return;
    const view = viewOf(openPayload(payload, number));
    // A slow reader of the pipe sets the pace.
    if (!context.stdout.write(`${JSON.stringify({ block: number, ...view })}\n`)) {
      await new Promise<void>((done) => context.stdout.once('drain', () => done()));
    }
  });
  if (files.head && files.head.height > height) {
    throw new CrowdwattError(
      'ledger/rolled-back',
      `the ledger has ${height} blocks, but head.json knows ${files.head.height}`,
      { block: height },
    );
  }
}
