/** A battery in power units: energies divided by Δ. */
export interface BatterySet {
  readonly power: number;
  readonly capacity: number;
  readonly initial: number;
  readonly final: number;
  readonly etaC: number;
  readonly etaD: number;
  /** Cost of one unit of charge or discharge held for a period. */
  readonly price: number;
}

export interface BatteryAnswer {
  readonly net: Float64Array;
  readonly charge: Float64Array;
  readonly discharge: Float64Array;
  /** m: what stored energy is worth in each period. */
  readonly worth: Float64Array;
  readonly cost: number;
}

/** Sorted knots of a rising piecewise linear function: at x[i] its slope changes by change[i]. */
interface Knots {
  x: number[];
  change: number[];
}

interface Ranges {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Twin of assembly/device/battery.ts, bit for bit; the method is explained there. */
export function proxBattery(targets: Float64Array, weight: number, set: BatterySet): BatteryAnswer {
  const waste = 1 / set.etaD - set.etaC;
  const burn = waste > 0 ? (-2 * set.price) / waste : Number.NEGATIVE_INFINITY;
  const plain = trace(targets, weight, set, Number.NEGATIVE_INFINITY);
  if (!(plain.lowest < burn)) return wayBack(targets, weight, set, plain.ranges, Number.NEGATIVE_INFINITY);
  return wayBack(targets, weight, set, trace(targets, weight, set, burn).ranges, burn);
}

function netAt(m: number, target: number, weight: number, { power, etaC, etaD, price }: BatterySet): number {
  const out = target - (m / etaD + price) / weight;
  if (out > 0) return out > power ? power : out;
  const into = target - (m * etaC - price) / weight;
  if (into < 0) return Math.max(into, -power);
  return 0;
}

function netBurning(m: number, target: number, weight: number, { power, etaC, etaD, price }: BatterySet): number {
  const out = target + (price - m * etaC) / weight;
  if (out > 0) return out > power ? power : out;
  const into = target - (price + m / etaD) / weight;
  if (into < 0) return Math.max(into, -power);
  return 0;
}

function insert({ x, change }: Knots, place: number, value: number): void {
  let i = x.length;
  while (i > 0 && x[i - 1]! > place) i -= 1;
  x.splice(i, 0, place);
  change.splice(i, 0, value);
}

function trace(targets: Float64Array, weight: number, set: BatterySet, burn: number) {
  const { power, capacity, etaC, etaD, price } = set;
  const periods = targets.length;
  const slopeOut = 1 / (etaD * etaD * weight);
  const slopeIn = (etaC * etaC) / weight;
  const flat = 1e-9 * Math.min(slopeIn, slopeOut);
  const ranges: Ranges = { low: new Float64Array(periods), high: new Float64Array(periods) };
  let knots: Knots = { x: [], change: [] };
  let base = set.initial;
  for (let t = 0; t < periods; t += 1) {
    const target = targets[t]!;
    base -= power / etaD;
    if (burn === Number.NEGATIVE_INFINITY) {
      insert(knots, etaD * (weight * (target - power) - price), slopeOut);
      insert(knots, etaD * (weight * target - price), -slopeOut);
      insert(knots, (weight * target + price) / etaC, slopeIn);
      insert(knots, (weight * (target + power) + price) / etaC, -slopeIn);
    } else insertBurning(knots, target, weight, set, burn);
    let low = Number.NEGATIVE_INFINITY;
    if (base < 0) {
      [low, knots] = cutBelow(knots, base, flat);
      base = 0;
    }
    ranges.low[t] = low;
    ranges.high[t] = cutAbove(knots, base, capacity, flat);
  }
  let m = worthAt(knots, base, set.final, flat);
  ranges.low[periods - 1] = m;
  ranges.high[periods - 1] = m;
  let lowest = m;
  for (let t = periods - 2; t >= 0; t -= 1) {
    m = m < ranges.low[t]! ? ranges.low[t]! : Math.min(m, ranges.high[t]!);
    lowest = Math.min(m, lowest);
  }
  return { ranges, lowest };
}

const next = (x: number[], i: number) => (i + 1 < x.length ? x[i + 1]! : Number.POSITIVE_INFINITY);

function cutBelow({ x, change }: Knots, base: number, flat: number): [number, Knots] {
  let value = base;
  let slope = 0;
  let low = x[x.length - 1]!;
  let i = 0;
  while (i < x.length) {
    const place = x[i]!;
    slope += change[i]!;
    const right = next(x, i);
    i += 1;
    if (slope <= flat) continue;
    const reach = value + slope * (right - place);
    if (reach >= 0) {
      low = place - value / slope;
      break;
    }
    value = reach;
  }
  return [low, { x: [low, ...x.slice(i)], change: [slope > flat ? slope : 0, ...change.slice(i)] }];
}

function cutAbove({ x, change }: Knots, base: number, capacity: number, flat: number): number {
  let value = base;
  let slope = 0;
  for (let i = 0; i < x.length; i += 1) {
    slope += change[i]!;
    if (slope <= flat) continue;
    const reach = value + slope * (next(x, i) - x[i]!);
    if (reach > capacity) {
      const high = x[i]! + (capacity - value) / slope;
      x.splice(i + 1, x.length, high);
      change.splice(i + 1, change.length, -slope);
      return high;
    }
    value = reach;
  }
  return Number.POSITIVE_INFINITY;
}

function worthAt({ x, change }: Knots, base: number, target: number, flat: number): number {
  let value = base;
  let slope = 0;
  for (let i = 0; i < x.length; i += 1) {
    slope += change[i]!;
    if (value >= target) return x[i]!;
    if (slope <= flat) continue;
    const reach = value + slope * (next(x, i) - x[i]!);
    if (reach >= target) return x[i]! + (target - value) / slope;
    value = reach;
  }
  return x[x.length - 1]!;
}

function burnWidth(burn: number, weight: number, { power, price }: BatterySet): number {
  return 2e-8 * (Math.abs(burn) + weight * power + price) + 1e-200;
}

function insertBurning(knots: Knots, target: number, weight: number, set: BatterySet, burn: number): void {
  const { power, etaC, etaD, price } = set;
  const above = burn + burnWidth(burn, weight, set);
  const points = [
    (price - weight * (power - target)) / etaC,
    (price + weight * target) / etaC,
    etaD * (weight * target - price),
    etaD * (weight * (target + power) - price),
    burn,
    above,
    etaD * (weight * (target - power) - price),
    etaD * (weight * target - price),
    (weight * target + price) / etaC,
    (weight * (target + power) + price) / etaC,
  ];
  let lastX = Number.NEGATIVE_INFINITY;
  let lastG = -power / etaD;
  let lastSlope = 0;
  for (const [i, x] of points.entries()) {
    if ((i < 4 && x >= burn) || (i >= 6 && x <= above) || x <= lastX) continue;
    let g: number;
    if (i <= 4) {
      const p = netBurning(x, target, weight, set);
      g = p >= 0 ? etaC * (power - p) - power / etaD : etaC * power - (power + p) / etaD;
    } else {
      const p = netAt(x, target, weight, set);
      g = p >= 0 ? -p / etaD : -p * etaC;
    }
    const first = lastX === Number.NEGATIVE_INFINITY;
    const slope = first ? 0 : (g - lastG) / (x - lastX);
    if (!first) insert(knots, lastX, slope - lastSlope);
    lastX = x;
    lastG = g;
    lastSlope = slope;
  }
  insert(knots, lastX, -lastSlope);
}

function wayBack(targets: Float64Array, weight: number, set: BatterySet, ranges: Ranges, burn: number): BatteryAnswer {
  const periods = targets.length;
  const make = () => new Float64Array(periods);
  const out = { net: make(), charge: make(), discharge: make(), worth: make() };
  const width = burn > Number.NEGATIVE_INFINITY ? burnWidth(burn, weight, set) : 0;
  let m = 0;
  let through = 0;
  for (let t = periods - 1; t >= 0; t -= 1) {
    m = m < ranges.low[t]! ? ranges.low[t]! : Math.min(m, ranges.high[t]!);
    const target = targets[t]!;
    let p: number;
    let both = 0;
    if (m > burn + width) p = netAt(m, target, weight, set);
    else if (m >= burn) {
      p = netAt(burn + width, target, weight, set);
      both = (set.power - Math.abs(p)) * ((burn + width - m) / width);
    } else {
      p = netBurning(m, target, weight, set);
      both = set.power - Math.abs(p);
    }
    const c = (p < 0 ? -p : 0) + both;
    const d = Math.max(p, 0) + both;
    out.net[t] = p;
    out.charge[t] = c;
    out.discharge[t] = d;
    out.worth[t] = m;
    through += c + d;
  }
  return { ...out, cost: set.price * through };
}
