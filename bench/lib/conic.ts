import type { CompiledCase } from '../../src/model/compiled.js';
import { Triplets } from './triplets.js';

/**
 * CES-OPF (docs/math.md) in the standard form of conic solvers, for peers only:
 * minimise ½ x'Px + c'x + constant subject to A x + s = b, s in zero × nonnegative × second-order cones.
 * Assembled from the compiled case without any kernel of the project, so that a shared mistake cannot hide.
 */
export interface ConicProblem {
  readonly columns: number;
  readonly rows: number;
  /** Diagonal of P; zeros included. */
  readonly quadratic: Float64Array;
  readonly linear: Float64Array;
  readonly constant: number;
  /** A by columns (CSC). */
  readonly start: Int32Array;
  readonly index: Int32Array;
  readonly value: Float64Array;
  readonly rightSide: Float64Array;
  readonly cones: { readonly zero: number; readonly nonnegative: number; readonly secondOrder: readonly number[] };
  /** First column of the squared voltages, N × T in tree order. */
  readonly voltageColumn: number;
  /** First row of the real balances, N × T in tree order; their multipliers are the prices. */
  readonly balanceRow: number;
  /** $/MWh for a unit of multiplier. */
  readonly priceScale: number;
}

/** Hands out columns block by block. */
class Columns {
  count = 0;
  take(size: number): number {
    const first = this.count;
    this.count += size;
    return first;
  }
}

