import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Page, PreferencesView } from '../../chaincode/src/domain/index.js';
import type { CrowdwattError } from '../../src/errors.js';
import { Explorer } from '../../src/ledger/embedded/explore.js';
import { type Equivocation, headOfReceipt, provesEquivocation } from '../../src/ledger/embedded/proofs.js';
import { verifyLedger } from '../../src/ledger/embedded/verify.js';
import { checkWitnessed, Witness } from '../../src/ledger/embedded/witness.js';
import type { SignedHead } from '../../src/ledger/engine/head.js';
import { keySigner } from '../../src/ledger/identity/signature.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Commit, Ledger, Member, Receipt } from '../../src/ledger/types.js';
import { cast, openDay, preferencesCall, priceDay, register, timesOf } from './kit.js';

const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-proofs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function add(ledger: Ledger, operator: Member, id: string): Promise<Commit> {
  const participants = [{ id, bus: '1', type: 2, role: 'crowdsourcee', devices: [] }];
  return ledger.transact(operator, { name: 'RegisterParticipant', args: { participants } });
}

/** A copy of the files that goes on by itself: what a dishonest operator would show to somebody else. */
function fork(from: string, to: string): void {
  for (const suffix of ['', '.keys']) cpSync(`${from}${suffix}`, `${to}${suffix}`, { recursive: true });
}

async function failure(work: Promise<unknown>): Promise<CrowdwattError> {
  return work.then(
    () => {
      throw new Error('it was accepted');
    },
    (error: CrowdwattError) => error,
  );
}

describe('receipts', () => {
  it('prove inclusion, and that a later ledger extends the earlier one', async () => {
    const at = join(scratch, 'honest');
    const ledger = await openLedger({ at });
    const operator = await ledger.member('operator', 'operator');
    const receipts: Receipt[] = [];
    for (let index = 0; index < 5; index++) receipts.push((await add(ledger, operator, `p${index}`)).receipt!);
    const many = await Promise.all(Array.from({ length: 40 }, (_, index) => add(ledger, operator, `q${index}`)));
    receipts.push(...many.map(({ receipt }) => JSON.parse(JSON.stringify(receipt)) as Receipt));
    const early = (await ledger.head()) as SignedHead;
    await add(ledger, operator, 'last');
    await ledger.close();
    const report = await verifyLedger(at, { receipts, since: [early] });
    expect(report).toMatchObject({ receipts: 45, heads: 1, transactions: 46, state: 'equal' });

    const [receipt] = receipts as [Receipt];
    const forged: Receipt[] = [
      { ...receipt, txId: receipts[1]!.txId },
      { ...receipt, entryHash: receipts[1]!.entryHash },
      { ...receipt, path: [{ hash: receipt.blockHash, side: 'left' }] },
      { ...receipt, header: { ...receipt.header, timestamp: 1 } },
      { ...receipt, headSignature: receipts[1]!.headSignature },
    ];
    for (const each of forged)
      expect((await failure(verifyLedger(at, { receipts: [each] }))).code).toBe('ledger/audit');
    const foreign = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const { signHead } = await import('../../src/ledger/engine/head.js');
    const unsigned = await signHead(foreign, early);
    expect((await failure(verifyLedger(at, { since: [unsigned] }))).code).toBe('ledger/audit');
  });

  it('and kept heads show a rollback that the files alone do not', async () => {
    const at = join(scratch, 'rolled');
    let ledger = await openLedger({ at });
    const operator = await ledger.member('operator', 'operator');
    await add(ledger, operator, 'a');
    await ledger.close();
    fork(at, join(scratch, 'old'));
    ledger = await openLedger({ at });
    const { receipt } = await add(ledger, await ledger.member('operator', 'operator'), 'b');
    const head = (await ledger.head()) as SignedHead;
    await ledger.close();
    // The whole folder put back as it was: consistent in itself …
    const old = join(scratch, 'old');
    expect((await verifyLedger(old)).height).toBe(2);
    // … but not with what a member holds.
    expect((await failure(verifyLedger(old, { receipts: [receipt!] }))).code).toBe('ledger/rolled-back');
    expect((await failure(verifyLedger(old, { since: [head] }))).code).toBe('ledger/rolled-back');
  });

  it('make two histories of one height a proof against the one who signed both', async () => {
    const at = join(scratch, 'two-faced');
    let ledger = await openLedger({ at });
    await add(ledger, await ledger.member('operator', 'operator'), 'a');
    await ledger.close();
    const other = join(scratch, 'other-face');
    fork(at, other);
    ledger = await openLedger({ at });
    const { receipt } = await add(ledger, await ledger.member('operator', 'operator'), 'shown to anna');
    await ledger.close();
    ledger = await openLedger({ at: other });
    await add(ledger, await ledger.member('operator', 'operator'), 'shown to the auditor');
    await ledger.close();
    const error = await failure(verifyLedger(other, { receipts: [receipt!] }));
    expect(error.code).toBe('ledger/equivocation');
    const proof = error.details.equivocation as Equivocation;
    expect(await provesEquivocation(proof)).toBe(true);
    const [first] = proof.heads;
    expect(await provesEquivocation({ ...proof, heads: [first, first] })).toBe(false);
    expect(
      await provesEquivocation({ ...proof, heads: [first, { ...headOfReceipt(receipt!), hash: '0'.repeat(64) }] }),
    ).toBe(false);
  });
});

