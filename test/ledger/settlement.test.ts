import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adjustmentLine,
  contractLines,
  type OfferTerms,
  operatorLines,
  type StatementLine,
  supplementLine,
  supplementPrice,
  taskLines,
  totalOf,
  worth,
} from '../../chaincode/src/domain/index.js';

/** The worked examples of docs/settlement.md, number for number; and the laws behind them. */
const terms = (changes: Partial<OfferTerms> = {}): OfferTerms => ({
  day: '2018-08-05',
  participant: 'c-5',
  period: 18,
  round: 1,
  direction: 1,
  wh: 10_000,
  energyPriceMicroPerKwh: 40_000,
  incentiveMicroPerKwh: 6_000,
  expiry: 0,
  ...changes,
});

const amounts = (lines: readonly StatementLine[]) =>
  lines.map(({ kind, wh, microDollars }) => [kind, wh, microDollars]);

describe('worked examples', () => {
  it('1: an injecting task that is kept: min(metered, accepted) × (λ + λ^a)', () => {
    expect(amounts(taskLines(terms(), 10_000, 60_000))).toEqual([['injection', 10_000, 460_000]]);
    expect(amounts(taskLines(terms(), 12_345, 60_000))).toEqual([['injection', 10_000, 460_000]]);
  });

  it('2: within 5 % nothing is charged, past it the rest costs what the supplement cost', () => {
    expect(amounts(taskLines(terms(), 9_500, 60_000))).toEqual([['injection', 9_500, 437_000]]);
    expect(amounts(taskLines(terms(), 9_000, 60_000))).toEqual([
      ['injection', 9_000, 414_000],
      ['shortfall', -500, -30_000],
    ]);
  });

  it('3: nothing delivered: charged at most what the whole task would have earned', () => {
    expect(amounts(taskLines(terms(), 0, 30_000))).toEqual([
      ['injection', 0, 0],
      ['shortfall', -9_500, -285_000],
    ]);
    expect(amounts(taskLines(terms(), 0, 90_000))).toEqual([
      ['injection', 0, 0],
      ['shortfall', -9_500, -460_000],
    ]);
  });

  it('4: a consuming task: λ^a on what it took, its energy at λ', () => {
    expect(amounts(taskLines(terms({ direction: -1 }), 10_000, undefined))).toEqual([
      ['reward', 10_000, 60_000],
      ['consumption', -10_000, -400_000],
    ]);
    // At a negative price its energy is paid to it.
    expect(amounts(taskLines(terms({ direction: -1, energyPriceMicroPerKwh: -2_000 }), 10_000, undefined))).toEqual([
      ['reward', 10_000, 60_000],
      ['consumption', -10_000, 20_000],
    ]);
  });

  it('5: no meter value by the deadline: held, not guessed; settled in a later span when it comes', () => {
    expect(amounts(taskLines(terms(), null, 60_000))).toEqual([['held', 10_000, 0]]);
    expect(amounts([adjustmentLine(terms(), 9_000, null, 60_000)])).toEqual([['late', 9_000, 384_000]]);
    expect(amounts([adjustmentLine(terms(), 10_000, 9_000, 60_000)])).toEqual([['correction', 1_000, 76_000]]);
  });

  it('6: contracts on their schedule, supplements at their price, rounded down for whoever is paid', () => {
    const contract = {
      day: '2018-08-05',
      participant: 'c-3',
      wh: [333, -333, 0],
      priceMicroPerKwh: [33_333, 33_333, 1],
    };
    // 333 × 33,333 / 1000 = 11,099.889: paid 11,099, or pays 11,100.
    expect(amounts(contractLines(contract))).toEqual([
      ['contract', 333, 11_099],
      ['contract', -333, -11_100],
    ]);
    const supplement = {
      day: '2018-08-05',
      period: 18,
      generator: 'dg',
      wh: 500,
      priceMicroPerKwh: 60_000,
      covers: [],
    };
    expect(amounts([supplementLine(supplement)])).toEqual([['supplement', 500, 30_000]]);
    expect(supplementPrice([supplement, { ...supplement, wh: -1_500, priceMicroPerKwh: 40_001 }])).toBe(45_000);
    expect(supplementPrice([])).toBeUndefined();
    // Without a supplement in the period, a shortfall is charged at λ.
    expect(amounts(taskLines(terms(), 9_000, undefined))[1]).toEqual(['shortfall', -500, -20_000]);
  });

  it('7: amounts past 2^53 are decimal strings', () => {
    expect(worth(1e12, 1e9)).toBe(10n ** 18n);
    expect(
      amounts(taskLines(terms({ wh: 1e12, energyPriceMicroPerKwh: 1e9, incentiveMicroPerKwh: 0 }), 1e12, 0)),
    ).toEqual([['injection', 1e12, '1000000000000000000']]);
  });
});

