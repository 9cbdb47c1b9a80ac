import { describe, expect, it } from 'vitest';
import { solveLp } from '../../src/lp/index.js';
import { designIncentives } from '../../src/market/design-incentives.js';
import type { IncentiveProblem } from '../../src/market/documents.js';
import { loosenNetwork } from '../../src/market/shortfall.js';
import { exampleProblem, exampleTask } from './incentive-examples.js';

/** The shortfall is the least: with a hair more it is feasible, with a hair less it is not. */
async function expectLeast(problem: IncentiveProblem, loosen: (amount: number) => IncentiveProblem) {
  const answer = await designIncentives(problem);
  expect(answer.status).toBe('infeasible');
  const { amount } = answer.shortfall!;
  expect((await designIncentives(loosen(amount * 1.0001 + 1e-7))).status).toBe('optimal');
  expect((await designIncentives(loosen(amount * 0.999))).status).toBe('infeasible');
  return answer;
}

describe('an infeasible CES-ID problem says what is missing', () => {
  it('MW that no task can give', async () => {
    const problem = exampleProblem([exampleTask('a'), exampleTask('b')], { demandMw: 2.75 });
    const answer = await expectLeast(problem, (mw) => ({ ...problem, demandMw: 2.75 - mw }));
    expect(answer.shortfall).toEqual({ row: 'demand', amount: expect.closeTo(0.75, 7), unit: 'MW' });
    expect(answer.reason).toContain('0.7500 MW');
  });

  it('MW that must not be exceeded in a surplus', async () => {
    const tasks = [exampleTask('a', { minMw: 0.8 })];
    const problem = exampleProblem(tasks, { demandMw: 0.5, sense: 'atMost' });
    const answer = await expectLeast(problem, (mw) => ({ ...problem, demandMw: 0.5 + mw }));
    expect(answer.shortfall).toEqual({ row: 'demand', amount: expect.closeTo(0.3, 7), unit: 'MW' });
  });

  it('dollars, where money alone would do', async () => {
    const response = [{ slopePerMwh: 10, offset: 0 }];
    const problem = exampleProblem([exampleTask('a', { response })], { budget: 20 });
    const answer = await expectLeast(problem, (more) => ({ ...problem, budget: 20 + more }));
    expect(answer.shortfall).toEqual({ row: 'budget', amount: expect.closeTo(30, 6), unit: '$' });
    expect(answer.reason).toContain('the budget of 20 $ is 30.00 $ short');
    expect(answer.reason).toContain('MW less');
  });

  it('a network row that forbids the least shifts', async () => {
    const network = [{ coefficients: { a: 0.5 }, lower: -0.1, upper: 0.1 }];
    const tasks = [exampleTask('a', { maxMw: 0.5 })];
    const problem = exampleProblem(tasks, { demandMw: 0, network });
    const answer = await expectLeast(problem, (room) => ({
      ...problem,
      network: [{ ...network[0]!, lower: -0.1 - room }],
    }));
    expect(answer.shortfall!.row).toBe('network[0]');
    expect(answer.shortfall!.amount).toBeCloseTo(0.15, 7);
  });

  it('a task whose cap is below what its least shift wants', async () => {
    const response = [{ slopePerMwh: 90, offset: 0 }];
    const tasks = [exampleTask('a'), exampleTask('b', { minMw: 0.5, response })];
    const problem = exampleProblem(tasks, { demandMw: 0 });
    const answer = await designIncentives(problem);
    expect(answer.status).toBe('infeasible');
    expect(answer.shortfall).toEqual({ row: 'tasks[b]', amount: expect.closeTo(15, 6), unit: '$' });
    expect(answer.reason).toContain('"b"');
  });

  it('several rows at once, named together', async () => {
    const network = [{ coefficients: { a: 1 }, lower: 0.2, upper: 0.3 }];
    const tasks = [exampleTask('a', { minMw: 0.5 })];
    const problem = exampleProblem(tasks, { demandMw: 3, budget: 1, network });
    const answer = await designIncentives(problem);
    expect(answer.status).toBe('infeasible');
    expect(answer.shortfall!.row).toBe('demand');
    expect(answer.reason).toContain('several limits');
  });
});

