import type { LpModel } from '../lp/types.js';
import type { IncentiveProblem, IncentiveTask } from './documents.js';

/**
 * CES-ID, problem (2) of the paper, as a linear program (docs/market.md).
 *
 * Columns: m_i, y′_i, w_i for each task i (at 3i, 3i+1, 3i+2), then z where there is a supplement
 * price, then one reference reward per fairness group. y = floor·m + y′, so that y ≥ floor·m is the
 * bound y′ ≥ 0.
 */
export interface IncentiveLp {
  readonly model: LpModel;
  /** The problem's tasks with the floor that holds: an injecting task is never asked to pay. */
  readonly floors: readonly number[];
  readonly rows: {
    readonly budget: 0;
    readonly demand: 1;
    /** First of the network rows. */
    readonly network: number;
    /** One per task in a group, with the factor of the spread on its right-hand side. */
    readonly fairness: readonly { readonly row: number; readonly weight: number }[];
    /** First row of each task; row names tell them apart. */
    readonly task: readonly number[];
  };
  /** Column of z, or −1. */
  readonly supplementColumn: number;
}

/** Rows under construction, by columns: entries arrive in any order of rows. */
class ColumnBuilder {
  readonly rowLower: number[] = [];
  readonly rowUpper: number[] = [];
  readonly rowNames: string[] = [];
  readonly #columns: { rows: number[]; values: number[] }[];

  constructor(readonly columnCount: number) {
    this.#columns = Array.from({ length: columnCount }, () => ({ rows: [], values: [] }));
  }

  row(name: string, lower: number, upper: number): number {
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
    return this.rowNames.push(name) - 1;
  }

  put(row: number, column: number, value: number): void {
    if (value === 0) return;
    const entries = this.#columns[column]!;
    entries.rows.push(row);
    entries.values.push(value);
  }

  compressed(): Pick<LpModel, 'columnStart' | 'rowIndex' | 'value'> {
    const count = this.#columns.reduce((sum, column) => sum + column.rows.length, 0);
    const columnStart = new Int32Array(this.columnCount + 1);
    const rowIndex = new Int32Array(count);
    const value = new Float64Array(count);
    let at = 0;
    this.#columns.forEach((column, j) => {
      rowIndex.set(column.rows, at);
      value.set(column.values, at);
      at += column.rows.length;
      columnStart[j + 1] = at;
    });
    return { columnStart, rowIndex, value };
  }
}

/** Builds the LP of one period's CES-ID problem; rows and columns are in the problem's order. */
export function buildIncentiveLp(problem: IncentiveProblem): IncentiveLp {
  const { tasks, hours } = problem;
  const groups = fairnessGroups(problem);
  const supplementColumn = problem.supplementPricePerMwh === undefined ? -1 : 3 * tasks.length;
  const firstReference = 3 * tasks.length + (supplementColumn < 0 ? 0 : 1);
  const columnCount = firstReference + groups.length;
  const builder = new ColumnBuilder(columnCount);
  const cost = new Float64Array(columnCount);
  const lower = new Float64Array(columnCount);
  const upper = new Float64Array(columnCount).fill(Infinity);
  const columnNames: string[] = [];
  const floors = tasks.map(floorOf);

  const short = problem.sense === 'atLeast';
  builder.row('budget', -Infinity, problem.budget);
  builder.row('demand', short ? problem.demandMw : -Infinity, short ? Infinity : problem.demandMw);
  const network = builder.rowNames.length;
  putNetworkRows(builder, problem);

  const firstRows = tasks.map((task, i) => {
    const floor = floors[i]!;
    const energyPrice = paidEnergyPrice(task);
    const [m, y, w] = [3 * i, 3 * i + 1, 3 * i + 2];
    columnNames.push(`m[${task.id}]`, `y[${task.id}]`, `w[${task.id}]`);
    lower[m] = task.minMw;
    upper[m] = task.maxMw;
    cost[m] = task.eta * hours * (energyPrice + floor);
    cost[y] = task.eta * hours;
    cost[w] = task.zeta * hours;
    builder.put(0, m, hours * (energyPrice + floor));
    builder.put(0, y, hours);
    builder.put(1, m, task.direction);
    return putTaskRows(builder, task, floor, m, y, w);
  });

  if (supplementColumn >= 0) {
    columnNames.push('z');
    cost[supplementColumn] = problem.supplementPricePerMwh! * hours;
    builder.put(1, supplementColumn, short ? 1 : -1);
  }
  const fairness = putFairnessRows(builder, problem, groups, floors, firstReference);
  groups.forEach((_, g) => {
    columnNames.push(`reference[${g}]`);
    lower[firstReference + g] = -Infinity;
  });

  const model: LpModel = {
    name: 'ces-id',
    sense: 'minimise',
    rowCount: builder.rowNames.length,
    columnCount,
    ...builder.compressed(),
    cost,
    lower,
    upper,
    rowLower: Float64Array.from(builder.rowLower),
    rowUpper: Float64Array.from(builder.rowUpper),
    columnNames,
    rowNames: builder.rowNames,
  };
  return { model, floors, rows: { budget: 0, demand: 1, network, fairness, task: firstRows }, supplementColumn };
}

