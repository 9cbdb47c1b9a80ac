import { afterEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/ledger/identity/certificate.js';
import type { Commit, Ledger, Member, Role } from '../../src/ledger/types.js';
import type { Faults, SimulatedFabric } from './simulated.js';
import { openSimulated } from './simulated-ledger.js';

const unavailable = () => Object.assign(new Error('14 UNAVAILABLE: insufficient number of orderers'), { code: 14 });
const timeout = () => Object.assign(new Error('4 DEADLINE_EXCEEDED: Deadline exceeded'), { code: 4 });

let ledger: Ledger;
let network: SimulatedFabric;
let forge: (id: string, role: Role, mspId: string) => Promise<Member>;

async function open(faults: Faults = {}, deadlines: { commit?: number } = {}): Promise<Member> {
  ({ ledger, network, forge } = await openSimulated(deadlines));
  const operator = await ledger.member('utility', 'operator');
  await ledger.transact(operator, {
    name: 'RegisterParticipant',
    args: { participants: ['a', 'b'].map((id) => ({ id, bus: '2', type: 2, role: 'crowdsourcee', devices: [] })) },
  });
  network.faults = faults;
  network.handedOver.length = 0;
  return operator;
}

afterEach(() => ledger.close());

const suspend = (operator: Member, id = 'a', operationId?: string): Promise<Commit> =>
  ledger.transact(operator, { name: 'SuspendParticipant', args: { id }, ...(operationId && { operationId }) });

/** Valid transactions since the registration. */
const applied = () => [...network.codes.values()].filter(({ code }) => code === 0).length - 1;

/** Fails the first so many calls. */
function first<Failure>(times: number, failure: Failure): () => Failure | undefined {
  let left = times;
  return () => (left-- > 0 ? failure : undefined);
}

describe('outcome of a transaction, with faults in its way', () => {
  test('no fault: committed once, sent once', async () => {
    const operator = await open();
    const commit = await suspend(operator);
    expect(commit).toMatchObject({ result: { participant: 'a' } });
    expect(commit.blockHash).toMatch(/^[0-9a-f]{64}$/);
    expect(network.handedOver).toEqual([commit.txId]);
    for await (const { hash, transactions } of ledger.blocks(commit.block)) {
      expect(hash).toBe(commit.blockHash);
      expect(transactions).toEqual([
        expect.objectContaining({ txId: commit.txId, name: 'SuspendParticipant', args: { id: 'a' }, valid: true }),
      ]);
      expect(transactions[0]!.creator).toBe(fingerprintOf(operator.certificate));
    }
  });

  test('the answer to the submit is lost, the transaction is not: committed, not sent again', async () => {
    const operator = await open({ submit: first(1, { when: 'after' as const, error: unavailable() }) });
    const commit = await suspend(operator);
    expect(network.handedOver).toEqual([commit.txId]);
    expect(applied()).toBe(1);
  });

  test('the orderers never got it and say so: unknown outcome, nothing sent; the same operation id later commits once', async () => {
    const operator = await open({ submit: () => ({ when: 'before', error: unavailable() }) }, { commit: 60 });
    await expect(suspend(operator, 'a', 'op-1')).rejects.toMatchObject({
      code: 'ledger/unknown-outcome',
      details: { operationId: 'op-1', stage: 'submit' },
    });
    expect(network.handedOver).toEqual([]);
    network.faults = {};
    const commit = await suspend(operator, 'a', 'op-1');
    expect(commit.repeated).toBeUndefined();
    expect(applied()).toBe(1);
  });

  test('ordering stands still for longer than the deadline: unknown outcome; what was handed over counts once, ever', async () => {
    const operator = await open({}, { commit: 60 });
    network.ordering = false;
    await expect(suspend(operator, 'a', 'op-2')).rejects.toMatchObject({ code: 'ledger/unknown-outcome' });
    network.ordering = true;
    const commit = await suspend(operator, 'a', 'op-2');
    expect(commit.result).toEqual({ participant: 'a' });
    expect(applied()).toBe(1);
  });

  test('an accepted transaction vanishes with its leader: read, then sent once more', async () => {
    let vanished = 0;
    const operator = await open({ vanish: () => vanished++ === 0 }, { commit: 60 });
    const commit = await suspend(operator);
    expect(network.handedOver).toHaveLength(2);
    expect(network.handedOver[1]).toBe(commit.txId);
    expect(applied()).toBe(1);
  });

  test('the commit is there but its status is not told: found by the operation id', async () => {
    const operator = await open({ outcome: first(1, timeout()) }, { commit: 60 });
    const commit = await suspend(operator);
    expect(commit.repeated).toBe(true);
    expect(network.handedOver).toEqual([commit.txId]);
  });

  test('an error that nobody has a word for, after the hand-over, is not "not committed" either', async () => {
    const odd = () => new Error('2 UNKNOWN: the stream was closed for a reason of its own');
    const operator = await open({ outcome: first(1, odd()) }, { commit: 60 });
    expect(await suspend(operator)).toMatchObject({ repeated: true });
    network.faults = { outcome: odd };
    await expect(suspend(operator, 'b')).rejects.toMatchObject({ code: 'ledger/unknown-outcome' });
  });

  test('no peer endorses for a while: waited for; for ever: unavailable, nothing sent', async () => {
    const operator = await open({ endorse: first(3, unavailable()) });
    await suspend(operator);
    network.faults = { endorse: () => unavailable() };
    network.handedOver.length = 0;
    await expect(suspend(operator, 'b')).rejects.toMatchObject({ code: 'ledger/unavailable' });
    expect(network.handedOver).toEqual([]);
  });

  test('endorsers that differ for a moment are asked again; for ever: refused as an endorsement, nothing sent', async () => {
    const differ = () =>
      Object.assign(new Error('10 ABORTED'), {
        code: 10,
        details: [{ message: 'ProposalResponsePayloads do not match' }],
      });
    const operator = await open({ endorse: first(2, differ()) });
    await suspend(operator);
    network.faults = { endorse: differ };
    network.handedOver.length = 0;
    await expect(suspend(operator, 'b')).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'endorsement' },
    });
    expect(network.handedOver).toEqual([]);
  });

  test('a refusal keeps its code; a peer that is behind does not make one up', async () => {
    const operator = await open();
    await expect(suspend(operator, 'nobody')).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'unknown-participant' },
    });
    network.lag = new Map();
    await suspend(operator);
    expect(applied()).toBe(1);
  });

  test('an identity that the network does not know is refused at once', async () => {
    const operator = await open();
    const stranger = await ledger.member('stranger', 'operator');
    const forged: Member = { ...stranger, certificate: operator.certificate };
    await expect(suspend(forged)).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'certificate' },
    });
  });

  test('a role counts only from the organisation that vouches for it', async () => {
    await open();
    const impostor = await forge('a', 'participant', 'OperatorMSP');
    await expect(ledger.query(impostor, 'ListParticipants', {})).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'role' },
    });
  });

  test('many writers of one key: each commits in the end, one after the other', async () => {
    const operator = await open({}, { commit: 2000 });
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        ledger.transact(operator, { name: 'SuspendParticipant', args: { id: 'a', suspended: index % 2 === 0 } }),
      ),
    );
    expect(results.map((result) => result.status)).toEqual(Array(6).fill('fulfilled'));
    expect(applied()).toBe(6);
    // Six reads of one version cannot all have held: some were void and were made again.
    expect(network.handedOver.length).toBeGreaterThan(6);
  });

  test('a conflict that never ends is told as one', async () => {
    const operator = await open({}, { commit: 5000 });
    const record = [...network.world.keys()].find((key) => key.includes('participant\0a'))!;
    // Somebody writes the same record between every endorsement and its block.
    network.faults = {
      submit: () => {
        network.world.set(record, { ...network.world.get(record)!, version: `x${Math.random()}` });
        return undefined;
      },
    };
    await expect(suspend(operator)).rejects.toMatchObject({ code: 'ledger/conflict' });
    expect(applied()).toBe(0);
  });

  test('one operation id, twenty times at once: one transaction, one result', async () => {
    const operator = await open({}, { commit: 2000 });
    const commits = await Promise.all(Array.from({ length: 20 }, () => suspend(operator, 'a', 'op-3')));
    expect(new Set(commits.map((commit) => commit.txId)).size).toBe(1);
    expect(commits.filter((commit) => !commit.repeated)).toHaveLength(1);
    expect(applied()).toBe(1);
    await expect(suspend(operator, 'b', 'op-3')).rejects.toMatchObject({ details: { refusal: 'operation-reused' } });
  });
});

