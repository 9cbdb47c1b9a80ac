import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkTime, settingsOf } from '../../chaincode/src/fabric/caller.js';
import { StubContext } from '../../chaincode/src/fabric/stub-context.js';
import { classify, outcomeError, voidFault } from '../../src/ledger/fabric/faults.js';
import { readProfile } from '../../src/ledger/fabric/profile.js';
import { SimulatedStub, type World } from './simulated-stub.js';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** As the libraries throw them: messages and codes seen on a real network. */
const SEEN: [string, unknown, string, 'endorse' | 'submit' | 'commit' | 'evaluate'][] = [
  [
    'gateway: a refusal of the rules',
    Object.assign(new Error('10 ABORTED: failed to endorse transaction, see attached details for more info'), {
      code: 10,
      details: [{ message: 'chaincode response 500, [refused:gate-closed] the gate of day 2018-08-05 is closed' }],
    }),
    'refused',
    'endorse',
  ],
  [
    'fabric-network: a refusal of the rules',
    Object.assign(new Error('not every peer that was asked endorsed'), {
      details: [{ message: '[refused:gate-closed] the gate of day 2018-08-05 is closed' }],
    }),
    'refused',
    'endorse',
  ],
  [
    'gateway: endorsers differ',
    Object.assign(new Error('10 ABORTED: failed to collect enough transaction endorsements'), {
      code: 10,
      details: [{ message: 'ProposalResponsePayloads do not match' }],
    }),
    'mismatch',
    'endorse',
  ],
  ['fabric-network: endorsers differ', new Error('Peer endorsements do not match'), 'mismatch', 'endorse'],
  [
    'gateway: too few orderers',
    Object.assign(new Error('14 UNAVAILABLE: insufficient number of orderers could successfully process transaction'), {
      code: 14,
      details: [{ message: 'connection refused' }],
    }),
    'unavailable',
    'submit',
  ],
  [
    'fabric-network: an orderer that says no',
    new Error('Failed to send transaction successfully to the committer. status:SERVICE_UNAVAILABLE'),
    'unavailable',
    'submit',
  ],
  [
    'gateway: peers missing for the policy',
    Object.assign(
      new Error('9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the endorsement policy'),
      { code: 9, details: [] },
    ),
    'unavailable',
    'endorse',
  ],
  ['gateway: no answer in time', Object.assign(new Error('4 DEADLINE_EXCEEDED: …'), { code: 4 }), 'timeout', 'commit'],
  ['fabric-network: no answer in time', new Error('REQUEST TIMEOUT'), 'timeout', 'evaluate'],
  [
    'gateway: a revoked certificate',
    Object.assign(new Error('9 FAILED_PRECONDITION: evaluate call to endorser returned error'), {
      code: 9,
      details: [
        { message: 'error validating proposal: access denied: channel [crowdwatt] creator org [CommunityMSP]' },
      ],
    }),
    'denied',
    'evaluate',
  ],
];

describe('errors in common words', () => {
  test.each(SEEN)('%s', (_name, error, kind, stage) => {
    expect(classify(stage, error).kind).toBe(kind);
  });

  test('after the hand-over no error says "not committed"', () => {
    const unavailable = new Error('14 UNAVAILABLE');
    expect(outcomeError(classify('endorse', unavailable)).code).toBe('ledger/unavailable');
    expect(outcomeError(classify('submit', unavailable)).code).toBe('ledger/unknown-outcome');
    expect(outcomeError(voidFault(11, 'tx')).code).toBe('ledger/conflict');
    expect(outcomeError(voidFault(12, 'tx')).code).toBe('ledger/conflict');
    expect(outcomeError(voidFault(10, 'tx'))).toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'endorsement' },
    });
  });
});

