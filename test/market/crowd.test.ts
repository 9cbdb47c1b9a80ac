import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { crowdOf, parseCrowd } from '../../src/market/crowd.js';
import type { CrowdFile } from '../../src/market/documents.js';
import { runDay, runDayInFull } from '../../src/market/index.js';
import { countOffers, exampleCase } from './day-helpers.js';
import { tinyCase } from './tiny-case.js';

const file = (answers: CrowdFile['answers'], rest: Partial<CrowdFile> = {}): CrowdFile => ({
  format: 'crowdwatt-crowd/1',
  default: 'accept',
  answers,
  ...rest,
});
const offer = { participant: 'c-3', period: 1, round: 1, incentivePerMwh: 4.9 };

describe('a simulated crowd', () => {
  it('accepts from its reservation price on', () => {
    const crowd = crowdOf('reservation', tinyCase());
    expect(crowd.answer(offer)).toBe('refuse');
    expect(crowd.answer({ ...offer, incentivePerMwh: 5 })).toBe('accept');
  });

  it('of a file answers by the entry that says most about the offer', () => {
    const crowd = crowdOf(
      file([
        { participant: 'c-3', period: 1, round: 1, answer: 'silent' },
        { participant: 'c-3', period: 1, answer: 'refuse', deliveredShare: 0.5 },
        { participant: 'c-3', answer: 'accept', deliveredShare: 0.25 },
      ]),
      tinyCase(),
    );
    expect(crowd.answer(offer)).toBe('silent');
    expect(crowd.answer({ ...offer, round: 2 })).toBe('refuse');
    expect(crowd.answer({ ...offer, period: 0 })).toBe('accept');
    expect(crowd.deliveredShare('c-3', 1, 2)).toBe(0.5);
    expect(crowd.deliveredShare('c-3', 0, 1)).toBe(0.25);
    expect(crowd.deliveredShare('c-2', 0, 1)).toBe(1);
    expect(crowd.answer({ ...offer, participant: 'c-2' })).toBe('accept');
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /document/],
    ['another format', { ...file([]), format: 'x' }, /format/],
    [
      'an unknown participant',
      file([{ participant: 'nobody', answer: 'accept' }]),
      /answers\[0\].participant.*"nobody"/,
    ],
    ['an unknown answer', file([{ participant: 'c-3', answer: 'maybe' as never }]), /answers\[0\].answer.*"maybe"/],
    ['a period beyond the day', file([{ participant: 'c-3', period: 4, answer: 'accept' }]), /period.*0 to 3/],
    ['a share above one', file([{ participant: 'c-3', answer: 'accept', deliveredShare: 1.1 }]), /deliveredShare/],
    ['an unknown field', file([{ participant: 'c-3', answer: 'accept', when: 1 } as never]), /when/],
    ['no default', { format: 'crowdwatt-crowd/1', answers: [] }, /default/],
  ])('is not made from a file with %s', (_, value, message) => {
    expect(() => parseCrowd(value, tinyCase())).toThrow(message);
  });
});

describe('a day with a crowd file', () => {
  it('counts silence as a refusal when the round closes', async () => {
    const report = await runDay(tinyCase(), { crowd: file([], { default: 'silent' }) });
    expect(report.offers.length).toBeGreaterThan(2);
    expect(report.offers.every((entry) => entry.outcome === 'expired')).toBe(true);
    expect(Math.max(...report.offers.map((entry) => entry.round))).toBe(2);
    const first = report.offers.find((entry) => entry.round === 1)!;
    const second = report.offers.find((entry) => entry.round === 2 && entry.period === first.period)!;
    expect(second.incentivePerMwh).toBeCloseTo(first.incentivePerMwh + 6, 2);
    expect(report.supplements.length).toBeGreaterThan(0);
  });

  it('charges a participant that does less than it accepted, and the rest is supplemented', async () => {
    const honest = await runDay(tinyCase(), { crowd: 'accept' });
    const lazy = await runDay(tinyCase(), {
      crowd: file([{ participant: 'c-3', answer: 'accept', deliveredShare: 0.5 }]),
    });
    const total = (report: typeof honest) => report.statements.find((entry) => entry.participant === 'c-3')!.totalMicro;
    expect(total(lazy)).toBeLessThan(total(honest));
    const { lines } = lazy.statements.find((entry) => entry.participant === 'c-3')!;
    expect(lines.some((line) => line.kind === 'shortfall' && line.microDollars < 0)).toBe(true);
    expect(lazy.supplements.length).toBeGreaterThan(0);
    expect(honest.supplements).toEqual([]);
  });

  it('in which everybody refuses everything leaves the grid to the generators', async () => {
    const { report } = await runDayInFull(exampleCase('sce56'), { crowd: file([], { default: 'refuse' }) });
    expect(countOffers(report, 1, 'refused')).toBe(213);
    expect(report.supplements.length).toBeGreaterThan(20);
    expect(report.acCheck.violationMaxPu).toBeLessThan(1e-5);
    expect(report.statements.flatMap((entry) => entry.lines).some((line) => line.kind === 'reward')).toBe(false);
  });
});

describe('reservation prices', () => {
  it('are nowhere but in the simulated crowd: not in the ledger, its documents, the report or the progress', async () => {
    const secret = 5.4321987;
    const feeder = tinyCase();
    const crowdsourcees = feeder.crowdsourcees.map((person) => ({ ...person, reservationPrice: secret }));
    const seen: string[] = [];
    await using ledger = await openLedger();
    const { report, outcome } = await runDayInFull(
      { ...feeder, crowdsourcees },
      { ledger, onProgress: (progress) => seen.push(JSON.stringify(progress)) },
    );
    for await (const block of ledger.blocks(0)) seen.push(JSON.stringify(block));
    const operator = await ledger.member('operator', 'operator');
    for (const name of ['ListParticipants', 'ListDays', 'ListSpans']) {
      seen.push(JSON.stringify(await ledger.query(operator, name, {})));
    }
    for (const hash of [outcome.equilibrium.caseHash, outcome.equilibrium.solutionHash]) {
      const kept = await ledger.getObject(hash);
      expect(kept).toBeDefined();
      seen.push(JSON.stringify(kept));
    }
    seen.push(JSON.stringify(report));
    expect(seen.length).toBeGreaterThan(20);
    const text = seen.join('\n');
    expect(text).not.toContain('reservationPrice');
    expect(text).not.toContain('5.4321987');
    expect(text).not.toContain('5432198');
  });
});
