import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { designIncentives, solveIncentives } from '../../src/market/design-incentives.js';
import type { IncentiveProblem } from '../../src/market/documents.js';
import { highsLp } from './highs.js';
import { anyProblem, exampleProblem, exampleTask, measured, objectiveOf, violationOf } from './incentive-examples.js';

describe('CES-ID against the bilinear problem it stands for', () => {
  it.each([
    ['ample budget', {}],
    ['budget for about half', { budget: 25 }],
    ['feeder short, generators at 90 $/MWh', { demandMw: 1.6, supplementPricePerMwh: 90 }],
    ['surplus', { demandMw: 0.3, sense: 'atMost' as const }],
  ])('finds nothing better on a grid over m and the incentive: %s', async (_, changes) => {
    const curve = [
      { slopePerMwh: 4, offset: 0 },
      { slopePerMwh: 12, offset: 4 },
    ];
    const tasks = [
      exampleTask('a', { response: curve, maxMw: 1.2, zeta: 60 }),
      exampleTask('b', { direction: -1, equilibriumMw: 0.5, maxMw: 0.6, response: [{ slopePerMwh: 7, offset: 1 }] }),
    ];
    const problem = exampleProblem(tasks, changes);
    const answer = await designIncentives(problem);
    expect(answer.status).toBe('optimal');
    const best = bestOnGrid(problem, 60);
    // The LP may only be better than the grid, and by no more than a grid step is worth.
    expect(answer.objective!).toBeLessThanOrEqual(best.objective + 1e-9);
    expect(best.objective - answer.objective!).toBeLessThan(0.08 * Math.max(10, Math.abs(best.objective)));
    expect(measured(problem, answer).violation).toBeLessThan(1e-7);
  });
});

describe('CES-ID against HiGHS', () => {
  it('gives the same optimum at the same point, or the same shortfall, on random problems', async () => {
    await fc.assert(
      fc.asyncProperty(anyProblem, async (problem) => {
        const ours = await designIncentives(problem);
        const theirs = (await solveIncentives(problem, { solver: highsLp })).answer;
        expect(ours.status).toBe(theirs.status);
        if (ours.status === 'infeasible') {
          expect(ours.shortfall!.row).toBe(theirs.shortfall!.row);
          expect(ours.shortfall!.amount).toBeCloseTo(theirs.shortfall!.amount, 5);
          return;
        }
        const scale = Math.max(1, Math.abs(theirs.objective!));
        expect(Math.abs(ours.objective! - theirs.objective!)).toBeLessThan(1e-6 * scale);
        const check = measured(problem, ours);
        expect(check.violation).toBeLessThan(1e-6 * Math.max(1, Math.abs(problem.budget)));
        expect(Math.abs(check.objective - ours.objective!)).toBeLessThan(1e-6 * scale);
        // Ties are broken by rule and not by path.
        for (const [i, task] of theirs.tasks!.entries()) expect(ours.tasks![i]!.mw).toBeCloseTo(task.mw, 5);
      }),
      { numRuns: 150, seed: 20180805 },
    );
  }, 60_000);
});

describe('incentives', () => {
  it('are the floor at every optimum where nobody has a required-reward curve', async () => {
    await fc.assert(
      fc.asyncProperty(anyProblem, async (problem) => {
        const bare = { ...problem, tasks: problem.tasks.map(({ response: _, ...task }) => task) };
        const answer = await designIncentives(bare);
        fc.pre(answer.status === 'optimal');
        bare.tasks.forEach((task, i) => {
          const floor = task.direction === 1 ? Math.max(task.floorPerMwh, -task.energyPricePerMwh) : task.floorPerMwh;
          expect(answer.tasks![i]!.incentivePerMwh).toBeCloseTo(floor, 9);
        });
      }),
      { numRuns: 80, seed: 7 },
    );
  }, 60_000);

  it('follow the curve: the default one wants one and a half of its first slope for the whole task', async () => {
    const response = [
      { slopePerMwh: 6, offset: 0 },
      { slopePerMwh: 12, offset: 3 },
    ];
    const answer = await designIncentives(exampleProblem([exampleTask('a', { response })]));
    expect(answer.tasks).toEqual([{ id: 'a', mw: 1, incentivePerMwh: expect.closeTo(9, 9) }]);
    expect(answer.spent).toBeCloseTo(49, 9);
  });

  it('never ask an injecting participant to pay', async () => {
    const task = exampleTask('a', { energyPricePerMwh: -12, floorPerMwh: 0.5 });
    const answer = await designIncentives(exampleProblem([task]));
    expect(answer.tasks![0]!.incentivePerMwh).toBeCloseTo(12, 9);
    expect(answer.spent).toBeCloseTo(0, 9);
  });

  it('leave the earlier of two equal tasks whole when money is short, from whatever basis', async () => {
    const problem = exampleProblem([exampleTask('a'), exampleTask('b')], { budget: 60.75, demandMw: 0 });
    const answer = await designIncentives(problem);
    expect(answer.tasks!.map((task) => task.mw)).toEqual([1, expect.closeTo(0.5, 9)]);
    const turned = await designIncentives({ ...problem, tasks: [exampleTask('b'), exampleTask('a')] });
    expect(turned.tasks!.map((task) => task.id)).toEqual(['b', 'a']);
    expect(turned.tasks!.map((task) => task.mw)).toEqual([1, expect.closeTo(0.5, 9)]);
  });
});

