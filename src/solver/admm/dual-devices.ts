import {
  KIND_BATTERY,
  KIND_BATTERY_INVERTER,
  KIND_GENERATOR,
  KIND_SHAPABLE,
  KIND_SHED,
  KIND_SOLAR,
  KIND_SOLAR_INVERTER,
} from '../../wasm/admm-abi.js';
import { proxGenerator } from '../reference/generator.js';
import type { Entity } from './devices.js';

/**
 * Least of a device's cost minus what it earns, over its own limits: a term of the dual objective.
 * `prices` holds T prices for each of its rows. `costs` 1: its own cost counts; 0: only its limits
 * (a certificate of infeasibility needs no cost). Every number returned is a true lower bound, also
 * where the helper multipliers (`worth`) are not optimal.
 */
export function deviceBound(
  entity: Entity,
  periods: number,
  prices: readonly Float64Array[],
  costs: 0 | 1,
  worth: Float64Array | undefined,
): number {
  const first = prices[0]!;
  switch (entity.kind) {
    case KIND_GENERATOR:
      return generatorBound(entity.parameters, periods, first, costs) + boxBound(entity.parameters, prices[1]!);
    case KIND_SOLAR:
      return solarBound(entity.parameters, first);
    case KIND_SOLAR_INVERTER:
      return inverterBound(entity.parameters, first, prices[1]!);
    case KIND_BATTERY:
      return batteryBound(entity.parameters, periods, first, costs, worth!);
    case KIND_BATTERY_INVERTER:
      return (
        batteryBound(entity.parameters, periods, first, costs, worth!) +
        discBound(entity.parameters[7]!, prices[1]!, prices[2]!)
      );
    case KIND_SHAPABLE:
      return shapableBound(entity.parameters, first, costs);
    case KIND_SHED:
      return shedBound(entity.parameters, periods, first, prices[1]!, costs);
    default:
      return Number.NEGATIVE_INFINITY;
  }
}

function generatorBound(parameters: Float64Array, periods: number, price: Float64Array, costs: 0 | 1): number {
  const [pMin, pMax] = [parameters[0]!, parameters[1]!];
  const a = costs * parameters[4]!;
  const ramp = parameters[5]!;
  const net = Float64Array.from({ length: periods }, (_, t) => costs * parameters[6 + t]! - price[t]!);
  const p = new Float64Array(periods);
  if (ramp >= pMax - pMin || periods === 1) {
    for (let t = 0; t < periods; t += 1) {
      const best = a > 0 ? -net[t]! / (2 * a) : net[t]! > 0 ? pMin : pMax;
      p[t] = Math.min(pMax, Math.max(pMin, best));
    }
  } else {
    // the prox with weight 0 is the problem itself
    proxGenerator(p, 0, periods, 0, a, net, pMin, pMax, ramp);
  }
  let sum = 0;
  for (let t = 0; t < periods; t += 1) sum += (a * p[t]! + net[t]!) * p[t]!;
  return sum;
}

function boxBound(parameters: Float64Array, price: Float64Array): number {
  let sum = 0;
  for (const value of price) sum -= Math.max(value * parameters[2]!, value * parameters[3]!);
  return sum;
}

function solarBound(parameters: Float64Array, price: Float64Array): number {
  const curtailable = parameters[0]! > 0;
  let sum = 0;
  for (const [t, value] of price.entries()) {
    const worth = value * parameters[2 + t]!;
    sum -= curtailable ? Math.max(worth, 0) : worth;
  }
  return sum;
}

/** max priceP·p + priceQ·q over 0 ≤ p ≤ forecast and the disc: the radial point, or the corner the box leaves. */
function inverterBound(parameters: Float64Array, priceP: Float64Array, priceQ: Float64Array): number {
  const curtailable = parameters[0]! > 0;
  const rating = parameters[1]!;
  let sum = 0;
  for (const [t, a] of priceP.entries()) {
    const b = priceQ[t]!;
    const top = Math.min(parameters[2 + t]!, rating);
    const norm = Math.sqrt(a * a + b * b);
    const radial = norm > 0 ? (a * rating) / norm : 0;
    const p = curtailable ? Math.min(top, Math.max(0, radial)) : top;
    sum -= a * p + Math.abs(b) * Math.sqrt(Math.max(0, rating * rating - p * p));
  }
  return sum;
}

function discBound(rating: number, priceP: Float64Array, priceQ: Float64Array): number {
  let sum = 0;
  for (const [t, a] of priceP.entries()) sum -= rating * Math.sqrt(a * a + priceQ[t]! * priceQ[t]!);
  return sum;
}

/** The battery's own dual at `worth` m: each period's c and d on their boxes, each e on [0, capacity]. */
function batteryBound(
  parameters: Float64Array,
  periods: number,
  price: Float64Array,
  costs: 0 | 1,
  worth: Float64Array,
): number {
  const [power, capacity, initial, final, etaC, etaD] = parameters as unknown as number[];
  const own = costs * parameters[6]!;
  let sum = worth[periods - 1]! * final! - worth[0]! * initial!;
  for (let t = 0; t < periods; t += 1) {
    const m = worth[t]!;
    sum += Math.min(0, power! * (own + price[t]! - m * etaC!)) + Math.min(0, power! * (own - price[t]! + m / etaD!));
    if (t + 1 < periods) sum += Math.min(0, (m - worth[t + 1]!) * capacity!);
  }
  return sum;
}

/** Energy goes to the periods that pay best; with discomfort, to where the marginal values meet. */
function shapableBound(parameters: Float64Array, price: Float64Array, costs: 0 | 1): number {
  const discomfort = costs * parameters[0]!;
  const [energy, max, start, end] = [parameters[1]!, parameters[2]!, parameters[3]!, parameters[4]!];
  const preferred = (t: number) => parameters[5 + t]!;
  const at = (t: number, theta: number) => {
    const value = price[t]! + theta;
    if (discomfort === 0) return value > 0 ? max : 0;
    return Math.min(max, Math.max(0, preferred(t) + value / (2 * discomfort)));
  };
  let low = 0;
  let high = 0;
  for (let t = start; t < end; t += 1) {
    low = Math.min(low, -price[t]! - 2 * discomfort * max);
    high = Math.max(high, -price[t]! + 2 * discomfort * max);
  }
  for (let step = 0; step < 100 && low < high; step += 1) {
    const middle = 0.5 * (low + high);
    let taken = 0;
    for (let t = start; t < end; t += 1) taken += at(t, middle);
    if (taken > energy) high = middle;
    else low = middle;
  }
  const theta = 0.5 * (low + high);
  let sum = theta * energy;
  for (let t = start; t < end; t += 1) {
    const p = at(t, theta);
    sum += discomfort * (p - preferred(t)) ** 2 - (price[t]! + theta) * p;
  }
  // a wish outside the window costs too, though nothing can be done about it
  for (let t = 0; t < price.length; t += 1) if (t < start || t >= end) sum += discomfort * preferred(t) ** 2;
  return sum;
}

function shedBound(
  parameters: Float64Array,
  periods: number,
  priceP: Float64Array,
  priceQ: Float64Array,
  costs: 0 | 1,
): number {
  let sum = 0;
  for (let t = 0; t < periods; t += 1) {
    const gain = priceP[t]! + parameters[1 + periods + t]! * priceQ[t]! - costs * parameters[0]!;
    sum -= Math.max(0, gain * parameters[1 + t]!);
  }
  return sum;
}
