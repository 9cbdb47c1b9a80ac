import type { Battery, Case } from '../model/case.js';
import { draw } from '../scenario/seeded.js';

/** Energy in each battery, MWh, by id. */
export type StoredEnergy = ReadonlyMap<string, number>;

/** Load on Monday … Sunday against the file's. */
const WEEK = [1, 1.01, 1.01, 1, 0.98, 0.9, 0.86];
const DAY_MS = 86_400_000;

/** YYYY-MM-DD, `offset` days on. */
export function dateOf(first: string, offset: number): string {
  return new Date(Date.parse(`${first}T00:00:00Z`) + offset * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The case of one simulated day: the file's profiles with the weekday's level, a warm or cold day
 * (±6%), hours (±3%), one cloud cover for the day (35–100% of the forecast) and the day's price level
 * (±10%), all drawn from seed and date; batteries begin with what the day before left.
 */
export function dayCase(base: Case, date: string, seed: string, stored: StoredEnergy): Case {
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
  const level = WEEK[weekday]! * (1 + 0.12 * (draw(seed, date, 'load') - 0.5));
  const cloud = 0.35 + 0.65 * Math.sqrt(draw(seed, date, 'cloud'));
  const price = 1 + 0.2 * (draw(seed, date, 'price') - 0.5);
  const scaled = (values: readonly number[], factor: number, label: string): number[] =>
    values.map((v, t) => digits(v * factor * (1 + 0.06 * (draw(seed, date, label, t) - 0.5))));
  return {
    ...base,
    name: `${base.name}, ${date}`.slice(0, 128),
    loads: base.loads.map((l) => ({ ...l, pMw: scaled(l.pMw, level, l.id), qMvar: scaled(l.qMvar, level, l.id) })),
    solar: base.solar.map((s) => ({ ...s, forecastMw: s.forecastMw.map((p) => digits(p * cloud)) })),
    batteries: base.batteries.map((b) => carriedOver(b, stored.get(b.id) ?? b.initialMwh, base)),
    generators: base.generators.map((g) => ({ ...g, costLinear: g.costLinear.map((c) => digits(c * price)) })),
  };
}

/** Starts from what is stored; ends at the file's final energy, or as near to it as the power allows. */
function carriedOver(battery: Battery, storedMwh: number, { periods, hoursPerPeriod }: Case): Battery {
  const initialMwh = Math.min(Math.max(0, digits(storedMwh)), battery.energyMwh);
  const most = periods * hoursPerPeriod * battery.powerMw * 0.999;
  const highest = initialMwh + most * battery.chargeEfficiency;
  const lowest = initialMwh - most / battery.dischargeEfficiency;
  return { ...battery, initialMwh, finalMwh: Math.min(Math.max(battery.finalMwh, lowest), highest) };
}

function digits(value: number): number {
  return Number(value.toPrecision(7));
}