describe('fairness', () => {
  const steep = (slope: number) => [{ slopePerMwh: slope, offset: 0 }];
  const tasks = [
    exampleTask('cheap', { response: steep(2) }),
    exampleTask('dear', { response: steep(20) }),
    exampleTask('far', { direction: -1, response: steep(30) }),
  ];

  it('keeps the rewards of like participants within the spread, and prices it', async () => {
    const free = await designIncentives(exampleProblem(tasks));
    expect(free.tasks!.map((task) => task.incentivePerMwh)).toEqual([2, 20, 30].map((p) => expect.closeTo(p, 9)));
    const fairness = { maxSpreadPerMwh: 5 };
    const answer = await designIncentives(exampleProblem(tasks, { fairness }));
    expect(answer.tasks!.map((task) => task.incentivePerMwh)).toEqual([15, 20, 30].map((p) => expect.closeTo(p, 7)));
    const looser = await designIncentives(exampleProblem(tasks, { fairness: { maxSpreadPerMwh: 5.001 } }));
    expect((looser.objective! - answer.objective!) / 0.001).toBeCloseTo(answer.fairnessDual!, 5);
    expect(answer.fairnessDual!).toBeLessThan(0);
  });

  it('takes the groups as given', async () => {
    const fairness = { maxSpreadPerMwh: 0, groups: [['dear', 'far']] };
    const answer = await designIncentives(exampleProblem(tasks, { fairness }));
    expect(answer.tasks!.map((task) => task.incentivePerMwh)).toEqual([2, 30, 30].map((p) => expect.closeTo(p, 7)));
    expect(answer.fairnessDual!).toBeLessThan(0);
  });
});

describe('bad input', () => {
  const good = exampleProblem([exampleTask('a'), exampleTask('b')]);
  const task = (changes: object) => ({ ...good, tasks: [good.tasks[0], { ...good.tasks[1], ...changes }] });
  it.each([
    ['no object', 7, /the document/],
    ['another format', { ...good, format: 'crowdwatt-case/1' }, /format .*crowdwatt-incentive\/1/],
    ['an unknown field', { ...good, budgets: 3 }, /budgets/],
    ['an unknown field in a task', task({ price: 3 }), /tasks\[1\]\.price/],
    ['NaN', { ...good, budget: Number.NaN }, /budget/],
    ['infinite', { ...good, demandMw: Infinity }, /demandMw/],
    ['huge', { ...good, demandMw: 1e300 }, /demandMw/],
    ['no hours', { ...good, hours: 0 }, /hours/],
    ['negative shift', task({ minMw: -1 }), /tasks\[1\]\.minMw.*\(b\)|tasks\[1\]\.minMw \(b\)/],
    ['min above max', task({ minMw: 2 }), /tasks\[1\]\.minMw \(b\) is 2, above maxMw 1/],
    ['floor above cap', task({ floorPerMwh: 61 }), /floorPerMwh \(b\) is 61, above capPerMwh 60/],
    ['a direction of 0', task({ direction: 0 }), /direction/],
    ['the same id twice', task({ id: 'a' }), /unique/],
    ['a control character', task({ id: 'a\u0007' }), /control characters/],
    ['a long id', task({ id: 'x'.repeat(129) }), /1 to 128/],
    ['network of nobody', { ...good, network: [{ coefficients: { c: 1 }, lower: 0, upper: 1 }] }, /"c"/],
    ['network upside down', { ...good, network: [{ coefficients: {}, lower: 2, upper: 1 }] }, /network\[0\]\.lower/],
    ['a group of nobody', { ...good, fairness: { maxSpreadPerMwh: 1, groups: [['a', 'z']] } }, /"z"/],
  ])('%s is one clear error', async (_, value, message) => {
    await expect(designIncentives(value)).rejects.toMatchObject({
      code: 'input/invalid',
      message: expect.stringMatching(message),
    });
  });
});

describe('a problem without tasks', () => {
  it('is answered where nothing is asked, and says what is missing where something is', async () => {
    expect(await designIncentives(exampleProblem([]))).toMatchObject({ status: 'optimal', objective: 0, tasks: [] });
    const asked = await designIncentives(exampleProblem([], { demandMw: 2 }));
    expect(asked.shortfall).toEqual({ row: 'demand', amount: expect.closeTo(2, 9), unit: 'MW' });
    const bought = await designIncentives(exampleProblem([], { demandMw: 2, supplementPricePerMwh: 50 }));
    expect(bought).toMatchObject({ status: 'optimal', supplementMw: 2, objective: 100, demandDual: 50 });
  });
});

describe('network rows that leave no answer', () => {
  it('are widened by no more than it takes', async () => {
    // The budget pays for half of the task, the network row wants all of it.
    const network = [{ coefficients: { a: 0.5 }, lower: 0, upper: 0 }];
    const problem = exampleProblem([exampleTask('a')], { demandMw: 0, budget: 20.25, network });
    expect((await designIncentives(problem)).shortfall!.row).toBe('budget');
    const wider = (await loosenNetwork(problem, solveLp))!;
    expect(wider.network![0]!.lower).toBeCloseTo(-0.25, 5);
    expect(wider.network![0]!.upper).toBe(0);
    const answer = await designIncentives(wider);
    expect(answer.status).toBe('optimal');
    expect(answer.tasks![0]!.mw).toBeCloseTo(0.5, 5);
  });

  it('are left alone where they are not what is short', async () => {
    const network = [{ coefficients: { a: 0.5 }, lower: -1, upper: 1 }];
    const problem = exampleProblem([exampleTask('a')], { demandMw: 5, network });
    expect(await loosenNetwork(problem, solveLp)).toBeUndefined();
  });
});
