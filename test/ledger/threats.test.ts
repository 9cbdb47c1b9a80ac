import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { TRANSACTIONS, type World } from '../../chaincode/src/domain/index.js';
import { Explorer } from '../../src/ledger/embedded/explore.js';
import { FolderKeyring } from '../../src/ledger/embedded/folder-keyring.js';
import { verifyLedger } from '../../src/ledger/embedded/verify.js';
import { Authority } from '../../src/ledger/identity/authority.js';
import { fingerprintOf } from '../../src/ledger/identity/certificate.js';
import { keySigner } from '../../src/ledger/identity/signature.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Member } from '../../src/ledger/types.js';
import { answer, cast, makeOffers, offersOf, offerTo, openDay, priceDay, register, timesOf } from './kit.js';

/** What an operator that holds the CA and the files can do, and who can tell: docs/threat-model.md. */
const scratch = mkdtempSync(join(tmpdir(), 'crowdwatt-threats-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const one = (id: string) => ({
  name: 'RegisterParticipant',
  args: { participants: [{ id, bus: '1', type: 2, role: 'crowdsourcee', devices: [] }] },
});

describe('the operator of an embedded ledger', () => {
  it('can sign in the name of a member with a certificate of its own making, but not unseen', async () => {
    const at = join(scratch, 'impersonated');
    const ledger = await openLedger({ at });
    const members = await cast(ledger);
    await register(ledger, members);
    const times = timesOf('2018-08-05');
    await openDay(ledger, members.operator, times);
    await priceDay(ledger, members.operator, times);
    const offers = [offerTo('anna', 0), offerTo('anna', 1)];
    await makeOffers(ledger, members.operator, times, 1, offers);
    await answer(ledger, members.anna, times, 1, offers[0]!);
    const keyring = await FolderKeyring.open(`${at}.keys`, undefined, false);
    const issued = await (await Authority.open((await keyring.load('authority'))!)).issue({
      id: 'anna',
      role: 'participant',
    });
    const forged: Member = {
      ...members.anna,
      certificate: issued.certificate,
      signer: keySigner(createPrivateKey(issued.privateKey)),
    };
    await answer(ledger, forged, times, 1, offers[1]!);
    // Not prevented …
    expect((await offersOf(ledger, members.anna, times.day)).map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
    ]);
    await ledger.close();
    // … but it stands on the chain for good: verify tells, and anna sees an answer that her key did not sign.
    expect((await verifyLedger(at)).severalCertificates).toEqual(['participant anna']);
    const explorer = await Explorer.open(at);
    const answers = await explorer.find({ name: 'AcceptOffer', participant: 'anna' }, 10);
    await explorer.close();
    const own = fingerprintOf(members.anna.certificate);
    expect(answers.map(({ creator }) => creator === own)).toEqual([true, false]);
  });

  it('cannot bend the rules: who replays the blocks comes to something else', async () => {
    const at = join(scratch, 'bent');
    const definition = TRANSACTIONS.get('RegisterParticipant')!;
    const ledger = await openLedger({ at });
    const operator = await ledger.member('operator', 'operator');
    await ledger.transact(operator, one('honest'));
    const bent = {
      ...definition,
      run: async (world: World, args: unknown) => {
        const result = await definition.run(world, args);
        await world.write('participant', ['friend'], { id: 'friend', status: 'active' });
        return result;
      },
    };
    const table = TRANSACTIONS as Map<string, typeof definition>;
    table.set('RegisterParticipant', bent as typeof definition);
    try {
      await ledger.transact(operator, one('cover'));
      await ledger.close();
    } finally {
      table.set('RegisterParticipant', definition);
    }
    await expect(verifyLedger(at)).rejects.toMatchObject({
      code: 'ledger/damaged',
      details: { block: 2 },
      message: /a replay comes to other effects/,
    });
  });

  it('can make another history that is whole in itself: without receipts or witnesses nobody can tell', async () => {
    const at = join(scratch, 'first');
    const other = join(scratch, 'second');
    let ledger = await openLedger({ at });
    await ledger.transact(await ledger.member('operator', 'operator'), one('a'));
    await ledger.close();
    for (const suffix of ['', '.keys']) cpSync(`${at}${suffix}`, `${other}${suffix}`, { recursive: true });
    for (const [folder, id] of [
      [at, 'shown to one'],
      [other, 'shown to another'],
    ] as const) {
      ledger = await openLedger({ at: folder });
      await ledger.transact(await ledger.member('operator', 'operator'), one(id));
      await ledger.close();
    }
    // What gives it away: test/ledger/proofs.test.ts.
    expect((await verifyLedger(at)).height).toBe((await verifyLedger(other)).height);
  });
});

describe('clocks', () => {
  it('that run backwards are warned of, and the time of the last block is kept', async () => {
    const at = join(scratch, 'clock');
    let ledger = await openLedger({ at });
    await ledger.transact(await ledger.member('operator', 'operator'), one('a'));
    await ledger.close();
    const now = vi.spyOn(Date, 'now');
    try {
      const real = now.getMockImplementation() ?? Date.now;
      const wall = real();
      now.mockImplementation(() => wall - 3_600_000);
      const warnings: string[] = [];
      ledger = await openLedger({ at, onWarning: (text) => warnings.push(text) });
      const operator = await ledger.member('operator', 'operator');
      await ledger.transact(operator, one('b'));
      await ledger.transact(operator, one('c'));
      const times: number[] = [];
      for await (const { timestamp } of ledger.blocks()) times.push(timestamp);
      await ledger.close();
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/system clock is \d+ ms behind the last block/);
    } finally {
      now.mockRestore();
    }
    expect((await verifyLedger(at)).height).toBe(4);
  });
});

describe('a run from the command line', () => {
  const filesUnder = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile());

  it('leaves no reservation price in ledger, keys, report, output or log', { timeout: 120_000 }, () => {
    const secret = 7.654321;
    const source = JSON.parse(readFileSync('examples/cases/sce56-single.json', 'utf8')) as {
      crowdsourcees: { reservationPrice: number }[];
    };
    for (const person of source.crowdsourcees) person.reservationPrice = secret;
    const path = join(scratch, 'case.json');
    writeFileSync(path, JSON.stringify(source));
    const at = join(scratch, 'run');
    const out = join(scratch, 'run.json');
    const done = spawnSync(
      process.execPath,
      [
        'dist/src/cli/main.js',
        'run',
        path,
        '--crowd',
        'reservation',
        '--ledger',
        at,
        '--out',
        out,
        '--report',
        join(scratch, 'report'),
        '--progress=json',
        '--log-level',
        'debug',
      ],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    expect(done.status).toBe(0);
    const texts = [done.stdout, done.stderr];
    const files = [...filesUnder(at), ...filesUnder(`${at}.keys`), ...filesUnder(join(scratch, 'report')), out];
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) texts.push(readFileSync(file, 'latin1'));
    // As JSON and as whole micro-dollars a kWh.
    for (const text of texts) {
      expect(text).not.toContain('reservationPrice');
      expect(text).not.toContain('7.654321');
      expect(text).not.toContain('7654321');
    }
  });
});
