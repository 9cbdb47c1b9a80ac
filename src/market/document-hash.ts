import { sha256Hex } from '../../chaincode/src/domain/index.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';

/**
 * Text of a document with its keys sorted and numbers in their shortest exact form, so that the same
 * document always has the same hash. (The ledger's own canonical JSON holds integers only; cases and
 * solutions hold fractions.)
 */
export function documentText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => documentText(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>;
    const fields = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${documentText(record[key])}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(Object.is(value, -0) ? 0 : value);
}

export function documentHash(value: unknown): string {
  return sha256Hex(documentText(value));
}

/** A case without what only its people may know: what is hashed, stored and shown. */
export function publicCase(feeder: Case): object {
  return { ...feeder, crowdsourcees: feeder.crowdsourcees.map(({ reservationPrice: _, ...person }) => person) };
}

/** A solution without the clock and the convergence trace: what is the same on every run. */
export function publicSolution(solution: Solution): object {
  const { seconds: _, trace: __, ...rest } = solution;
  return rest;
}
