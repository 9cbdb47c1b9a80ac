import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ContractRecord,
  type DayRecord,
  merkleClimb,
  merkleLeaf,
  type Page,
  type PreferencesView,
  type RoundRecord,
  type SpanRecord,
  type StatementLine,
  type StatementRecord,
} from '../../chaincode/src/domain/index.js';
import type { Ledger, LedgerEvent } from '../../src/ledger/types.js';
import {
  afterDay,
  answer,
  anyHash,
  type Cast,
  cast,
  closeRound,
  type DayTimes,
  expiryOf,
  HOUR,
  makeOffers,
  offeredAt,
  offersOf,
  offerTo,
  openDay,
  preferencesCall,
  priceDay,
  publish,
  refused,
  register,
  timesOf,
} from './kit.js';

/** Every test of a suite takes a day of its own, so that one network can serve all of them. */
let nextDay = Date.parse('2018-08-05T00:00:00Z');
function freshDay(): DayTimes {
  const day = new Date(nextDay).toISOString().slice(0, 10);
  nextDay += 24 * HOUR;
  return timesOf(day);
}

/** What every home of the ledger must do. `open` gives a ledger with nothing of this prefix on it. */
export function suite(name: string, open: () => Promise<Ledger>, prefix = ''): void {
  describe(`ledger behaviour: ${name}`, () => {
    let ledger: Ledger;
    let members: Cast;

    beforeAll(async () => {
      ledger = await open();
      members = await cast(ledger, prefix);
      await register(ledger, members, prefix);
    });

    afterAll(async () => {
      await ledger.close();
    });

    async function pricedDay(changes: object = {}): Promise<DayTimes> {
      const times = freshDay();
      await openDay(ledger, members.operator, times, changes);
      await priceDay(ledger, members.operator, times);
      return times;
    }

    it('a whole day: preferences, contracts, two rounds, supplement, meters, statements that add up to zero', async () => {
      const { operator, auditor, meter, anna, bert, carl } = members;
      const times = freshDay();
      const { day } = times;
      await openDay(ledger, operator, times);
      await ledger.transact(
        anna,
        preferencesCall(anna, times, { devices: [{ id: `bat-${anna.id}`, powerW: 5_000, energyWh: 20_000 }] }),
      );
      await ledger.transact(
        anna,
        preferencesCall(anna, times, { devices: [{ id: `bat-${anna.id}`, powerW: 4_000, energyWh: 20_000 }] }),
      );
      const preferences = await ledger.query<Page<PreferencesView>>(operator, 'ListPreferences', { day });
      expect(preferences.items).toMatchObject([
        { participant: anna.id, version: 2, document: { devices: [{ powerW: 4_000 }] } },
      ]);
      await priceDay(ledger, operator, times);
      expect(await ledger.query<DayRecord>(auditor, 'GetDay', { day })).toMatchObject({
        status: 'priced',
        preferences: { count: 1 },
      });

      await ledger.transact(operator, {
        name: 'EstablishContract',
        timestamp: times.gate + 2,
        args: {
          day,
          contracts: [
            { participant: carl.id, wh: [1_000, -500, 333], priceMicroPerKwh: [40_000, 40_000, 33_333] },
            { participant: `${prefix}grid`, wh: [50_000, 40_000, 30_000], priceMicroPerKwh: [30_000, 30_000, 30_000] },
          ],
        },
      });
      const inject = offerTo(anna.id, 0);
      const consume = offerTo(bert.id, 1, { direction: -1 });
      const unwanted = offerTo(bert.id, 0);
      await makeOffers(ledger, operator, times, 1, [inject, consume, unwanted]);
      await answer(ledger, anna, times, 1, inject);
      await answer(ledger, bert, times, 1, consume);
      await answer(ledger, bert, times, 1, unwanted, 'RejectOffer');
      await closeRound(ledger, operator, times, 1);
      const again = offerTo(bert.id, 0, { incentiveMicroPerKwh: 11_000 });
      await makeOffers(ledger, operator, times, 2, [again]);
      await closeRound(ledger, operator, times, 2);
      expect(
        (await offersOf(ledger, operator, day)).map(({ participant, period, round, outcome }) => [
          participant,
          period,
          round,
          outcome,
        ]),
      ).toEqual([
        [anna.id, 0, 1, 'accepted'],
        [bert.id, 0, 1, 'refused'],
        [bert.id, 0, 2, 'expired'],
        [bert.id, 1, 1, 'accepted'],
      ]);
      const rounds = await ledger.query<Page<RoundRecord>>(auditor, 'ListRounds', { day });
      expect(rounds.items[0]).toMatchObject({
        period: 0,
        round: 1,
        accepted: 1,
        refused: 1,
        expired: 0,
        acceptedWh: 8_000,
      });
      await ledger.transact(operator, {
        name: 'SupplementGeneration',
        timestamp: expiryOf(times, 2) + 2,
        args: {
          day,
          supplements: [
            {
              generator: `${prefix}grid`,
              period: 0,
              wh: 8_000,
              priceMicroPerKwh: 60_000,
              covers: [{ participant: bert.id, round: 2 }],
            },
          ],
        },
      });
      await ledger.transact(meter, {
        name: 'RecordDelivery',
        timestamp: afterDay(times),
        args: {
          day,
          readings: [
            { participant: anna.id, period: 0, wh: 4_000 },
            { participant: bert.id, period: 1, wh: 9_000 },
          ],
        },
      });
      const span = await ledger.transact<SpanRecord>(operator, {
        name: 'Reconcile',
        timestamp: afterDay(times),
        args: { from: day, to: day },
      });
      expect(span.result).toMatchObject({ statements: 5, held: 0, days: [day] });
      const repeat = await ledger.transact<SpanRecord>(operator, {
        name: 'Reconcile',
        timestamp: afterDay(times) + 5,
        args: { from: day, to: day },
      });
      expect(repeat.result).toEqual(span.result);

      const statements = await ledger.query<Page<StatementRecord>>(operator, 'ListStatements', { from: day });
      const totals = new Map(statements.items.map((item) => [item.participant, BigInt(item.totalMicro)]));
      expect([...totals.values()].reduce((sum, total) => sum + total, 0n)).toBe(0n);
      // anna: 4 kWh at 45,000 µ$/kWh, less 4,000 − 400 Wh at the supplement's 60,000.
      expect(totals.get(anna.id)).toBe(180_000n - 216_000n);
      // bert: 8 kWh at the reward of 5,000, its energy at 40,000.
      expect(totals.get(bert.id)).toBe(40_000n - 320_000n);
      // carl: 40,000 − 20,000 + 333 Wh × 33,333 µ$/kWh rounded down.
      expect(totals.get(carl.id)).toBe(40_000n - 20_000n + 11_099n);

      const own = await ledger.query<Page<StatementLine & { path: { hash: string; side: 'left' | 'right' }[] }>>(
        anna,
        'ListStatementLines',
        {
          from: day,
          participant: anna.id,
          paths: true,
        },
      );
      expect(own.items.map(({ kind }) => kind)).toEqual(['injection', 'shortfall']);
      const statement = statements.items.find((item) => item.participant === anna.id)!;
      for (const { path, ...line } of own.items) {
        const { kind, microDollars, period, wh } = line;
        const leaf = `{"day":"${day}","kind":"${kind}","microDollars":${microDollars},"period":${period},"wh":${wh}}`;
        expect(merkleClimb(merkleLeaf(leaf), path)).toBe(statement.linesRoot);
      }
    });

    describe('roles and owners', () => {
      it('refuses each role what is not its own', async () => {
        const times = await pricedDay();
        const { operator, auditor, meter, anna, bert } = members;
        const offer = offerTo(anna.id, 0);
        await makeOffers(ledger, operator, times, 1, [offer]);
        await refused(makeOffers(ledger, anna, times, 1, [offerTo(anna.id, 1)]), 'role');
        await refused(makeOffers(ledger, auditor, times, 1, [offerTo(anna.id, 1)]), 'role');
        await refused(answer(ledger, operator, times, 1, offer), 'role');
        await refused(answer(ledger, bert, times, 1, offer), 'wrong-owner');
        await refused(ledger.transact(operator, preferencesCall(anna, times, {})), 'role');
        await refused(
          ledger.transact(anna, {
            name: 'RecordDelivery',
            timestamp: afterDay(times),
            args: { day: times.day, readings: [{ participant: anna.id, period: 0, wh: 1 }] },
          }),
          'role',
        );
        await refused(
          ledger.transact(meter, {
            name: 'Reconcile',
            timestamp: afterDay(times),
            args: { from: times.day, to: times.day },
          }),
          'role',
        );
        await refused(ledger.query(meter, 'ListPreferences', { day: times.day }), 'role');
      });

      it('shows participants their own rows only', async () => {
        const times = await pricedDay();
        const { operator, anna, bert, carl, auditor } = members;
        await makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0), offerTo(bert.id, 0), offerTo(bert.id, 2)]);
        expect((await offersOf(ledger, bert, times.day)).map(({ participant }) => participant)).toEqual([
          bert.id,
          bert.id,
        ]);
        expect(await offersOf(ledger, auditor, times.day)).toHaveLength(3);
        await refused(ledger.query(anna, 'ListOffers', { day: times.day, participant: bert.id }), 'wrong-owner');
        await refused(
          ledger.query(anna, 'ListStatementLines', { from: times.day, participant: 'operator' }),
          'wrong-owner',
        );
        await ledger.transact(operator, {
          name: 'EstablishContract',
          timestamp: offeredAt(times, 1),
          args: { day: times.day, contracts: [{ participant: carl.id, wh: [1, 2, 3], priceMicroPerKwh: [1, 2, 3] }] },
        });
        expect((await ledger.query<Page<ContractRecord>>(anna, 'ListContracts', { day: times.day })).items).toEqual([]);
        expect(
          (await ledger.query<Page<ContractRecord>>(carl, 'ListContracts', { day: times.day })).items,
        ).toHaveLength(1);
      });
    });

    describe('days and gates', () => {
      it('opens a day once, and closes its gate once and not before its time', async () => {
        const times = freshDay();
        const { operator, anna } = members;
        await refused(
          ledger.transact(operator, { name: 'CloseGate', timestamp: times.gate, args: { day: times.day } }),
          'unknown-day',
        );
        await openDay(ledger, operator, times);
        await refused(openDay(ledger, operator, times), 'exists');
        await refused(
          ledger.transact(operator, { name: 'CloseGate', timestamp: times.gate - 1, args: { day: times.day } }),
          'gate-early',
        );
        await refused(publish(ledger, operator, times, anyHash('root')), 'gate-open');
        await refused(ledger.transact(anna, preferencesCall(anna, times, {}, times.gate + 1)), 'gate-closed');
        await ledger.transact(operator, { name: 'CloseGate', timestamp: times.gate, args: { day: times.day } });
        await refused(
          ledger.transact(operator, { name: 'CloseGate', timestamp: times.gate, args: { day: times.day } }),
          'gate-closed',
        );
        // Before the gate by its own clock, but ordered after it: order decides.
        await refused(ledger.transact(anna, preferencesCall(anna, times, {}, times.gate - 1)), 'gate-closed');
        await refused(publish(ledger, operator, times, anyHash('another root')), 'wrong-root');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0)]), 'not-priced');
        await refused(openDay(ledger, operator, freshDay(), { budgetsMicro: [1] }), 'outside-day');
      });

      it('keeps preferences inside the nameplate, private, and bound to their commitment', async () => {
        const times = freshDay();
        const { operator, anna } = members;
        await openDay(ledger, operator, times);
        const battery = `bat-${anna.id}`;
        await refused(
          ledger.transact(anna, preferencesCall(anna, times, { devices: [{ id: battery, powerW: 10_001 }] })),
          'over-nameplate',
        );
        await refused(
          ledger.transact(anna, preferencesCall(anna, times, { devices: [{ id: 'another', powerW: 1 }] })),
          'arguments',
        );
        await refused(
          ledger.transact(
            anna,
            preferencesCall(anna, times, { devices: [{ id: battery, startPeriod: 2, endPeriod: 2 }] }),
          ),
          'outside-day',
        );
        await refused(ledger.transact(anna, preferencesCall(anna, times, { wishes: 'many' })), 'unknown-field');
        const { transient, ...bare } = preferencesCall(anna, times, {});
        await refused(ledger.transact(anna, bare), 'private-missing');
        await refused(
          ledger.transact(anna, {
            ...bare,
            transient: { preferences: { ...transient.preferences, salt: 'another salt of length' } },
          }),
          'commitment',
        );
        await ledger.transact(anna, preferencesCall(anna, times, { optOut: true }));
        await priceDay(ledger, operator, times);
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0)]), 'opted-out');
        const proof = await ledger.query<{ root: string; leaf: string; path: [] }>(anna, 'ProvePreferences', {
          day: times.day,
          participant: anna.id,
        });
        expect(merkleClimb(merkleLeaf(proof.leaf), proof.path)).toBe(proof.root);
      });
    });

    describe('offers', () => {
      it('gives every offer one outcome', async () => {
        const times = await pricedDay();
        const { operator, anna, bert } = members;
        const [first, second, third] = [offerTo(anna.id, 0), offerTo(anna.id, 1), offerTo(bert.id, 0)];
        await makeOffers(ledger, operator, times, 1, [first, second, third]);
        await refused(makeOffers(ledger, operator, times, 1, [first]), 'exists');
        await refused(answer(ledger, anna, times, 1, { ...first, wh: 1 }), 'terms-differ');
        await refused(answer(ledger, anna, times, 1, offerTo(anna.id, 2)), 'unknown-offer');
        await answer(ledger, anna, times, 1, first);
        await refused(answer(ledger, anna, times, 1, first), 'answered');
        await refused(answer(ledger, anna, times, 1, first, 'RejectOffer'), 'answered');
        const withdraw = {
          name: 'WithdrawOffer',
          timestamp: offeredAt(times, 1),
          args: { day: times.day, period: 1, round: 1, participant: anna.id },
        };
        await ledger.transact(operator, withdraw);
        await refused(answer(ledger, anna, times, 1, second), 'withdrawn');
        await refused(ledger.transact(operator, { ...withdraw, args: { ...withdraw.args, period: 0 } }), 'answered');
        await refused(closeRound(ledger, operator, { ...times, gate: times.gate - 2 }, 1), 'round-early');
        await refused(makeOffers(ledger, operator, times, 2, [offerTo(bert.id, 0)]), 'round-open');
        await refused(
          answer(ledger, bert, times, 1, third, 'AcceptOffer', { timestamp: expiryOf(times, 1) + 1 }),
          'expired',
        );
        await refused(
          answer(ledger, bert, times, 1, third, 'AcceptOffer', { timestamp: offeredAt(times, 1) - 120_001 }),
          'backdated',
        );
        await refused(answer(ledger, bert, times, 3, third), 'wrong-round');
        await closeRound(ledger, operator, times, 1);
        await refused(
          answer(ledger, bert, times, 1, third, 'AcceptOffer', { timestamp: expiryOf(times, 1) }),
          'round-closed',
        );
        await refused(closeRound(ledger, operator, times, 1), 'round-closed');
        await refused(
          makeOffers(ledger, operator, { ...times, gate: times.gate + HOUR }, 1, [offerTo(bert.id, 2)]),
          'round-closed',
        );
        await refused(makeOffers(ledger, operator, times, 2, [offerTo(anna.id, 0)]), 'already-sold');
        await refused(makeOffers(ledger, operator, times, 3, [offerTo(bert.id, 0)]), 'wrong-round');
      });

      it('keeps offers inside budget, nameplate, type and the fields it knows', async () => {
        const times = await pricedDay({ budgetsMicro: [450_000, 0, null] });
        const { operator, anna, bert, carl } = members;
        await refused(
          makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0), offerTo(bert.id, 0)]),
          'over-budget',
        );
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 1)]), 'over-budget');
        await makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0)]);
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 0, { wh: 2_001 })]), 'over-budget');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(carl.id, 2)]), 'wrong-type');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo('nobody', 2)]), 'unknown-participant');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: 40_000 })]), 'over-nameplate');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: -1 })]), 'negative');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: 0 })]), 'negative');
        await refused(
          makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: Number.NaN })]),
          'not-an-integer',
        );
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: 1.5 })]), 'not-an-integer');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: 1e15 })]), 'huge');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { wh: 2 ** 60 })]), 'not-an-integer');
        await refused(
          makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2, { incentiveMicroPerKwh: -40_001 })]),
          'negative',
        );
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 3)]), 'outside-day');
        await refused(
          makeOffers(ledger, operator, times, 1, [{ ...offerTo(bert.id, 2), reservationPrice: 7 } as never]),
          'unknown-field',
        );
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(bert.id, 2), offerTo(bert.id, 2)]), 'exists');
        await refused(makeOffers(ledger, operator, times, 1, []), 'arguments');
        await refused(ledger.transact(operator, { name: 'PrintMoney', args: {} }), 'unknown-transaction');
        expect(await offersOf(ledger, operator, times.day)).toHaveLength(1);
      });

      it('gives the budget back what was not accepted', async () => {
        const times = await pricedDay({ budgetsMicro: [700_000, 0, 0] });
        const { operator, anna, bert } = members;
        await makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 0, { wh: 15_000 })]);
        await answer(ledger, anna, times, 1, offerTo(anna.id, 0, { wh: 15_000 }), 'RejectOffer');
        await closeRound(ledger, operator, times, 1);
        await makeOffers(ledger, operator, times, 2, [offerTo(bert.id, 0, { wh: 15_000 })]);
      });

      it('supplements only what nobody sold', async () => {
        const times = await pricedDay();
        const { operator, anna, bert } = members;
        const [sold, unsold] = [offerTo(anna.id, 0), offerTo(bert.id, 0)];
        await makeOffers(ledger, operator, times, 1, [sold, unsold]);
        await answer(ledger, anna, times, 1, sold);
        const supplement = (covers: object[], generator = `${prefix}grid`) =>
          ledger.transact(operator, {
            name: 'SupplementGeneration',
            timestamp: expiryOf(times, 1) + 2,
            args: {
              day: times.day,
              supplements: [{ generator, period: 0, wh: 8_000, priceMicroPerKwh: 50_000, covers }],
            },
          });
        await refused(supplement([{ participant: bert.id, round: 1 }]), 'round-open');
        await closeRound(ledger, operator, times, 1);
        await refused(supplement([{ participant: anna.id, round: 1 }]), 'already-sold');
        await refused(supplement([], anna.id), 'wrong-type');
        await supplement([{ participant: bert.id, round: 1 }]);
        await refused(supplement([]), 'exists');
      });
    });

    describe('meters and statements', () => {
      it('holds what was not metered, settles it late, corrects on dispute, and never reopens a span', async () => {
        const times = await pricedDay();
        const next = await pricedDay();
        const { operator, meter, anna, bert } = members;
        const { day } = times;
        const [late, wrong] = [offerTo(anna.id, 0), offerTo(bert.id, 0)];
        await makeOffers(ledger, operator, times, 1, [late, wrong]);
        await answer(ledger, anna, times, 1, late);
        await answer(ledger, bert, times, 1, wrong);
        const reading = (name: string, participant: string, wh: number, timestamp = afterDay(times)) =>
          ledger.transact(meter, { name, timestamp, args: { day, readings: [{ participant, period: 0, wh }] } });
        const reconcile = (from: string, to: string, timestamp: number) =>
          ledger.transact<SpanRecord>(operator, { name: 'Reconcile', timestamp, args: { from, to } });
        await refused(reconcile(day, day, afterDay(times)), 'day-unfinished');
        await closeRound(ledger, operator, times, 1);
        await closeRound(ledger, operator, times, 2);
        await refused(reading('RecordDelivery', bert.id, 1, times.start), 'early');
        await refused(reading('CorrectDelivery', bert.id, 1), 'unknown-delivery');
        await reading('RecordDelivery', bert.id, 8_000);
        await refused(reading('RecordDelivery', bert.id, 8_000), 'exists');
        await reading('CorrectDelivery', bert.id, 7_000);
        await refused(
          ledger.transact(meter, {
            name: 'RecordDelivery',
            timestamp: afterDay(times),
            args: { day, readings: [{ participant: anna.id, period: 1, wh: 1 }] },
          }),
          'no-task',
        );
        await refused(reconcile(day, day, afterDay(times)), 'meters-missing');
        const span = await reconcile(day, day, times.start + 48 * HOUR);
        expect(span.result.held).toBe(1);
        await refused(reading('CorrectDelivery', bert.id, 6_000, times.start + 48 * HOUR), 'span-closed');
        await refused(reconcile(day, next.day, next.start + 48 * HOUR), 'span-overlap');
        await refused(
          makeOffers(ledger, operator, { ...times, gate: times.gate + 72 * HOUR }, 1, [offerTo(anna.id, 1)]),
          'day-settled',
        );
        await refused(openDay(ledger, operator, times), 'exists');
        const dispute = {
          name: 'DisputeStatement',
          timestamp: next.start,
          args: { participant: bert.id, from: day, reasonHash: anyHash('reason') },
        };
        await refused(ledger.transact(anna, dispute), 'wrong-owner');
        await ledger.transact(bert, dispute);
        await reading('CorrectDelivery', bert.id, 8_000, times.start + 48 * HOUR);
        await reading('RecordDelivery', anna.id, 8_000, times.start + 48 * HOUR);
        const second = await reconcile(next.day, next.day, next.start + 48 * HOUR);
        expect(second.result.held).toBe(0);
        const lines = async (participant: string, from: string) =>
          (await ledger.query<Page<StatementLine>>(operator, 'ListStatementLines', { from, participant })).items.map(
            ({ kind, microDollars }) => [kind, microDollars],
          );
        expect(await lines(anna.id, day)).toEqual([['held', 0]]);
        expect(await lines(anna.id, next.day)).toEqual([['late', 360_000]]);
        // 7,000 of 8,000 Wh: 315,000 less 600 Wh past the tolerance at λ; the correction makes it whole.
        expect(await lines(bert.id, day)).toEqual([
          ['injection', 315_000],
          ['shortfall', -24_000],
        ]);
        expect(await lines(bert.id, next.day)).toEqual([['correction', 360_000 - 315_000 + 24_000]]);
        const all = await ledger.query<Page<StatementRecord>>(operator, 'ListStatements', { from: next.day });
        expect(all.items.reduce((sum, { totalMicro }) => sum + BigInt(totalMicro), 0n)).toBe(0n);
      });
    });

    describe('operations', () => {
      it('gives an operation id its first outcome, submitted again or at once', async () => {
        const times = await pricedDay();
        const { operator, anna, bert } = members;
        const offer = offerTo(anna.id, 0);
        await makeOffers(ledger, operator, times, 1, [offer, offerTo(bert.id, 0)]);
        const operationId = `${prefix}accept-${times.day}`;
        const commits = await Promise.all(
          Array.from({ length: 4 }, () => answer(ledger, anna, times, 1, offer, 'AcceptOffer', { operationId })),
        );
        commits.push(await answer(ledger, anna, times, 1, offer, 'AcceptOffer', { operationId }));
        expect(new Set(commits.map(({ txId }) => txId)).size).toBe(1);
        expect(commits.filter(({ repeated }) => !repeated)).toHaveLength(1);
        for (const { result } of commits) expect(result).toEqual({ status: 'accepted' });
        await refused(answer(ledger, anna, times, 1, offer, 'RejectOffer', { operationId }), 'operation-reused');
        await refused(
          answer(ledger, bert, times, 1, offerTo(bert.id, 0), 'AcceptOffer', { operationId }),
          'operation-reused',
        );
      });

      it('stops who is suspended, and lets it come back', async () => {
        const times = await pricedDay();
        const { operator, anna } = members;
        const offer = offerTo(anna.id, 0);
        await makeOffers(ledger, operator, times, 1, [offer]);
        await ledger.transact(operator, { name: 'SuspendParticipant', args: { id: anna.id } });
        await refused(answer(ledger, anna, times, 1, offer), 'suspended');
        await refused(makeOffers(ledger, operator, times, 1, [offerTo(anna.id, 1)]), 'suspended');
        await ledger.transact(operator, { name: 'SuspendParticipant', args: { id: anna.id, suspended: false } });
        await answer(ledger, anna, times, 1, offer);
      });

      it('tells of every change once, in order, with ids only', async () => {
        const before = (await ledger.head()).height;
        const times = await pricedDay();
        const offer = offerTo(members.anna.id, 0);
        await makeOffers(ledger, members.operator, times, 1, [offer]);
        await answer(ledger, members.anna, times, 1, offer);
        const stop = new AbortController();
        const seen: LedgerEvent[] = [];
        for await (const event of ledger.events({ fromBlock: before, signal: stop.signal })) {
          seen.push(event);
          if (event.name === 'OfferAccepted') stop.abort();
        }
        expect(seen.map(({ name }) => name)).toEqual([
          'DayOpened',
          'GateClosed',
          'EquilibriumPublished',
          'OffersMade',
          'OfferAccepted',
        ]);
        expect(JSON.stringify(seen)).not.toMatch(/incentive|MicroPerKwh|powerW/);
      });

      it('pages through long lists', async () => {
        const times = await pricedDay();
        const { operator, anna, bert } = members;
        await makeOffers(
          ledger,
          operator,
          times,
          1,
          [0, 1, 2].flatMap((period) => [anna, bert].map(({ id }) => offerTo(id, period, { wh: 100 }))),
        );
        const pages: number[] = [];
        let after: string | undefined;
        do {
          const page: Page<unknown> = await ledger.query(operator, 'ListOffers', { day: times.day, limit: 4, after });
          pages.push(page.items.length);
          after = page.next;
        } while (after !== undefined);
        expect(pages).toEqual([4, 2]);
        const own: Page<unknown> = await ledger.query(anna, 'ListOffers', { day: times.day, limit: 2 });
        expect(own.items).toHaveLength(2);
        const rest: Page<unknown> = await ledger.query(anna, 'ListOffers', {
          day: times.day,
          limit: 2,
          after: own.next,
        });
        expect(rest).toMatchObject({ items: [{ period: 2 }] });
      });

      it('commits many at once', async () => {
        const times = await pricedDay();
        const { operator, anna, bert } = members;
        const offers = [0, 1, 2].flatMap((period) => [anna, bert].map(({ id }) => offerTo(id, period, { wh: 100 })));
        await makeOffers(ledger, operator, times, 1, offers);
        const commits = await Promise.all(
          offers.map((offer) => answer(ledger, offer.participant === anna.id ? anna : bert, times, 1, offer)),
        );
        expect(new Set(commits.map(({ txId }) => txId)).size).toBe(6);
        for await (const block of ledger.blocks(commits[0]!.block, commits[0]!.block + 1)) {
          expect(block.hash).toBe(commits[0]!.blockHash);
          expect(block.transactions.map(({ txId }) => txId)).toContain(commits[0]!.txId);
        }
      });
    });
  });
}