/** s_i λ_i: an injecting task is paid for its energy here, a consuming one is billed elsewhere. */
export function paidEnergyPrice(task: Pick<IncentiveTask, 'direction' | 'energyPricePerMwh'>): number {
  return task.direction === 1 ? task.energyPricePerMwh : 0;
}

/** The floor that holds: floor_i, and for an injecting task at least −λ_i. */
export function floorOf(task: IncentiveTask): number {
  return task.direction === 1 ? Math.max(task.floorPerMwh, -task.energyPricePerMwh) : task.floorPerMwh;
}

/** Required reward y for a shift of m MW, $/h: the largest of floor·m and the response's pieces. */
export function requiredReward(task: IncentiveTask, m: number): number {
  let reward = floorOf(task) * m;
  for (const piece of task.response ?? []) reward = Math.max(reward, piece.slopePerMwh * m - piece.offset);
  return reward;
}

function putTaskRows(
  builder: ColumnBuilder,
  task: IncentiveTask,
  floor: number,
  m: number,
  y: number,
  w: number,
): number {
  const first = builder.row(`below[${task.id}]`, task.equilibriumMw, Infinity);
  builder.put(first, m, 1);
  builder.put(first, w, 1);
  // w ≥ m − m^eq says nothing that w ≥ 0 does not where m cannot exceed m^eq.
  if (task.maxMw > task.equilibriumMw) {
    const above = builder.row(`above[${task.id}]`, -task.equilibriumMw, Infinity);
    builder.put(above, m, -1);
    builder.put(above, w, 1);
  }
  const cap = builder.row(`cap[${task.id}]`, -Infinity, 0);
  builder.put(cap, m, floor - task.capPerMwh);
  builder.put(cap, y, 1);
  task.response?.forEach((piece, k) => {
    const row = builder.row(`response[${task.id}][${k}]`, -piece.offset, Infinity);
    builder.put(row, m, floor - piece.slopePerMwh);
    builder.put(row, y, 1);
  });
  return first;
}

function putNetworkRows(builder: ColumnBuilder, problem: IncentiveProblem): void {
  const placeOf = new Map(problem.tasks.map((task, i) => [task.id, i]));
  problem.network?.forEach((limit, k) => {
    // Σ a σ (m − m^eq): what stands at the equilibrium moves to the right-hand side.
    let atEquilibrium = 0;
    const entries: [number, number][] = [];
    for (const [id, coefficient] of Object.entries(limit.coefficients)) {
      const place = placeOf.get(id)!;
      const task = problem.tasks[place]!;
      atEquilibrium += coefficient * task.direction * task.equilibriumMw;
      entries.push([3 * place, coefficient * task.direction]);
    }
    const row = builder.row(`network[${k}]`, limit.lower + atEquilibrium, limit.upper + atEquilibrium);
    for (const [column, value] of entries) builder.put(row, column, value);
  });
}

/** Places of the tasks in each fairness group; tasks with nothing to do are in none. */
function fairnessGroups(problem: IncentiveProblem): number[][] {
  if (!problem.fairness) return [];
  const placeOf = new Map(problem.tasks.map((task, i) => [task.id, i]));
  const everybody = [1, -1].map((direction) => problem.tasks.filter((t) => t.direction === direction).map((t) => t.id));
  return (problem.fairness.groups ?? everybody)
    .map((group) => group.map((id) => placeOf.get(id)!).filter((place) => problem.tasks[place]!.equilibriumMw > 0))
    .filter((group) => group.length > 1);
}

/** reference_g ≤ y_i / m_i^eq ≤ reference_g + spread, times m_i^eq; gives back the rows with the spread. */
function putFairnessRows(
  builder: ColumnBuilder,
  problem: IncentiveProblem,
  groups: readonly (readonly number[])[],
  floors: readonly number[],
  firstReference: number,
): IncentiveLp['rows']['fairness'][number][] {
  const spreadRows: IncentiveLp['rows']['fairness'][number][] = [];
  groups.forEach((group, g) => {
    for (const place of group) {
      const task = problem.tasks[place]!;
      const spread = problem.fairness!.maxSpreadPerMwh * task.equilibriumMw;
      const row = builder.row(`fairness[${task.id}]`, 0, spread);
      builder.put(row, 3 * place, floors[place]!);
      builder.put(row, 3 * place + 1, 1);
      builder.put(row, firstReference + g, -task.equilibriumMw);
      spreadRows.push({ row, weight: task.equilibriumMw });
    }
  });
  return spreadRows;
}
