// Prox of a shapable load (EV and the like), by water-filling:
//   minimise Σ ½ weight (p − pHat)² + discomfort (p − preferred)²   subject to 0 ≤ p ≤ max, Σ p = energy
// over its window. p = clamp(target + level) with one level for all periods; the energy taken is
// piecewise linear and rising in the level, so Newton's method on it, kept in a bracket, ends exactly.

/** Replaces T targets by the answer, returns the discomfort. `warm` holds the last level. `energy` is Σ p. */
export function proxShapable(
  at: usize, periods: i32, weight: f64, discomfort: f64, preferred: usize, energy: f64, max: f64, start: i32, end: i32,
  warm: usize,
): f64 {
  const share = weight / (weight + 2 * discomfort);
  let low = Infinity;
  let high = -Infinity;
  for (let t = 0; t < periods; ++t) {
    const o = <usize>t << 3;
    if (t < start || t >= end) {
      store<f64>(at + o, 0);
      continue;
    }
    const target = share * load<f64>(at + o) + (1 - share) * load<f64>(preferred + o);
    store<f64>(at + o, target);
    low = target < low ? target : low;
    high = target > high ? target : high;
  }
  const level = waterLevel(at, start, end, energy, max, -high, max - low, load<f64>(warm));
  store<f64>(warm, level);
  let cost: f64 = 0;
  for (let t = start; t < end; ++t) {
    const o = <usize>t << 3;
    const p = load<f64>(at + o) + level;
    store<f64>(at + o, p < 0 ? 0 : p > max ? max : p);
  }
  // a wish outside the window costs too, though nothing can be done about it
  for (let o: usize = 0; o < <usize>periods << 3; o += 8) {
    const away = load<f64>(at + o) - load<f64>(preferred + o);
    cost += discomfort * away * away;
  }
  return cost;
}

/** The level in [below, above] at which the window takes `energy`. */
function waterLevel(at: usize, start: i32, end: i32, energy: f64, max: f64, below: f64, above: f64, guess: f64): f64 {
  let low = below;
  let high = above;
  let level = guess < low ? low : guess > high ? high : guess;
  for (let step = 0; step < 64; ++step) {
    let taken: f64 = 0;
    let free = 0;
    for (let t = start; t < end; ++t) {
      const p = load<f64>(at + (<usize>t << 3)) + level;
      if (p >= max) taken += max;
      else if (p > 0) {
        taken += p;
        free += 1;
      }
    }
    const missing = energy - taken;
    if (abs<f64>(missing) <= 1e-14 * (energy + max)) break;
    if (missing > 0) low = level;
    else high = level;
    let next = free > 0 ? level + missing / <f64>free : 0.5 * (low + high);
    if (next < low || next > high) next = 0.5 * (low + high);
    if (next == level) break;
    level = next;
  }
  return level;
}
