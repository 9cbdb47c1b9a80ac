import { amountOf, worth } from './money.js';
import type { ContractRecord, OfferTerms, StatementLine, SupplementRecord } from './records.js';

/**
 * The one settlement rule (docs/settlement.md works it through). Pure: integers in, integers out.
 * Every amount is seen from the participant: positive is paid to it.
 */

/** Share of a task that may be missing without a charge, in percent. */
export const TOLERATED_SHORTFALL_PERCENT = 5;

/** Contracts are settled on the schedule: wh × price, one line per period with energy. */
export function contractLines(contract: ContractRecord): StatementLine[] {
  const lines: StatementLine[] = [];
  for (const [period, wh] of contract.wh.entries()) {
    if (wh === 0) continue;
    const microDollars = amountOf(worth(wh, contract.priceMicroPerKwh[period]!));
    lines.push({ day: contract.day, period, kind: 'contract', wh, microDollars });
  }
  return lines;
}

export function supplementLine(supplement: SupplementRecord): StatementLine {
  const { day, period, wh, priceMicroPerKwh } = supplement;
  return { day, period, kind: 'supplement', wh, microDollars: amountOf(worth(wh, priceMicroPerKwh)) };
}

/** Mean price of a period's supplements by energy, rounded down; undefined where there was none. */
export function supplementPrice(supplements: readonly SupplementRecord[]): number | undefined {
  let energy = 0n;
  let cost = 0n;
  for (const { wh, priceMicroPerKwh } of supplements) {
    const size = BigInt(Math.abs(wh));
    energy += size;
    cost += size * BigInt(priceMicroPerKwh);
  }
  return energy === 0n ? undefined : Number(cost / energy);
}

/** What a task earns if `wh` of it counts: λ + λ^a where it injects, λ^a where it consumes. */
function earned(terms: OfferTerms, wh: number): bigint {
  const price = terms.incentiveMicroPerKwh + (terms.direction === 1 ? terms.energyPriceMicroPerKwh : 0);
  return worth(wh, price);
}

/**
 * Lines of one accepted task. `meteredWh` is null where no value came by the deadline: held, not
 * guessed. A shortfall past the tolerance is charged at the supplement's price (at λ in a period
 * without one), and never by more than the whole task would have earned.
 */
export function taskLines(
  terms: OfferTerms,
  meteredWh: number | null,
  replacementPrice: number | undefined,
): StatementLine[] {
  const { day, period } = terms;
  if (meteredWh === null) return [{ day, period, kind: 'held', wh: terms.wh, microDollars: 0 }];
  const kept = Math.min(meteredWh, terms.wh);
  const lines: StatementLine[] = [];
  if (terms.direction === 1) {
    lines.push({ day, period, kind: 'injection', wh: kept, microDollars: amountOf(earned(terms, kept)) });
  } else {
    const energy = worth(-kept, terms.energyPriceMicroPerKwh);
    lines.push({ day, period, kind: 'reward', wh: kept, microDollars: amountOf(earned(terms, kept)) });
    lines.push({ day, period, kind: 'consumption', wh: -kept, microDollars: amountOf(energy) });
  }
  const missing = terms.wh - kept - Math.floor((terms.wh * TOLERATED_SHORTFALL_PERCENT) / 100);
  if (missing > 0) {
    const price = Math.max(0, replacementPrice ?? terms.energyPriceMicroPerKwh);
    let due = -worth(-missing, price);
    const limit = earned(terms, terms.wh);
    if (due > limit) due = limit;
    if (due > 0n) lines.push({ day, period, kind: 'shortfall', wh: -missing, microDollars: amountOf(-due) });
  }
  return lines;
}

/** One line that turns what a closed span paid for a task into what the new value makes it. */
export function adjustmentLine(
  terms: OfferTerms,
  meteredWh: number,
  previousWh: number | null,
  replacementPrice: number | undefined,
): StatementLine {
  const after = totalOf(taskLines(terms, meteredWh, replacementPrice));
  const before = totalOf(taskLines(terms, previousWh, replacementPrice));
  return {
    day: terms.day,
    period: terms.period,
    kind: previousWh === null ? 'late' : 'correction',
    wh: meteredWh - (previousWh ?? 0),
    microDollars: amountOf(after - before),
  };
}

export function totalOf(lines: readonly StatementLine[]): bigint {
  let total = 0n;
  for (const line of lines) total += BigInt(line.microDollars);
  return total;
}

/** The operator's side: by day, period and kind the exact opposite of all others, so that everything adds up to zero. */
export function operatorLines(all: Iterable<readonly StatementLine[]>): StatementLine[] {
  const sums = new Map<string, { line: StatementLine; wh: number; micro: bigint }>();
  for (const lines of all) {
    for (const line of lines) {
      const key = `${line.day}/${String(line.period).padStart(4, '0')}/${line.kind}`;
      const sum = sums.get(key) ?? { line, wh: 0, micro: 0n };
      sum.wh -= line.wh;
      sum.micro -= BigInt(line.microDollars);
      sums.set(key, sum);
    }
  }
  const keys = [...sums.keys()].sort();
  return keys.map((key) => {
    const { line, wh, micro } = sums.get(key)!;
    return {
      day: line.day,
      period: line.period,
      kind: line.kind,
      wh: wh === 0 ? 0 : wh,
      microDollars: amountOf(micro),
    };
  });
}
