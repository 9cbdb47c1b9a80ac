import { solveLp } from '../lp/index.js';
import type { LpBasis } from '../lp/types.js';
import { type Design, solveIncentives } from './design-incentives.js';
import { solveManyIncentives } from './design-many.js';
import type { IncentiveAnswer } from './documents.js';
import type { Equilibrium } from './equilibrium.js';
import type { Learned } from './learning.js';
import type { MarketDay } from './market-day.js';
import { type PeriodMarket, periodMarkets } from './period-problem.js';
import { loosenNetwork } from './shortfall.js';
import { type ShiftPlan, shiftPlans, tasksOf } from './tasks.js';

/** A period of the real-time market as it stands between two rounds. */
export interface OpenPeriod {
  readonly market: PeriodMarket;
  /** Of the last round: the next one starts from it. */
  readonly basis?: LpBasis;
  /** The last round's answer; absent before the first and where there is nothing to ask. */
  readonly answer?: IncentiveAnswer;
}

export interface IncentiveMarket {
  readonly plans: readonly ShiftPlan[];
  readonly periods: readonly OpenPeriod[];
}

/** The tasks of all Type-2 participants at the equilibrium, before anything is asked of them. */
export function openMarket({ feeder, solution }: Equilibrium, learned?: Learned): IncentiveMarket {
  const plans = shiftPlans(feeder, solution);
  const markets = periodMarkets(feeder, solution, plans, tasksOf(feeder, plans), learned);
  return { plans, periods: markets.map((market) => ({ market })) };
}

/**
 * Line 4 of Algorithm 1 (and its repeat in lines 7–9): CES-ID for C_T2 in every period that has tasks
 * left, each from its last basis. The T problems do not touch one another.
 */
export async function designRound(
  day: MarketDay,
  periods: readonly OpenPeriod[],
  isOpen: (period: number) => boolean,
): Promise<OpenPeriod[]> {
  const asked = periods.filter(({ market }) => market.tasks.length > 0 && isOpen(market.period));
  const tasks = asked.map(({ market, basis }) => ({ problem: market.problem, basis }));
  const designs = await solveManyIncentives(tasks, day.hooks);
  const solved = new Map<number, OpenPeriod>();
  for (const [k, { market, basis }] of asked.entries()) {
    const design = await orLoosened(day, market, designs[k]!, basis);
    solved.set(market.period, { market, basis: design.basis, answer: design.answer });
  }
  day.checkCancelled();
  return periods.map((open) => solved.get(open.market.period) ?? open);
}

/** A period without an answer is asked again with its network rows a little wider: rather a few offers than none. */
async function orLoosened(day: MarketDay, market: PeriodMarket, design: Design, basis?: LpBasis): Promise<Design> {
  const { signal } = day.hooks;
  if (design.answer.status === 'infeasible') {
    const problem = await loosenNetwork(market.problem, solveLp, signal);
    if (problem) {
      day.warnings.push(`period ${market.period}: network rows are loosened (${design.answer.reason})`);
      design = await solveIncentives(problem, { signal, basis });
    }
  }
  const { status, reason } = design.answer;
  if (status !== 'optimal' && status !== 'cancelled') {
    day.warnings.push(`period ${market.period}: no incentives could be designed (${reason ?? status})`);
  }
  return design;
}