describe('witnesses', () => {
  it('countersign what extends all they saw, and nothing else', async () => {
    const at = join(scratch, 'watched');
    let ledger = await openLedger({ at });
    await add(ledger, await ledger.member('operator', 'operator'), 'a');
    await ledger.close();
    fork(at, join(scratch, 'unwatched'));
    const self = await Witness.open(join(scratch, 'witness'));
    expect(statSync(join(scratch, 'witness', 'witness.key')).mode & 0o777).toBe(0o600);
    ledger = await openLedger({ at });
    await add(ledger, await ledger.member('operator', 'operator'), 'b');
    const head = (await ledger.head()) as SignedHead;
    await ledger.close();
    const witnessed = await self.countersign(head);
    await checkWitnessed(witnessed);
    const again = await Witness.open(join(scratch, 'witness'));
    expect(again.heads).toEqual([witnessed]);
    expect((await verifyLedger(at, { witnessed: again.heads })).witnesses).toBe(1);
    ledger = await openLedger({ at: join(scratch, 'unwatched') });
    await add(ledger, await ledger.member('operator', 'operator'), 'c');
    await ledger.close();
    const error = await failure(verifyLedger(join(scratch, 'unwatched'), { witnessed: again.heads }));
    expect(error.code).toBe('ledger/equivocation');
    await expect(checkWitnessed({ ...witnessed, head: { ...head, height: 7 } })).rejects.toMatchObject({
      code: 'ledger/audit',
    });
  });
});

describe('privacy', () => {
  const everyFile = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());

  it('keeps preferences off the chain and encrypted; erasing one person leaves the rest and verify green', async () => {
    const at = join(scratch, 'private');
    let ledger = await openLedger({ at });
    let members = await cast(ledger);
    await register(ledger, members);
    const times = timesOf('2018-08-05');
    await openDay(ledger, members.operator, times);
    for (const member of [members.anna, members.bert]) {
      await ledger.transact(
        member,
        preferencesCall(member, times, { devices: [{ id: `bat-${member.id}`, powerW: 7_131 }] }),
      );
    }
    await priceDay(ledger, members.operator, times);
    const documents = async () =>
      (await ledger.query<Page<PreferencesView>>(members.auditor, 'ListPreferences', { day: times.day })).items.map(
        ({ document }) => document,
      );
    expect(await documents()).toMatchObject([{ participant: 'anna' }, { participant: 'bert' }]);
    await ledger.close();
    for (const path of everyFile(at)) expect(readFileSync(path, 'latin1')).not.toMatch(/powerW\W{1,4}7131/);

    const before = join(scratch, 'stolen-backup');
    cpSync(at, before, { recursive: true });
    ledger = await openLedger({ at });
    members = await cast(ledger);
    await ledger.transact(members.operator, { name: 'ErasePerson', args: { id: 'anna' } });
    expect(await documents()).toMatchObject([null, { participant: 'bert' }]);
    await ledger.close();
    expect(await verifyLedger(at)).toMatchObject({ erasedPayloads: 1, state: 'equal' });
    // Reopened, rebuilt from the blocks: still readable for bert alone, and the commitments stand.
    rmSync(join(at, 'state'), { recursive: true });
    ledger = await openLedger({ at });
    members = await cast(ledger);
    expect(await documents()).toMatchObject([null, { participant: 'bert' }]);
    await ledger.close();
    // A backup from before holds her row, but nobody has its key any more.
    const { FolderKeyring } = await import('../../src/ledger/embedded/folder-keyring.js');
    const { PrivateRows } = await import('../../src/ledger/embedded/private-rows.js');
    const { NodeDisk } = await import('../../src/ledger/storage/node-disk.js');
    const keyring = await FolderKeyring.open(`${at}.keys`, undefined, false);
    const rows = await PrivateRows.open(new NodeDisk(), join(before, 'private'), keyring);
    expect([...rows.owners()]).toEqual(['anna', 'bert']);
    expect(await rows.get('anna', `preferences/${times.day}/000001`)).toBeUndefined();
    expect(await rows.get('bert', `preferences/${times.day}/000001`)).toContain('"powerW":7131');
  });

  it('finishes an erasure that a crash cut short', async () => {
    const at = join(scratch, 'half-erased');
    let ledger = await openLedger({ at });
    const members = await cast(ledger);
    await register(ledger, members);
    const times = timesOf('2018-08-05');
    await openDay(ledger, members.operator, times);
    await ledger.transact(members.anna, preferencesCall(members.anna, times, {}));
    cpSync(join(at, 'private'), join(scratch, 'rows'), { recursive: true });
    cpSync(join(`${at}.keys`, 'secrets'), join(scratch, 'secrets'), { recursive: true });
    await ledger.transact(members.operator, { name: 'ErasePerson', args: { id: 'anna' } });
    await ledger.close();
    cpSync(join(scratch, 'rows'), join(at, 'private'), { recursive: true });
    cpSync(join(scratch, 'secrets'), join(`${at}.keys`, 'secrets'), { recursive: true });
    ledger = await openLedger({ at });
    await ledger.close();
    expect(readFileSync(join(at, 'private', 'rows.jsonl'), 'utf8')).toBe('');
    expect(readdirSync(join(`${at}.keys`, 'secrets'))).toEqual([]);
  });
});

