import type { RunReport } from '../market/documents.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { BusSeries, PageData } from './bus-charts.js';

/** Six digits are plenty for a picture and keep the page small. */
const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(6)));

/** Per bus and period what Fig. 3 (left) of the paper shows, in MW, with voltages and prices beside. */
export function busSeries(source: Case, solution: Solution): BusSeries[] {
  const zero = (): number[] => new Array<number>(source.periods).fill(0);
  const sums = new Map(
    source.buses.map((bus) => [
      bus.id,
      {
        devices: 0,
        load: zero(),
        solar: zero(),
        forecast: zero(),
        battery: zero(),
        shapable: zero(),
        generator: zero(),
      },
    ]),
  );
  type Kind = 'load' | 'solar' | 'forecast' | 'battery' | 'shapable' | 'generator';
  const add = (bus: string, kind: Kind, values: readonly number[] | undefined, sign = 1) => {
    const target = sums.get(bus)?.[kind];
    if (target === undefined || values === undefined) return;
    for (let t = 0; t < target.length; t++) target[t]! += sign * (values[t] ?? 0);
  };
  const shed = new Map((solution.shed ?? []).map((entry) => [entry.id, entry.pMw]));
  for (const load of source.loads) {
    add(load.bus, 'load', load.pMw);
    add(load.bus, 'load', shed.get(load.id), -1);
  }
  source.solar.forEach((device, k) => {
    add(device.bus, 'solar', solution.solar?.[k]?.pMw);
    add(device.bus, 'forecast', device.forecastMw);
  });
  source.batteries.forEach((device, k) => {
    add(device.bus, 'battery', solution.batteries?.[k]?.dischargeMw);
    add(device.bus, 'battery', solution.batteries?.[k]?.chargeMw, -1);
  });
  source.shapables.forEach((device, k) => {
    add(device.bus, 'shapable', solution.shapables?.[k]?.pMw);
  });
  source.generators.forEach((device, k) => {
    add(device.bus, 'generator', solution.generators?.[k]?.pMw);
  });
  for (const device of [...source.solar, ...source.batteries, ...source.shapables]) sums.get(device.bus)!.devices++;
  return source.buses.map((bus, k) => {
    const sum = sums.get(bus.id)!;
    const result = solution.buses?.[k];
    const net = sum.load.map(
      (load, t) => load + sum.shapable[t]! - sum.solar[t]! - sum.battery[t]! - sum.generator[t]!,
    );
    const parts = result?.dlmpParts?.real;
    return {
      id: bus.id,
      devices: sum.devices,
      load: rounded(sum.load),
      solar: rounded(sum.solar),
      forecast: rounded(sum.forecast),
      battery: rounded(sum.battery),
      shapable: rounded(sum.shapable),
      generator: rounded(sum.generator),
      net: rounded(net),
      voltage: rounded(result?.voltagePu ?? []),
      dlmp: rounded(result?.dlmpPerMwh ?? []),
      parts: parts && {
        energy: rounded(parts.energy),
        loss: rounded(parts.loss),
        voltage: rounded(parts.voltage),
        congestion: rounded(parts.congestion),
      },
    };
  });
}

/** The bus of the paper's figure where the case has it with devices, else the one with most devices. */
export function defaultBus(buses: readonly BusSeries[], wanted?: string): number {
  const chosen = buses.findIndex((bus) => bus.id === (wanted ?? '5') && (wanted !== undefined || bus.devices > 0));
  if (chosen >= 0) return chosen;
  let best = 0;
  buses.forEach((bus, k) => {
    if (bus.devices > buses[best]!.devices) best = k;
  });
  return best;
}

export function pageData(source: Case, solution: Solution): PageData {
  const buses = busSeries(source, solution);
  const root = source.buses.findIndex((bus) => bus.id === source.root);
  const low: number[] = [];
  const high: number[] = [];
  for (let t = 0; t < source.periods; t++) {
    // The root's own band is not enforced, and its voltage is given: it would only hide the others.
    const all = buses.flatMap((bus, k) => (k === root || bus.voltage[t] === undefined ? [] : [bus.voltage[t]!]));
    low.push(all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
    high.push(all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  }
  const bands = source.buses.filter((_, k) => k !== root);
  const same = (values: number[]): number | null => (new Set(values).size === 1 ? values[0]! : null);
  return {
    hours: source.hoursPerPeriod,
    buses,
    voltageLow: low,
    voltageHigh: high,
    vMin: same(bands.map((bus) => bus.vMinPu)),
    vMax: same(bands.map((bus) => bus.vMaxPu)),
  };
}

export interface IncentiveSeries {
  readonly participant: string;
  readonly bus: string;
  /** λ^a of the first round, null where there was no offer. */
  readonly perMwh: readonly (number | null)[];
  /** λ + λ^a of the same offers. */
  readonly withEnergy: readonly (number | null)[];
}

/** λ^a by participant: the `count` participants with most first-round offers, in the case's order. */
export function incentiveSeries(source: Case, report: RunReport, count = 6): IncentiveSeries[] {
  const none = (): (number | null)[] => new Array<number | null>(source.periods).fill(null);
  const found = new Map<string, { offers: number; perMwh: (number | null)[]; withEnergy: (number | null)[] }>();
  for (const offer of report.offers) {
    if (offer.round !== 1) continue;
    const row = found.get(offer.participant) ?? { offers: 0, perMwh: none(), withEnergy: none() };
    row.offers++;
    row.perMwh[offer.period] = offer.incentivePerMwh;
    row.withEnergy[offer.period] = offer.energyPricePerMwh + offer.incentivePerMwh;
    found.set(offer.participant, row);
  }
  const chosen = [...found].sort(([, a], [, b]) => b.offers - a.offers).slice(0, count);
  const place = new Map(source.crowdsourcees.map((person, k) => [person.id, { k, bus: person.bus }]));
  return chosen
    .map(([participant, { perMwh, withEnergy }]) => ({
      participant,
      bus: place.get(participant)?.bus ?? '?',
      perMwh,
      withEnergy,
    }))
    .sort((a, b) => (place.get(a.participant)?.k ?? 0) - (place.get(b.participant)?.k ?? 0));
}
