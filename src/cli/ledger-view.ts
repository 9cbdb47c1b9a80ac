import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { DayAudit } from '../audit/types.js';
import { CrowdwattError } from '../errors.js';
import type { Explorer } from '../ledger/embedded/explore.js';
import type { PrivateStore } from '../ledger/engine/private.js';
import type { Receipt } from '../ledger/types.js';
import type { CliContext } from './context.js';
import { table } from './table.js';

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

async function readJson<Value>(path: string): Promise<Value> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CrowdwattError('input/unreadable', `${path}: cannot be read (${error.code})`, { path });
  });
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new CrowdwattError('input/not-json', `${path}: is not JSON`, { path });
  }
}

export async function verify(
  context: CliContext,
  dir: string,
  flags: { receipt?: string[]; since?: string[]; witness?: string[]; out?: string },
): Promise<void> {
  const { verifyLedger } = await import('../ledger/embedded/verify.js');
  const receipts = await Promise.all((flags.receipt ?? []).map((path) => readJson<Receipt>(path)));
  const since = await Promise.all((flags.since ?? []).map((path) => readJson<never>(path)));
  const witnessed = (await Promise.all((flags.witness ?? []).map(readLines))).flat() as never[];
  const report = await verifyLedger(resolve(dir), { ...context.hooks(), receipts, since, witnessed });
  await context.writeOutput(flags.out, report);
  context.print(`height ${report.height}, ${report.transactions} transactions, every signature and effect checked`);
  if (report.hash !== null) context.print(`last block ${report.hash}`);
  if (report.stateHash !== null) context.print(`world state ${report.stateHash}; stored state: ${report.state}`);
  if (report.receipts > 0) context.print(`${report.receipts} receipts kept`);
  if (report.heads > 0) context.print(`${report.heads} earlier heads extended`);
  if (report.witnesses > 0) context.print(`heads of ${report.witnesses} witnesses extended`);
  if (report.erasedPayloads > 0) context.print(`${report.erasedPayloads} private payloads are erased`);
  for (const name of report.severalCertificates) context.print(`more than one certificate has signed as ${name}`);
  if (report.tornBytes > 0)
    context.warn(`${report.tornBytes} bytes of a last block that was not written whole: the next writer cuts them off`);
}

async function readLines(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CrowdwattError('input/unreadable', `${path}: cannot be read (${error.code})`, { path });
  });
  try {
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  } catch {
    throw new CrowdwattError('input/not-json', `${path}: holds a line that is not JSON`, { path });
  }
}

async function explore(dir: string, keys?: string): Promise<Explorer> {
  const { Explorer } = await import('../ledger/embedded/explore.js');
  return Explorer.open(resolve(dir), keys === undefined ? undefined : await openPrivates(dir, keys));
}

