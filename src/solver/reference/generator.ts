/**
 * Twin of assembly/device/generator.ts: prox of a generator over the day, in place on
 * `values[from … from + periods)`. Bit for bit what the kernel does. Returns Σ a p² + b p.
 */
export function proxGenerator(
  values: Float64Array,
  from: number,
  periods: number,
  weight: number,
  a: number,
  linear: Float64Array,
  pMin: number,
  pMax: number,
  ramp: number,
): number {
  const slope = weight + 2 * a;
  if (ramp >= pMax - pMin || periods === 1) {
    for (let t = 0; t < periods; t += 1) {
      const p = (weight * values[from + t]! - linear[t]!) / slope;
      values[from + t] = p < pMin ? pMin : Math.min(p, pMax);
    }
  } else {
    rampLimited(values, from, periods, weight, slope, linear, pMin, pMax, ramp);
  }
  let cost = 0;
  for (let t = 0; t < periods; t += 1) {
    const p = values[from + t]!;
    cost += a * p * p + linear[t]! * p;
  }
  return cost;
}

/** A rising piecewise linear function: its corners. */
interface Corners {
  x: number[];
  d: number[];
}

function rampLimited(
  values: Float64Array,
  from: number,
  periods: number,
  weight: number,
  slope: number,
  linear: Float64Array,
  pMin: number,
  pMax: number,
  ramp: number,
): void {
  let message: Corners = { x: [pMin, pMax], d: [0, 0] };
  const zeros = new Float64Array(periods);
  for (let t = 0; t < periods; t += 1) {
    const shift = linear[t]! - weight * values[from + t]!;
    message.d = message.d.map((d, i) => d + slope * message.x[i]! + shift);
    zeros[t] = zeroOf(message);
    if (t < periods - 1) message = shiftApart(message, zeros[t]!, ramp, pMin, pMax);
  }
  let p = zeros[periods - 1]!;
  values[from + periods - 1] = p;
  for (let t = periods - 2; t >= 0; t -= 1) {
    const [low, high] = [p - ramp, p + ramp];
    p = zeros[t]! < low ? low : Math.min(zeros[t]!, high);
    values[from + t] = p;
  }
}

function zeroOf({ x, d }: Corners): number {
  if (d[0]! >= 0) return x[0]!;
  if (d[d.length - 1]! <= 0) return x[x.length - 1]!;
  let i = 0;
  while (d[i + 1]! < 0) i += 1;
  return x[i]! - (d[i]! * (x[i + 1]! - x[i]!)) / (d[i + 1]! - d[i]!);
}

function shiftApart({ x, d }: Corners, zero: number, ramp: number, pMin: number, pMax: number): Corners {
  const out: Corners = { x: [], d: [] };
  const put = (place: number, value: number) => {
    out.x.push(place);
    out.d.push(value);
  };
  for (let i = 0; i < x.length && !(x[i]! > zero || d[i]! >= 0); i += 1) put(x[i]! - ramp, d[i]!);
  put(zero - ramp, 0);
  put(zero + ramp, 0);
  for (let i = 0; i < x.length; i += 1) if (x[i]! >= zero && d[i]! > 0) put(x[i]! + ramp, d[i]!);
  return cut(out, pMin, pMax);
}

function cut({ x, d }: Corners, pMin: number, pMax: number): Corners {
  let first = 0;
  let last = x.length - 1;
  while (first + 1 <= last && x[first + 1]! <= pMin) first += 1;
  while (last >= first + 1 && x[last - 1]! >= pMax) last -= 1;
  if (x[first]! < pMin && first < last) {
    d[first] = between(x, d, first, pMin);
    x[first] = pMin;
  }
  if (x[last]! > pMax && first < last) {
    d[last] = between(x, d, last - 1, pMax);
    x[last] = pMax;
  }
  return { x: x.slice(first, last + 1), d: d.slice(first, last + 1) };
}

function between(x: number[], d: number[], i: number, place: number): number {
  const width = x[i + 1]! - x[i]!;
  return width > 0 ? d[i]! + ((place - x[i]!) * (d[i + 1]! - d[i]!)) / width : d[i]!;
}
