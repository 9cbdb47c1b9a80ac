import { describe, expect, it } from 'vitest';
import { commitmentOf, type PreferencesDocument } from '../../chaincode/src/domain/index.js';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger } from '../../src/ledger/types.js';
import { assembleCase } from '../../src/market/assembled-case.js';
import { type MarketDay, runDayInFull } from '../../src/market/index.js';
import { parseCase } from '../../src/model/index.js';
import { exampleCase } from './day-helpers.js';
import { tinyCase } from './tiny-case.js';

type Wish = NonNullable<PreferencesDocument['devices']>[number];

async function handIn(ledger: Ledger, day: string, participant: string, devices: Wish[], timestamp: number) {
  const document: PreferencesDocument = { format: 'crowdwatt-preferences/1', day, participant, devices };
  const salt = '0123456789abcdef';
  const args = { day, participant, commitment: commitmentOf(salt, document), optOut: false };
  const member = await ledger.member(participant, 'participant');
  await ledger.transact(member, {
    name: 'SubmitPreferences',
    args,
    timestamp,
    transient: { preferences: { salt, document } },
  });
}

describe('preferences on the ledger drive the solve', () => {
  it('a participant that halves its battery before the gate changes the schedule', async () => {
    const feeder = exampleCase('sce56');
    const battery = feeder.batteries.find((entry) => entry.owner === 'c-5')!;
    const halved = Math.round((battery.energyMwh / 2) * 1e6);
    const place = feeder.batteries.indexOf(battery);
    const whole = await runDayInFull(feeder);
    const visitors = {
      beforeGate: (day: MarketDay) =>
        handIn(day.ledger, day.day, 'c-5', [{ id: battery.id, energyWh: halved }], day.clock.preferences),
    };
    await using ledger = await openLedger();
    const half = await runDayInFull(feeder, { ledger, visitors });
    const most = (result: typeof whole) =>
      Math.max(...result.outcome.equilibrium.solution.batteries![place]!.energyMwh);
    expect(most(whole)).toBeGreaterThan(battery.energyMwh * 0.9);
    expect(most(half)).toBeLessThanOrEqual(halved / 1e6 + 1e-6);
    expect(half.report.equilibriumHash).not.toBe(whole.report.equilibriumHash);
    expect(half.report.opf.objective!).toBeGreaterThan(whole.report.opf.objective!);
  });

  it('and after the gate is refused, the schedule being what it was', async () => {
    const feeder = tinyCase();
    await using ledger = await openLedger();
    let refusal: unknown;
    const visitors = {
      duringRound: async (day: MarketDay, round: number) => {
        if (round > 1) return;
        refusal = await handIn(
          ledger,
          day.day,
          'c-3',
          [{ id: 'bat-3', energyWh: 1 }],
          day.clock.round(1).answered,
        ).catch((error: unknown) => error);
      },
    };
    const day = await runDayInFull(feeder, { ledger, visitors });
    expect(refusal).toMatchObject({ code: 'ledger/refused', details: { refusal: 'gate-closed' } });
    expect(day.outcome.equilibrium.feeder.batteries).toEqual(feeder.batteries);
  });

  it('whoever opts out has no contract to keep and no offer to answer', async () => {
    const feeder = tinyCase();
    const wish: PreferencesDocument = {
      format: 'crowdwatt-preferences/1',
      day: '2018-08-05',
      participant: 'c-3',
      optOut: true,
    };
    const { report, outcome } = await runDayInFull(feeder, { preferences: new Map([['c-3', wish]]) });
    expect(report.offers).toEqual([]);
    const { solution } = outcome.equilibrium;
    expect(solution.solar![0]!.pMw.map((mw) => Number(mw.toFixed(5)))).toEqual([0, 0.2, 0.1, 0]);
    expect(Math.max(...solution.batteries![1]!.chargeMw)).toBeLessThan(1e-6);
  });
});

describe('the assembled case', () => {
  const wish = (participant: string, devices: Wish[]) =>
    new Map([[participant, { format: 'crowdwatt-preferences/1' as const, day: '2018-08-05', participant, devices }]]);

  it('is the filed one where nobody wishes anything', () => {
    expect(assembleCase(tinyCase(), new Map()).feeder).toEqual(tinyCase());
  });

  it.each<[string, Wish, RegExp | undefined]>([
    ['battery power', { id: 'bat-3', powerW: 100_000 }, undefined],
    ['battery energy below what it holds', { id: 'bat-3', energyWh: 150_000 }, undefined],
    ['least final energy', { id: 'bat-3', finalWh: 390_000 }, undefined],
    ['final energy out of reach', { id: 'bat-3', finalWh: 400_000, powerW: 1_000 }, /cannot end at 0.4/],
    ['battery for half a day', { id: 'bat-3', startPeriod: 2 }, /left alone/],
    ['shorter window', { id: 'ev-3', startPeriod: 1, endPeriod: 3 }, undefined],
    ['window too short', { id: 'ev-3', startPeriod: 1, endPeriod: 2 }, /gets 0.2 of 0.3/],
    ['less energy', { id: 'ev-3', energyWh: 100_000 }, undefined],
    ['solar for the own load only', { id: 'pv-3', sell: false }, undefined],
    ['solar away in the morning', { id: 'pv-3', startPeriod: 2 }, undefined],
  ])('honours %s, narrows only, and stays a valid case', (_, device, warning) => {
    const { feeder, warnings } = assembleCase(tinyCase(), wish('c-3', [device]));
    expect(parseCase(structuredClone(feeder))).toEqual(feeder);
    if (warning) expect(warnings.join()).toMatch(warning);
    else expect(warnings).toEqual([]);
    const before = tinyCase();
    expect(feeder).not.toEqual(before);
    const [ours, theirs] = [feeder.batteries[1]!, before.batteries[1]!];
    expect(ours.powerMw).toBeLessThanOrEqual(theirs.powerMw);
    expect(ours.energyMwh).toBeLessThanOrEqual(theirs.energyMwh);
    expect(feeder.shapables[0]!.energyMwh).toBeLessThanOrEqual(before.shapables[0]!.energyMwh);
    feeder.solar[0]!.forecastMw.forEach((mw, t) => {
      expect(mw).toBeLessThanOrEqual(before.solar[0]!.forecastMw[t]!);
    });
  });
});
