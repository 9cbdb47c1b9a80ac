import type { DayRecord } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import { solve } from '../solver/index.js';
import { type DayRecords, Findings, listAll, readDay } from './day-records.js';
import { auditIncentives } from './incentives.js';
import { auditPayments } from './payments.js';
import { auditPreferences } from './preferences.js';
import { auditContracts, auditEquilibrium, auditOffers, auditSupplements } from './prices.js';
import { auditResponses } from './responses.js';
import { auditSchedule } from './schedule.js';
import type { AuditOptions, AuditReport, AuditSource, DayAudit } from './types.js';

export type * from './types.js';

/** Published and found prices may differ by this, $/MWh, at the tightest tolerance. */
const PRICE_SLACK = 0.05;

/**
 * Re-checks the operator from the ledger and the documents it published: that preferences were
 * respected, the schedule is one and costs no more than its stated gap, prices, offers and payments
 * follow from it. Verified, not trusted: nothing that the operator says of its own work is taken.
 *
 * The ledger itself (signatures, hash chain, rules) is `verifyLedger`'s matter.
 */
export async function auditLedger(source: AuditSource, options: AuditOptions = {}): Promise<AuditReport> {
  const all = await listAll<DayRecord>(source, 'ListDays', {});
  const wanted = options.day === undefined ? all : all.filter(({ day }) => day === options.day);
  if (options.day !== undefined && wanted.length === 0) {
    throw new CrowdwattError('usage', `day ${options.day} is not on the ledger`, { day: options.day });
  }
  const report = {
    format: 'crowdwatt-audit/1' as const,
    days: [] as DayAudit[],
    faults: [] as AuditReport['faults'][number][],
    unchecked: [] as AuditReport['unchecked'][number][],
  };
  for (const [index, record] of wanted.entries()) {
    options.onProgress?.({ stage: 'audit', message: record.day, fraction: index / wanted.length });
    const findings = new Findings(record.day);
    if (record.status === 'open' || record.status === 'gated')
      findings.leave('the day', `it is ${record.status}: nothing is priced yet`);
    else {
      const day = await readDay(source, record, findings);
      if (day) report.days.push(await auditDay(day, source, options, findings));
    }
    report.faults.push(...findings.faults);
    report.unchecked.push(...findings.unchecked);
  }
  return report;
}

async function auditDay(
  day: DayRecords,
  source: AuditSource,
  options: AuditOptions,
  findings: Findings,
): Promise<DayAudit> {
  const { feeder, solution, rules } = day;
  const tolerance = typeof rules?.tolerance === 'number' ? rules.tolerance : 1e-4;
  auditPreferences(day, findings);
  auditEquilibrium(day, findings);
  auditSchedule(feeder, solution, tolerance, findings);
  const regret = await auditResponses(feeder, solution, tolerance, findings);
  const bound = await auditOptimality(day, tolerance, options, findings);
  auditContracts(day, findings);
  auditOffers(day, findings);
  await auditIncentives(day, options, findings);
  auditSupplements(day, findings);
  await auditPayments(day, source, findings);
  const { objective } = solution;
  return {
    day: day.record.day,
    preferences: day.preferences.length,
    contracts: day.contracts.length,
    offers: day.offers.length,
    supplements: day.supplements.length,
    statements: day.statements.length,
    objective,
    ...bound,
    gap:
      bound.lowerBound === undefined ? undefined : (objective! - bound.lowerBound) / Math.max(1, Math.abs(objective!)),
    regret,
  };
}

/** The published case solved anew: the stated bound and prices against the ones found here. */
async function auditOptimality(
  { feeder, solution }: DayRecords,
  tolerance: number,
  options: AuditOptions,
  findings: Findings,
): Promise<{ lowerBound?: number; priceDifference?: number }> {
  // The solver reads no reservation price; a published case has none.
  const crowdsourcees = feeder.crowdsourcees.map((person) => ({ ...person, reservationPrice: 0 }));
  const own = await solve(
    { ...feeder, crowdsourcees },
    {
      method: 'ipm',
      exactness: solution.exactness,
      signal: options.signal,
      workers: options.workers,
    },
  );
  if (own.buses === undefined || own.lowerBound === undefined) {
    findings.leave('optimality', `the published case could not be solved here (${own.status})`);
    return {};
  }
  const scale = Math.max(1, Math.abs(own.lowerBound));
  const slack = Math.max(1e-5, 20 * tolerance) * scale;
  const stated = solution.lowerBound ?? solution.objective!;
  if (stated > own.lowerBound + slack) {
    findings.fault(
      'optimality',
      `the stated lower bound of ${stated.toFixed(4)} $ is over the true one of ${own.lowerBound.toFixed(4)} $`,
    );
  }
  if (solution.objective! > own.objective! + slack) {
    findings.fault(
      'optimality',
      `the schedule costs ${solution.objective!.toFixed(4)} $, one for ${own.objective!.toFixed(4)} $ was to be had`,
    );
  }
  let priceDifference = 0;
  for (const [k, bus] of solution.buses!.entries()) {
    for (const [t, price] of bus.dlmpPerMwh!.entries()) {
      const found = own.buses[k]!.dlmpPerMwh![t]!;
      const difference = Math.abs(price - found);
      priceDifference = Math.max(priceDifference, difference);
      if (difference > Math.max(PRICE_SLACK, 5000 * tolerance) + 1e-3 * Math.abs(found)) {
        findings.fault(
          'price',
          `the DLMP at bus ${bus.id} is published as ${price.toFixed(3)} $/MWh; it is ${found.toFixed(3)}`,
          undefined,
          t,
        );
      }
    }
  }
  return { lowerBound: own.lowerBound, priceDifference };
}
