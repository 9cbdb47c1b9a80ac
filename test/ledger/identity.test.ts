import { createPrivateKey, generateKeyPairSync, sign, webcrypto, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderKeyring } from '../../src/ledger/embedded/folder-keyring.js';
import { Authority, createAuthority, createRequest } from '../../src/ledger/identity/authority.js';
import { attributesOf, fingerprintOf } from '../../src/ledger/identity/certificate.js';
import {
  fromRaw,
  isLowS,
  keySigner,
  readDer,
  toLowS,
  verifySignature,
  writeDer,
} from '../../src/ledger/identity/signature.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger, Member } from '../../src/ledger/types.js';
import { cast, refused, register } from './kit.js';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function highS(low: Uint8Array): Buffer {
  const { r, s } = readDer(low)!;
  return writeDer(r, Buffer.from((ORDER - BigInt(`0x${s.toString('hex')}`)).toString(16).padStart(64, '0'), 'hex'));
}

describe('signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const bytes = Buffer.from('what is signed');

  it('are made low-S, whatever Node gives, and stay valid', async () => {
    let high = 0;
    for (let round = 0; round < 60; round++) {
      const raw = sign('sha256', bytes, privateKey);
      if (!isLowS(raw)) high++;
      const low = toLowS(raw);
      expect(isLowS(low)).toBe(true);
      expect(await verifySignature(publicKey, bytes, low)).toBe(true);
      expect(await verifySignature(publicKey, bytes, highS(low))).toBe(false);
    }
    // About half of them: a normaliser that never had to act would prove nothing.
    expect(high).toBeGreaterThan(10);
  });

  it('are refused in any other DER form', async () => {
    const low = Buffer.from(await keySigner(privateKey).sign(bytes));
    const { r, s } = readDer(low)!;
    const padded = (value: Buffer) => Buffer.concat([Buffer.from([0x02, 34, 0]), Buffer.from([0]), value]);
    const forms = [
      Buffer.concat([low, Buffer.from([0])]),
      low.subarray(0, -1),
      Buffer.concat([Buffer.from([0x30, 72]), padded(r), padded(s)]),
      Buffer.from([]),
      writeDer(Buffer.alloc(32), s),
    ];
    for (const form of forms) expect(await verifySignature(publicKey, bytes, form)).toBe(false);
  });

  it('of WebCrypto (r‖s) become DER', async () => {
    const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const spki = Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey));
    const { createPublicKey } = await import('node:crypto');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    for (let round = 0; round < 20; round++) {
      const raw = new Uint8Array(
        await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes),
      );
      expect(await verifySignature(key, bytes, fromRaw(raw))).toBe(true);
    }
  });
});

describe('the embedded CA', () => {
  it('writes attributes as Fabric-CA does', async () => {
    const authority = await Authority.open(await createAuthority('test CA'));
    const { certificate } = await authority.issue({ id: 'c-5', role: 'participant' });
    const parsed = new X509Certificate(certificate);
    expect(attributesOf(parsed.raw)).toEqual({
      'hf.Affiliation': '',
      'hf.EnrollmentID': 'c-5',
      'hf.Type': 'client',
      role: 'participant',
    });
    // OID 1.2.3.4.5.6.7.8.1, then an OCTET STRING with the JSON itself in it.
    const json = Buffer.from(
      '{"attrs":{"hf.Affiliation":"","hf.EnrollmentID":"c-5","hf.Type":"client","role":"participant"}}',
    );
    const wanted = Buffer.concat([Buffer.from('06082a03040506070801', 'hex'), Buffer.from([0x04, json.length]), json]);
    expect(parsed.raw.indexOf(wanted)).toBeGreaterThan(0);
    expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(parsed.subject).toContain('CN=c-5');
  });
});

