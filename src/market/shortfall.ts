import type { LpModel } from '../lp/types.js';
import type { LpSolver } from './design-incentives.js';
import type { IncentiveAnswer, IncentiveProblem } from './documents.js';
import { buildIncentiveLp, type IncentiveLp } from './incentive-lp.js';

type Explanation = Required<Pick<IncentiveAnswer, 'shortfall' | 'reason'>>;

/** A column that loosens one row, at a cost of one per unit unless it says otherwise. */
interface Relief {
  readonly row: number;
  readonly value: 1 | -1;
  readonly cost?: 0;
}

/**
 * Why a CES-ID problem has no answer: the row that is short and by how much, the least that makes it
 * feasible. Money is tried first (it is what an operator can add), then demand, then the network's
 * limits, then all of them together, and last what a single task cannot do.
 */
export async function explainShortfall(
  lp: IncentiveLp,
  problem: IncentiveProblem,
  solve: LpSolver,
  signal?: AbortSignal,
): Promise<Explanation> {
  const least = async (reliefs: readonly Relief[]) => {
    const result = await solve(elastic(lp.model, reliefs), { signal });
    return result.status === 'optimal' ? result.primal.subarray(lp.model.columnCount) : undefined;
  };
  const budget: Relief = { row: lp.rows.budget, value: -1 };
  const demand: Relief = { row: lp.rows.demand, value: problem.sense === 'atLeast' ? 1 : -1 };
  const network = networkReliefs(lp, problem);

  const moreMoney = (await least([budget]))?.[0];
  const lessDemand = (await least([demand]))?.[0];
  const asked = problem.sense === 'atLeast' ? 'asked for' : 'allowed';
  if (moreMoney !== undefined) {
    const other = lessDemand === undefined ? '' : `, or ${mw(lessDemand)} less if the demand may give way`;
    const reason = `the budget of ${Number(problem.budget.toPrecision(6))} $ is ${money(moreMoney)} short${other}`;
    return { shortfall: { row: 'budget', amount: moreMoney, unit: '$' }, reason };
  }
  if (lessDemand !== undefined) {
    const reason = `the ${Number(problem.demandMw.toPrecision(6))} MW ${asked} are ${mw(lessDemand)} out of the tasks' reach`;
    return { shortfall: { row: 'demand', amount: lessDemand, unit: 'MW' }, reason };
  }
  const loosened = network.length > 0 ? await least(network) : undefined;
  if (loosened) return worstNetworkRow(network, loosened, lp);
  const together = await least([budget, demand, ...network]);
  if (together) {
    const reason =
      `several limits are short at once: ${money(together[0]!)} of budget and ${mw(together[1]!)} of demand` +
      (network.length > 0 ? ', with the network rows loosened too' : '');
    return { shortfall: { row: 'demand', amount: together[1]!, unit: 'MW' }, reason };
  }
  return impossibleTask(lp, problem, least);
}

/**
 * The problem with its network rows wider by the least sum that makes it feasible; undefined where that
 * does not help. For a market that rather offers what it can than nothing: the realised day is checked
 * against the real limits afterwards.
 */
export async function loosenNetwork(
  problem: IncentiveProblem,
  solve: LpSolver,
  signal?: AbortSignal,
): Promise<IncentiveProblem | undefined> {
  if (!problem.network?.length) return undefined;
  const lp = buildIncentiveLp(problem);
  const result = await solve(elastic(lp.model, networkReliefs(lp, problem)), { signal });
  if (result.status !== 'optimal') return undefined;
  const amounts = result.primal.subarray(lp.model.columnCount);
  // A hair more than the least, so that the next solve is not decided by a rounding.
  const wider = (k: number) => amounts[k]! * (1 + 1e-6) + (amounts[k]! > 0 ? 1e-9 : 0);
  const network = problem.network.map((row, k) => ({
    ...row,
    lower: row.lower - wider(2 * k),
    upper: row.upper + wider(2 * k + 1),
  }));
  return { ...problem, network };
}

