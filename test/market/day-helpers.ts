import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OfferRecord, RunReport } from '../../src/market/documents.js';
import type { Case } from '../../src/model/case.js';
import { parseCase } from '../../src/model/index.js';
import { packageRoot } from '../../src/package-root.js';

export function exampleCase(name: string): Case {
  return parseCase(JSON.parse(readFileSync(join(packageRoot(), 'examples', 'cases', `${name}.json`), 'utf8')));
}

export function countOffers(report: RunReport, round: number, outcome: OfferRecord['outcome']): number {
  return report.offers.filter((offer) => offer.round === round && offer.outcome === outcome).length;
}

/** Everything of a report but what the clock and fresh keys change. */
export function lasting(report: RunReport): object {
  const { seconds: _, ledger, opf, ...rest } = report;
  return { ...rest, opf: { ...opf, seconds: undefined }, transactions: ledger.transactions };
}