describe('laws', () => {
  const anyTerms = fc.record({
    direction: fc.constantFrom<1 | -1>(1, -1),
    wh: fc.integer({ min: 1, max: 1e9 }),
    energyPriceMicroPerKwh: fc.integer({ min: -1e6, max: 1e6 }),
    incentiveMicroPerKwh: fc.integer({ min: 0, max: 1e6 }),
  });
  const price = fc.option(fc.integer({ min: -1e6, max: 1e6 }), { nil: undefined });
  const metered = fc.option(fc.integer({ min: 0, max: 2e9 }), { nil: null });
  // Injecting tasks never pay less than nothing: the rules refuse such offers.
  const valid = anyTerms.filter(
    ({ direction, energyPriceMicroPerKwh: lambda, incentiveMicroPerKwh: reward }) =>
      direction === -1 || lambda + reward >= 0,
  );

  it('all accounts and the operator add up to zero', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(valid, metered, price, fc.nat({ max: 3 })), { maxLength: 30 }), (tasks) => {
        const accounts = tasks.map(([each, wh, replacement, period]) =>
          taskLines(terms({ ...each, period }), wh, replacement),
        );
        const operator = operatorLines(accounts);
        expect(totalOf(accounts.flat()) + totalOf(operator)).toBe(0n);
        expect(new Set(operator.map(({ period, kind }) => `${period}/${kind}`)).size).toBe(operator.length);
      }),
    );
  });

  it('a shortfall never costs more than the whole task would have earned, and delivering more never pays less', () => {
    fc.assert(
      fc.property(
        valid,
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        price,
        (each, one, two, replacement) => {
          const offer = terms({ ...each });
          const whole = worth(
            offer.wh,
            offer.incentiveMicroPerKwh + (offer.direction === 1 ? offer.energyPriceMicroPerKwh : 0),
          );
          const charge = (wh: number) =>
            -totalOf(taskLines(offer, wh, replacement).filter(({ kind }) => kind === 'shortfall'));
          expect(charge(one) <= whole && charge(one) >= 0n).toBe(true);
          const [less, more] = [Math.min(one, two), Math.max(one, two)];
          const earned = (wh: number) =>
            totalOf(taskLines(offer, wh, replacement).filter(({ kind }) => kind !== 'consumption'));
          expect(earned(more) >= earned(less)).toBe(true);
        },
      ),
    );
  });

  it('an adjustment brings a task exactly to what its last value makes it', () => {
    fc.assert(
      fc.property(valid, metered, fc.integer({ min: 0, max: 2e9 }), price, (each, first, second, replacement) => {
        const offer = terms({ ...each });
        const adjusted = BigInt(adjustmentLine(offer, second, first, replacement).microDollars);
        expect(totalOf(taskLines(offer, first, replacement)) + adjusted).toBe(
          totalOf(taskLines(offer, second, replacement)),
        );
      }),
    );
  });

  it('rounding never pays a participant, and takes less than a micro-dollar a line', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: -1e9, max: 1e9 }), (wh, microPerKwh) => {
        const exact = BigInt(wh) * BigInt(microPerKwh);
        const left = exact - worth(wh, microPerKwh) * 1000n;
        expect(left >= 0n && left < 1000n).toBe(true);
      }),
    );
  });
});