function networkReliefs(lp: IncentiveLp, problem: IncentiveProblem): Relief[] {
  return (problem.network ?? []).flatMap((_, k): Relief[] => [
    { row: lp.rows.network + k, value: 1 },
    { row: lp.rows.network + k, value: -1 },
  ]);
}

function worstNetworkRow(reliefs: readonly Relief[], amounts: Float64Array, lp: IncentiveLp): Explanation {
  let worst = 0;
  amounts.forEach((amount, k) => {
    if (amount > amounts[worst]!) worst = k;
  });
  const row = lp.model.rowNames![reliefs[worst]!.row]!;
  const amount = amounts[worst]!;
  const reason = `the network row ${row} would have to be ${amount.toPrecision(4)} wider, in the row's own unit`;
  return { shortfall: { row, amount, unit: "the row's" }, reason };
}

/** Every coupling row is loose and there is still no answer: a task's cap is below what its least shift wants. */
async function impossibleTask(
  lp: IncentiveLp,
  problem: IncentiveProblem,
  least: (reliefs: readonly Relief[]) => Promise<Float64Array | undefined>,
): Promise<Explanation> {
  const rows = [
    lp.rows.demand,
    ...(problem.network ?? []).map((_, k) => lp.rows.network + k),
    ...lp.rows.fairness.map(({ row }) => row),
  ];
  const couplings: Relief[] = [
    { row: lp.rows.budget, value: -1, cost: 0 },
    ...rows.flatMap((row): Relief[] => [
      { row, value: 1, cost: 0 },
      { row, value: -1, cost: 0 },
    ]),
  ];
  const rowOf = new Map(lp.model.rowNames!.map((name, row) => [name, row]));
  const caps = problem.tasks.map((task): Relief => ({ row: rowOf.get(`cap[${task.id}]`)!, value: -1 }));
  const amounts = (await least([...couplings, ...caps]))?.subarray(couplings.length);
  let worst = 0;
  amounts?.forEach((amount, i) => {
    if (amount > amounts[worst]!) worst = i;
  });
  const task = problem.tasks[worst]!;
  const amount = (amounts?.[worst] ?? 0) * problem.hours;
  const reason =
    `task "${task.id}" must do at least ${task.minMw} MW, but its cap of ${task.capPerMwh} $/MWh is ` +
    `${money(amount)} below what that shift wants`;
  return { shortfall: { row: `tasks[${task.id}]`, amount, unit: '$' }, reason };
}

/** The model with relief columns at cost one and every other cost zero. */
function elastic(model: LpModel, reliefs: readonly Relief[]): LpModel {
  const columnCount = model.columnCount + reliefs.length;
  const entries = model.value.length;
  const extend = (old: Float64Array, fill: number) => {
    const longer = new Float64Array(columnCount).fill(fill);
    longer.set(old);
    return longer;
  };
  const columnStart = new Int32Array(columnCount + 1);
  columnStart.set(model.columnStart);
  const rowIndex = new Int32Array(entries + reliefs.length);
  rowIndex.set(model.rowIndex);
  const value = new Float64Array(entries + reliefs.length);
  value.set(model.value);
  reliefs.forEach((relief, k) => {
    rowIndex[entries + k] = relief.row;
    value[entries + k] = relief.value;
    columnStart[model.columnCount + k + 1] = entries + k + 1;
  });
  return {
    ...model,
    columnCount,
    columnStart,
    rowIndex,
    value,
    cost: Float64Array.from({ length: columnCount }, (_, j) =>
      j < model.columnCount ? 0 : (reliefs[j - model.columnCount]!.cost ?? 1),
    ),
    lower: extend(model.lower, 0),
    upper: extend(model.upper, Infinity),
    columnNames: [...model.columnNames!, ...reliefs.map((_, k) => `relief[${k}]`)],
  };
}

const money = (amount: number) => `${amount.toPrecision(4)} $`;
const mw = (amount: number) => `${amount.toPrecision(4)} MW`;
