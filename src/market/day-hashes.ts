import type { DayRecord } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import type { Crowd } from './crowd.js';
import { documentHash, publicCase } from './document-hash.js';
import type { SolveSettings } from './market-day.js';
import type { Rules } from './terms.js';

/** What tells whether an open day may go on with these inputs. */
export interface DayHashes {
  readonly feederHash: string;
  readonly rulesHash: string;
  /** First half the crowd's, second half the seed's, so that a difference can be named. */
  readonly crowdHash: string;
}

/** A day that was begun with learnt terms is not gone on with without them. */
export function hashedRules(rules: Rules, learn: boolean): Rules & { readonly learn?: true } {
  return learn ? { ...rules, learn: true } : rules;
}

/** The documents behind two of the hashes: with them an auditor can assemble the case of the gate anew. */
export function dayDocuments(feeder: Case, rules: Rules, solve: SolveSettings): { grid: object; rules: object } {
  const { incentives, ...grid } = publicCase(feeder) as Case;
  return { grid, rules: { ...incentives, ...rules, ...solve } };
}

export function dayHashes(feeder: Case, rules: Rules, solve: SolveSettings, crowd: Crowd, seed: number): DayHashes {
  const documents = dayDocuments(feeder, rules, solve);
  return {
    feederHash: documentHash(documents.grid),
    rulesHash: documentHash(documents.rules),
    crowdHash: documentHash(crowd.identity).slice(0, 32) + documentHash({ seed }).slice(0, 32),
  };
}

/**
 * @throws CrowdwattError `market/day-closed` where the day is settled, `market/day-differs` where it
 * was opened from other inputs; the message names which
 */
export function checkResumable(record: DayRecord, hashes: DayHashes): void {
  const { day } = record;
  if (record.status === 'settled') {
    const span = record.span ? ` (in the span ${record.span.from}..${record.span.to})` : '';
    throw new CrowdwattError('market/day-closed', `day ${day} is closed${span}; choose another day`, { day });
  }
  const differing: string[] = [];
  if (record.feederHash !== hashes.feederHash) differing.push('feeder');
  if (record.rulesHash !== hashes.rulesHash) differing.push('rules');
  if (record.crowdHash.slice(0, 32) !== hashes.crowdHash.slice(0, 32)) differing.push('crowd');
  if (record.crowdHash.slice(32) !== hashes.crowdHash.slice(32)) differing.push('seed');
  if (differing.length === 0) return;
  const text = `day ${day} is open on the ledger from another ${differing.join(' and another ')}; give the same, or another day`;
  throw new CrowdwattError('market/day-differs', text, { day, differing });
}
