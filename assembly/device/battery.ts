// Prox of a battery over the day, exact:
//   minimise Σ ½ weight (p − pHat)² + price (c + d),   p = d − c,  0 ≤ c, d ≤ power
//   subject to e_t = e_{t−1} + etaC c_t − d_t / etaD in [0, capacity], first and last e given
// (energies divided by Δ, so that they are in power units).
//
// With m the worth of stored energy, one period's step of e is g_t(m): rising, piecewise linear. Let
// E_t(m) be the energy at the end of t when m is held from the last time a bound stopped it:
//   E_t = clamp(E_{t−1} + g_t, 0, capacity).
// E_t is a sorted list of knots; adding g_t inserts four, clamping cuts the ends off. The last
// period's m solves E_T(m) = final; going back, m is clamped to where E_t leaves 0 and capacity.
// Charging and discharging at once burns energy and pays only below `mBurn`; the list with that
// branch is built only if the plain answer goes there (model.md: c·d = 0 is relaxed).

/** Doubles of scratch for T periods. */
// @ts-ignore: decorator
@inline
export function batteryScratch(periods: i32): i32 {
  return 2 * (10 * periods + 16) + 2 * periods + 32;
}

// parameters, doubles: power, capacity, initial, final, etaC, etaD, price
const POWER: usize = 0;
const CAPACITY: usize = 8;
const INITIAL: usize = 16;
const FINAL: usize = 24;
const ETA_C: usize = 32;
const ETA_D: usize = 40;
const PRICE: usize = 48;

/**
 * Replaces T targets by the net power. `charge` and `discharge` take the two parts, `worth` m, where
 * they are not 0. Returns Σ price (c + d).
 */
export function proxBattery(
  at: usize, periods: i32, weight: f64, parameters: usize, scratch: usize, charge: usize, discharge: usize, worth: usize,
): f64 {
  const etaC = load<f64>(parameters + ETA_C);
  const etaD = load<f64>(parameters + ETA_D);
  const price = load<f64>(parameters + PRICE);
  const waste = 1 / etaD - etaC;
  const mBurn = waste > 0 ? (-2 * price) / waste : -Infinity;
  const room = <usize>(10 * periods + 16) << 3;
  const xs = scratch;
  const ks = scratch + room;
  const lows = scratch + 2 * room;
  const highs = lows + (<usize>periods << 3);
  const points = highs + (<usize>periods << 3);
  let lowest = trace(at, periods, weight, parameters, xs, ks, lows, highs, points, -Infinity);
  const burns = lowest < mBurn;
  if (burns) trace(at, periods, weight, parameters, xs, ks, lows, highs, points, mBurn);
  return settle(at, periods, weight, parameters, lows, highs, burns ? mBurn : -Infinity, charge, discharge, worth);
}

/** Power at worth m without burning. */
// @ts-ignore: decorator
@inline
function netAt(m: f64, target: f64, weight: f64, power: f64, etaC: f64, etaD: f64, price: f64): f64 {
  const out = target - (m / etaD + price) / weight;
  if (out > 0) return out > power ? power : out;
  const into = target - (m * etaC - price) / weight;
  if (into < 0) return into < -power ? -power : into;
  return 0;
}

/** Power at worth m below mBurn, where one of c and d is at full power. */
// @ts-ignore: decorator
@inline
function netBurning(m: f64, target: f64, weight: f64, power: f64, etaC: f64, etaD: f64, price: f64): f64 {
  const out = target + (price - m * etaC) / weight;
  if (out > 0) return out > power ? power : out;
  const into = target - (price + m / etaD) / weight;
  if (into < 0) return into < -power ? -power : into;
  return 0;
}

/** Inserts a knot: at x the slope changes by `change`. Returns the new count. */
// @ts-ignore: decorator
@inline
function insert(xs: usize, ks: usize, n: i32, x: f64, change: f64): i32 {
  let i = <usize>n << 3;
  while (i > 0 && load<f64>(xs + i - 8) > x) {
    store<f64>(xs + i, load<f64>(xs + i - 8));
    store<f64>(ks + i, load<f64>(ks + i - 8));
    i -= 8;
  }
  store<f64>(xs + i, x);
  store<f64>(ks + i, change);
  return n + 1;
}

