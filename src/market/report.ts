import type { Head, Ledger } from '../ledger/types.js';
import type { DayOutcome } from './algorithm1.js';
import type { RunReport } from './documents.js';
import type { MarketDay } from './market-day.js';
import { offerRecords } from './responses.js';

/** `crowdwatt-run/1` of a day as far as it got. */
export async function runReport(day: MarketDay, outcome: DayOutcome, total: number): Promise<RunReport> {
  const { solution, solutionHash } = outcome.equilibrium;
  const {
    buses: _b,
    lines: _l,
    generators: _g,
    solar: _s,
    batteries: _a,
    shapables: _h,
    shed: _d,
    trace: _t,
    ...opf
  } = solution;
  const realised = outcome.realised;
  const warnings = [...solution.warnings, ...day.warnings];
  return {
    format: 'crowdwatt-run/1',
    case: day.feeder.name,
    day: day.day,
    opf,
    equilibriumHash: solutionHash,
    contracts: outcome.contracts,
    offers: offerRecords(outcome.answers, day.feeder.hoursPerPeriod),
    supplements: realised?.supplements ?? [],
    undeliverable: realised?.undeliverable ?? [],
    shortfallMw: realised?.shortfallMw ?? new Array<number>(day.feeder.periods).fill(0),
    acCheck: realised?.acCheck ?? { violationMaxPu: 0, where: '' },
    statements: outcome.statements,
    ledger: await ledgerSummary(day.ledger),
    seconds: { ...day.seconds, total },
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

async function ledgerSummary(ledger: Ledger): Promise<RunReport['ledger']> {
  const head: Head = await ledger.head();
  let transactions = 0;
  for await (const block of ledger.blocks(0, head.height)) {
    transactions += block.transactions.filter((transaction) => transaction.valid).length;
  }
  return { kind: ledger.kind, height: head.height, lastBlockHash: head.hash, transactions };
}
