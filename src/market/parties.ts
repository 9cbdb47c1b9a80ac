import type { Case } from '../model/case.js';
import { brief, Problems } from '../model/problems.js';

/** Names that the ledger keeps for itself. */
const KEPT = new Set(['operator', 'meter', 'auditor']);

/**
 * What a case needs beyond `parseCase` to be traded: everybody with an account has an id of its own,
 * and so has each device of one owner.
 *
 * @throws CrowdwattError `input/invalid`
 */
export function checkParties(feeder: Case): void {
  const problems = new Problems();
  const seen = new Map<string, string>();
  for (const list of ['crowdsourcees', 'generators'] as const) {
    for (const [k, { id }] of feeder[list].entries()) {
      const path = `${list}[${k}].id`;
      if (KEPT.has(id)) problems.add('input/invalid', path, id, `is ${brief(id)}, which the ledger keeps for itself`);
      const other = seen.get(id);
      if (other)
        problems.add('input/invalid', path, id, `is ${brief(id)}, as ${other} is; accounts need ids of their own`);
      seen.set(id, `${list}[${k}]`);
    }
  }
  const devices = new Map<string, string>();
  for (const list of ['solar', 'batteries', 'shapables'] as const) {
    for (const [k, { id, owner }] of feeder[list].entries()) {
      const key = `${owner}\u0000${id}`;
      const other = devices.get(key);
      const text = `is ${brief(id)}, as ${other} of the same owner is; a market needs them apart`;
      if (other) problems.add('input/invalid', `${list}[${k}].id`, id, text);
      devices.set(key, `${list}[${k}]`);
    }
  }
  problems.throwIfAny();
}
