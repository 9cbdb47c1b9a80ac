import {
  commitmentOf,
  merkleRoot,
  type PreferencesDocument,
  preferencesLeaf,
} from '../../chaincode/src/domain/index.js';
import { assembleCase } from '../market/assembled-case.js';
import { documentHash, publicCase } from '../market/document-hash.js';
import { rulesOf } from '../market/terms.js';
import type { Case } from '../model/case.js';
import type { DayRecords, Findings } from './day-records.js';

/**
 * The case that was solved must be the one that follows from the feeder as filed and the preferences
 * in force at the gate: nobody's device was used beyond its wishes, or left out against them.
 */
export function auditPreferences(day: DayRecords, findings: Findings): void {
  const documents = openDocuments(day, findings);
  const root = merkleRoot(day.preferences.map(({ document: _, salt: __, ...record }) => preferencesLeaf(record)));
  if (root !== day.equilibrium.preferencesRoot)
    findings.fault('preferences', 'the preferences do not have the root of the gate');
  if (!day.filed) {
    findings.leave('the assembled case', 'the feeder as filed is not kept here');
    return;
  }
  const { filed, feeder } = day;
  if (documentHash(filed) !== day.record.feederHash)
    findings.fault('document', 'the feeder as filed does not have the hash of OpenDay');
  checkRules(day, findings);
  if (!documents) return;
  const assembled = assembleCase({ ...filed, incentives: feeder.incentives } as Case, documents).feeder;
  if (documentHash(publicCase(assembled)) === day.equilibrium.caseHash) return;
  const named = differences(assembled, feeder, findings);
  if (named === 0)
    findings.fault('preferences', 'the case that was solved is not the one that the feeder and the preferences give');
}

/** Each document against its commitment; undefined where one was erased. */
function openDocuments(day: DayRecords, findings: Findings): Map<string, PreferencesDocument> | undefined {
  const documents = new Map<string, PreferencesDocument>();
  let whole = true;
  for (const { participant, document, salt, commitment } of day.preferences) {
    if (document === null || salt === null) {
      findings.leave(`the preferences of ${participant}`, 'they are erased, or their key is not here');
      whole = false;
    } else if (commitmentOf(salt, document) !== commitment) {
      findings.fault('preferences', 'the kept preferences are not the ones that were committed to', participant);
    } else {
      documents.set(participant, document);
    }
  }
  return whole ? documents : undefined;
}

/** Incentive settings in the published case against the rules that the day was opened with. */
function checkRules({ rules, feeder, record }: DayRecords, findings: Findings): void {
  if (!rules) {
    findings.leave('the rules', 'the rules of OpenDay are not kept here');
    return;
  }
  if (documentHash(rules) !== record.rulesHash) findings.fault('document', 'the rules do not have the hash of OpenDay');
  const stated: Record<string, unknown> = { ...feeder.incentives, ...rulesOf(feeder.incentives) };
  for (const [name, value] of Object.entries(stated)) {
    if (documentHash(value ?? null) !== documentHash(rules[name] ?? null)) {
      findings.fault('document', `incentives.${name} of the case is not that of the rules at OpenDay`);
    }
  }
}

/** Names the devices in which the two cases differ, and whose they are. */
function differences(wanted: Case, solved: Case, findings: Findings): number {
  let named = 0;
  for (const kind of ['batteries', 'shapables', 'solar', 'loads', 'generators', 'lines', 'buses'] as const) {
    const found = new Map<string, object>(solved[kind].map((item) => [item.id, item]));
    for (const item of wanted[kind] as readonly { id: string; owner?: string }[]) {
      const other = found.get(item.id);
      found.delete(item.id);
      if (other && documentHash(other) === documentHash(item)) continue;
      const fields = other ? fieldsThatDiffer(item, other).join(', ') : 'missing';
      findings.fault(
        'preferences',
        `${kind} ${item.id} was not solved as its owner's preferences have it (${fields})`,
        item.owner,
      );
      named++;
    }
    for (const id of found.keys()) {
      findings.fault('preferences', `${kind} ${id} was solved though it is not in the feeder as filed`);
      named++;
    }
  }
  return named;
}

function fieldsThatDiffer(one: object, other: object): string[] {
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => documentHash(a[name] ?? null) !== documentHash(b[name] ?? null),
  );
}
