import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';

// One way to write documents, so that the ledger keeps them under the hash that goes on the chain.
export { documentText, hashDocument as documentHash } from '../ledger/objects.js';

/** A case without what only its people may know: what is hashed, stored and shown. */
export function publicCase(feeder: Case): object {
  return { ...feeder, crowdsourcees: feeder.crowdsourcees.map(({ reservationPrice: _, ...person }) => person) };
}

/** A solution without the clock and the convergence trace: what is the same on every run. */
export function publicSolution(solution: Solution): object {
  const { seconds: _, trace: __, ...rest } = solution;
  return rest;
}
