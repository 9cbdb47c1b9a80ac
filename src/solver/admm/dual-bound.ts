import type { CompiledCase } from '../../model/compiled.js';
import * as abi from '../../wasm/admm-abi.js';
import { deviceBound } from './dual-devices.js';
import type { AdmmSession } from './session.js';

/** Multipliers of the branch-flow equations, in scaled prices. */
export interface Multipliers {
  /** N × T: price of real power at each bus (what one more unit of load costs). */
  readonly nuP: Float64Array;
  readonly nuQ: Float64Array;
  /** N × T: of each line's voltage drop; row 0 is zero. */
  readonly mu: Float64Array;
  /** Of the renewable-share row, ≥ 0. */
  readonly share: number;
}

/** The multipliers of the z-block as they stand after `evaluate`. */
export function multipliersOf(session: AdmmSession): Multipliers {
  const { problem, settings } = session.scene;
  const { busCount, periods, parent, shunt } = problem;
  const node = session.vector('node');
  const nuP = new Float64Array(busCount * periods);
  const nuQ = new Float64Array(busCount * periods);
  const mu = new Float64Array(busCount * periods);
  for (let bus = 0; bus < busCount; bus += 1) {
    nuP.set(node.subarray(3 * bus * periods, (3 * bus + 1) * periods), bus * periods);
    nuQ.set(node.subarray((3 * bus + 1) * periods, (3 * bus + 2) * periods), bus * periods);
    if (settings.variant === 'bus' && bus > 0) {
      mu.set(node.subarray((3 * bus + 2) * periods, (3 * bus + 3) * periods), bus * periods);
    }
  }
  if (settings.variant === 'tree') {
    // stationarity in v: W (w − z) = mu_i − Σ_children mu_j − b nuQ, solved from the leaves up
    const w = session.vector('w');
    const z = session.vector('z');
    const weight = session.vector('weight');
    for (let bus = busCount - 1; bus > 0; bus -= 1) {
      const up = parent[bus]! * periods;
      for (let t = 0; t < periods; t += 1) {
        const k = bus * periods + t;
        const row = 4 * bus * periods + t;
        mu[k]! += weight[4 * bus]! * (w[row]! - z[row]!) + shunt[bus]! * nuQ[k]!;
        if (up > 0) mu[up + t]! += mu[k]!;
      }
    }
  }
  const share = problem.minRenewableShare > 0 ? session.doubles[abi.SHARE_DUAL]! : 0;
  return { nuP, nuQ, mu, share };
}

/** Lines shorter than this share of the mean impedance get prices that fit their flow exactly. */
const SHORT = 1e-2;

/**
 * The same multipliers with the prices below very short lines settled: such a line passes a price on
 * almost unchanged, so a small error there would be multiplied by all the power that could flow. Moved
 * onto the devices behind it, it is multiplied by theirs.
 */
export function settledPrices(session: AdmmSession, at: Multipliers): Multipliers {
  const { problem, scale, settings } = session.scene;
  const { busCount, periods, parent, r, x, limit } = problem;
  const perLine = settings.variant === 'bus' ? 8 : 4;
  const z = session.vector('z');
  const [nuP, nuQ] = [at.nuP.slice(), at.nuQ.slice()];
  for (let bus = 1; bus < busCount; bus += 1) {
    const [ri, xi] = [r[bus]!, x[bus]!];
    const z2 = ri * ri + xi * xi;
    if (Math.sqrt(z2) > SHORT * scale.impedanceMean) continue;
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      const up = parent[bus]! * periods + t;
      const row = (j: number) => z[(perLine * bus + j) * periods + t]!;
      const [p, q] = [row(2), row(3)];
      if (p * p + q * q > 0.98 * limit[bus]! * limit[bus]!) continue;
      const cEll = ri * nuP[up]! + xi * nuQ[up]! + z2 * at.mu[k]!;
      nuP[k] = nuP[up]! + 2 * ri * at.mu[k]! - (2 * cEll * p) / row(0);
      nuQ[k] = nuQ[up]! + 2 * xi * at.mu[k]! - (2 * cEll * q) / row(0);
    }
  }
  return { ...at, nuP, nuQ };
}

export interface DualValue {
  /** A lower bound on the scaled objective (costs 1), or of zero cost (costs 0: positive proves infeasibility). */
  readonly value: number;
  /** Σ |terms|: what rounding and near-cancellation are measured against. */
  readonly scale: number;
}

/**
 * Dual objective of the plain relaxation at given multipliers: the Lagrangian's least value over every
 * device's own limits and, line by line, over {P² + Q² ≤ v·ell, v in its band, thermal disc} cut by bounds
 * that every feasible point meets: losses are at most what can be injected in all, flows at most what
 * devices below and above a line can do. With those it is finite for ANY multipliers, so nothing has
 * to be repaired, and it is a true lower bound whatever the iterate.
 */