/** Private rows, read only: their keys are in the key folder. */
export async function openPrivates(dir: string, keys: string): Promise<PrivateStore> {
  const { FolderKeyring } = await import('../ledger/embedded/folder-keyring.js');
  const { PrivateRows } = await import('../ledger/embedded/private-rows.js');
  const { NodeDisk } = await import('../ledger/storage/node-disk.js');
  const keyring = await FolderKeyring.open(resolve(keys), process.env.CROWDWATT_PASSPHRASE, false);
  return PrivateRows.open(new NodeDisk(), `${resolve(dir)}/private`, keyring);
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

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

export async function exportBlocks(
  context: CliContext,
  dir: string,
  flags: { from?: number; to?: number },
): Promise<void> {
  const { openPayload, readLedger, scanBlocks } = await import('../ledger/embedded/reader.js');
  const { viewOf } = await import('../ledger/engine/views.js');
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

export async function head(context: CliContext, dir: string, flags: { out?: string }): Promise<void> {
  const { openPayload, readLedger, scanBlocks } = await import('../ledger/embedded/reader.js');
  const files = await readLedger(resolve(dir));
  let last: { payload: Buffer; number: number } | undefined;
  const { height } = await scanBlocks(files, (payload, number) => {
    last = { payload, number };
  });
  if (files.head && files.head.height > height) {
    throw new CrowdwattError(
      'ledger/rolled-back',
      `the ledger has ${height} blocks, but head.json knows ${files.head.height}`,
      { block: height },
    );
  }
  const top = last && openPayload(last.payload, last.number);
  const current = { ledgerId: top?.header.ledgerId ?? null, height, hash: top?.hash ?? null };
  // head.json is signed at checkpoints and on close: it may be a few blocks behind a writer.
  const answer =
    files.head?.height === height
      ? { ...current, signature: files.head.signature }
      : { ...current, signed: files.head ?? null };
  if (flags.out !== undefined && !('signature' in answer))
    context.warn('the newest head is not signed yet: the last signed one is written');
  await context.writeOutput(flags.out, 'signature' in answer ? answer : (files.head ?? answer));
  if (flags.out !== '-') context.result(JSON.stringify(answer));
}

export async function receipt(
  context: CliContext,
  dir: string,
  txId: string,
  flags: { keys?: string; out: string },
): Promise<void> {
  const { keysFolder } = await import('../ledger/embedded/index.js');
  const { FolderKeyring } = await import('../ledger/embedded/folder-keyring.js');
  const keyring = await FolderKeyring.open(
    keysFolder(resolve(dir), flags.keys),
    process.env.CROWDWATT_PASSPHRASE,
    false,
  );
  const explorer = await explore(dir);
  try {
    await context.writeOutput(flags.out, await explorer.receipt(txId, keyring));
  } finally {
    await explorer.close();
  }
}

export async function reconcile(
  context: CliContext,
  dir: string,
  flags: { from: string; to: string; operator: string; keys?: string; out?: string },
): Promise<void> {
  const { readLedger } = await import('../ledger/embedded/reader.js');
  await readLedger(resolve(dir));
  const { openLedger } = await import('../ledger/index.js');
  await using ledger = await openLedger({
    at: resolve(dir),
    keys: flags.keys,
    passphrase: process.env.CROWDWATT_PASSPHRASE,
    onBlock: (block) => context.emit(block),
    onWarning: (text) => context.warn(text),
  });
  const operator = await ledger.member(flags.operator, 'operator');
  const { from, to } = flags;
  const { result: span } = await ledger.transact<Row>(operator, { name: 'Reconcile', args: { from, to } });
  const statements: Row[] = [];
  let after: string | undefined;
  do {
    const page = await ledger.query<{ items: Row[]; next?: string }>(operator, 'ListStatements', {
      from,
      limit: 1000,
      after,
    });
    statements.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  await context.writeOutput(flags.out, { span, statements });
  context.print(
    table([
      ['participant', 'lines', 'totalMicro'],
      ...statements.map((row) => [cell(row.participant), cell(row.lines), cell(row.totalMicro)]),
    ]),
  );
  context.print(
    `${from}..${to}: ${cell(span.statements)} statements that add up to zero, turnover ${cell(span.turnoverMicro)} µ$, ${cell(span.held)} values held`,
  );
}

export async function witness(context: CliContext, dir: string, flags: { keys: string; out?: string }): Promise<void> {
  const { Witness } = await import('../ledger/embedded/witness.js');
  const { verifyLedger } = await import('../ledger/embedded/verify.js');
  const { readLedger } = await import('../ledger/embedded/reader.js');
  const self = await Witness.open(resolve(flags.keys));
  const { head: signed } = await readLedger(resolve(dir));
  if (!signed) throw new CrowdwattError('ledger/missing', `${basename(dir)} has no signed head yet`, { path: dir });
  // Everything this witness ever countersigned of this ledger must still be in it.
  const witnessed = self.heads.filter(({ head: before }) => before.ledgerId === signed.ledgerId);
  await verifyLedger(resolve(dir), { ...context.hooks(), witnessed, since: [signed] });
  const countersigned = await self.countersign(signed);
  await context.writeOutput(flags.out, countersigned);
  context.print(`height ${signed.height} countersigned; ${witnessed.length} earlier heads are extended by it`);
}

export async function audit(
  context: CliContext,
  dir: string,
  flags: { day?: string; keys?: string; out?: string },
): Promise<void> {
  const { keysFolder } = await import('../ledger/embedded/index.js');
  const { isFolder } = await import('../ledger/embedded/reader.js');
  const { ObjectFiles } = await import('../ledger/embedded/object-files.js');
  const { NodeDisk } = await import('../ledger/storage/node-disk.js');
  const { objectIn } = await import('../ledger/engine/local.js');
  const { auditLedger } = await import('../audit/index.js');
  const folder = resolve(dir);
  const keys = keysFolder(folder, flags.keys);
  // Without the keys the private documents stay closed, and the audit says what that leaves open.
  const explorer = await explore(dir, (await isFolder(keys)) ? keys : undefined);
  try {
    const objects = new ObjectFiles(new NodeDisk(), `${folder}/objects`);
    const source = {
      query: <Result>(name: string, args: object) => explorer.query<Result>(name, args),
      object: (hash: string) => objectIn(objects, hash),
    };
    const report = await auditLedger(source, { ...context.hooks(), day: flags.day });
    await context.writeOutput(flags.out, report);
    for (const day of report.days) context.print(describeAudit(day));
    for (const { day, what, why } of report.unchecked) context.warn(`${day}: not checked: ${what} (${why})`);
    for (const { day, code, who, period, message } of report.faults) {
      const where = [
        day,
        ...(period === undefined ? [] : [`period ${period}`]),
        ...(who === undefined ? [] : [who]),
      ].join(', ');
      context.result(`FAULT ${code} (${where}): ${message}`);
    }
    if (report.faults.length > 0) {
      throw new CrowdwattError('ledger/audit', `the audit found ${report.faults.length} faults of the operator`, {
        faults: report.faults,
      });
    }
  } finally {
    await explorer.close();
  }
}

function describeAudit(day: DayAudit): string {
  const counts = `${day.preferences} preferences, ${day.contracts} contracts, ${day.offers} offers, ${day.supplements} supplements, ${day.statements} statements`;
  const cost =
    day.gap === undefined
      ? ''
      : `; cost ${day.objective!.toFixed(4)} $, at most ${(100 * Math.max(0, day.gap)).toFixed(4)} % over the optimum`;
  return `${day.day}: ${counts}${cost}`;
}
