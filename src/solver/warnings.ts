import type { CompiledCase } from '../model/compiled.js';
import type { NetworkPoint } from './engine.js';

/** Ids listed in one warning before it only counts. */
const NAMED = 4;

/** What binds or looks suspicious in a schedule, in words; a handful of lines whatever the feeder's size. */
export function scheduleWarnings(problem: CompiledCase, point: NetworkPoint): string[] {
  const out: string[] = [];
  const say = (ids: readonly string[], words: (named: string) => string) => {
    if (ids.length === 0) return;
    const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
    out.push(words(`${ids.slice(0, NAMED).join(', ')}${more}`));
  };
  const { source, periods, batteries, shapables, hours } = problem;
  const limits = networkLimits(problem, point);
  say(limits.high, (ids) => `voltage at its upper limit at bus ${ids}`);
  say(limits.low, (ids) => `voltage at its lower limit at bus ${ids}`);
  say(limits.full, (ids) => `loading at 100% on line ${ids}`);
  const still = source.batteries.filter((_, b) => {
    const moved = (k: number) => point.charge[k]! + point.discharge[k]! > 1e-4 * batteries.power[b]!;
    return batteries.power[b]! > 0 && !anyPeriod(b, periods, moved);
  });
  say(
    still.map((battery) => battery.id),
    (ids) => `never charges nor discharges: battery ${ids}`,
  );
  const tight = source.shapables.filter((_, s) => {
    const room = (shapables.end[s]! - shapables.start[s]!) * hours * shapables.max[s]!;
    return shapables.energy[s]! > 0 && shapables.energy[s]! >= 0.999 * room;
  });
  say(
    tight.map((device) => device.id),
    (ids) => `its window has no slack: shapable load ${ids}`,
  );
  const curtailed = curtailment(problem, point);
  if (curtailed > 1e-3) out.push(`${(100 * curtailed).toFixed(1)}% of the solar energy is curtailed`);
  const shed = Array.from(problem.sheddable.load).filter((_, s) =>
    anyPeriod(s, periods, (k) => point.shedP[k]! > 1e-5 * problem.peakPu),
  );
  say(
    shed.map((load) => source.loads[load]!.id),
    (ids) => `load is shed: ${ids}`,
  );
  return out;
}

function anyPeriod(device: number, periods: number, test: (k: number) => boolean): boolean {
  for (let k = device * periods; k < (device + 1) * periods; k += 1) if (test(k)) return true;
  return false;
}

function networkLimits(problem: CompiledCase, point: NetworkPoint) {
  const { source, periods } = problem;
  const found = { high: [] as string[], low: [] as string[], full: [] as string[] };
  for (let i = 1; i < problem.busCount; i += 1) {
    const bus = source.buses[problem.busOfPosition[i]!]!.id;
    const line = source.lines[problem.lineOfPosition[i]!]!.id;
    if (anyPeriod(i, periods, (k) => point.v[k]! > problem.vMax[i]! - 1e-5)) found.high.push(bus);
    if (anyPeriod(i, periods, (k) => point.v[k]! < problem.vMin[i]! + 1e-5)) found.low.push(bus);
    const full = (k: number) => Math.hypot(point.flowP[k]!, point.flowQ[k]!) > 0.9999 * problem.limit[i]!;
    if (anyPeriod(i, periods, full)) found.full.push(line);
  }
  return found;
}

/** Share of the forecast energy that is not used. */
function curtailment(problem: CompiledCase, point: NetworkPoint): number {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const forecast = sum(problem.solar.forecast);
  return forecast > 0 ? 1 - sum(point.solarP) / forecast : 0;
}