export function toConic(problem: CompiledCase): ConicProblem {
  const { busCount: n, periods: T, hours } = problem;
  const { solar, batteries, shapables, generators, sheddable } = problem;
  const columns = new Columns();
  const P = columns.take(n * T);
  const Q = columns.take(n * T);
  const ell = columns.take(n * T);
  const v = columns.take(n * T);
  const sun = columns.take(solar.count * T);
  const sunQ = columns.take(solar.count * T);
  const charge = columns.take(batteries.count * T);
  const discharge = columns.take(batteries.count * T);
  const batteryQ = columns.take(batteries.count * T);
  const store = columns.take(batteries.count * T);
  const shape = columns.take(shapables.count * T);
  const gen = columns.take(generators.count * T);
  const genQ = columns.take(generators.count * T);
  const shed = columns.take(sheddable.count * T);
  const zero = new Triplets();
  const bounds = new Triplets();
  const cones = new Triplets();
  const sizes: number[] = [];
  const linear = new Float64Array(columns.count);
  const quadratic = new Float64Array(columns.count);
  let constant = problem.constantCost;

  const fix = (column: number, value: number) => zero.row([[column, 1]], value);
  const atMost = (column: number, value: number) => Number.isFinite(value) && bounds.row([[column, 1]], value);
  const atLeast = (column: number, value: number) => Number.isFinite(value) && bounds.row([[column, -1]], -value);
  const between = (column: number, low: number, high: number) => {
    if (low === high) fix(column, low);
    else {
      atLeast(column, low);
      atMost(column, high);
    }
  };
  /** Rows (constant − Σ a x) that together lie in one second-order cone. */
  const cone = (
    rows: readonly { readonly terms: readonly (readonly [number, number])[]; readonly constant: number }[],
  ) => {
    sizes.push(rows.length);
    for (const row of rows)
      cones.row(
        row.terms.map(([column, a]) => [column, -a]),
        row.constant,
      );
  };

  // Balances: what a bus sends up, less what its children deliver, less what its devices inject = − its load.
  const real: [number, number][][] = Array.from({ length: n * T }, () => []);
  const reactive: [number, number][][] = Array.from({ length: n * T }, () => []);
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < T; t++) {
      const at = i * T + t;
      reactive[at]!.push([v + at, -problem.shunt[i]!]);
      if (i === 0) continue;
      const up = problem.parent[i]! * T + t;
      real[at]!.push([P + at, 1]);
      reactive[at]!.push([Q + at, 1]);
      real[up]!.push([P + at, -1], [ell + at, problem.r[i]!]);
      reactive[up]!.push([Q + at, -1], [ell + at, problem.x[i]!]);
    }
  }
  const inject = (
    rows: [number, number][][],
    bus: Int32Array,
    first: number,
    sign = 1,
    scale?: (k: number) => number,
  ) => {
    bus.forEach((i, k) => {
      for (let t = 0; t < T; t++) rows[i * T + t]!.push([first + k * T + t, -sign * (scale?.(k) ?? 1)]);
    });
  };
  inject(real, solar.bus, sun);
  inject(reactive, solar.bus, sunQ);
  inject(real, batteries.bus, charge, -1);
  inject(real, batteries.bus, discharge);
  inject(reactive, batteries.bus, batteryQ);
  inject(real, shapables.bus, shape, -1);
  inject(reactive, shapables.bus, shape, -1, (k) => shapables.tanPhi[k]!);
  inject(real, generators.bus, gen);
  inject(reactive, generators.bus, genQ);
  inject(real, sheddable.bus, shed);
  sheddable.bus.forEach((i, k) => {
    for (let t = 0; t < T; t++) {
      const p = sheddable.p[k * T + t]!;
      if (p !== 0) reactive[i * T + t]!.push([shed + k * T + t, -sheddable.q[k * T + t]! / p]);
    }
  });
  real.forEach((terms, at) => {
    zero.row(terms, -problem.loadP[at]!);
  });
  reactive.forEach((terms, at) => {
    zero.row(terms, -problem.loadQ[at]!);
  });

  for (let t = 0; t < T; t++) {
    for (const block of [P, Q, ell]) fix(block + t, 0);
    fix(v + t, problem.vRoot);
  }
  for (let i = 1; i < n; i++) {
    const [r, x] = [problem.r[i]!, problem.x[i]!];
    for (let t = 0; t < T; t++) {
      const at = i * T + t;
      const drop: [number, number][] = [
        [v + problem.parent[i]! * T + t, 1],
        [v + at, -1],
        [P + at, 2 * r],
        [Q + at, 2 * x],
        [ell + at, -(r * r + x * x)],
      ];
      zero.row(drop, 0);
      between(v + at, problem.vMin[i]!, problem.vMax[i]!);
      cone([
        {
          terms: [
            [v + at, 1],
            [ell + at, 1],
          ],
          constant: 0,
        },
        { terms: [[P + at, 2]], constant: 0 },
        { terms: [[Q + at, 2]], constant: 0 },
        {
          terms: [
            [v + at, 1],
            [ell + at, -1],
          ],
          constant: 0,
        },
      ]);
      if (Number.isFinite(problem.limit[i]!)) {
        cone([
          { terms: [], constant: problem.limit[i]! },
          { terms: [[P + at, 1]], constant: 0 },
          { terms: [[Q + at, 1]], constant: 0 },
        ]);
      }
    }
  }

  /** Reactive power of an inverter: inside its disc, or none. */
  const inverter = (rating: number, active: readonly (readonly [number, number])[], column: number) => {
    if (!Number.isFinite(rating)) fix(column, 0);
    else
      cone([
        { terms: [], constant: rating },
        { terms: active, constant: 0 },
        { terms: [[column, 1]], constant: 0 },
      ]);
  };
  for (let k = 0; k < solar.count; k++) {
    for (let t = 0; t < T; t++) {
      const at = k * T + t;
      between(sun + at, solar.curtailable[k] ? 0 : solar.forecast[at]!, solar.forecast[at]!);
      inverter(solar.sMax[k]!, [[sun + at, 1]], sunQ + at);
    }
  }
  for (let k = 0; k < batteries.count; k++) {
    for (let t = 0; t < T; t++) {
      const at = k * T + t;
      between(charge + at, 0, batteries.power[k]!);
      between(discharge + at, 0, batteries.power[k]!);
      linear[charge + at] = batteries.cost[k]!;
      linear[discharge + at] = batteries.cost[k]!;
      inverter(
        batteries.sMax[k]!,
        [
          [discharge + at, 1],
          [charge + at, -1],
        ],
        batteryQ + at,
      );
      const change: [number, number][] = [
        [store + at, 1],
        [charge + at, -hours * batteries.chargeEfficiency[k]!],
        [discharge + at, hours / batteries.dischargeEfficiency[k]!],
      ];
      if (t > 0) change.push([store + at - 1, -1]);
      zero.row(change, t === 0 ? batteries.initial[k]! : 0);
      if (t === T - 1) fix(store + at, batteries.final[k]!);
      else between(store + at, 0, batteries.energy[k]!);
    }
  }
  for (let k = 0; k < shapables.count; k++) {
    const used: [number, number][] = [];
    for (let t = 0; t < T; t++) {
      const at = k * T + t;
      const open = t >= shapables.start[k]! && t < shapables.end[k]!;
      between(shape + at, 0, open ? shapables.max[k]! : 0);
      used.push([shape + at, hours]);
      const [weight, wish] = [shapables.discomfort[k]!, shapables.preferred[at]!];
      quadratic[shape + at] = 2 * weight;
      linear[shape + at] = -2 * weight * wish;
      constant += weight * wish * wish;
    }
    zero.row(used, shapables.energy[k]!);
  }
  for (let k = 0; k < generators.count; k++) {
    for (let t = 0; t < T; t++) {
      const at = k * T + t;
      between(gen + at, generators.pMin[k]!, generators.pMax[k]!);
      between(genQ + at, generators.qMin[k]!, generators.qMax[k]!);
      quadratic[gen + at] = 2 * generators.quadratic[k]!;
      linear[gen + at] = generators.linear[at]!;
      if (t > 0 && Number.isFinite(generators.ramp[k]!)) {
        bounds.row(
          [
            [gen + at, 1],
            [gen + at - 1, -1],
          ],
          generators.ramp[k]!,
        );
        bounds.row(
          [
            [gen + at, -1],
            [gen + at - 1, 1],
          ],
          generators.ramp[k]!,
        );
      }
    }
  }
  for (let at = 0; at < sheddable.count * T; at++) {
    between(shed + at, 0, sheddable.p[at]!);
    linear[shed + at] = sheddable.cost[Math.floor(at / T)]!;
  }
  if (problem.minRenewableShare > 0) {
    const share = problem.minRenewableShare;
    const terms: [number, number][] = [];
    for (let at = 0; at < solar.count * T; at++) terms.push([sun + at, -1]);
    for (let at = 0; at < shapables.count * T; at++) terms.push([shape + at, share]);
    bounds.row(terms, -share * problem.loadP.reduce((sum, load) => sum + load, 0));
  }

  const rows = zero.rows + bounds.rows + cones.rows;
  const matrix = Triplets.columns(columns.count, [zero, bounds, cones]);
  return {
    columns: columns.count,
    rows,
    quadratic,
    linear,
    constant,
    ...matrix,
    rightSide: Float64Array.from([...zero.rightSide, ...bounds.rightSide, ...cones.rightSide]),
    cones: { zero: zero.rows, nonnegative: bounds.rows, secondOrder: sizes },
    voltageColumn: v,
    balanceRow: 0,
    priceScale: 1 / (hours * problem.baseMva),
  };
}
