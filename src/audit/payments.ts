import { lineLeaf, merkleRoot, type StatementLine } from '../../chaincode/src/domain/index.js';
import { type DayRecords, type Findings, listAll } from './day-records.js';
import type { AuditSource } from './types.js';

/**
 * Payments = price × energy, worked out here from contracts, answers and meters without the rules'
 * own code; statements against their Merkle roots; and all of them together against zero.
 */
export async function auditPayments(day: DayRecords, source: AuditSource, findings: Findings): Promise<void> {
  if (!day.span) {
    findings.leave('payments', 'the day is not reconciled yet');
    return;
  }
  const due = amountsDue(day);
  let total = 0n;
  for (const { participant, linesRoot, totalMicro } of day.statements) {
    total += BigInt(totalMicro);
    const lines = await listAll<StatementLine>(source, 'ListStatementLines', { from: day.span.from, participant });
    if (merkleRoot(lines.map(lineLeaf)) !== linesRoot)
      findings.fault('payment', `the lines of ${participant} do not have the root of its statement`, participant);
    const sum = lines.reduce((so, line) => so + BigInt(line.microDollars), 0n);
    if (sum !== BigInt(totalMicro))
      findings.fault(
        'payment',
        `the lines of ${participant} add up to ${sum} µ$, its statement says ${totalMicro}`,
        participant,
      );
    if (participant === 'operator') continue;
    const paid = lines.reduce((so, line) => (isOf(line, day) ? so + BigInt(line.microDollars) : so), 0n);
    const wanted = due.get(participant) ?? 0n;
    due.delete(participant);
    if (paid !== wanted)
      findings.fault('payment', `${participant} gets ${paid} µ$ for the day, price × energy is ${wanted}`, participant);
  }
  for (const [participant, amount] of due) {
    if (amount !== 0n) findings.fault('payment', `${participant} has ${amount} µ$ due and no statement`, participant);
  }
  if (total !== 0n) findings.fault('payment', `the statements from ${day.span.from} add up to ${total} µ$`);
}

/** Late values of other days stand in the same statements. */
function isOf(line: StatementLine, day: DayRecords): boolean {
  return line.day === day.record.day && line.kind !== 'late' && line.kind !== 'correction';
}

/** ⌊wh × µ$/kWh / 1000⌋ */
function times(wh: number, price: number): bigint {
  const product = BigInt(wh) * BigInt(price);
  return (product - (((product % 1000n) + 1000n) % 1000n)) / 1000n;
}

function amountsDue({ contracts, offers, supplements, deliveries }: DayRecords): Map<string, bigint> {
  const due = new Map<string, bigint>();
  const book = (who: string, amount: bigint) => due.set(who, (due.get(who) ?? 0n) + amount);
  for (const { participant, wh, priceMicroPerKwh } of contracts) {
    for (const [t, energy] of wh.entries()) book(participant, times(energy, priceMicroPerKwh[t]!));
  }
  for (const { generator, wh, priceMicroPerKwh } of supplements) book(generator, times(wh, priceMicroPerKwh));
  const metered = new Map(deliveries.map(({ participant, period, wh }) => [`${period}/${participant}`, wh]));
  for (const offer of offers) {
    if (offer.outcome !== 'accepted') continue;
    const wh = metered.get(`${offer.period}/${offer.participant}`);
    // Not metered: held.
    if (wh === undefined) continue;
    const kept = Math.min(wh, offer.wh);
    const { energyPriceMicroPerKwh: lambda, incentiveMicroPerKwh: reward, direction } = offer;
    const price = direction === 1 ? lambda + reward : reward;
    book(offer.participant, times(kept, price));
    if (direction === -1) book(offer.participant, times(-kept, lambda));
    const missing = offer.wh - kept - Math.floor(offer.wh / 20);
    if (missing <= 0) continue;
    const here = supplements.filter(({ period, wh: size }) => period === offer.period && size !== 0);
    const size = here.reduce((sum, { wh: each }) => sum + BigInt(Math.abs(each)), 0n);
    const cost = here.reduce(
      (sum, { wh: each, priceMicroPerKwh }) => sum + BigInt(Math.abs(each)) * BigInt(priceMicroPerKwh),
      0n,
    );
    const replacement = Math.max(0, size === 0n ? lambda : Number(cost / size));
    let charge = -times(-missing, replacement);
    const limit = times(offer.wh, price);
    if (charge > limit) charge = limit;
    book(offer.participant, -charge);
  }
  return due;
}
