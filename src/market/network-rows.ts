import type { Case } from '../model/case.js';
import type { CompiledCase } from '../model/compiled.js';
import type { Solution } from '../solver/solution.js';
import type { NetworkRow } from './documents.js';
import type { ShiftPlan, Task } from './tasks.js';

/** A bus or line this near to a limit, relative, gets a row. */
const NEAR_LIMIT = 0.02;

/** A task where the network sees it. */
export interface PlacedTask {
  readonly task: Task;
  /** Tree position of its bus. */
  readonly position: number;
  /** MW of reactive injection that come with one MW of real shift. */
  readonly reactiveShare: number;
}

/**
 * The rows 𝒰 of CES-ID in one period: how the tasks' departures from the equilibrium move the
 * squared voltages and line loadings that stand within 2% of a limit. Sensitivities are those of
 * LinDistFlow (Baran & Wu 1989 without losses): along the path to the root, 2r and 2x for squared
 * voltages, one for flows.
 */
export function networkRows(
  compiled: CompiledCase,
  solution: Solution,
  period: number,
  tasks: readonly PlacedTask[],
): NetworkRow[] {
  if (tasks.length === 0) return [];
  return [...voltageRows(compiled, solution, period, tasks), ...thermalRows(compiled, solution, period, tasks)];
}

/** Σ over a participant's shapable loads of what their power factor adds to a shift, per MW of it. */
export function reactiveShare(feeder: Case, plan: ShiftPlan, period: number): number {
  const shift = plan.equilibriumMw[period]! - plan.ownMw[period]!;
  if (shift === 0) return 0;
  let reactive = 0;
  plan.devices.shapables.forEach((place, k) => {
    const moved = plan.own.shapableMw[k]![period]! - plan.equilibrium.shapableMw[k]![period]!;
    reactive += moved * Math.tan(Math.acos(feeder.shapables[place]!.powerFactor));
  });
  return reactive / shift;
}

function voltageRows(c: CompiledCase, solution: Solution, period: number, tasks: readonly PlacedTask[]): NetworkRow[] {
  const rows: NetworkRow[] = [];
  const pathR = pathSums(c, c.r);
  const pathX = pathSums(c, c.x);
  for (let i = 1; i < c.busCount; i++) {
    const voltage = solution.buses![c.busOfPosition[i]!]!.voltagePu[period]!;
    const [least, most] = [Math.sqrt(c.vMin[i]!), Math.sqrt(c.vMax[i]!)];
    if (voltage > least * (1 + NEAR_LIMIT) && voltage < most * (1 - NEAR_LIMIT)) continue;
    const coefficients: Record<string, number> = {};
    for (const { task, position, reactiveShare: share } of tasks) {
      const meeting = commonAncestor(c, i, position);
      const perMw = (2 * (pathR[meeting]! + pathX[meeting]! * share)) / c.baseMva;
      if (perMw !== 0) coefficients[task.participant] = perMw;
    }
    const squared = voltage * voltage;
    pushRow(rows, coefficients, c.vMin[i]! - squared, c.vMax[i]! - squared);
  }
  return rows;
}

function thermalRows(c: CompiledCase, solution: Solution, period: number, tasks: readonly PlacedTask[]): NetworkRow[] {
  const rows: NetworkRow[] = [];
  for (let i = 1; i < c.busCount; i++) {
    if (!Number.isFinite(c.limit[i]!)) continue;
    const limit = c.limit[i]! * c.baseMva;
    const [p, q] = flowAtChild(c, solution, i, period);
    const apparent = Math.hypot(p, q);
    if (apparent < limit * (1 - NEAR_LIMIT)) continue;
    const coefficients: Record<string, number> = {};
    for (const { task, position, reactiveShare: share } of tasks) {
      if (position < i || position >= i + c.subtree[i]!) continue;
      const perMw = (p + q * share) / apparent;
      if (perMw !== 0) coefficients[task.participant] = perMw;
    }
    pushRow(rows, coefficients, -limit - apparent, limit - apparent);
  }
  return rows;
}

/** The equilibrium itself always stays allowed, also where it stands a rounding beyond its limit. */
function pushRow(rows: NetworkRow[], coefficients: Record<string, number>, lower: number, upper: number): void {
  if (Object.keys(coefficients).length === 0) return;
  rows.push({ coefficients, lower: Math.min(0, lower), upper: Math.max(0, upper) });
}

/** Power sent from bus i towards its parent at i's end, MW and Mvar. */
function flowAtChild(c: CompiledCase, solution: Solution, i: number, period: number): [number, number] {
  const line = solution.lines![c.lineOfPosition[i]!]!;
  const [p, q, loss] = [line.pMw[period]!, line.qMvar[period]!, line.lossMw[period]!];
  if (c.lineFromChild[i]) return [p, q];
  const reactiveLoss = c.r[i]! > 0 ? (loss * c.x[i]!) / c.r[i]! : 0;
  return [loss - p, reactiveLoss - q];
}

function pathSums(c: CompiledCase, perLine: Float64Array): Float64Array {
  const sums = new Float64Array(c.busCount);
  for (let i = 1; i < c.busCount; i++) sums[i] = sums[c.parent[i]!]! + perLine[i]!;
  return sums;
}

/** In preorder a parent comes before its child: the later of the two cannot be the common ancestor. */
function commonAncestor(c: CompiledCase, i: number, j: number): number {
  while (i !== j) {
    if (i > j) i = c.parent[i]!;
    else j = c.parent[j]!;
  }
  return i;
}
