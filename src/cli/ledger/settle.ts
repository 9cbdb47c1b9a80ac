import { resolve } from 'node:path';
import type { CliContext } from '../context.js';
import { table } from '../table.js';
import { cell, explore, memberWith } from './files.js';

type Row = Record<string, unknown>;

export async function receipt(
  context: CliContext,
  dir: string,
  txId: string,
  flags: { keys?: string; out: string },
): Promise<void> {
  const { keysFolder } = await import('../../ledger/embedded/index.js');
  const { FolderKeyring } = await import('../../ledger/embedded/folder-keyring.js');
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
  flags: { from: string; to: string; operator: string; as?: string; keys?: string; out?: string },
): Promise<void> {
  const { readLedger } = await import('../../ledger/embedded/reader.js');
  await readLedger(resolve(dir));
  const { openLedger } = await import('../../ledger/index.js');
  await using ledger = await openLedger({
    at: resolve(dir),
    keys: flags.keys,
    passphrase: process.env.CROWDWATT_PASSPHRASE,
    onBlock: (block) => context.emit(block),
    onWarning: (text) => context.warn(text),
  });
  const operator = await memberWith(ledger, flags.operator, 'operator', flags.as);
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
