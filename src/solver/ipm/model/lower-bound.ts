import type { CompiledCase } from '../../../model/compiled.js';
import type { ConicDuals } from '../conic.js';
import type { NetworkProgram } from './network.js';

/**
 * A lower bound on the plain relaxation that holds whatever the accuracy of the solve: from the
 * multipliers an exactly dual feasible point is made in closed form, and its objective is taken.
 *
 * For any row multipliers y the Lagrangian's gradient g = P x + q + Aᵀ y must be taken up by bounds and
 * cones. Bounds take any amount at a known price. A branch cone with multipliers (z0, z1, z2, z3) takes
 *
 *     g_P = 2 z2,   g_Q = 2 z3,   g_ℓ = z0 − z1,   and z0 + z1 of v's part,
 *
 * which is in its cone exactly when g_ℓ (z0 + z1) ≥ z2² + z3²: z0 + z1 is raised from the solver's where
 * it must be, and what is left of v's part goes to the voltage's bounds. A disc takes its tails with the
 * head |tails|. Lines without impedance make their two buses' prices equal.
 *
 * Where g_ℓ is too small for that (losses are worth nothing or less, as where the relaxation is not
 * exact), all of a period's are lifted by δ r, which costs δ Σ r ℓ at most: the balances add up to
 * Σ r ℓ = Σ p ≤ all that can be injected. δ is chosen per period.
 *
 * @returns −Infinity where an unbounded variable is left with a gradient.
 */
export function safeLowerBound(
  problem: CompiledCase,
  network: NetworkProgram,
  x: Float64Array,
  duals: ConicDuals,
): number {
  if (network.vLossless) return Number.NEGATIVE_INFINITY; // a bound on another problem
  const { program } = network;
  const row = feasibleRows(problem, network, duals.row);
  const gradient = new Float64Array(program.variables);
  const quadratic = program.quadratic.view();
  const cost = program.cost.view();
  let bound = program.constant;
  for (let j = 0; j < gradient.length; j++) {
    gradient[j] = quadratic[j]! * x[j]! + cost[j]!;
    bound -= 0.5 * quadratic[j]! * x[j]! * x[j]!;
  }
  bound += takeRows(network, row, gradient);
  bound += takeDiscs(problem, network, duals, gradient);
  bound += takeBranches(problem, network, duals, gradient);
  const lower = program.lower.view();
  const upper = program.upper.view();
  for (let j = 0; j < gradient.length; j++) {
    if (gradient[j] !== 0) bound += gradient[j]! * (gradient[j]! > 0 ? lower[j]! : upper[j]!);
  }
  return Number.isNaN(bound) ? Number.NEGATIVE_INFINITY : bound;
}

/** Multipliers of one-sided rows by their sign, and one price on both ends of a line without impedance. */
function feasibleRows(problem: CompiledCase, network: NetworkProgram, given: Float64Array): Float64Array {
  const { program, balanceP, balanceQ, ell, thermal } = network;
  const row = given.slice();
  for (let i = 0; i < row.length; i++) {
    if (program.rowUpper.get(i) === Infinity) row[i] = Math.min(row[i]!, 0);
    if (program.rowLower.get(i) === -Infinity) row[i] = Math.max(row[i]!, 0);
  }
  for (let i = 1; i < problem.busCount; i++) {
    for (let t = 0; t < problem.periods; t++) {
      const k = i * problem.periods + t;
      if (ell[k]! >= 0 || thermal[k]! >= 0) continue;
      const up = problem.parent[i]! * problem.periods + t;
      row[balanceP[k]!] = row[balanceP[up]!]!;
      row[balanceQ[k]!] = row[balanceQ[up]!]!;
    }
  }
  return row;
}

/** Adds Aᵀ y to the gradient; gives the rows' part of the dual objective. */
function takeRows(network: NetworkProgram, row: Float64Array, gradient: Float64Array): number {
  const { program } = network;
  const rowPtr = program.rowPtr.view();
  const column = program.column.view();
  const coefficient = program.coefficient.view();
  let part = 0;
  for (let i = 0; i < row.length; i++) {
    const y = row[i]!;
    if (y === 0) continue;
    part -= y * (y > 0 ? program.rowUpper.get(i) : program.rowLower.get(i));
    for (let e = rowPtr[i]!; e < rowPtr[i + 1]!; e++) gradient[column[e]!]! += coefficient[e]! * y;
  }
  return part;
}

