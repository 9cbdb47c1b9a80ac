import { CrowdwattError } from '../errors.js';
import type { Battery, Case, Crowdsourcee, Generator, Load, Shapable, Solar } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { builtInProfiles, type DayProfiles } from './profiles.js';
import { draw } from './seeded.js';

export interface ScenarioOptions {
  /** Any text; the same seed gives the same case. */
  readonly seed: string;
  readonly periods?: number;
  /** Solar plants of this share of each bus's peak load; 0: none. */
  readonly solar?: number;
  /** Batteries of this share of peak load in power, and hours of energy. */
  readonly battery?: { readonly power: number; readonly hours: number };
  /** Shapable energy from 1 up to this many peak-load hours, 4–10 h between 9 and 24 h; 0: none. */
  readonly ev?: number;
  /** Share of crowdsourcees of Type 2. */
  readonly type2?: number;
  /** Share of the buses with load that take part. */
  readonly participation?: number;
  readonly loadScale?: number;
  readonly vMinPu?: number;
  readonly vMaxPu?: number;
  /** Inverter rating as a share of the plant's or battery's power; none: reactive power stays 0. */
  readonly inverter?: number;
  readonly profiles?: DayProfiles;
}

const MOST_PERIODS = 2016;

/**
 * Lines and peak loads → a day with profiles, devices and people, after the paper's test (section
 * IV): the peak of each bus is its load in the feeder's first period. Formulae in docs/scenarios.md.
 */
export function buildScenario(feeder: Case, options: ScenarioOptions): Case {
  const {
    seed,
    periods = 24,
    solar = 1.5,
    battery = { power: 0.8, hours: 4 },
    ev = 5,
    type2 = 0.4,
    participation = 1,
    loadScale = 1,
  } = options;
  if (!Number.isInteger(periods) || periods < 1 || periods > MOST_PERIODS) {
    throw new CrowdwattError('usage', `periods is ${periods}; a whole number from 1 to ${MOST_PERIODS} is needed`);
  }
  const day = options.profiles ?? builtInProfiles(periods);
  const hours = 24 / periods;
  const loads: Load[] = [];
  const plants: Solar[] = [];
  const batteries: Battery[] = [];
  const shapables: Shapable[] = [];
  const people: Crowdsourcee[] = [];
  let total = 0;
  for (const [bus, peak] of peaks(feeder)) {
    const p = peak.p * loadScale;
    const q = peak.q * loadScale;
    if (bus === feeder.root || p <= 0) continue;
    total += Math.hypot(p, q);
    const base = draw(seed, bus, 'kind') < 0.3 ? day.commercial : day.residential;
    const shape = base.map((v, t) => v * (1 + 0.06 * (draw(seed, bus, t, 'noise') - 0.5)));
    loads.push({
      id: `load-${bus}`,
      bus,
      pMw: shape.map((v) => digits(p * v)),
      qMvar: shape.map((v) => digits(q * v)),
    });
    if (draw(seed, bus, 'takes part') >= participation) continue;
    const owner = `c-${bus}`;
    const rating = (power: number): { sMaxMva?: number } =>
      options.inverter === undefined ? {} : { sMaxMva: digits(power * options.inverter) };
    if (solar > 0) {
      const cloud = 0.85 + 0.15 * draw(seed, bus, 'cloud');
      const forecastMw = day.solar.map((s, t) => digits(solar * p * s * (t % 3 === 0 ? 1 : cloud)));
      plants.push({ id: `pv-${bus}`, bus, owner, forecastMw, curtailable: true, ...rating(solar * p) });
    }
    if (battery.power > 0 && battery.hours > 0) {
      const powerMw = digits(battery.power * p);
      const energyMwh = digits(powerMw * battery.hours);
      const half = digits(energyMwh / 2);
      batteries.push({
        id: `bat-${bus}`,
        bus,
        owner,
        powerMw,
        energyMwh,
        initialMwh: half,
        finalMwh: half,
        chargeEfficiency: 0.95,
        dischargeEfficiency: 0.95,
        throughputCost: 1,
        ...rating(powerMw),
      });
    }
    if (ev > 0) shapables.push(vehicle(seed, bus, owner, p * ev, p, periods, hours));
    people.push({
      id: owner,
      bus,
      type: draw(seed, bus, 'type') < type2 ? 2 : 1,
      willingness: digits(0.2 + 0.8 * draw(seed, bus, 'willingness')),
      reservationPrice: digits(2 + 18 * draw(seed, bus, 'reservation')),
    });
  }
  if (total === 0)
    throw new CrowdwattError(
      'input/invalid',
      `${feeder.name}: no bus below the root has a load; a scenario scales devices by the load`,
    );
  return parseCase({
    ...feeder,
    name: `${feeder.name}, scenario T=${periods} seed=${seed}`,
    periods,
    hoursPerPeriod: hours,
    buses: feeder.buses.map((b) => ({ ...b, vMinPu: options.vMinPu ?? b.vMinPu, vMaxPu: options.vMaxPu ?? b.vMaxPu })),
    loads,
    solar: plants,
    batteries,
    shapables,
    generators: [substation(feeder, total, day)],
    crowdsourcees: people,
  });
}

function peaks(feeder: Case): Map<string, { p: number; q: number }> {
  const byBus = new Map<string, { p: number; q: number }>();
  for (const load of feeder.loads) {
    const at = byBus.get(load.bus) ?? { p: 0, q: 0 };
    at.p += Math.max(...load.pMw);
    at.q += Math.max(...load.qMvar);
    byBus.set(load.bus, at);
  }
  return byBus;
}

/** An electric vehicle or the like: least 1 and at most `most` MWh per MW of peak, 4–10 h within 9–24 h. */
function vehicle(
  seed: string,
  bus: string,
  owner: string,
  most: number,
  peak: number,
  periods: number,
  hours: number,
): Shapable {
  const energy = peak + (most - peak) * draw(seed, bus, 'energy');
  const duration = 4 + Math.floor(7 * draw(seed, bus, 'duration'));
  const begin = 9 + Math.floor((24 - 9 - duration + 1) * draw(seed, bus, 'begin'));
  const startPeriod = Math.min(periods - 1, Math.ceil(begin / hours - 1e-9));
  const endPeriod = Math.max(startPeriod + 1, Math.min(periods, Math.floor((begin + duration) / hours + 1e-9)));
  const window = (endPeriod - startPeriod) * hours;
  const powerFactor = draw(seed, bus, 'power factor') < 0.5 ? 1 : 0.97;
  return {
    id: `ev-${bus}`,
    bus,
    owner,
    energyMwh: digits(energy),
    maxMw: digits((1.5 * energy) / window),
    startPeriod,
    endPeriod,
    powerFactor,
  };
}

function substation(feeder: Case, total: number, day: DayProfiles): Generator {
  const most = digits(3 * total);
  return {
    id: 'substation',
    bus: feeder.root,
    pMinMw: -most,
    pMaxMw: most,
    qMinMvar: -most,
    qMaxMvar: most,
    costQuadratic: digits(4 / total),
    costLinear: day.price.map(digits),
    costConstant: 0,
  };
}

/** Six significant digits: the file stays readable and the same everywhere. */
function digits(value: number): number {
  return Number(value.toPrecision(6));
}
