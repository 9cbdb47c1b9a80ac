import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, merkleRoot as ledgerRoot } from '../../chaincode/src/domain/index.js';
import { fromRaw } from '../../src/ledger/identity/signature.js';
import { openLedger } from '../../src/ledger/index.js';
import { readCase } from '../../src/model/index.js';
import { canonical } from '../../src/web/kit/bytes.js';
import { checkReceipt, merkleRoot, publicKeyIn, type Receipt } from '../../src/web/kit/receipt.js';
import { insist } from '../../src/web/kit/session.js';
import { layOut } from '../../src/web/kit/tree.js';
import { toLowS } from '../../src/web/kit/vault.js';

describe('what the browser checks by itself', () => {
  it('writes and hashes as the ledger does', async () => {
    const integer = fc.maxSafeInteger();
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        integer,
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(fc.property(value, (each) => canonical(each) === canonicalJson(each)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 20 }), async (items) => {
        expect(await merkleRoot(items)).toBe(ledgerRoot(items));
      }),
    );
  });

  it('brings signatures to the smaller s exactly as the ledger wants them', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    let flipped = 0;
    for (let k = 0; k < 64; k++) {
      const raw = sign('sha256', Buffer.from([k]), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const low = toLowS(raw);
      if (Buffer.compare(raw, low) !== 0) flipped++;
      expect(Buffer.from(fromRaw(low))).toEqual(Buffer.from(fromRaw(raw)));
      expect(Buffer.from(toLowS(low))).toEqual(Buffer.from(low));
    }
    expect(flipped).toBeGreaterThan(0);
    expect(flipped).toBeLessThan(64);
  });

  it('signs nothing but what was asked for', () => {
    const intent = { name: 'AcceptOffer', args: { period: 3, participant: 'c-3', termsHash: 'ab' }, what: '' };
    const bytes = (name: string, args: object) =>
      new TextEncoder().encode(JSON.stringify({ function: name, args: { ...intent.args, ...args } }));
    expect(() => insist(bytes('AcceptOffer', { day: '2018-08-05' }), intent)).not.toThrow();
    expect(() => insist(bytes('RejectOffer', {}), intent)).toThrow(/Not signed: the service prepared RejectOffer/);
    expect(() => insist(bytes('AcceptOffer', { period: 4 }), intent)).toThrow(/another period/);
    expect(() => insist(bytes('AcceptOffer', { termsHash: undefined }), intent)).toThrow(/another termsHash/);
  });

  it('proves a receipt of the ledger, and none that was touched', async () => {
    await using ledger = await openLedger();
    const operator = await ledger.member('operator', 'operator');
    const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => ({
      name: 'RegisterParticipant',
      args: { participants: [{ id, bus: id, type: 2, role: 'crowdsourcee', devices: [] }] },
    }));
    const commits = await Promise.all(calls.map((call) => ledger.transact(operator, call)));
    const certificate = await ledger.nodeCertificate!();
    const holds = async (receipt: Receipt, shown = receipt.blockHash, pem: string | undefined = certificate) =>
      (await checkReceipt(receipt, pem, shown)).map(({ ok }) => ok);
    for (const { receipt } of commits) expect(await holds(receipt as Receipt)).toEqual([true, true, true, true]);
    const whole = { ...commits[2]!.receipt } as Receipt;
    expect(whole.path.length).toBeGreaterThan(0);
    const other = createHash('sha256').update('other').digest('hex');
    expect(await holds({ ...whole, entryHash: other })).toEqual([false, true, true, true]);
    expect(await holds({ ...whole, header: { ...whole.header, transactionsRoot: other } })).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await holds({ ...whole, blockHash: other }, whole.blockHash)).toEqual([true, false, false, false]);
    expect(await holds(whole, other)).toEqual([true, true, false, true]);
    expect(await holds(whole, undefined, (await ledger.member('auditor', 'auditor')).certificate)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(await holds({ ...whole, ledgerId: 'another' })).toEqual([true, false, true, false]);
    const der = Buffer.from(certificate.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    expect(publicKeyIn(new Uint8Array(der))).toHaveLength(91);
  });

  it('lays every bus of a feeder out once, downstream to the right', async () => {
    const source = await readCase('examples/cases/sce56.json');
    const tree = layOut(source);
    expect(tree.places.size).toBe(source.buses.length);
    expect(new Set([...tree.places.values()].map(({ x, y }) => `${x}/${y}`)).size).toBe(source.buses.length);
    expect(tree.edges).toHaveLength(source.buses.length - 1);
    for (const { up, down } of tree.edges) expect(down.x).toBeGreaterThan(up.x);
  });
});

describe('the built application', () => {
  const folder = 'dist/web';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const text = (name: string) => readFileSync(name, 'utf8');

  it('stays under 300 kB compressed', () => {
    const paths = files.map((each) => join(each.parentPath, each.name));
    expect(paths.length).toBeGreaterThan(2);
    const compressed = paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
    expect(compressed).toBeLessThan(300_000);
    console.log(`web application: ${(compressed / 1000).toFixed(0)} kB compressed in ${paths.length} files`);
    expect(statSync(join(folder, 'index.html')).size).toBeLessThan(5000);
  });

  it('has no inline script or style and loads nothing from elsewhere', () => {
    const page = text(join(folder, 'index.html'));
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const [, target] of page.matchAll(/(?:src|href)="([^"]+)"/g)) expect(target).toMatch(/^(\.\/|#)/);
    for (const each of files) {
      const path = join(each.parentPath, each.name);
      if (/\.(css|js)$/.test(path))
        expect(text(path)).not.toMatch(/@import|url\(["']?https?:|import\(["']https?:|eval\(/);
    }
  });
});
