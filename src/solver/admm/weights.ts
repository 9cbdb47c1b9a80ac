import type { CompiledCase } from '../../model/compiled.js';
import type { Entity } from './devices.js';

/** Sizes read off the feeder before anything is solved; weights and residuals are scaled by them. */
export interface FeederScale {
  /** Sum of |z| from the root, N. */
  readonly path: Float64Array;
  /** Power that could flow through each line: device ranges and peak load below it, N. */
  readonly downstream: Float64Array;
  /** Largest voltage drop (squared voltage) of those flows. */
  readonly dropMax: number;
  /** Mean |z| of the lines. */
  readonly impedanceMean: number;
}

/**
 * What a price is worth here, $ per pu and period: mean |linear cost| of the generators, or what their
 * quadratic cost makes at peak. All costs are divided by it, so that weights are pure numbers.
 */
export function priceScaleOf(problem: CompiledCase): number {
  const { linear, quadratic, count } = problem.generators;
  let sum = 0;
  for (const b of linear) sum += Math.abs(b);
  let curvature = 0;
  for (let k = 0; k < count; k += 1) curvature = Math.max(curvature, 2 * quadratic[k]! * problem.peakPu);
  const scale = Math.max(linear.length > 0 ? sum / linear.length : 0, curvature);
  return scale > 0 ? scale : 1;
}

export function measureFeeder(problem: CompiledCase, entities: readonly Entity[]): FeederScale {
  const { busCount, periods, parent, r, x, loadP, loadQ } = problem;
  const downstream = new Float64Array(busCount);
  for (const entity of entities) {
    const first = entity.rows[0]!;
    if (entity.bus !== 0 && first.p !== 0) downstream[entity.bus]! += first.range;
  }
  for (let i = 0; i < busCount; i += 1) {
    let peak = 0;
    for (let t = 0; t < periods; t += 1) {
      const [p, q] = [loadP[i * periods + t]!, loadQ[i * periods + t]!];
      peak = Math.max(peak, Math.sqrt(p * p + q * q));
    }
    downstream[i]! += peak + Math.abs(problem.shunt[i]!);
  }
  for (let i = busCount - 1; i > 0; i -= 1) downstream[parent[i]!]! += downstream[i]!;
  const path = new Float64Array(busCount);
  const drop = new Float64Array(busCount);
  let dropMax = 0;
  for (let i = 1; i < busCount; i += 1) {
    const z = Math.sqrt(r[i]! * r[i]! + x[i]! * x[i]!);
    path[i] = path[parent[i]!]! + z;
    drop[i] = drop[parent[i]!]! + z * downstream[i]!;
    dropMax = Math.max(dropMax, drop[i]!);
  }
  let impedance = 0;
  for (let i = 1; i < busCount; i += 1) impedance += Math.sqrt(r[i]! * r[i]! + x[i]! * x[i]!);
  return { path, downstream, dropMax, impedanceMean: busCount > 1 ? impedance / (busCount - 1) : 0 };
}

/** Half of everything at once is a flow to be reckoned with. */
const FLOW_SHARE = 0.5;
const FLOW_WEIGHT = 6;
const ELL_WEIGHT = 0.1;
const V_WEIGHT = 0.1;
/** ρ: a device answers a price change of this share of the price scale with its full range. */
const DEVICE_WEIGHT = 0.05;
/** Nothing counts as smaller than this share of the feeder (or of the mean impedance). */
const SMALLEST_FLOW = 1e-3;
const SMALLEST_RANGE = 1e-4;
const SMALLEST_IMPEDANCE = 1e-3;
const SMALLEST_DROP = 1e-3;

/** Twice the flow that each line is expected to carry; N. */
export function expectedFlows(scale: FeederScale): Float64Array {
  const least = SMALLEST_FLOW * Math.max(scale.downstream[0]!, 1e-3);
  return scale.downstream.map((power) => Math.max(power, least));
}

/**
 * Weights of the network rows of bus i, from the data alone, such that a step of typical size in any
 * variable costs alike: P and Q by the loss price of the line (2 r λ), ell by that price over the flow
 * squared, v by the feeder's power over its largest drop squared, shared by all buses.
 */
export function networkWeights(
  scale: FeederScale,
  problem: CompiledCase,
  bus: number,
): [v: number, ell: number, flow: number] {
  const total = Math.max(scale.downstream[0]!, 1e-3);
  const mean = scale.impedanceMean > 0 ? scale.impedanceMean : 1e-6;
  const own = Math.sqrt(problem.r[bus]! ** 2 + problem.x[bus]! ** 2);
  const z = Math.max(own, SMALLEST_IMPEDANCE * mean);
  const flow = FLOW_SHARE * Math.max(scale.downstream[bus]!, SMALLEST_FLOW * total);
  const drop = Math.max(FLOW_SHARE * scale.dropMax, SMALLEST_DROP);
  return [(V_WEIGHT * total) / (problem.busCount * drop * drop), (ELL_WEIGHT * z) / (flow * flow), FLOW_WEIGHT * z];
}

/** Price over power range, never below the curvature of the cost itself. */
export function deviceWeight(scale: FeederScale, row: { range: number; curvature: number }): number {
  const total = Math.max(scale.downstream[0]!, 1e-3);
  return Math.max(DEVICE_WEIGHT / Math.max(row.range, SMALLEST_RANGE * total), row.curvature);
}
