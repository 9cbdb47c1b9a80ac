import fc from 'fast-check';
import type { IncentiveAnswer, IncentiveProblem, IncentiveTask } from '../../src/market/documents.js';

/** A task with plain values, for tests that change one of them. */
export function exampleTask(id: string, changes: Partial<IncentiveTask> = {}): IncentiveTask {
  return {
    id,
    direction: 1,
    energyPricePerMwh: 40,
    equilibriumMw: 1,
    minMw: 0,
    maxMw: 1,
    floorPerMwh: 0.5,
    capPerMwh: 60,
    eta: 2,
    zeta: 250,
    ...changes,
  };
}

export function exampleProblem(
  tasks: readonly IncentiveTask[],
  changes: Partial<IncentiveProblem> = {},
): IncentiveProblem {
  const demandMw = tasks.reduce((sum, task) => sum + task.direction * task.equilibriumMw, 0);
  return { format: 'crowdwatt-incentive/1', hours: 1, budget: 1e6, demandMw, sense: 'atLeast', tasks, ...changes };
}

const cents = (least: number, most: number) => fc.integer({ min: least * 100, max: most * 100 }).map((n) => n / 100);

/** Random tasks in the ranges that a feeder gives, some with curves, some with headroom. */
export const anyTask = fc
  .record({
    direction: fc.constantFrom(1 as const, -1 as const),
    energyPricePerMwh: cents(-20, 80),
    equilibriumMw: cents(0, 2),
    headroomMw: fc.oneof(fc.constant(0), cents(0, 1)),
    leastShare: fc.oneof(fc.constant(0), fc.constant(0), cents(0, 1)),
    floorPerMwh: cents(0, 10),
    room: cents(20, 60),
    eta: cents(1, 5),
    zetaFactor: fc.oneof(fc.constant(0), cents(0, 2)),
    slopes: fc.array(cents(0, 40), { maxLength: 3 }),
  })
  .map((raw): Omit<IncentiveTask, 'id'> => {
    const capPerMwh = raw.floorPerMwh + raw.room;
    const slopes = raw.slopes.sort((a, b) => a - b);
    // Each piece takes over at its own share of the task: the curve is convex and begins at nothing.
    let offset = 0;
    const response = slopes.map((slopePerMwh, k) => {
      if (k > 0) offset += ((slopePerMwh - slopes[k - 1]!) * raw.equilibriumMw * k) / slopes.length;
      return { slopePerMwh, offset };
    });
    return {
      direction: raw.direction,
      energyPricePerMwh: raw.energyPricePerMwh,
      equilibriumMw: raw.equilibriumMw,
      minMw: raw.leastShare * raw.equilibriumMw,
      maxMw: raw.equilibriumMw + raw.headroomMw,
      floorPerMwh: raw.floorPerMwh,
      capPerMwh,
      eta: raw.eta,
      zeta: raw.zetaFactor * raw.eta * (Math.max(0, raw.energyPricePerMwh) + capPerMwh),
      response,
    };
  });

/** Random whole problems: budgets from ample to hopeless, deviations either way, with and without z. */
export const anyProblem = fc
  .record({
    tasks: fc.array(anyTask, { minLength: 1, maxLength: 8 }),
    hours: fc.constantFrom(0.25, 1),
    budgetShare: cents(0, 2),
    deviation: cents(-1, 1),
    supplement: fc.option(cents(0, 120), { nil: undefined }),
    networkMargin: fc.option(cents(0, 1), { nil: undefined }),
  })
  .map((raw): IncentiveProblem => {
    const tasks = raw.tasks.map((task, i) => ({ id: `t${i}`, ...task }));
    const ample = tasks.reduce((sum, t) => sum + t.equilibriumMw * (Math.max(0, t.energyPricePerMwh) + 15), 0);
    const asked = tasks.reduce((sum, t) => sum + t.direction * t.equilibriumMw, 0);
    const coefficients = Object.fromEntries(tasks.map((t, i) => [t.id, 1 + (i % 3) / 2]));
    return {
      format: 'crowdwatt-incentive/1',
      hours: raw.hours,
      budget: raw.hours * raw.budgetShare * ample,
      demandMw: asked + raw.deviation,
      sense: raw.deviation < 0 ? 'atMost' : 'atLeast',
      tasks,
      ...(raw.supplement === undefined ? {} : { supplementPricePerMwh: raw.supplement }),
      ...(raw.networkMargin === undefined
        ? {}
        : { network: [{ coefficients, lower: -raw.networkMargin, upper: raw.networkMargin }] }),
    };
  });

/** Objective of (2a) for shifts m and incentives λ^a, written out from the model and not from the code. */
export function objectiveOf(problem: IncentiveProblem, mw: number[], incentive: number[], z: number): number {
  let sum = (problem.supplementPricePerMwh ?? 0) * problem.hours * z;
  problem.tasks.forEach((task, i) => {
    const energy = task.direction === 1 ? task.energyPricePerMwh : 0;
    sum += task.eta * problem.hours * (energy + incentive[i]!) * mw[i]!;
    sum += task.zeta * problem.hours * Math.abs(mw[i]! - task.equilibriumMw);
  });
  return sum;
}

/** Largest violation of (2b), (2c), the boxes, the curves and the network rows, in their own units. */
export function violationOf(problem: IncentiveProblem, mw: number[], incentive: number[], z: number): number {
  let worst = 0;
  let spent = 0;
  let shifted = problem.sense === 'atLeast' ? z : -z;
  problem.tasks.forEach((task, i) => {
    const [m, price] = [mw[i]!, incentive[i]!];
    const energy = task.direction === 1 ? task.energyPricePerMwh : 0;
    spent += problem.hours * (energy + price) * m;
    shifted += task.direction * m;
    worst = Math.max(worst, task.minMw - m, m - task.maxMw);
    if (m === 0) return;
    const floor = task.direction === 1 ? Math.max(task.floorPerMwh, -task.energyPricePerMwh) : task.floorPerMwh;
    worst = Math.max(worst, floor - price, price - task.capPerMwh);
    for (const piece of task.response ?? []) {
      worst = Math.max(worst, piece.slopePerMwh * m - piece.offset - price * m);
    }
  });
  worst = Math.max(worst, spent - problem.budget);
  worst = Math.max(worst, problem.sense === 'atLeast' ? problem.demandMw - shifted : shifted - problem.demandMw);
  for (const row of problem.network ?? []) {
    let activity = 0;
    problem.tasks.forEach((task, i) => {
      activity += (row.coefficients[task.id] ?? 0) * task.direction * (mw[i]! - task.equilibriumMw);
    });
    worst = Math.max(worst, row.lower - activity, activity - row.upper);
  }
  return worst;
}

export function measured(problem: IncentiveProblem, answer: IncentiveAnswer): { objective: number; violation: number } {
  const mw = answer.tasks!.map((task) => task.mw);
  const incentive = answer.tasks!.map((task) => task.incentivePerMwh);
  return {
    objective: objectiveOf(problem, mw, incentive, answer.supplementMw!),
    violation: violationOf(problem, mw, incentive, answer.supplementMw!),
  };
}