describe('duals', () => {
  it('are the change of the objective with the budget and with the demand', async () => {
    const tasks = [
      exampleTask('a', { response: [{ slopePerMwh: 8, offset: 0 }] }),
      exampleTask('b', { equilibriumMw: 2, maxMw: 2, energyPricePerMwh: 30 }),
    ];
    const problem = exampleProblem(tasks, { budget: 70, supplementPricePerMwh: 90 });
    const answer = await designIncentives(problem);
    const step = 1e-3;
    const richer = await designIncentives({ ...problem, budget: problem.budget + step });
    const shorter = await designIncentives({ ...problem, demandMw: problem.demandMw + step });
    expect(answer.budgetDual!).toBeLessThan(0);
    expect(answer.demandDual!).toBeGreaterThan(0);
    expect((richer.objective! - answer.objective!) / step).toBeCloseTo(answer.budgetDual!, 5);
    expect((shorter.objective! - answer.objective!) / step).toBeCloseTo(answer.demandDual!, 5);
  });
});

describe('the second round', () => {
  it('reaches the same answer from the last basis as from none', async () => {
    const curve = [{ slopePerMwh: 9, offset: 0 }];
    const tasks = ['a', 'b', 'c', 'd'].map((id, i) =>
      exampleTask(id, { response: curve, equilibriumMw: 1 + i, maxMw: 1 + i }),
    );
    const first = exampleProblem(tasks, { budget: 300, supplementPricePerMwh: 70 });
    const { basis } = await solveIncentives(first);
    const raised = tasks.map((task, i) => {
      if (i === 1) return { ...task, minMw: 2, maxMw: 2 };
      return { ...task, floorPerMwh: 6.5, response: [{ slopePerMwh: 15, offset: 0 }] };
    });
    const second = { ...first, tasks: raised };
    const [warm, cold] = [await solveIncentives(second, { basis }), await solveIncentives(second)];
    expect(warm.answer.objective).toBeCloseTo(cold.answer.objective!, 8);
    expect(warm.answer.tasks).toEqual(cold.answer.tasks!.map((t) => ({ ...t, mw: expect.closeTo(t.mw, 9) })));
    expect(warm.answer.iterations!).toBeLessThanOrEqual(cold.answer.iterations!);
  });
});

/** The best point of a grid over both m, both incentives (on their curves' side) and z as it must be. */
function bestOnGrid(problem: IncentiveProblem, steps: number): { objective: number } {
  let best = Infinity;
  const [a, b] = problem.tasks as [IncentiveProblem['tasks'][number], IncentiveProblem['tasks'][number]];
  const levels = (least: number, most: number, count: number) =>
    Array.from({ length: count + 1 }, (_, k) => least + ((most - least) * k) / count);
  const prices = [a, b].map((task) => levels(task.floorPerMwh, 20, 40));
  for (const m of levels(a.minMw, a.maxMw, steps)) {
    for (const n of levels(b.minMw, b.maxMw, steps)) {
      const short = problem.demandMw - (a.direction * m + b.direction * n);
      const lacking = Math.max(0, problem.sense === 'atLeast' ? short : -short);
      if (lacking > 0 && problem.supplementPricePerMwh === undefined) continue;
      for (const p of prices[0]!) {
        for (const q of prices[1]!) {
          const objective = objectiveOf(problem, [m, n], [p, q], lacking);
          if (objective < best && violationOf(problem, [m, n], [p, q], lacking) <= 1e-9) best = objective;
        }
      }
    }
  }
  return { objective: best };
}
