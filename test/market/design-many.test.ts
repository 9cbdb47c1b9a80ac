import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { solveManyIncentives } from '../../src/market/design-many.js';
import { closePools } from '../../src/pool/index.js';
import { exampleProblem, exampleTask } from './incentive-examples.js';

beforeAll(() => {
  if (!existsSync('dist/src/pool/worker.js')) throw new Error('dist is not built: run node scripts/build.mjs ts first');
});

const large = (period: number) => {
  const tasks = Array.from({ length: 1000 }, (_, i) => {
    const equilibriumMw = 0.01 + ((i * 37 + period * 11) % 100) / 1000;
    const slopePerMwh = 1 + ((i * 53) % 170) / 10;
    const response = [
      { slopePerMwh, offset: 0 },
      { slopePerMwh: 2 * slopePerMwh, offset: (slopePerMwh * equilibriumMw) / 2 },
    ];
    return exampleTask(`t${i}`, { equilibriumMw, maxMw: equilibriumMw, response, direction: i % 2 ? 1 : -1 });
  });
  return exampleProblem(tasks, { budget: 800, supplementPricePerMwh: 90 });
};

it('large problems go to worker threads and come back the same', async () => {
  const problems = [0, 1, 2].map((period) => ({ problem: large(period) }));
  const here = await solveManyIncentives(problems, { workers: 1 });
  const there = await solveManyIncentives(problems, { workers: 2 });
  expect(here.map((design) => design.answer.status)).toEqual(['optimal', 'optimal', 'optimal']);
  expect(there.map((design) => design.answer)).toEqual(here.map((design) => design.answer));
  expect(here[0]!.answer.budgetDual!).toBeLessThan(0);
  // The second round starts from the basis that came back.
  const raised = problems.map(({ problem }, k) => ({
    problem: { ...problem, tasks: problem.tasks.map((task, i) => (i % 4 ? task : { ...task, floorPerMwh: 6.5 })) },
    basis: there[k]!.basis,
  }));
  const warm = await solveManyIncentives(raised, { workers: 2 });
  const cold = await solveManyIncentives(
    raised.map(({ problem }) => ({ problem })),
    { workers: 2 },
  );
  for (const [k, design] of warm.entries()) {
    expect(design.answer.objective!).toBeCloseTo(cold[k]!.answer.objective!, 6);
    expect(design.answer.iterations!).toBeLessThan(cold[k]!.answer.iterations!);
  }
  await closePools();
}, 60_000);

it('a cancelled call ends as cancelled', async () => {
  const abort = new AbortController();
  abort.abort();
  const problems = [0, 1].map((period) => ({ problem: large(period) }));
  await expect(solveManyIncentives(problems, { workers: 2, signal: abort.signal })).rejects.toMatchObject({
    code: 'cancelled',
  });
  await closePools();
});