describe('objects and the explorer', () => {
  it('keep documents by hash, and notice a changed one', async () => {
    const at = join(scratch, 'objects');
    await using ledger = await openLedger({ at });
    const document = { format: 'crowdwatt-case/1', periods: 2, loads: [{ pMw: [0.25, -1e-9] }] };
    const hash = await ledger.putObject(document);
    expect(await ledger.putObject({ loads: document.loads, periods: 2, format: document.format })).toBe(hash);
    expect(await ledger.getObject(hash)).toEqual(document);
    expect(await ledger.getObject('0'.repeat(64))).toBeUndefined();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(at, 'objects', `${hash}.json`), '{"periods":3}');
    await expect(ledger.getObject(hash)).rejects.toMatchObject({ code: 'ledger/damaged' });
    expect(existsSync(join(at, 'objects', 'none.json'))).toBe(false);
  });

  it('list what is there without touching it', async () => {
    const at = join(scratch, 'explored');
    const ledger = await openLedger({ at });
    const operator = await ledger.member('operator', 'operator');
    for (let index = 0; index < 6; index++) await add(ledger, operator, `p${index}`);
    await ledger.transact(operator, { name: 'SuspendParticipant', args: { id: 'p1' } });
    const stamp = () =>
      readdirSync(at, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(at, name)).mtimeMs]);
    const before = stamp();
    const explorer = await Explorer.open(at);
    expect(explorer).toMatchObject({ height: 8, transactions: 7 });
    const suspended = await explorer.find({ name: 'SuspendParticipant' }, 10);
    expect(suspended).toMatchObject([{ block: 7, creatorId: 'operator', args: { id: 'p1' } }]);
    expect(await explorer.find({ participant: 'p1' }, 10)).toHaveLength(2);
    expect(await explorer.find({ fromBlock: 2, toBlock: 4 }, 10)).toHaveLength(2);
    const versions: string[] = [];
    for await (const { value } of explorer.history('participant', ['p1'])) versions.push(JSON.parse(value!).status);
    expect(versions).toEqual(['active', 'suspended']);
    const page = await explorer.query<Page<unknown>>('ListParticipants', { limit: 4 });
    expect(page.items).toHaveLength(4);
    expect(
      (await explorer.query<Page<unknown>>('ListParticipants', { limit: 4, after: page.next })).items,
    ).toHaveLength(2);
    await explorer.close();
    await ledger.close();
    expect(before.filter(([name]) => String(name).startsWith('blocks'))).toEqual(
      stamp().filter(([name]) => String(name).startsWith('blocks')),
    );
  });
});