export function dualValue(session: AdmmSession, at: Multipliers, costs: 0 | 1): DualValue {
  const { problem, priceScale } = session.scene;
  const { busCount, periods } = problem;
  const limits = implied(session);
  let value = costs === 1 ? problem.constantCost / priceScale : 0;
  let scale = Math.abs(value);
  const add = (term: number) => {
    value += term;
    scale += Math.abs(term);
  };
  for (let bus = 0; bus < busCount; bus += 1) {
    let load = 0;
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      load += at.nuP[k]! * problem.loadP[k]! + at.nuQ[k]! * problem.loadQ[k]!;
    }
    add(load);
  }
  let total = 0;
  for (const p of problem.loadP) total += p;
  if (at.share > 0) add(at.share * problem.minRenewableShare * total);
  add(linesBound(problem, at, limits));
  for (const [index, entity] of session.scene.entities.entries()) {
    const prices = rowPrices(session, at, index, costs);
    const worth = entity.source === 'batteries' ? worthOf(session, index, prices[0]!, costs) : undefined;
    add(deviceBound(entity, periods, prices, costs, worth));
  }
  return { value, scale };
}

/** Price of each row of a device; the two copies of an inverter battery share it as their multipliers say. */
function rowPrices(session: AdmmSession, at: Multipliers, index: number, costs: 0 | 1): Float64Array[] {
  const { problem, entities } = session.scene;
  const { periods } = problem;
  const entity = entities[index]!;
  const from = entity.bus * periods;
  const factor = entity.source === 'solar' ? 1 : entity.source === 'shapables' ? -problem.minRenewableShare : 0;
  const prices = entity.rows.map((row, j) => {
    const own = new Float64Array(periods);
    const share = j === 0 ? factor * at.share : 0;
    for (let t = 0; t < periods; t += 1) own[t] = row.p * at.nuP[from + t]! + row.q * at.nuQ[from + t]! + share;
    return own;
  });
  if (entity.rows[0]!.paired) {
    const first = firstRow(session, index);
    const weight = session.vector('weight')[first]!;
    const w = session.vector('w');
    const z = session.vector('z');
    for (let t = 0; t < periods; t += 1) {
      const k = first * periods + t;
      const whole = prices[0]![t]!;
      // a certificate's direction has no such record: the chain takes it all
      const chain = costs === 1 ? weight * (z[k]! - w[k]!) : whole;
      prices[0]![t] = chain;
      prices[1]![t] = whole - chain;
    }
  }
  return prices;
}

function firstRow(session: AdmmSession, index: number): number {
  const words = session.words;
  const records = new Int32Array(
    session.layout.memory.buffer,
    words[abi.AT_ENTITY]! + index * abi.ENTITY_WORDS * 4,
    abi.ENTITY_WORDS,
  );
  return records[1]! + session.layout.shape.networkRows;
}

/** The battery's multiplier of stored energy at these prices, from its own prox with a faint quadratic term. */
function worthOf(session: AdmmSession, index: number, price: Float64Array, costs: 0 | 1): Float64Array {
  const { periods } = session.scene.problem;
  const spare = session.vector('spare');
  const row = firstRow(session, index);
  const weight = session.vector('weight')[row]!;
  const z = session.vector('z');
  // a direction: prices alone, large beside the battery's own cost and weight
  const largest = price.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-300);
  const stretch = costs === 1 ? 1 : 1e6 / largest;
  for (let t = 0; t < periods; t += 1) {
    const origin = costs === 1 ? z[row * periods + t]! : 0;
    spare[t] = origin + (price[t]! * stretch) / weight;
  }
  const at = session.layout.regions.spare.offset;
  session.exports.proxRows(session.layout.context, 0, index, at, 0, 0, at + 3 * periods * 8);
  return spare.slice(3 * periods, 4 * periods).map((value) => value / stretch);
}

interface Implied {
  /** T: Σ r·ell over all lines is at most this. */
  readonly lossP: Float64Array;
  readonly lossQ: Float64Array;
  /** T: no flow is larger. */
  readonly flow: Float64Array;
}

/** Bounds that follow from the devices' limits and Σ losses = Σ injections (r, x ≥ 0). */
function implied(session: AdmmSession): Implied {
  const { problem, entities } = session.scene;
  const { busCount, periods, shunt, vMax, vRoot } = problem;
  const lossP = new Float64Array(periods);
  const lossQ = new Float64Array(periods);
  const flow = new Float64Array(periods);
  let shunts = 0;
  for (let bus = 0; bus < busCount; bus += 1) {
    shunts += Math.max(0, shunt[bus]! * (bus === 0 ? vRoot : vMax[bus]!));
  }
  for (let t = 0; t < periods; t += 1) {
    let [up, down, upQ, downQ] = [0, 0, shunts, 0];
    for (let bus = 0; bus < busCount; bus += 1) {
      const k = bus * periods + t;
      up -= problem.loadP[k]!;
      down += problem.loadP[k]!;
      upQ -= problem.loadQ[k]!;
      downQ += problem.loadQ[k]!;
    }
    for (const entity of entities) {
      const [most, least, mostQ, leastQ] = reach(entity, t, periods);
      up += most;
      down -= least;
      upQ += mostQ;
      downQ -= leastQ;
    }
    lossP[t] = Math.max(0, up);
    lossQ[t] = Math.max(0, upQ);
    // |P_i| ≤ what can be drawn or injected anywhere, losses included
    const mostP = Math.max(up, 0) + Math.max(down, 0) + Math.max(0, up);
    const mostQ = Math.max(upQ, 0) + Math.max(downQ, 0) + Math.max(0, upQ);
    let absolute = 0;
    for (let bus = 0; bus < busCount; bus += 1) {
      absolute += Math.abs(problem.loadP[bus * periods + t]!) + Math.abs(problem.loadQ[bus * periods + t]!);
    }
    flow[t] = mostP + mostQ + 2 * absolute;
  }
  return { lossP, lossQ, flow };
}

