import { OPERATOR_ACCOUNT, type StatementLine, type StatementRecord } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import { wattHours } from '../units.js';
import type { Statement } from './documents.js';
import { batches, type MarketDay } from './market-day.js';
import type { Answers } from './responses.js';
import type { SimulatedDay } from './simulate-devices.js';

/** The meters' side of line 11: what was really done of every accepted task, once, in whole watt-hours. */
export async function recordDeliveries(
  day: MarketDay,
  days: ReadonlyMap<string, SimulatedDay>,
  answers: Answers,
): Promise<void> {
  if (day.visitors.metered) return;
  const readings = answers.all
    .filter(({ outcome }) => outcome === 'accepted')
    .map(({ offer }) => {
      const done = days.get(offer.participant)?.doneMw[offer.period] ?? 0;
      // A task done in full is metered as it was accepted, also where the offer was rounded.
      const wh = Math.min(offer.wh, wattHours(done, day.feeder.hoursPerPeriod));
      return { participant: offer.participant, period: offer.period, wh };
    });
  const meter = await day.meter();
  for (const [k, slice] of batches(readings).entries()) {
    const args = { day: day.day, readings: slice };
    await day.submit(meter, 'RecordDelivery', args, `deliveries/${k}`, day.clock.metered);
  }
}

/**
 * Lines 11–12 of Algorithm 1 for this one day: closes it and reads the statements back. The same span
 * again changes nothing. A week or a month is closed by `crowdwatt ledger reconcile` in the same way.
 */
export async function reconcile(day: MarketDay): Promise<Statement[]> {
  const span = { from: day.day, to: day.day };
  await day.submit(await day.operator(), 'Reconcile', span, 'reconcile', day.clock.reconciled);
  return statementsOf(day);
}

async function statementsOf(day: MarketDay): Promise<Statement[]> {
  const records = await day.list<StatementRecord>('ListStatements', { from: day.day });
  const statements = await day.inFlight(records, async ({ participant, from, to, totalMicro }) => {
    const lines = await day.list<StatementLine>('ListStatementLines', { from, participant });
    return {
      participant,
      from,
      to,
      lines: lines.map((line) => ({
        day: line.day,
        period: line.period,
        kind: line.kind,
        wh: line.wh,
        microDollars: safe(line.microDollars),
      })),
      totalMicro: safe(totalMicro),
    };
  });
  checkBalanced(statements);
  return statements;
}

/** Debits equal credits to the micro-dollar, and each statement is the sum of its lines; anything else is a fault. */
function checkBalanced(statements: readonly Statement[]): void {
  let sum = 0n;
  for (const { participant, lines, totalMicro } of statements) {
    const total = lines.reduce((all, line) => all + BigInt(line.microDollars), 0n);
    if (total !== BigInt(totalMicro)) {
      throw new CrowdwattError(
        'ledger/audit',
        `the statement of ${participant} says ${totalMicro} µ$, its lines ${total}`,
      );
    }
    sum += total;
  }
  if (sum === 0n) return;
  throw new CrowdwattError(
    'ledger/audit',
    `the statements add up to ${sum} µ$ instead of 0 (${OPERATOR_ACCOUNT} included)`,
  );
}

function safe(amount: number | string): number {
  const value = Number(amount);
  if (Number.isSafeInteger(value)) return value;
  throw new CrowdwattError('internal', `the amount ${amount} µ$ does not fit a statement of the run report`);
}
