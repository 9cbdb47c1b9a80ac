/** What `proxShapable` needs of a load; `energy` is Σ p (energy over Δ). */
export interface ShapableSet {
  readonly discomfort: number;
  readonly preferred: Float64Array;
  readonly energy: number;
  readonly max: number;
  readonly start: number;
  readonly end: number;
}

/** Twin of assembly/device/shapable.ts. Replaces the targets; returns the level and the discomfort. */
export function proxShapable(
  values: Float64Array,
  weight: number,
  set: ShapableSet,
  warm: number,
): { level: number; cost: number } {
  const share = weight / (weight + 2 * set.discomfort);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < values.length; t += 1) {
    if (t < set.start || t >= set.end) {
      values[t] = 0;
      continue;
    }
    const target = share * values[t]! + (1 - share) * set.preferred[t]!;
    values[t] = target;
    low = Math.min(target, low);
    high = Math.max(target, high);
  }
  const level = waterLevel(values, set, -high, set.max - low, warm);
  for (let t = set.start; t < set.end; t += 1) values[t] = Math.min(set.max, Math.max(0, values[t]! + level));
  let cost = 0;
  for (let t = 0; t < values.length; t += 1) {
    const away = values[t]! - set.preferred[t]!;
    cost += set.discomfort * away * away;
  }
  return { level, cost };
}

function waterLevel(targets: Float64Array, set: ShapableSet, below: number, above: number, guess: number): number {
  const { start, end, energy, max } = set;
  let low = below;
  let high = above;
  let level = guess < low ? low : Math.min(guess, high);
  for (let step = 0; step < 64; step += 1) {
    let taken = 0;
    let free = 0;
    for (let t = start; t < end; t += 1) {
      const p = targets[t]! + level;
      if (p >= max) taken += max;
      else if (p > 0) {
        taken += p;
        free += 1;
      }
    }
    const missing = energy - taken;
    if (Math.abs(missing) <= 1e-14 * (energy + max)) break;
    if (missing > 0) low = level;
    else high = level;
    let next = free > 0 ? level + missing / free : 0.5 * (low + high);
    if (next < low || next > high) next = 0.5 * (low + high);
    if (next === level) break;
    level = next;
  }
  return level;
}
