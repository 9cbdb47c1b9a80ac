import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { CrowdwattError } from '../../errors.js';
import type { Ledger, Role } from '../../ledger/types.js';
import type { CliContext } from '../context.js';
import { table } from '../table.js';

const ROLES = ['operator', 'participant', 'meter', 'auditor'] as const;

interface AtLedger {
  readonly ledger: string;
  readonly keys?: string;
}

export function register(program: Command, context: CliContext): void {
  const member = program.command('member').description('members of a ledger and their keys');
  add(member, context);
  enroll(member, context);
  list(member, context);
  revoke(member, context);
}

const withLedger = (command: Command): Command =>
  command
    .requiredOption('--ledger <dir>', 'folder of the ledger')
    .option('--keys <dir>', 'key folder of the ledger, with its CA; default: <ledger>.keys');

function add(member: Command, context: CliContext): void {
  withLedger(member.command('add'))
    .description('register a member; its one-time secret is printed, and kept nowhere')
    .argument('<id>', "enrolment id; a participant's is its crowdsourcee id")
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('participant'))
    .option('--again', 'a new certificate for a member that is enrolled already')
    .action(async (id: string, flags: AtLedger & { role: Role; again?: boolean }) => {
      await using ledger = await open(context, flags);
      const desk = enrolmentOf(ledger);
      const operators = (await desk.list()).filter(({ role }) => role === 'operator');
      if (operators.length === 0 && flags.role !== 'operator') {
        context.result(
          `operator operator: secret ${await desk.add('operator', 'operator')} (the first operator; shown once)`,
        );
      }
      context.result(
        `${flags.role} ${id}: secret ${await desk.add(id, flags.role, { again: flags.again })} (shown once)`,
      );
    });
}

function enroll(member: Command, context: CliContext): void {
  member
    .command('enroll')
    .description('make a key in a folder of your own and have it certified with the one-time secret')
    .argument('<id>', 'enrolment id')
    .requiredOption('--secret <secret>', 'one-time secret; - reads it from CROWDWATT_SECRET')
    .requiredOption('--ledger <dir>', 'folder of the ledger')
    .requiredOption('--keys <dir>', "the member's own key folder")
    .option('--authority <dir>', 'key folder of the ledger, with its CA; default: <ledger>.keys')
    .action(async (id: string, flags: AtLedger & { secret: string; keys: string; authority?: string }) => {
      const secret = flags.secret === '-' ? (process.env.CROWDWATT_SECRET ?? '') : flags.secret;
      const { createRequest } = await import('../../ledger/identity/authority.js');
      const { FolderKeyring } = await import('../../ledger/embedded/folder-keyring.js');
      const { memberKeyName } = await import('../../ledger/identity/keyring.js');
      const own = await FolderKeyring.open(resolve(flags.keys), process.env.CROWDWATT_MEMBER_PASSPHRASE, true);
      await using ledger = await open(context, { ledger: flags.ledger, keys: flags.authority });
      const { request, privateKey } = await createRequest(id);
      const enrolled = await enrolmentOf(ledger).enroll(id, secret, request);
      await own.save(memberKeyName(enrolled.role, id), { ...enrolled, privateKey });
      context.print(`${enrolled.role} ${id} is enrolled; its key is in ${flags.keys}`);
    });
}

function list(member: Command, context: CliContext): void {
  withLedger(member.command('list'))
    .description('who is registered and enrolled, and whose certificate is revoked')
    .option('--json', 'one JSON value a line')
    .action(async (flags: AtLedger & { json?: boolean }) => {
      const { FolderKeyring } = await import('../../ledger/embedded/folder-keyring.js');
      const { keysFolder } = await import('../../ledger/embedded/index.js');
      const { listEnrolments } = await import('../../ledger/identity/desk.js');
      const { Explorer } = await import('../../ledger/embedded/explore.js');
      const folder = resolve(flags.ledger);
      const explorer = await Explorer.open(folder);
      try {
        const keyring = await FolderKeyring.open(
          keysFolder(folder, flags.keys),
          process.env.CROWDWATT_PASSPHRASE,
          false,
        );
        const entries = await listEnrolments(keyring);
        const revoked = await revokedIn((name, args) => explorer.query(name, args));
        const rows = entries.map((entry) => ({
          ...entry,
          status: entry.fingerprint !== undefined && revoked.has(entry.fingerprint) ? 'revoked' : entry.status,
        }));
        if (flags.json) for (const row of rows) context.result(JSON.stringify(row));
        else {
          const lines = rows.map((row) => [
            row.id,
            row.role,
            row.status,
            row.keyHere ? 'here' : 'its own',
            row.fingerprint ?? '-',
          ]);
          context.result(table([['id', 'role', 'status', 'key', 'fingerprint'], ...lines]));
        }
      } finally {
        await explorer.close();
      }
    });
}

async function revokedIn(query: (name: string, args: object) => Promise<unknown>): Promise<Set<string>> {
  const fingerprints = new Set<string>();
  let after: string | undefined;
  do {
    const page = (await query('ListRevoked', { limit: 1000, after })) as {
      items: { fingerprint: string }[];
      next?: string;
    };
    for (const { fingerprint } of page.items) fingerprints.add(fingerprint);
    after = page.next;
  } while (after !== undefined);
  return fingerprints;
}

function revoke(member: Command, context: CliContext): void {
  withLedger(member.command('revoke'))
    .description('revoke the certificate of a member: what it signs from now on is refused')
    .argument('<id>', 'enrolment id')
    .addOption(new Option('--role <role>', 'where one id has several roles').choices(ROLES))
    .option('--operator <id>', 'member that signs', 'operator')
    .option('--as <dir>', "the operator's own key folder; default: that of the ledger")
    .action(async (id: string, flags: AtLedger & { role?: Role; operator: string; as?: string }) => {
      await using ledger = await open(context, flags);
      const entries = (await enrolmentOf(ledger).list()).filter(
        (entry) =>
          entry.id === id && entry.fingerprint !== undefined && (flags.role === undefined || entry.role === flags.role),
      );
      const [entry, other] = entries;
      if (!entry) throw new CrowdwattError('usage', `${id} is not enrolled on this ledger`, { id });
      if (other)
        throw new CrowdwattError(
          'usage',
          `${id} is ${entries.map(({ role }) => role).join(' and ')}: say which with --role`,
          { id },
        );
      const { memberWith } = await import('../ledger/files.js');
      const operator = await memberWith(ledger, flags.operator, 'operator', flags.as);
      await ledger.transact(operator, { name: 'RevokeMember', args: { id, fingerprint: entry.fingerprint } });
      context.print(`${entry.role} ${id}: certificate ${entry.fingerprint} is revoked`);
    });
}

async function open(context: CliContext, flags: AtLedger): Promise<Ledger> {
  const { openLedger } = await import('../../ledger/index.js');
  return openLedger({
    at: resolve(flags.ledger),
    keys: flags.keys,
    passphrase: process.env.CROWDWATT_PASSPHRASE,
    onBlock: (block) => context.emit(block),
    onWarning: (text) => context.warn(text),
  });
}

function enrolmentOf(ledger: Ledger) {
  if (!ledger.enrolment) throw new CrowdwattError('not-built', 'this home of the ledger enrols at its own CA');
  return ledger.enrolment;
}
