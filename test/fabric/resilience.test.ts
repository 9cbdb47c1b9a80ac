import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ledger, Member } from '../../src/ledger/types.js';
import { bringUp, fabricFound, type RealNetwork } from './network.js';
import { soleEndorsement } from './sole-endorsement.js';

const found = await fabricFound('orderers and peers lost and back, altered chaincode, revocation');
const MINUTES = 60_000;

describe.skipIf(!found)('Fabric network with parts of it lost', () => {
  let network: RealNetwork;
  let ledger: Ledger;
  let operator: Member;
  let next = 0;

  beforeAll(async () => {
    network = await bringUp();
    ledger = await network.open('gateway', { deadlinesMs: { commit: 8_000 } });
    operator = await ledger.member('operator', 'operator');
  }, 2 * MINUTES);

  afterAll(async () => {
    await ledger?.close();
    await network?.down();
  });

  /** Registers somebody new: a key of its own each time. */
  function registerOne(
    by: Member = operator,
    home: Ledger = ledger,
    id = `p${next++}`,
    operationId = `register ${id}`,
  ) {
    const entry = { id, bus: '2', type: 2, role: 'crowdsourcee', devices: [] };
    return home.transact(by, { name: 'RegisterParticipant', args: { participants: [entry] }, operationId });
  }

  /** How often each operation stands on the chain as valid. */
  async function onChain(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for await (const block of ledger.blocks()) {
      for (const { operationId, valid } of block.transactions) {
        if (valid) counts.set(operationId, (counts.get(operationId) ?? 0) + 1);
      }
    }
    return counts;
  }

  async function several(count: number) {
    const ids = Array.from({ length: count }, () => `p${next++}`);
    const results = await Promise.allSettled(ids.map((id) => registerOne(operator, ledger, id)));
    return ids.map((id, index) => ({ id, result: results[index]! }));
  }

  test(
    'one of four orderers is killed: commits go on; a second: a clear outcome; back: nothing lost, nothing twice',
    async () => {
      await registerOne();
      await network.command('stop', 'orderer-1', '--hard');
      for (const { result } of await several(10)) expect(result.status).toBe('fulfilled');

      await network.command('stop', 'orderer-2', '--hard');
      const stuck = await several(5);
      for (const { result } of stuck) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ledger/unknown-outcome' } });
      }

      await network.command('start', 'orderer-2');
      const again = await retried(() => Promise.all(stuck.map(({ id }) => registerOne(operator, ledger, id))));
      for (const commit of again) expect(commit.result).toEqual({ registered: 1 });
      await network.command('start', 'orderer-1');
      for (const { result } of await several(5)) expect(result.status).toBe('fulfilled');

      const counts = await onChain();
      for (let index = 0; index < next; index++) expect(counts.get(`register p${index}`)).toBe(1);
    },
    3 * MINUTES,
  );

  test(
    "a peer is killed in the middle of its organisation's work, and comes back with everything",
    async () => {
      const first = `p${next}`;
      await registerOne();
      const member = await ledger.member(first, 'participant');
      const seen: string[] = [];
      const stop = new AbortController();
      const { height } = await ledger.head();
      const listening = (async () => {
        for await (const event of ledger.events({ fromBlock: height, signal: stop.signal })) seen.push(event.txId);
      })();
      const work = several(30);
      await network.command('stop', 'peer-community', '--hard');
      await network.command('stop', 'peer-auditor', '--hard');
      // Two of three cannot be had from one peer.
      await expect(registerOne()).rejects.toMatchObject({ code: 'ledger/unavailable' });
      await network.command('start', 'peer-auditor');
      await retried(() => ledger.query(member, 'ListParticipants', {}));
      const done = await work;
      const left = done.filter(({ result }) => result.status === 'rejected');
      await retried(() => Promise.all(left.map(({ id }) => registerOne(operator, ledger, id))));
      const commits = await retried(() => Promise.all(done.map(({ id }) => registerOne(operator, ledger, id))));
      expect(commits.every((commit) => commit.repeated)).toBe(true);
      await network.command('start', 'peer-community');
      const mine = () => ledger.query<{ items: unknown[] }>(member, 'ListParticipants', {});
      expect((await retried(mine)).items).toHaveLength(1);
      // Every event once, although the peer that told them was away.
      const expected: string[] = [];
      for await (const block of ledger.blocks(height)) {
        expected.push(...block.transactions.filter(({ valid }) => valid).map(({ txId }) => txId));
      }
      for (let waited = 0; seen.length < expected.length && waited < 100; waited++) await sleep(100);
      stop.abort();
      await listening;
      expect(seen).toEqual(expected);
    },
    3 * MINUTES,
  );

  test(
    "an operator's peer with altered chaincode commits nothing of its own making",
    async () => {
      const altered = await mkdtemp(join(tmpdir(), 'crowdwatt-altered-'));
      const original = resolve(import.meta.dirname, '../../chaincode');
      for (const name of ['package.json', 'dist'])
        await cp(join(original, name), join(altered, name), { recursive: true });
      await symlink(resolve(original, '../node_modules'), join(altered, 'node_modules'));
      const file = join(altered, 'dist', 'fabric', 'stub-context.js');
      const honest = await readFile(file, 'utf8');
      const cheating = honest.replace(
        'this.stub.putState(key, Buffer.from(value))',
        `this.stub.putState(key, Buffer.from(value.replace('"bus":"2"', '"bus":"9"')))`,
      );
      expect(cheating).not.toBe(honest);
      await writeFile(file, cheating);
      try {
        await network.command('swap', 'chaincode-operator', altered);
        // Endorsed by the cheat alone: in a block, and void there.
        const { code } = await soleEndorsement(network.dir, operator, 'OperatorMSP');
        expect(code).toBe(10);
        // By its own peer alone the operator gets no second, matching endorsement.
        const profile = JSON.parse(await readFile(join(network.dir, 'fabric-profile.json'), 'utf8'));
        const own = profile.organisations[0].peers;
        const alone = await network.open('gateway', {
          organisations: profile.organisations.map((each: object) => ({ ...each, peers: own })),
        });
        await expect(registerOne(operator, alone)).rejects.toMatchObject({
          code: 'ledger/refused',
          details: { refusal: 'endorsement' },
        });
        await alone.close();
        // The others go on without it, and what stands on the chain is theirs.
        const id = `p${next}`;
        await registerOne();
        const { items } = await ledger.query<{ items: unknown[] }>(operator, 'ListParticipants', { participant: id });
        expect(items).toMatchObject([{ id, bus: '2' }]);
      } finally {
        await network.command('swap', 'chaincode-operator', original);
        await rm(altered, { recursive: true, force: true });
      }
    },
    3 * MINUTES,
  );

  test(
    'revocation is two steps: at the CA it changes nothing yet; with the list in the channel the member is out',
    async () => {
      const id = `p${next}`;
      await registerOne();
      const member = await ledger.member(id, 'participant');
      const other = await ledger.member(`${id}-neighbour`, 'participant');
      const ask = (who: Member) => ledger.query(who, 'ListParticipants', {});
      await network.command('revoke', id, '--ca-only');
      await ask(member);
      await network.command('revoke', id);
      let outcome: unknown;
      for (let waited = 0; waited < 50; waited++) {
        outcome = await ask(member).then(
          () => 'still let in',
          (error: unknown) => error,
        );
        if (outcome !== 'still let in') break;
        await sleep(100);
      }
      expect(outcome).toMatchObject({ code: 'ledger/refused', details: { refusal: 'certificate' } });
      await expect(
        ledger.transact(member, {
          name: 'SubmitPreferences',
          args: { day: '2018-08-05', participant: id, commitment: '0'.repeat(64), optOut: false },
        }),
      ).rejects.toMatchObject({ code: 'ledger/refused', details: { refusal: 'certificate' } });
      await ask(other);
    },
    2 * MINUTES,
  );
});

/** Until it works, a minute at most: what was lost comes back in its own time. */
async function retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const until = Date.now() + MINUTES;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(300);
    }
  }
}
