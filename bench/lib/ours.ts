import { CrowdwattError } from '../../src/errors.js';
import type { Case } from '../../src/model/case.js';
import { type SolveOptions, solve } from '../../src/solver/index.js';
import type { Contestant } from '../harness.js';
import { errors, fromSolution, type Reference } from './accuracy.js';

/** Our own solver on a case: the time that counts is set-up and solve, as for the peers. */
export async function ours(
  name: string,
  source: Case,
  options: SolveOptions,
  reference?: Reference,
): Promise<Contestant> {
  const settings: SolveOptions = { exactness: 'off', ...options };
  const unavailable = await solve(source, { ...settings, maxIterations: 1 }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof CrowdwattError && error.code === 'not-built') return error.message;
      throw error;
    },
  );
  return {
    name,
    side: 'ours',
    unavailable,
    run: async () => {
      const solution = await solve(source, settings);
      if (solution.buses === undefined) throw new Error(`${name}: ${solution.status}: ${solution.reason ?? ''}`);
      const accuracy = reference === undefined ? {} : errors(fromSolution(solution), reference);
      const { setup, solve: iterating } = solution.seconds;
      return {
        seconds: setup + iterating,
        iterations: solution.iterations,
        error: accuracy.error,
        // A run that did not reach its tolerance must not pass for one that did.
        extra: {
          ...accuracy.extra,
          'ms an iteration': (1000 * iterating) / Math.max(1, solution.iterations),
          status: solution.status,
        },
      };
    },
  };
}
