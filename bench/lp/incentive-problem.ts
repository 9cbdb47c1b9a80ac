import type { IncentiveProblem, IncentiveTask } from '../../src/market/documents.js';

export interface IncentiveSize {
  readonly tasks: number;
  readonly networkRows: number;
  readonly seed: number;
}

/** Deterministic numbers in [0, 1): a 32-bit mixing generator. */
export function mixer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A period's CES-ID problem of any size: every task with its two-piece required-reward curve, the
 * feeder short by a few percent, a budget that binds, and network rows as a tree gives them (a row
 * of a bus or line holds everything below it), some of which bind.
 */
export function incentiveProblem({ tasks: count, networkRows, seed }: IncentiveSize): IncentiveProblem {
  const next = mixer(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const cap = 60;
  const tasks: IncentiveTask[] = [];
  for (let k = 0; k < count; k++) {
    const direction = next() < 0.6 ? 1 : -1;
    const willingness = between(0.05, 1);
    const equilibriumMw = between(0.01, 0.5);
    const energyPricePerMwh = between(15, 90);
    const eta = 1 / between(0.3, 1);
    const slope = 0.5 + 20 * (1 - willingness);
    tasks.push({
      id: `t${k}`,
      direction,
      energyPricePerMwh,
      equilibriumMw,
      minMw: 0,
      maxMw: equilibriumMw * between(1, 1.4),
      floorPerMwh: 0.5,
      capPerMwh: cap,
      eta,
      zeta: eta * (energyPricePerMwh + cap) * between(1, 1.3),
      response: [
        { slopePerMwh: slope, offset: 0 },
        { slopePerMwh: 2 * slope, offset: (slope * equilibriumMw) / 2 },
      ],
    });
  }
  const planned = tasks.reduce((sum, task) => sum + task.direction * task.equilibriumMw, 0);
  const volume = tasks.reduce((sum, task) => sum + task.equilibriumMw, 0);
  const cost = tasks.reduce(
    (sum, task) =>
      sum + (task.direction === 1 ? task.energyPricePerMwh : 0) * task.equilibriumMw + 8 * task.equilibriumMw,
    0,
  );
  return {
    format: 'crowdwatt-incentive/1',
    hours: 1,
    budget: 1.03 * cost,
    demandMw: planned + 0.03 * volume,
    sense: 'atLeast',
    tasks,
    supplementPricePerMwh: 150,
    network: networkLimits(tasks, networkRows, next),
  };
}

/** Rows nested as subtrees of a feeder are: a row covers a run of tasks, with sensitivities that fall with distance. */
function networkLimits(tasks: readonly IncentiveTask[], rows: number, next: () => number) {
  return Array.from({ length: rows }, () => {
    const length = Math.max(2, Math.round(tasks.length * next() ** 3 * 0.5));
    const from = Math.floor(next() * (tasks.length - length));
    const coefficients: Record<string, number> = {};
    let size = 0;
    for (const task of tasks.slice(from, from + length)) {
      const sensitivity = 0.2 + 0.8 * next();
      coefficients[task.id] = sensitivity;
      size += sensitivity * task.equilibriumMw;
    }
    return { coefficients, lower: -0.04 * size, upper: 0.02 * size };
  });
}

/** The same problem after a round of refusals: floors and curves of a third of the tasks rise by a step. */
export function secondRound(problem: IncentiveProblem, step = 6): IncentiveProblem {
  const next = mixer(problem.tasks.length);
  return {
    ...problem,
    tasks: problem.tasks.map((task) => {
      if (next() > 1 / 3) return task;
      const raise = Math.min(step, task.capPerMwh - task.floorPerMwh);
      return {
        ...task,
        floorPerMwh: task.floorPerMwh + raise,
        response: task.response?.map((piece) => ({ ...piece, slopePerMwh: piece.slopePerMwh + raise })),
      };
    }),
  };
}
