import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitmentOf, type Page, type ParticipantRecord } from '../../chaincode/src/domain/index.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger } from '../../src/ledger/types.js';
import {
  anyHash,
  type Cast,
  cast,
  makeOffers,
  offerTo,
  openDay,
  preferencesCall,
  priceDay,
  publish,
  refused,
  register,
  timesOf,
} from './kit.js';

/** Refusals and transactions that the behaviour suite, which also runs on real networks, does without. */
describe('the rest of the rules', () => {
  let ledger: Ledger;
  let members: Cast;

  beforeAll(async () => {
    ledger = await openLedger();
    members = await cast(ledger);
    await register(ledger, members);
  });
  afterAll(() => ledger.close());

  it('a transaction signed for another ledger is refused here', async () => {
    const { operator } = members;
    const prepared = await ledger.prepare(operator, { name: 'SuspendParticipant', args: { id: 'anna' } });
    const bytes = Buffer.from(Buffer.from(prepared.bytes).toString().replace(ledger.id, '0'.repeat(32)));
    await refused(ledger.submit({ ...prepared, bytes }, await operator.signer.sign(bytes)), 'wrong-ledger');
  });

  it('an equilibrium is published once', async () => {
    const times = timesOf('2019-01-01');
    await openDay(ledger, members.operator, times);
    await priceDay(ledger, members.operator, times);
    await refused(publish(ledger, members.operator, times, anyHash('root')), 'already-priced');
  });

  it('only a statement that there is can be disputed or read', async () => {
    const { anna } = members;
    const args = { participant: 'anna', from: '2019-01-01', reasonHash: anyHash('why') };
    await refused(ledger.transact(anna, { name: 'DisputeStatement', args }), 'unknown-span');
    await refused(
      ledger.query(anna, 'ListStatementLines', { from: '2019-01-01', participant: 'anna' }),
      'unknown-span',
    );
  });

  it('a person that was erased is dealt with no more', async () => {
    const { operator, bert } = members;
    const times = timesOf('2019-02-01');
    await openDay(ledger, operator, times);
    await ledger.transact(operator, { name: 'ErasePerson', args: { id: 'bert' } });
    await refused(ledger.transact(operator, { name: 'ErasePerson', args: { id: 'bert' } }), 'erased');
    await refused(ledger.transact(operator, { name: 'UpdateParticipant', args: { id: 'bert', bus: '7' } }), 'erased');
    await refused(ledger.transact(bert, preferencesCall(bert, times, {})), 'erased');
    await priceDay(ledger, operator, times);
    await refused(makeOffers(ledger, operator, times, 1, [offerTo('bert', 0)]), 'erased');
  });

  it('participants change only by UpdateParticipant, inside the same bounds', async () => {
    const { operator } = members;
    const update = (args: object) => ledger.transact(operator, { name: 'UpdateParticipant', args });
    await refused(update({ id: 'nobody', bus: '1' }), 'unknown-participant');
    await refused(update({ id: 'grid', type: 2 }), 'wrong-type');
    await refused(update({ id: 'anna', devices: [{ id: 'x', kind: 'battery', powerW: -1 }] }), 'negative');
    await refused(update({ id: 'anna', personCommitment: anyHash('x') }), 'unknown-field');
    await update({ id: 'anna', bus: '9' });
    const page = await ledger.query<Page<ParticipantRecord>>(operator, 'ListParticipants', { participant: 'anna' });
    expect(page.items).toMatchObject([{ id: 'anna', bus: '9', type: 2 }]);
    await refused(
      ledger.transact(operator, {
        name: 'RegisterParticipant',
        args: { participants: [{ id: 'operator', bus: '1', type: 2, role: 'crowdsourcee', devices: [] }] },
      }),
      'arguments',
    );
  });

  it("a person's row is private and bound to its commitment", async () => {
    const { operator } = members;
    const row = { salt: 'a salt of some length', document: { name: 'Dora D.', phone: '555 0100' } };
    const registration = (personCommitment: string, transient?: object) => ({
      name: 'RegisterParticipant',
      args: { participants: [{ id: 'dora', bus: '1', type: 2, role: 'crowdsourcee', devices: [], personCommitment }] },
      ...(transient === undefined ? {} : { transient: { persons: { dora: transient } } }),
    });
    const commitment = commitmentOf(row.salt, row.document);
    await refused(ledger.transact(operator, registration(commitment)), 'private-missing');
    await refused(ledger.transact(operator, registration(anyHash('other'), row)), 'commitment');
    await ledger.transact(operator, registration(commitment, row));
    for await (const block of ledger.blocks()) expect(JSON.stringify(block)).not.toContain('555 0100');
  });

  it('times and lists of a day must fit together', async () => {
    const { operator } = members;
    const times = timesOf('2019-03-01');
    await refused(openDay(ledger, operator, times, { gateTime: times.start + 1 }), 'arguments');
    await refused(openDay(ledger, operator, times, { meterDeadline: times.start }), 'arguments');
    await refused(openDay(ledger, operator, times, { periods: 1441, budgetsMicro: [] }), 'huge');
    await refused(openDay(ledger, operator, times, { day: '2019-02-29' }), 'arguments');
    await refused(openDay(ledger, operator, times, { budgetsMicro: [1, -1, null] }), 'negative');
    await refused(
      ledger.transact(operator, { name: 'CloseGate', args: { day: times.day }, operationId: 'a\u0000b' }),
      'arguments',
    );
  });
});