/** Largest and smallest injection of a device in a period: real, then reactive. */
function reach(
  entity: AdmmSession['scene']['entities'][number],
  t: number,
  periods: number,
): [number, number, number, number] {
  const d = entity.parameters;
  switch (entity.kind) {
    case abi.KIND_GENERATOR:
      return [d[1]!, d[0]!, d[3]!, d[2]!];
    case abi.KIND_SOLAR:
      return [d[2 + t]!, 0, 0, 0];
    case abi.KIND_SOLAR_INVERTER:
      return [d[2 + t]!, 0, d[1]!, -d[1]!];
    case abi.KIND_SHAPABLE:
      return [0, -d[2]!, 0, -d[2]! * Math.abs(entity.rows[0]!.q)];
    case abi.KIND_SHED: {
      const q = d[1 + t]! * d[1 + periods + t]!;
      return [d[1 + t]!, 0, Math.max(q, 0), Math.min(q, 0)];
    }
    default:
      return [d[0]!, -d[0]!, d[7]!, -d[7]!];
  }
}

/** Σ over lines and periods of the least of c_v v + c_ell ell + c_P P + c_Q Q on the line's own set. */
function linesBound(problem: CompiledCase, at: Multipliers, limits: Implied): number {
  const { busCount, periods, parent, r, x, shunt, vMin, vMax, vRoot, limit } = problem;
  const below = new Float64Array(busCount * periods);
  for (let bus = busCount - 1; bus > 0; bus -= 1) {
    for (let t = 0; t < periods; t += 1) below[parent[bus]! * periods + t]! += at.mu[bus * periods + t]!;
  }
  let sum = 0;
  for (let t = 0; t < periods; t += 1) sum += vRoot * (-shunt[0]! * at.nuQ[t]! - below[t]!);
  for (let bus = 1; bus < busCount; bus += 1) {
    const [ri, xi] = [r[bus]!, x[bus]!];
    const z2 = ri * ri + xi * xi;
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      const up = parent[bus]! * periods + t;
      const m = at.mu[k]!;
      const cV = m - below[k]! - shunt[bus]! * at.nuQ[k]!;
      const cP = at.nuP[k]! - at.nuP[up]! - 2 * ri * m;
      const cQ = at.nuQ[k]! - at.nuQ[up]! - 2 * xi * m;
      const cEll = ri * at.nuP[up]! + xi * at.nuQ[up]! + z2 * m;
      const most = Math.min(limit[bus]!, limits.flow[t]!);
      const ellMost = Math.min(
        ri > 0 ? limits.lossP[t]! / ri : Number.POSITIVE_INFINITY,
        xi > 0 ? limits.lossQ[t]! / xi : Number.POSITIVE_INFINITY,
      );
      sum += lineBound(cV, cEll, Math.sqrt(cP * cP + cQ * cQ), vMin[bus]!, vMax[bus]!, most, z2 > 0 ? ellMost : 0);
    }
  }
  return sum;
}

/**
 * min over v in [low, high], 0 ≤ s ≤ most, ell ≥ s²/v (and ell ≤ ellMost) of cV v + cEll ell − cS s.
 * For cEll ≥ 0 it is convex in v: linear while s = cS v / (2 cEll) is inside, then one stationary point.
 */
export function lineBound(
  cV: number,
  cEll: number,
  cS: number,
  low: number,
  high: number,
  most: number,
  ellMost: number,
): number {
  if (cEll < 0) return Math.min(cV * low, cV * high) + cEll * ellMost - cS * most;
  const flowAt = (v: number) => (cEll > 0 ? Math.min(most, (cS * v) / (2 * cEll)) : cS > 0 ? most : 0);
  const valueAt = (v: number) => {
    const s = flowAt(v);
    return cV * v + (cEll * s * s) / v - cS * s;
  };
  let best = Math.min(valueAt(low), valueAt(high));
  const inside = (v: number) => {
    if (v > low && v < high) best = Math.min(best, valueAt(v));
  };
  if (cS > 0) inside((2 * cEll * most) / cS);
  if (cV > 0) inside(most * Math.sqrt(cEll / cV));
  return best;
}
