import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { runDay, runDayInFull } from '../../src/market/index.js';
import { countOffers, exampleCase, lasting } from './day-helpers.js';
import { tinyCase } from './tiny-case.js';

describe('a day of Algorithm 1 on sce56', () => {
  it('has 150 of 213 first offers accepted by the reservation crowd, at 1.7 to 20 $/MWh', async () => {
    const { report, outcome } = await runDayInFull(exampleCase('sce56'), { crowd: 'reservation' });
    expect(report.opf.objective).toBeCloseTo(775.0595, 2);
    expect(report.offers.filter((offer) => offer.round === 1)).toHaveLength(213);
    expect(countOffers(report, 1, 'accepted')).toBe(150);
    const first = report.offers.filter((offer) => offer.round === 1).map((offer) => offer.incentivePerMwh);
    expect(Math.min(...first)).toBeCloseTo(1.68, 2);
    expect(Math.max(...first)).toBeCloseTo(20.26, 2);
    expect(report.contracts).toHaveLength(29 + 2);
    expect(report.shortfallMw).toEqual(new Array(24).fill(0));
    expect(report.acCheck.violationMaxPu).toBeLessThan(1e-5);
    // The paper's Fig. 3 right: what is offered differs between buses and between hours.
    const paid = new Map<string, number>();
    for (const offer of report.offers)
      paid.set(`${offer.participant}/${offer.period}`, offer.incentivePerMwh + offer.energyPricePerMwh);
    expect(new Set([...paid.values()].map((price) => price.toFixed(3))).size).toBeGreaterThan(100);
    expect(outcome.rounds).toHaveLength(2);
  });

  it('needs no supplement where everybody accepts', async () => {
    const report = await runDay(exampleCase('sce56'), { crowd: 'accept' });
    expect(countOffers(report, 1, 'accepted')).toBe(213);
    expect(report.offers).toHaveLength(213);
    const moved = report.supplements.reduce((sum, entry) => sum + Math.abs(entry.mw), 0);
    expect(moved).toBeLessThan(1e-3);
    expect(report.undeliverable).toEqual([]);
  });
});

describe('a day of Algorithm 1 on sce56-market', () => {
  it('goes through first acceptances, second rounds, second refusals and supplements', async () => {
    const { report, outcome } = await runDayInFull(exampleCase('sce56-market'), { crowd: 'reservation' });
    expect([countOffers(report, 1, 'accepted'), countOffers(report, 1, 'refused')]).toEqual([49, 164]);
    expect([countOffers(report, 2, 'accepted'), countOffers(report, 2, 'refused')]).toEqual([32, 132]);
    const binding = outcome.rounds.flat().filter((open, k, all) => {
      // A period whose tasks are all taken keeps its first answer: count each answer once.
      return all.findIndex((other) => other.answer === open.answer) === k && (open.answer?.budgetDual ?? 0) < -1e-7;
    });
    expect(binding).toHaveLength(6);
    expect(report.supplements.length).toBeGreaterThan(20);
    expect(report.acCheck.violationMaxPu).toBeLessThan(1e-5);
    // Three of them never accept.
    for (const id of ['c-5', 'c-25', 'c-38']) {
      expect(report.offers.some((offer) => offer.participant === id && offer.outcome === 'accepted')).toBe(false);
    }
  });

  it('never pays more in a period than its budget', async () => {
    const feeder = exampleCase('sce56-market');
    const report = await runDay(feeder, { crowd: 'accept' });
    feeder.incentives!.budgetPerPeriod!.forEach((budget, t) => {
      let spent = 0;
      for (const offer of report.offers) {
        if (offer.period !== t || offer.outcome !== 'accepted') continue;
        const injecting = offer.energyPricePerMwh + offer.incentivePerMwh;
        const { direction } = { direction: directionOf(report, offer.participant, t) };
        spent += offer.mw * (direction === 1 ? injecting : offer.incentivePerMwh);
      }
      expect(spent).toBeLessThanOrEqual(budget + 1e-6);
    });
  });

  it('says what the generators cannot cover, by period, and drops nothing', async () => {
    const feeder = exampleCase('sce56-market');
    const deviationMw = new Array<number>(24).fill(0);
    deviationMw[22] = 2.5;
    const short = { ...feeder, incentives: { ...feeder.incentives!, deviationMw } };
    const { report, outcome } = await runDayInFull(short, { crowd: 'reservation' });
    expect(report.shortfallMw[22]).toBeGreaterThan(0.1);
    expect(report.shortfallMw.filter((mw) => mw > 0)).toHaveLength(1);
    expect(report.acCheck.violationMaxPu).toBeLessThan(1e-4);
    // Power balance of the realised day in that hour: what is generated and shed covers load, devices and losses.
    const { dispatch } = outcome.realised!;
    const generated = dispatch!.generators!.reduce((sum, generator) => sum + generator.pMw[22]!, 0);
    expect(generated).toBeGreaterThan(3.75 - 1e-3);
  });

  it('settles with debits equal to credits to the micro-dollar, and twice is once', async () => {
    await using ledger = await openLedger();
    const report = await runDay(exampleCase('sce56-market'), { ledger });
    const total = report.statements.reduce((sum, statement) => sum + BigInt(statement.totalMicro), 0n);
    expect(total).toBe(0n);
    expect(report.statements.map((statement) => statement.participant)).toContain('operator');
    expect(report.statements.map((statement) => statement.participant)).toContain('substation');
    for (const { lines, totalMicro } of report.statements) {
      expect(lines.reduce((sum, line) => sum + line.microDollars, 0)).toBe(totalMicro);
    }
    const before = await ledger.stateHash!();
    const operator = await ledger.member('operator', 'operator');
    const again = {
      name: 'Reconcile',
      args: { from: report.day, to: report.day },
      timestamp: Date.parse('2018-08-09'),
    };
    await ledger.transact(operator, again);
    const statements = await ledger.query<{ items: unknown[] }>(operator, 'ListStatements', { from: report.day });
    expect(statements.items).toHaveLength(report.statements.length);
    expect(before).toBeTypeOf('string');
  });
});