/** Discs of lines keep their tails; discs of inverters take the whole gradient of q. Heads become |tails|. */
function takeDiscs(problem: CompiledCase, network: NetworkProgram, duals: ConicDuals, gradient: Float64Array): number {
  const { program, thermal, ell, flowP, flowQ, devices } = network;
  let part = 0;
  for (let k = 0; k < thermal.length; k++) {
    if (thermal[k]! < 0) continue;
    const first = program.conePtr.get(thermal[k]!);
    const free = ell[k]! < 0; // no branch cone: the disc must take all
    const tailP = free ? gradient[flowP[k]!]! : duals.cone[first + 1]!;
    const tailQ = free ? gradient[flowQ[k]!]! : duals.cone[first + 2]!;
    gradient[flowP[k]!]! -= tailP;
    gradient[flowQ[k]!]! -= tailQ;
    part -= program.coneConstant.get(first) * Math.hypot(tailP, tailQ);
  }
  const inverter = (cone: number, real: readonly number[], signs: readonly number[], reactive: number): void => {
    const first = program.conePtr.get(cone);
    const tailP = duals.cone[first + 1]!;
    const tailQ = gradient[reactive]!;
    for (let k = 0; k < real.length; k++) gradient[real[k]!]! -= signs[k]! * tailP;
    gradient[reactive] = 0;
    part -= program.coneConstant.get(first) * Math.hypot(tailP, tailQ);
  };
  for (let t = 0; t < problem.periods; t++) {
    devices.solarDisc.forEach((cone, s) => {
      if (cone >= 0) inverter(cone + t, [devices.solarP[s]! + t], [1], devices.solarQ[s]! + t);
    });
    devices.batteryDisc.forEach((cone, b) => {
      if (cone >= 0) {
        inverter(cone + t, [devices.discharge[b]! + t, devices.charge[b]! + t], [1, -1], devices.batteryQ[b]! + t);
      }
    });
  }
  return part;
}

interface Branch {
  /** Index (bus, period). */
  readonly k: number;
  /** g_ℓ */
  readonly along: number;
  /** The solver's z0 + z1. */
  readonly across: number;
  /** z2² + z3² */
  readonly size: number;
  readonly r: number;
  readonly vMax: number;
}

/** Moves every branch's gradient onto its voltage; gives the price of lifting g_ℓ where that is needed. */
function takeBranches(
  problem: CompiledCase,
  network: NetworkProgram,
  duals: ConicDuals,
  gradient: Float64Array,
): number {
  const { program, branch, v, ell, flowP, flowQ } = network;
  const { periods, busCount, r, vMax } = problem;
  const injection = largestInjection(problem);
  let part = 0;
  for (let t = 0; t < periods; t++) {
    const branches: Branch[] = [];
    for (let i = 1; i < busCount; i++) {
      const k = i * periods + t;
      if (branch[k]! < 0) continue;
      const size = 0.25 * (gradient[flowP[k]!]! ** 2 + gradient[flowQ[k]!]! ** 2);
      const first = program.conePtr.get(branch[k]!);
      const across = Math.max(0, duals.cone[first]! + duals.cone[first + 1]!);
      branches.push({ k, along: gradient[ell[k]!]!, across, size, r: r[i]!, vMax: vMax[i]! });
    }
    const price = (lift: number): number => {
      let sum = lift * injection[t]!;
      for (const one of branches) {
        const lifted = one.along + lift * one.r;
        if (lifted < 0 || (lifted === 0 && one.size > 0)) return Number.POSITIVE_INFINITY;
        if (one.size > one.across * lifted) sum += (one.size / lifted - one.across) * one.vMax;
      }
      return sum;
    };
    const needed = branches.reduce((most, one) => Math.max(most, -one.along / one.r), 0);
    const lift = cheapestLift(needed, price);
    part -= lift * injection[t]!;
    for (const { k, along, across, size, r: ohm } of branches) {
      gradient[v[k]!]! -= size > 0 ? Math.max(across, size / (along + lift * ohm)) : across;
      gradient[flowP[k]!] = 0;
      gradient[flowQ[k]!] = 0;
      gradient[ell[k]!] = 0;
    }
  }
  return part;
}

/** What is needed, and on top of it nothing or a power of two: near enough to the best for a bound. */
function cheapestLift(needed: number, price: (lift: number) => number): number {
  let best = needed;
  let least = price(needed);
  for (let more = 2 ** -44; more < 2 ** 20; more *= 2) {
    const cost = price(needed + more);
    if (cost < least) {
      best = needed + more;
      least = cost;
    } else if (least < Number.POSITIVE_INFINITY && more > 16 * best) break;
  }
  return best;
}

/** Per period: no schedule injects more real power in total, so no losses exceed it. */
function largestInjection(problem: CompiledCase): Float64Array {
  const { periods, generators, solar, batteries, sheddable, loadP } = problem;
  const most = new Float64Array(periods);
  for (let t = 0; t < periods; t++) {
    let sum = 0;
    for (let g = 0; g < generators.count; g++) sum += Math.max(generators.pMax[g]!, 0);
    for (let s = 0; s < solar.count; s++) sum += solar.forecast[s * periods + t]!;
    for (let b = 0; b < batteries.count; b++) sum += batteries.power[b]!;
    for (let k = 0; k < sheddable.count; k++) sum += sheddable.p[k * periods + t]!;
    for (let i = 0; i < problem.busCount; i++) sum += Math.max(-loadP[i * periods + t]!, 0);
    most[t] = sum;
  }
  return most;
}