describe('settings of a chaincode service', () => {
  test('three organisations and the proposal time unless told otherwise; what is not understood stops it', () => {
    expect(settingsOf({})).toEqual({
      roles: { operator: 'OperatorMSP', participant: 'CommunityMSP', meter: 'CommunityMSP', auditor: 'AuditorMSP' },
      clock: 'proposal',
    });
    expect(settingsOf({ CROWDWATT_ROLES: '{"meter":"X"}', CROWDWATT_CLOCK: 'given' })).toMatchObject({
      roles: { meter: 'X', participant: 'CommunityMSP' },
      clock: 'given',
    });
    expect(() => settingsOf({ CROWDWATT_ROLES: '{"admin":"X"}' })).toThrow(/admin/);
    expect(() => settingsOf({ CROWDWATT_CLOCK: 'mine' })).toThrow(/CROWDWATT_CLOCK/);
  });

  test('signed time against the time of the proposal', () => {
    const settings = settingsOf({});
    expect(checkTime(1_000_000, 1_120_000, settings)).toBe(1_000_000);
    expect(() => checkTime(1_000_000, 1_120_001, settings)).toThrow(/120 s/);
    expect(checkTime(0, 1_120_001, { ...settings, clock: 'given' })).toBe(0);
    expect(() => checkTime(0.5, 0, settings)).toThrow(/whole milliseconds/);
  });
});

describe('ranges on a peer', () => {
  // "~" and an emoji: Fabric orders by bytes, JavaScript by UTF-16 units.
  const ids = Array.from({ length: 1203 }, (_, index) => `p${String(index).padStart(4, '0')}`).concat(
    '～',
    '\u{1F50B}',
  );
  const world: World = new Map(ids.map((id) => [`\0offer\0d\0${id}\0`, { value: Buffer.from(id), version: '1.0' }]));
  const context = (readOnly: boolean) =>
    new StubContext(new SimulatedStub(world, new Map(), 't', 0, new Map()), {} as never, 0, readOnly);

  test.each([true, false])(
    'pages go on after a key, over page borders and byte order (query: %s)',
    async (readOnly) => {
      const read = async (page: { after?: string; limit?: number }) => {
        const found: string[] = [];
        for await (const { value } of context(readOnly).range('offer', ['d'], page)) found.push(value);
        return found;
      };
      expect(await read({})).toEqual(ids);
      expect(await read({ limit: 3 })).toEqual(ids.slice(0, 3));
      expect(await read({ after: `\0offer\0d\0${ids[499]}\0`, limit: 502 })).toEqual(ids.slice(500, 1002));
      expect(await read({ after: '\0offer\0d\0～\0' })).toEqual(['\u{1F50B}']);
    },
  );
});

describe('profile', () => {
  test('says in one line what is wrong, and where', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-profile-'));
    const path = join(folder, 'profile.json');
    try {
      await expect(readProfile(path)).rejects.toMatchObject({ code: 'ledger/missing' });
      await writeFile(path, '{');
      await expect(readProfile(path)).rejects.toMatchObject({ code: 'input/not-json' });
      await writeFile(path, JSON.stringify({ format: 'crowdwatt-fabric/1', client: 'carrier pigeon' }));
      await expect(readProfile(path)).rejects.toMatchObject({ code: 'input/invalid' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the compiled contract under fabric-shim', () => {
  test('has every transaction of the table, takes one text, and gives its refusals back', async () => {
    await run(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), 'chaincode'], { cwd: ROOT });
    // In a process of its own: the shim hooks into the one that loads it.
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'shim-host.cjs')], { cwd: ROOT });
    // The shim logs to the same stream.
    const lines = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    expect(lines[0].names).toEqual(expect.arrayContaining(['AcceptOffer', 'OpenDay', 'GetDay', 'Reconcile']));
    expect(lines[0].parameters).toBe('[{"name":"call","description":"canonical JSON","schema":{"type":"string"}}]');
    expect(lines[1]).toMatchObject({ status: 500, message: expect.stringMatching(/^\[refused:unknown-transaction\]/) });
    expect(lines[2]).toMatchObject({ status: 500, message: expect.stringMatching(/^\[refused:arguments\]/) });
    expect(lines[3]).toMatchObject({ status: 500, message: expect.stringMatching(/^\[refused:role\]/) });
  });
});