describe('signing elsewhere', () => {
  test('two signatures: the proposal, then what the endorsement gave back', async () => {
    const operator = await open();
    const prepared = await ledger.prepare(operator, { name: 'SuspendParticipant', args: { id: 'a' } });
    const signature = await operator.signer.sign(prepared.bytes);
    await expect(ledger.submit(prepared, signature)).rejects.toMatchObject({ code: 'usage' });
    const endorsed = await ledger.endorse!(prepared, signature);
    expect(endorsed.bytes).not.toEqual(prepared.bytes);
    const other = await ledger.member('other', 'operator');
    await expect(ledger.submit(endorsed, await other.signer.sign(endorsed.bytes))).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'certificate' },
    });
    const commit = await ledger.submit(endorsed, await operator.signer.sign(endorsed.bytes));
    expect(commit.txId).toBe(prepared.txId);
  });
});

describe('events', () => {
  test('a stream that breaks again and again: every event once, in order', async () => {
    const operator = await open();
    for (let index = 0; index < 12; index++) {
      await ledger.transact(operator, { name: 'SuspendParticipant', args: { id: index % 2 ? 'a' : 'b' } });
    }
    const broken = new Set<string>();
    network.faults = {
      events: (event) => {
        if (broken.has(event.txId) || network.told.indexOf(event) % 4 !== 2) return undefined;
        broken.add(event.txId);
        return unavailable();
      },
    };
    const seen: string[] = [];
    const stop = new AbortController();
    for await (const event of ledger.events({ fromBlock: 0, signal: stop.signal })) {
      seen.push(event.txId);
      if (seen.length === 13) stop.abort();
    }
    expect(broken.size).toBe(3);
    expect(seen).toEqual(network.told.map((event) => event.txId));
  });
});
