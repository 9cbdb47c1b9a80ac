import type { Case } from './case.js';

/**
 * S of docs/math.md in MVA: the largest apparent power that the loads of the feeder draw together in
 * one period (loads that inject are left out of the sum, so that they cannot cancel it). A feeder
 * without load is measured by its devices, one without either by its own base.
 */
export function peakOf(source: Case): number {
  const peak = loadPeak(source);
  if (peak > 0) return peak;
  const devices = devicePeak(source);
  return devices > 0 ? devices : source.baseMva;
}

/**
 * The power base of the compiled arrays: the peak load, so that a 0.4 kV feeder written on a 1 MVA
 * base is no harder than any other; where devices are far above the load, a tenth of the devices.
 */
export function choosePowerBase(source: Case): number {
  return Math.max(peakOf(source), devicePeak(source) / 10, 1e-9);
}

function loadPeak(source: Case): number {
  let peak = 0;
  for (let t = 0; t < source.periods; t += 1) {
    let p = 0;
    let q = 0;
    for (const load of source.loads) {
      if (load.pMw[t]! < 0) continue;
      p += load.pMw[t]!;
      q += load.qMvar[t]!;
    }
    peak = Math.max(peak, Math.hypot(p, q));
  }
  return peak;
}

function devicePeak(source: Case): number {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const largest = (series: readonly number[]) => series.reduce((top, value) => Math.max(top, value), 0);
  return Math.max(
    sum(source.solar.map((d) => largest(d.forecastMw))),
    sum(source.batteries.map((d) => d.powerMw)),
    sum(source.shapables.map((d) => d.maxMw)),
  );
}
