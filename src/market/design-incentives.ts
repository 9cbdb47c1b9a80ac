import type { RunHooks } from '../hooks.js';
import { solveLp } from '../lp/index.js';
import type { LpBasis, LpModel, LpOptions, LpResult } from '../lp/types.js';
import type { IncentiveAnswer, IncentiveProblem, IncentiveTask } from './documents.js';
import { buildIncentiveLp, floorOf, type IncentiveLp, paidEnergyPrice, requiredReward } from './incentive-lp.js';
import { parseIncentiveProblem } from './incentive-schema.js';
import { explainShortfall } from './shortfall.js';
import { breakTies } from './tie-break.js';

export type LpSolver = (model: LpModel, options: LpOptions) => Promise<LpResult>;

export interface DesignOptions extends RunHooks {
  /** Basis of an earlier solve of the same tasks, to start from. */
  readonly basis?: LpBasis;
  /** Another LP solver, for cross-checks. */
  readonly solver?: LpSolver;
}

export interface Design {
  readonly answer: IncentiveAnswer;
  /** For the next round of the same tasks. */
  readonly basis?: LpBasis;
}

/** Relative distance at which a value is taken to stand on its bound or on m^eq. */
const SNAP = 1e-9;

/**
 * Solves one period's CES-ID problem, (2) of the paper: which shift to ask of each task, and the
 * incentive λ^a that wins it, at least weighted cost within the budget.
 *
 * @param problem a `crowdwatt-incentive/1` document; checked strictly
 * @returns the answer; `status` `infeasible` comes with `shortfall`, the least extra $ or MW that would do
 * @throws CrowdwattError `input/invalid` for a malformed problem, `cancelled` when the signal says so
 */
export async function designIncentives(problem: unknown, hooks: RunHooks = {}): Promise<IncentiveAnswer> {
  const { answer } = await solveIncentives(parseIncentiveProblem(problem), hooks);
  return answer;
}

/** `designIncentives` for problems that are known to be well formed, with a basis in and out. */
export async function solveIncentives(problem: IncentiveProblem, options: DesignOptions = {}): Promise<Design> {
  const solve = options.solver ?? solveLp;
  const { signal, basis } = options;
  const lp = buildIncentiveLp(problem);
  const first = await solve(lp.model, { signal, basis: fits(basis, lp.model) ? basis : undefined });
  if (first.status === 'infeasible') {
    const why = await explainShortfall(lp, problem, solve, signal);
    return {
      answer: { format: 'crowdwatt-incentive/1', status: 'infeasible', iterations: first.iterations, ...why },
    };
  }
  if (first.status !== 'optimal') {
    const { status, iterations, reason } = first;
    return {
      answer: { format: 'crowdwatt-incentive/1', status, iterations, ...(reason === undefined ? {} : { reason }) },
    };
  }
  const chosen = await breakTies(lp, first, solve, signal);
  return { answer: readAnswer(problem, lp, first, chosen), basis: first.basis };
}

function fits(basis: LpBasis | undefined, model: LpModel): boolean {
  return basis?.columns.length === model.columnCount && basis.rows.length === model.rowCount;
}

function readAnswer(
  problem: IncentiveProblem,
  lp: IncentiveLp,
  first: LpResult,
  primal: Float64Array,
): IncentiveAnswer {
  const { hours } = problem;
  let objective = 0;
  let spent = 0;
  const tasks = problem.tasks.map((task, i) => {
    const mw = snap(primal[3 * i]!, [task.equilibriumMw, task.minMw, task.maxMw], task.minMw, task.maxMw);
    // Without fairness nothing pushes a reward above what is required; y is read off the curve, so
    // that it does not depend on how the simplex got there even where η is zero.
    const reward = problem.fairness ? lp.floors[i]! * mw + Math.max(0, primal[3 * i + 1]!) : requiredReward(task, mw);
    const cost = hours * (paidEnergyPrice(task) * mw + reward);
    spent += cost;
    objective += task.eta * cost + task.zeta * hours * Math.abs(mw - task.equilibriumMw);
    return { id: task.id, mw, incentivePerMwh: incentiveOf(task, mw, reward) };
  });
  const supplementMw = lp.supplementColumn < 0 ? 0 : Math.max(0, primal[lp.supplementColumn]!);
  objective += (problem.supplementPricePerMwh ?? 0) * hours * supplementMw;
  return {
    format: 'crowdwatt-incentive/1',
    status: 'optimal',
    objective,
    spent,
    supplementMw,
    tasks,
    budgetDual: first.dual[lp.rows.budget]!,
    demandDual: first.dual[lp.rows.demand]!,
    ...(problem.fairness ? { fairnessDual: spreadDual(lp, first) } : {}),
    iterations: first.iterations,
  };
}

/** λ^a = y / m, inside [floor, cap]; for m = 0 the floor. */
function incentiveOf(task: IncentiveTask, mw: number, reward: number): number {
  const floor = floorOf(task);
  if (mw === 0) return floor;
  return Math.max(floor, Math.min(reward / mw, task.capPerMwh));
}

function snap(value: number, places: readonly number[], least: number, most: number): number {
  for (const place of places) {
    if (Math.abs(value - place) <= SNAP * Math.max(1, place)) value = place;
  }
  return Math.min(most, Math.max(least, value));
}

/** Σ dual × m^eq over the rows at their upper side: their right-hand sides are spread × m^eq. */
function spreadDual(lp: IncentiveLp, result: LpResult): number {
  return lp.rows.fairness.reduce((sum, { row, weight }) => sum + weight * Math.min(0, result.dual[row]!), 0);
}
