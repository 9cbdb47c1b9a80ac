import { LinearProgram } from '../../src/lp/index.js';
import { buildIncentiveLp } from '../../src/market/incentive-lp.js';
import type { Bench } from '../harness.js';
import { contest, type Entry } from './contest.js';
import { incentiveProblem, secondRound } from './incentive-problem.js';

const SIZES = [
  { tasks: 100, networkRows: 20, rounds: 20 },
  { tasks: 1000, networkRows: 100, rounds: 7 },
  { tasks: 10_000, networkRows: 200, rounds: 1 },
] as const;

/** Incentive programs of growing size beside HiGHS, and the second round of offers from the first one's basis. */
export const bench: Bench = {
  name: 'ces-id',
  title: 'Incentive programs (CES-ID) of 100 to 10,000 tasks',
  run: async (report) => {
    const entries: Entry[] = [];
    const second: (string | number)[][] = [];
    for (const size of SIZES) {
      const problem = incentiveProblem({ ...size, seed: 7 });
      const { model } = buildIncentiveLp(problem);
      entries.push({ name: `${size.tasks} tasks, ${size.networkRows} network rows`, model, rounds: size.rounds });
      using program = new LinearProgram(model);
      const first = await program.solve();
      const raised = buildIncentiveLp(secondRound(problem)).model;
      const again = await new LinearProgram(raised).solve({ basis: first.basis });
      const share = (100 * again.iterations) / first.iterations;
      second.push([
        size.tasks,
        first.iterations,
        again.iterations,
        `${share.toFixed(1)} %`,
        again.seconds.total.toFixed(3),
      ]);
    }
    await contest(report, 'Shortest of several rounds, building the model left out', entries);
    report.table(
      'Second round: floors and curves of a third of the tasks raised by a step, from the last basis (aim: at most 25 %)',
      ['tasks', 'iterations, first round', 'second round', 'share', 'seconds, second round'],
      second,
    );
  },
};
