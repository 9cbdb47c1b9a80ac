import type { Command } from 'commander';
import { integerBetween } from '../arguments.js';
import type { CliContext } from '../context.js';
import type { ShowFlags } from '../ledger/show.js';

const count = integerBetween(0, 1_000_000_000);
const many = (value: string, before: readonly string[] = []) => [...before, value];

export function register(program: Command, context: CliContext): void {
  const ledger = program.command('ledger').description('look into a ledger, check it, settle from it');
  verify(ledger, context);
  show(ledger, context);
  exportBlocks(ledger, context);
  head(ledger, context);
  receipt(ledger, context);
  reconcile(ledger, context);
  witness(ledger, context);
  audit(ledger, context);
}

function verify(ledger: Command, context: CliContext): void {
  ledger
    .command('verify')
    .description('check hash chains, signatures, every transaction by replay, the head and the state')
    .argument('<dir>', 'folder of the ledger')
    .option('--receipt <file...>', 'receipts that the ledger must keep to')
    .option('--since <head>', 'an earlier head that the ledger must extend (repeatable)', many)
    .option('--witness <file>', 'heads.jsonl of a witness (repeatable)', many)
    .option('--out <file>', 'write the report as JSON; - is standard output')
    .action(async (dir: string, flags: { receipt?: string[]; since?: string[]; witness?: string[]; out?: string }) => {
      const { verify: run } = await import('../ledger/verify.js');
      await run(context, dir, flags);
    });
}

function show(ledger: Command, context: CliContext): void {
  ledger
    .command('show')
    .description('blocks, transactions, days, offers, statements, the history of a key')
    .argument('<dir>', 'folder of the ledger')
    .argument(
      '[what]',
      'summary, blocks, transactions, participants, days, preferences, contracts, offers, rounds, supplements, deliveries, spans, statements, lines, history',
      'summary',
    )
    .argument('[id]', 'a block number, transaction id, or key (type/part/part…)')
    .option('--day <date>', 'of this day')
    .option('--participant <id>', 'of this participant')
    .option('--name <transaction>', 'of this kind')
    .option('--period <number>', 'of this period', count)
    .option('--from <block>', 'from this block on', count)
    .option('--to <block>', 'up to this block (exclusive)', count)
    .option('--limit <count>', 'rows at most', integerBetween(1, 1_000_000), 50)
    .option('--after <mark>', 'the page after this mark')
    .option('--json', 'one JSON value a line')
    .option('--keys <dir>', 'key folder: private documents can be read with it')
    .action(async (dir: string, what: string, id: string | undefined, flags: ShowFlags) => {
      const { show: run } = await import('../ledger/show.js');
      await run(context, dir, what, id, flags);
    });
}

function exportBlocks(ledger: Command, context: CliContext): void {
  ledger
    .command('export')
    .description('one JSON block a line, from the genesis on; no keys and no private documents')
    .argument('<dir>', 'folder of the ledger')
    .option('--from <block>', 'from this block on', count)
    .option('--to <block>', 'up to this block (exclusive)', count)
    .action(async (dir: string, flags: { from?: number; to?: number }) => {
      const { exportBlocks } = await import('../ledger/show.js');
      await exportBlocks(context, dir, flags);
    });
}

function head(ledger: Command, context: CliContext): void {
  ledger
    .command('head')
    .description('height and hash of the last block, with the signature of the ledger')
    .argument('<dir>', 'folder of the ledger')
    .option('--out <file>', 'write it to a file, for a later --since; - is standard output')
    .action(async (dir: string, flags: { out?: string }) => {
      const { head: run } = await import('../ledger/verify.js');
      await run(context, dir, flags);
    });
}

function receipt(ledger: Command, context: CliContext): void {
  ledger
    .command('receipt')
    .description('the receipt of a transaction: what its member keeps as proof')
    .argument('<dir>', 'folder of the ledger')
    .argument('<txId>', 'transaction id')
    .option('--keys <dir>', 'key folder of the ledger; default: <dir>.keys')
    .option('--out <file>', 'write it to a file; - is standard output', '-')
    .action(async (dir: string, txId: string, flags: { keys?: string; out: string }) => {
      const { receipt: run } = await import('../ledger/settle.js');
      await run(context, dir, txId, flags);
    });
}

function reconcile(ledger: Command, context: CliContext): void {
  ledger
    .command('reconcile')
    .description('close a span of days: statements for everyone, adding up to zero')
    .argument('<dir>', 'folder of the ledger')
    .requiredOption('--from <date>', 'first day')
    .requiredOption('--to <date>', 'last day')
    .option('--operator <id>', 'member that signs', 'operator')
    .option('--as <dir>', "the operator's own key folder; default: that of the ledger")
    .option('--keys <dir>', 'key folder of the ledger; default: <dir>.keys')
    .option('--out <file>', 'write the statements as JSON; - is standard output')
    .action(
      async (
        dir: string,
        flags: { from: string; to: string; operator: string; as?: string; keys?: string; out?: string },
      ) => {
        const { reconcile: run } = await import('../ledger/settle.js');
        await run(context, dir, flags);
      },
    );
}

function witness(ledger: Command, context: CliContext): void {
  ledger
    .command('witness')
    .description("countersign the ledger's head with a key of one's own, once it is verified to extend all before")
    .argument('<dir>', 'folder of the ledger')
    .requiredOption('--keys <dir>', 'folder of the witness: its key and the heads it saw')
    .option('--out <file>', 'write the countersigned head; - is standard output')
    .action(async (dir: string, flags: { keys: string; out?: string }) => {
      const { witness: run } = await import('../ledger/verify.js');
      await run(context, dir, flags);
    });
}

function audit(ledger: Command, context: CliContext): void {
  ledger
    .command('audit')
    .description('re-check what the operator published: preferences, limits, optimality, payments')
    .argument('<dir>', 'folder of the ledger')
    .option('--day <date>', 'this day only')
    .option('--keys <dir>', 'key folder: opens the private documents; default: <dir>.keys')
    .option('--out <file>', 'write the findings as JSON; - is standard output')
    .action(async (dir: string, flags: { day?: string; keys?: string; out?: string }) => {
      const { audit: run } = await import('../ledger/audit.js');
      await run(context, dir, flags);
    });
}