/** The forward pass: fills `lows` and `highs`; returns the lowest m on the way back. */
function trace(
  at: usize, periods: i32, weight: f64, parameters: usize, xs: usize, ks: usize, lows: usize, highs: usize, points: usize,
  mBurn: f64,
): f64 {
  const power = load<f64>(parameters + POWER);
  const capacity = load<f64>(parameters + CAPACITY);
  const etaC = load<f64>(parameters + ETA_C);
  const etaD = load<f64>(parameters + ETA_D);
  const price = load<f64>(parameters + PRICE);
  const slopeOut = 1 / (etaD * etaD * weight);
  const slopeIn = (etaC * etaC) / weight;
  const flat = 1e-9 * (slopeIn < slopeOut ? slopeIn : slopeOut);
  let n = 0;
  let base = load<f64>(parameters + INITIAL);
  for (let t = 0; t < periods; ++t) {
    const o = <usize>t << 3;
    const target = load<f64>(at + o);
    base -= power / etaD;
    if (mBurn == -Infinity) {
      n = insert(xs, ks, n, etaD * (weight * (target - power) - price), slopeOut);
      n = insert(xs, ks, n, etaD * (weight * target - price), -slopeOut);
      n = insert(xs, ks, n, (weight * target + price) / etaC, slopeIn);
      n = insert(xs, ks, n, (weight * (target + power) + price) / etaC, -slopeIn);
    } else {
      n = insertBurning(xs, ks, n, target, weight, power, etaC, etaD, price, mBurn, points);
    }
    // cut below 0
    let low = -Infinity;
    if (base < 0) {
      let i: usize = 0;
      const end = <usize>n << 3;
      let value = base;
      let slope: f64 = 0;
      low = load<f64>(xs + end - 8);
      while (i < end) {
        const x = load<f64>(xs + i);
        slope += load<f64>(ks + i);
        i += 8;
        const next = i < end ? load<f64>(xs + i) : Infinity;
        if (slope <= flat) continue;
        const reach = value + slope * (next - x);
        if (reach >= 0) {
          low = x - value / slope;
          break;
        }
        value = reach;
      }
      // what is left of `low` becomes zero; one knot there carries the slope
      if (i > 8) {
        memory.copy(xs + 8, xs + i, end - i);
        memory.copy(ks + 8, ks + i, end - i);
      }
      n = <i32>((end - i) >> 3) + 1;
      store<f64>(xs, low);
      store<f64>(ks, slope > flat ? slope : 0);
      base = 0;
    }
    store<f64>(lows + o, low);
    // cut above capacity
    let high = Infinity;
    let value = base;
    let slope: f64 = 0;
    for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
      const x = load<f64>(xs + i);
      slope += load<f64>(ks + i);
      if (slope <= flat) continue;
      const reach = value + slope * ((i + 8 < end ? load<f64>(xs + i + 8) : Infinity) - x);
      if (reach > capacity) {
        high = x + (capacity - value) / slope;
        store<f64>(xs + i + 8, high);
        store<f64>(ks + i + 8, -slope);
        n = <i32>(i >> 3) + 2;
        break;
      }
      value = reach;
    }
    store<f64>(highs + o, high);
  }
  // m of the last period
  const target = load<f64>(parameters + FINAL);
  let value = base;
  let slope: f64 = 0;
  let m = load<f64>(xs + (<usize>(n - 1) << 3));
  for (let i: usize = 0, end = <usize>n << 3; i < end; i += 8) {
    const x = load<f64>(xs + i);
    slope += load<f64>(ks + i);
    if (value >= target) {
      m = x;
      break;
    }
    if (slope <= flat) continue;
    const reach = value + slope * ((i + 8 < end ? load<f64>(xs + i + 8) : Infinity) - x);
    if (reach >= target) {
      m = x + (target - value) / slope;
      break;
    }
    value = reach;
  }
  // the last period's range holds m alone, so that the way back can start anywhere
  const last = <usize>(periods - 1) << 3;
  store<f64>(lows + last, m);
  store<f64>(highs + last, m);
  let lowest = m;
  for (let t = periods - 2; t >= 0; --t) {
    const o = <usize>t << 3;
    const low = load<f64>(lows + o);
    const high = load<f64>(highs + o);
    m = m < low ? low : m > high ? high : m;
    lowest = m < lowest ? m : lowest;
  }
  return lowest;
}