describe('the same inputs', () => {
  it('on an empty ledger give the same world state and the same report', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        await using ledger = await openLedger();
        const report = await runDay(tinyCase(), { ledger });
        return { state: await ledger.stateHash!(), report: lasting(report) };
      }),
    );
    expect(runs[1]!.state).toBe(runs[0]!.state);
    expect(runs[1]!.report).toEqual(runs[0]!.report);
    await using other = await openLedger();
    await runDay(tinyCase(), { ledger: other, seed: 2 });
    expect(await other.stateHash!()).not.toBe(runs[0]!.state);
  });
});

describe('inexact prices', () => {
  it('are not traded on, and the day is not opened', async () => {
    await using ledger = await openLedger();
    const before = await ledger.head();
    const refused = runDay(exampleCase('sce56-tight'), { ledger, exactness: 'off' });
    await expect(refused).rejects.toMatchObject({ code: 'solver/inexact', details: { report: { offers: [] } } });
    expect(await ledger.head()).toEqual(before);
  });

  it('are traded on where that is allowed, and the report says so', async () => {
    const report = await runDay(exampleCase('sce56-tight'), { exactness: 'off', allowInexact: true });
    expect(report.opf.certificate!.verdict).toBe('inexact');
    expect(report.statements.length).toBeGreaterThan(2);
  });
});

function directionOf(report: Awaited<ReturnType<typeof runDay>>, participant: string, period: number): 1 | -1 {
  const statement = report.statements.find((entry) => entry.participant === participant)!;
  const line = statement.lines.find((entry) => entry.period === period && entry.kind !== 'shortfall')!;
  return line.kind === 'injection' ? 1 : -1;
}

describe('a surplus that the substation cannot send out', () => {
  it('is curtailed, said, and never turned into a shortage', async () => {
    const feeder = tinyCase();
    const generators = feeder.generators.map((generator) => ({ ...generator, pMinMw: 0 }));
    const solar = feeder.solar.map((panel) => ({ ...panel, forecastMw: [0, 1.2, 0.1, 0] }));
    const incentives = { floorPerMwh: 0.5, capPerMwh: 60, stepPerMwh: 6, deviationMw: [0, -0.3, 0, 0] };
    const { report, outcome } = await runDayInFull({ ...feeder, generators, solar, incentives }, { crowd: 'accept' });
    const spilled = report.warnings!.find((line) => line.startsWith('period 1:'))!;
    expect(spilled).toMatch(/0\.\d+ MW of surplus is curtailed/);
    expect(report.shortfallMw).toEqual([0, 0, 0, 0]);
    expect(outcome.realised!.dispatch!.generators![0]!.pMw[1]!).toBeCloseTo(0, 4);
    expect(report.acCheck.violationMaxPu).toBeLessThan(1e-4);
  });
});
