import type { CompiledCase } from '../model/compiled.js';
import type { NetworkPoint } from './engine.js';

/**
 * Nets what a battery charges and discharges in the same period where that is within the tolerance.
 *
 * An interior point ends a little inside every limit, so both powers come out just above zero; and a
 * battery without losses has no reason to keep one of them at zero at all. Taking min(c, d) off both
 * leaves the grid's side as it is and the store fuller by Δ·min(c, d)·(1/η_d − η_c). That energy is
 * taken from the largest charge, so that the end of the day stays where it was asked for. A battery
 * whose burning is worth more than τ·S·Δ is left alone: it is real, and the certificate must see it.
 */
export function netBatteries(problem: CompiledCase, point: NetworkPoint, tolerance: number): NetworkPoint {
  const { batteries, periods, hours, peakPu } = problem;
  const charge = point.charge.slice();
  const discharge = point.discharge.slice();
  for (let b = 0; b < batteries.count; b += 1) {
    const row = b * periods;
    const into = batteries.chargeEfficiency[b]!;
    const outOf = batteries.dischargeEfficiency[b]!;
    let burnt = 0;
    for (let k = row; k < row + periods; k += 1) {
      burnt += hours * Math.max(0, Math.min(charge[k]!, discharge[k]!)) * (1 / outOf - into);
    }
    if (burnt > tolerance * peakPu * hours) continue;
    for (let k = row; k < row + periods; k += 1) {
      const net = discharge[k]! - charge[k]!;
      charge[k] = Math.max(0, -net);
      discharge[k] = Math.max(0, net);
    }
    const most = largest(charge, row, periods);
    const excess = burnt / (hours * into);
    if (charge[most]! > excess) charge[most]! -= excess;
  }
  return { ...point, charge, discharge };
}

function largest(values: Float64Array, row: number, periods: number): number {
  let at = row;
  for (let k = row; k < row + periods; k += 1) if (values[k]! > values[at]!) at = k;
  return at;
}