/** Width over which the burning branch comes in, instead of a jump: bias and rounding are then alike, about 1e-8. */
// @ts-ignore: decorator
@inline
function burnWidth(mBurn: f64, weight: f64, power: f64, price: f64): f64 {
  return 2e-8 * (abs<f64>(mBurn) + weight * power + price) + 1e-200;
}

/** g_t with the burning branch: through its corners, in order. */
function insertBurning(
  xs: usize, ks: usize, count: i32, target: f64, weight: f64, power: f64, etaC: f64, etaD: f64, price: f64, mBurn: f64,
  points: usize,
): i32 {
  let n = count;
  const width = burnWidth(mBurn, weight, power, price);
  const above = mBurn + width;
  store<f64>(points, (price - weight * (power - target)) / etaC);
  store<f64>(points + 8, (price + weight * target) / etaC);
  store<f64>(points + 16, etaD * (weight * target - price));
  store<f64>(points + 24, etaD * (weight * (target + power) - price));
  store<f64>(points + 32, mBurn);
  store<f64>(points + 40, above);
  store<f64>(points + 48, etaD * (weight * (target - power) - price));
  store<f64>(points + 56, etaD * (weight * target - price));
  store<f64>(points + 64, (weight * target + price) / etaC);
  store<f64>(points + 72, (weight * (target + power) + price) / etaC);
  let lastX = -Infinity;
  let lastG = -power / etaD;
  let lastSlope: f64 = 0;
  for (let i: usize = 0; i < 80; i += 8) {
    const x = load<f64>(points + i);
    if (i < 32 && x >= mBurn) continue;
    if (i >= 48 && x <= above) continue;
    if (x <= lastX) continue;
    let g: f64;
    if (i <= 32) {
      const p = netBurning(x, target, weight, power, etaC, etaD, price);
      g = p >= 0 ? etaC * (power - p) - power / etaD : etaC * power - (power + p) / etaD;
    } else {
      const p = netAt(x, target, weight, power, etaC, etaD, price);
      g = p >= 0 ? -p / etaD : -p * etaC;
    }
    const slope = lastX == -Infinity ? 0 : (g - lastG) / (x - lastX);
    // the slope from lastX to x starts at lastX
    if (lastX != -Infinity) n = insert(xs, ks, n, lastX, slope - lastSlope);
    lastX = x;
    lastG = g;
    lastSlope = slope;
  }
  return insert(xs, ks, n, lastX, -lastSlope);
}

/** The way back: m, power and its parts of every period. */
function settle(
  at: usize, periods: i32, weight: f64, parameters: usize, lows: usize, highs: usize, mBurn: f64,
  charge: usize, discharge: usize, worth: usize,
): f64 {
  const power = load<f64>(parameters + POWER);
  const etaC = load<f64>(parameters + ETA_C);
  const etaD = load<f64>(parameters + ETA_D);
  const price = load<f64>(parameters + PRICE);
  const width = mBurn > -Infinity ? burnWidth(mBurn, weight, power, price) : 0;
  let m: f64 = 0;
  let through: f64 = 0;
  for (let t = periods - 1; t >= 0; --t) {
    const o = <usize>t << 3;
    const low = load<f64>(lows + o);
    const high = load<f64>(highs + o);
    m = m < low ? low : m > high ? high : m;
    const target = load<f64>(at + o);
    let p: f64;
    let both: f64 = 0; // how much of min(c, d) is used
    if (m > mBurn + width) {
      p = netAt(m, target, weight, power, etaC, etaD, price);
    } else if (m >= mBurn) {
      p = netAt(mBurn + width, target, weight, power, etaC, etaD, price);
      both = (power - abs<f64>(p)) * ((mBurn + width - m) / width);
    } else {
      p = netBurning(m, target, weight, power, etaC, etaD, price);
      both = power - abs<f64>(p);
    }
    const c = (p < 0 ? -p : 0) + both;
    const d = (p > 0 ? p : 0) + both;
    store<f64>(at + o, p);
    if (charge != 0) store<f64>(charge + o, c);
    if (discharge != 0) store<f64>(discharge + o, d);
    if (worth != 0) store<f64>(worth + o, m);
    through += c + d;
  }
  return price * through;
}
