// Prox of a generator over the day:
//   minimise Σ ½ weight (p − pHat)² + a p² + b p   subject to pMin ≤ p ≤ pMax, |p_t − p_{t−1}| ≤ ramp.
// Without a ramp limit each period stands alone. With one, dynamic programming: the derivative of the
// best cost up to t, as a function of p_t, is piecewise linear and rising. A period adds a straight
// line to it; the ramp pulls its negative part left and its positive part right by `ramp`, zero in
// between. What is left to keep per period is the zero; going back, p_t is that zero clamped to the
// ramp around p_{t+1}. Exact, O(T²) at worst.

/** Doubles of scratch for T periods. */
// @ts-ignore: decorator
@inline
export function generatorScratch(periods: i32): i32 {
  return 4 * (2 * periods + 8) + periods;
}

/** `at`: T targets, replaced by the answer. `linear`: T doubles. Returns Σ a p² + b p. */
export function proxGenerator(
  at: usize, periods: i32, weight: f64, a: f64, linear: usize, pMin: f64, pMax: f64, ramp: f64, scratch: usize,
): f64 {
  const slope = weight + 2 * a;
  if (ramp >= pMax - pMin || periods == 1) {
    for (let t = 0; t < periods; ++t) {
      const o = <usize>t << 3;
      const p = (weight * load<f64>(at + o) - load<f64>(linear + o)) / slope;
      store<f64>(at + o, p < pMin ? pMin : p > pMax ? pMax : p);
    }
  } else {
    rampLimited(at, periods, weight, slope, linear, pMin, pMax, ramp, scratch);
  }
  let cost: f64 = 0;
  for (let t = 0; t < periods; ++t) {
    const p = load<f64>(at + (<usize>t << 3));
    cost += a * p * p + load<f64>(linear + (<usize>t << 3)) * p;
  }
  return cost;
}

function rampLimited(
  at: usize, periods: i32, weight: f64, slope: f64, linear: usize, pMin: f64, pMax: f64, ramp: f64, scratch: usize,
): void {
  const room = <usize>(2 * periods + 8) << 3;
  let xs = scratch; // places
  let ds = scratch + room; // derivative there
  let nextX = scratch + 2 * room;
  let nextD = scratch + 3 * room;
  const zeros = scratch + 4 * room;
  store<f64>(xs, pMin);
  store<f64>(xs + 8, pMax);
  store<f64>(ds, 0);
  store<f64>(ds + 8, 0);
  let n = 2;
  for (let t = 0; t < periods; ++t) {
    const o = <usize>t << 3;
    const shift = load<f64>(linear + o) - weight * load<f64>(at + o);
    for (let i = 0; i < n; ++i) {
      const k = <usize>i << 3;
      store<f64>(ds + k, load<f64>(ds + k) + slope * load<f64>(xs + k) + shift);
    }
    const zero = zeroOf(xs, ds, n);
    store<f64>(zeros + o, zero);
    if (t == periods - 1) break;
    n = shiftApart(xs, ds, n, zero, ramp, pMin, pMax, nextX, nextD);
    const swapX = xs;
    xs = nextX;
    nextX = swapX;
    const swapD = ds;
    ds = nextD;
    nextD = swapD;
  }
  let p = load<f64>(zeros + (<usize>(periods - 1) << 3));
  store<f64>(at + (<usize>(periods - 1) << 3), p);
  for (let t = periods - 2; t >= 0; --t) {
    const zero = load<f64>(zeros + (<usize>t << 3));
    const low = p - ramp;
    const high = p + ramp;
    p = zero < low ? low : zero > high ? high : zero;
    store<f64>(at + (<usize>t << 3), p);
  }
}

/** Where the rising piecewise linear function crosses zero, or the end nearest to it. */
function zeroOf(xs: usize, ds: usize, n: i32): f64 {
  if (load<f64>(ds) >= 0) return load<f64>(xs);
  const last = <usize>(n - 1) << 3;
  if (load<f64>(ds + last) <= 0) return load<f64>(xs + last);
  let i: usize = 0;
  while (load<f64>(ds + i + 8) < 0) i += 8;
  const x0 = load<f64>(xs + i);
  const d0 = load<f64>(ds + i);
  return x0 - (d0 * (load<f64>(xs + i + 8) - x0)) / (load<f64>(ds + i + 8) - d0);
}

/** The message to the next period, cut to [pMin, pMax]; returns its number of points. */
function shiftApart(
  xs: usize, ds: usize, n: i32, zero: f64, ramp: f64, pMin: f64, pMax: f64, toX: usize, toD: usize,
): i32 {
  let m: usize = 0;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    const x = load<f64>(xs + i);
    const d = load<f64>(ds + i);
    if (x > zero || d >= 0) break;
    store<f64>(toX + m, x - ramp);
    store<f64>(toD + m, d);
    m += 8;
  }
  store<f64>(toX + m, zero - ramp);
  store<f64>(toD + m, 0);
  m += 8;
  store<f64>(toX + m, zero + ramp);
  store<f64>(toD + m, 0);
  m += 8;
  for (let i: usize = 0; i < <usize>n << 3; i += 8) {
    const x = load<f64>(xs + i);
    const d = load<f64>(ds + i);
    if (x < zero || d <= 0) continue;
    store<f64>(toX + m, x + ramp);
    store<f64>(toD + m, d);
    m += 8;
  }
  return cut(toX, toD, <i32>(m >> 3), pMin, pMax);
}

/** Restricts the function to [pMin, pMax] in place, with points at the new ends. */
function cut(xs: usize, ds: usize, n: i32, pMin: f64, pMax: f64): i32 {
  let first: usize = 0;
  let last = <usize>(n - 1) << 3;
  while (first + 8 <= last && load<f64>(xs + first + 8) <= pMin) first += 8;
  while (last >= first + 8 && load<f64>(xs + last - 8) >= pMax) last -= 8;
  if (load<f64>(xs + first) < pMin && first < last) {
    store<f64>(ds + first, between(xs, ds, first, pMin));
    store<f64>(xs + first, pMin);
  }
  if (load<f64>(xs + last) > pMax && first < last) {
    store<f64>(ds + last, between(xs, ds, last - 8, pMax));
    store<f64>(xs + last, pMax);
  }
  if (first > 0) {
    memory.copy(xs, xs + first, last - first + 8);
    memory.copy(ds, ds + first, last - first + 8);
  }
  return <i32>((last - first) >> 3) + 1;
}

// @ts-ignore: decorator
@inline
function between(xs: usize, ds: usize, i: usize, x: f64): f64 {
  const x0 = load<f64>(xs + i);
  const d0 = load<f64>(ds + i);
  const width = load<f64>(xs + i + 8) - x0;
  return width > 0 ? d0 + ((x - x0) * (load<f64>(ds + i + 8) - d0)) / width : d0;
}
