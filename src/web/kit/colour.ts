type Rgb = readonly [number, number, number];

/** From dark blue over teal to yellow: evenly lighter, so that it also reads in grey and for the colour-blind. */
const RAMP: readonly Rgb[] = [
  [25, 35, 110],
  [30, 90, 150],
  [25, 140, 140],
  [120, 185, 85],
  [248, 222, 70],
];

/** Least and most of a list of any length. */
export function extent(values: readonly number[]): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** Colour of a value between two ends. */
export function ramp(value: number, least: number, most: number): string {
  const share = most > least ? Math.min(1, Math.max(0, (value - least) / (most - least))) : 0.5;
  const at = Math.min(RAMP.length - 2, Math.floor(share * (RAMP.length - 1)));
  const part = share * (RAMP.length - 1) - at;
  const [from, to] = [RAMP[at]!, RAMP[at + 1]!];
  const mixed = from.map((low, k) => Math.round(low + (to[k]! - low) * part));
  return `rgb(${mixed.join(' ')})`;
}

export const rampSteps = (count: number): string[] => Array.from({ length: count }, (_, k) => ramp(k, 0, count - 1));