describe('members of a ledger', () => {
  let ledger: Ledger;
  let operator: Member;

  beforeAll(async () => {
    ledger = await openLedger();
    operator = await ledger.member('operator', 'operator');
  });
  afterAll(() => ledger.close());

  const call = (id: string) => ({
    name: 'RegisterParticipant',
    args: { participants: [{ id, bus: '1', type: 2, role: 'crowdsourcee', devices: [] }] },
  });

  it('enrol once, with their secret, and keep their key to themselves', async () => {
    const desk = ledger.enrolment!;
    const secret = await desk.add('mobile', 'operator');
    const { request, privateKey } = await createRequest('mobile');
    await expect(desk.enroll('mobile', `${secret}x`, request)).rejects.toMatchObject({ code: 'auth/unauthenticated' });
    await expect(desk.enroll('nobody', secret, request)).rejects.toMatchObject({ code: 'auth/unauthenticated' });
    await expect(desk.enroll('mobile', secret, 'no request')).rejects.toMatchObject({ code: 'input/invalid' });
    const [first, second] = await Promise.allSettled([
      desk.enroll('mobile', secret, request),
      desk.enroll('mobile', secret, request),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    const enrolled = (first.status === 'fulfilled' ? first : (second as PromiseFulfilledResult<Member>)).value;
    // The two halves of transact: prepared here, signed where the key is.
    const prepared = await ledger.prepare(enrolled, call('by-mobile'));
    const signature = await keySigner(createPrivateKey(privateKey)).sign(prepared.bytes);
    expect((await ledger.submit(prepared, signature)).block).toBeGreaterThan(0);
    await expect(ledger.member('mobile', 'operator')).rejects.toMatchObject({ code: 'auth/forbidden' });
    expect((await desk.list()).find(({ id }) => id === 'mobile')).toMatchObject({ status: 'enrolled', keyHere: false });
  });

  it('are refused with a wrong or high-S signature, on another ledger, or with a foreign certificate', async () => {
    const prepared = await ledger.prepare(operator, call('x'));
    const signature = await operator.signer.sign(prepared.bytes);
    await refused(ledger.submit(prepared, highS(signature)), 'high-s');
    await refused(ledger.submit(prepared, signature.subarray(1)), 'signature');
    const other = await ledger.member('other', 'operator');
    await refused(ledger.submit(prepared, await other.signer.sign(prepared.bytes)), 'signature');
    const changed = Buffer.from(prepared.bytes.toString().replace('"crowdsourcee"', '"generator"'));
    await refused(ledger.submit({ ...prepared, bytes: changed }, signature), 'signature');
    const spaced = Buffer.from(`${prepared.bytes.toString()} `);
    await refused(ledger.submit({ ...prepared, bytes: spaced }, signature), 'arguments');
    await refused(
      ledger.submit({ ...prepared, bytes: Buffer.from([0xff, ...prepared.bytes]) }, signature),
      'arguments',
    );
    await refused(ledger.submit({ ...prepared, txId: '0'.repeat(64) }, signature), 'arguments');
    await using elsewhere = await openLedger();
    const stranger = await elsewhere.member('operator', 'operator');
    await refused(ledger.transact(stranger, call('y')), 'certificate');
    await refused(ledger.query(stranger, 'LatestDay', {}), 'certificate');
    await refused(elsewhere.submit(prepared, signature), 'certificate');
  });

  it('are refused once revoked, in the order of the chain', async () => {
    const gone = await ledger.member('gone', 'operator');
    await ledger.transact(gone, call('before'));
    const fingerprint = fingerprintOf(gone.certificate);
    await ledger.transact(operator, { name: 'RevokeMember', args: { id: 'gone', fingerprint } });
    await refused(ledger.transact(gone, call('after')), 'revoked');
    await refused(ledger.query(gone, 'LatestDay', {}), 'revoked');
    await refused(
      ledger.transact(operator, {
        name: 'RevokeMember',
        args: { id: 'operator', fingerprint: fingerprintOf(operator.certificate) },
      }),
      'arguments',
    );
  });

  it('cannot replay a transaction id with another operation', async () => {
    const prepared = await ledger.prepare(operator, call('replayed'));
    await ledger.submit(prepared, await operator.signer.sign(prepared.bytes));
    const text = Buffer.from(prepared.bytes)
      .toString()
      .replace(/"operationId":"[^"]+"/, '"operationId":"another"')
      .replace('replayed', 'replaced');
    const bytes = Buffer.from(text);
    await refused(ledger.submit({ ...prepared, bytes }, await operator.signer.sign(bytes)), 'replay');
  });
});

describe('the key folder', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-keys-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('is 0700 with files of 0600, apart from the ledger, and opens with its passphrase alone', async () => {
    const at = join(scratch, 'ledger');
    const passphrase = 'correct horse';
    await using ledger = await openLedger({ at, passphrase });
    await cast(ledger).then((members) => register(ledger, members));
    const keys = `${at}.keys`;
    const files = readdirSync(keys, { recursive: true, encoding: 'utf8' }).map((name) => join(keys, name));
    expect(files.length).toBeGreaterThan(8);
    for (const path of [keys, ...files])
      expect(statSync(path).mode & 0o777).toBe(statSync(path).isDirectory() ? 0o700 : 0o600);
    const authority = files.find((path) => path.endsWith('authority.key'))!;
    expect(Buffer.from(readFileSync(authority, 'utf8'), 'base64').toString('latin1')).not.toContain('PRIVATE KEY');
    const inLedger = readdirSync(at, { recursive: true, encoding: 'utf8' })
      .map((name) => join(at, name))
      .filter((path) => statSync(path).isFile());
    for (const path of inLedger) expect(readFileSync(path, 'latin1')).not.toContain('PRIVATE KEY');
    await expect(FolderKeyring.open(keys, 'wrong horse', false)).rejects.toMatchObject({ code: 'usage' });
    await expect(FolderKeyring.open(keys, undefined, false)).rejects.toMatchObject({ code: 'usage' });
    expect(await (await FolderKeyring.open(keys, passphrase, false)).load('authority')).toMatchObject({
      role: 'authority',
    });
  });

  it('of another ledger opens nothing', async () => {
    await (await openLedger({ at: join(scratch, 'one') })).close();
    await (await openLedger({ at: join(scratch, 'two') })).close();
    await expect(openLedger({ at: join(scratch, 'one'), keys: join(scratch, 'two.keys') })).rejects.toMatchObject({
      code: 'ledger/missing',
    });
    await expect(openLedger({ at: join(scratch, 'one'), keys: join(scratch, 'none.keys') })).rejects.toMatchObject({
      code: 'ledger/missing',
    });
  });
});
