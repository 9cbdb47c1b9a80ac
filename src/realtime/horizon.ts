import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { FeedRecord } from './feed.js';

/** What is left in stores, by id: MWh in batteries, MWh still wanted by shapable loads. */
export interface Stores {
  readonly battery: ReadonlyMap<string, number>;
  readonly wanted: ReadonlyMap<string, number>;
}

export function storesAtStart(feeder: Case): Stores {
  return {
    battery: new Map(feeder.batteries.map((b) => [b.id, b.initialMwh])),
    wanted: new Map(feeder.shapables.map((s) => [s.id, s.energyMwh])),
  };
}

const SLACK = 1e-9;

/**
 * The rest of the day as a case, from `now` hours after its start: periods of the case's own length,
 * the first of which begins now. Profiles are means over each new period; the first one holds what
 * was measured, taken to last. Stores begin with what is in them. A model-predictive horizon.
 */
export function horizonCase(base: Case, now: number, stores: Stores, measured: FeedRecord): Case {
  const hours = base.hoursPerPeriod;
  const day = base.periods * hours;
  const periods = Math.max(1, Math.ceil((day - now) / hours - SLACK));
  const shifted = (values: readonly number[]): number[] =>
    Array.from({ length: periods }, (_, k) => meanOver(values, hours, now + k * hours));
  const withFirst = (values: number[], first: number): number[] => [first, ...values.slice(1)];
  const { loadFactor = 1, solarFactor = 1 } = measured;
  const toPeriod = (period: number): number => period * hours - now;
  return {
    ...base,
    periods,
    incentives: base.incentives && { ...base.incentives, budgetPerPeriod: undefined, deviationMw: undefined },
    loads: base.loads.map((load) => {
      const p = shifted(load.pMw);
      const q = shifted(load.qMvar);
      const given = measured.loads?.[load.id];
      return {
        ...load,
        pMw: withFirst(p, given?.pMw ?? p[0]! * loadFactor),
        qMvar: withFirst(q, given?.qMvar ?? q[0]! * loadFactor),
      };
    }),
    solar: base.solar.map((plant) => {
      const p = shifted(plant.forecastMw);
      return { ...plant, forecastMw: withFirst(p, measured.solar?.[plant.id] ?? p[0]! * solarFactor) };
    }),
    batteries: base.batteries.map((battery) => {
      const initialMwh = Math.min(Math.max(0, stores.battery.get(battery.id)!), battery.energyMwh);
      const most = periods * hours * battery.powerMw * 0.999;
      const highest = initialMwh + most * battery.chargeEfficiency;
      const lowest = initialMwh - most / battery.dischargeEfficiency;
      return { ...battery, initialMwh, finalMwh: Math.min(Math.max(battery.finalMwh, lowest), highest) };
    }),
    shapables: base.shapables.map((device) => {
      const startPeriod = Math.min(periods, Math.max(0, Math.ceil(toPeriod(device.startPeriod) / hours - SLACK)));
      const endPeriod = Math.max(startPeriod, Math.min(periods, Math.ceil(toPeriod(device.endPeriod) / hours - SLACK)));
      const room = (endPeriod - startPeriod) * hours * device.maxMw;
      const energyMwh = Math.min(stores.wanted.get(device.id)!, room);
      // A window that is over wants nothing and must still be one period long to be a case.
      const over = startPeriod >= endPeriod;
      const preferredMw = device.preferredMw && shifted(device.preferredMw);
      return {
        ...device,
        energyMwh: over ? 0 : Math.max(0, energyMwh),
        startPeriod: over ? 0 : startPeriod,
        endPeriod: over ? 1 : endPeriod,
        ...(preferredMw === undefined ? {} : { preferredMw }),
      };
    }),
    generators: base.generators.map((g) => ({ ...g, costLinear: shifted(g.costLinear) })),
  };
}

/** Mean of a step profile over one period from `from`; past the day's end its last value holds. */
function meanOver(values: readonly number[], hours: number, from: number): number {
  const first = Math.min(values.length - 1, Math.floor(from / hours + SLACK));
  const second = Math.min(values.length - 1, first + 1);
  const into = Math.min(1, Math.max(0, from / hours - first));
  return (1 - into) * values[first]! + into * values[second]!;
}

/** The first period of a case and of its solution, alone. */
export function firstPeriod(horizon: Case, solution: Solution): { feeder: Case; solution: Solution } {
  const cut = <Row extends object>(rows: readonly Row[]): Row[] =>
    rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, Array.isArray(value) ? value.slice(0, 1) : value]),
        ) as Row,
    );
  const { dlmpParts: _, ...none } = { dlmpParts: undefined };
  return {
    feeder: {
      ...horizon,
      periods: 1,
      loads: cut(horizon.loads),
      solar: cut(horizon.solar),
      generators: cut(horizon.generators).map(({ rampMwPerHour: __, ...g }) => g),
      shapables: cut(horizon.shapables).map((s) => ({
        ...s,
        endPeriod: 1,
        startPeriod: 0,
        maxMw: s.startPeriod > 0 ? 0 : s.maxMw,
        energyMwh: s.startPeriod > 0 ? 0 : Math.min(s.energyMwh, s.maxMw * horizon.hoursPerPeriod),
      })),
    },
    solution: {
      ...solution,
      buses: cut(solution.buses!).map((bus) => ({ ...bus, ...none })),
      lines: cut(solution.lines!),
      generators: cut(solution.generators!),
      solar: cut(solution.solar!),
      batteries: cut(solution.batteries!),
      shapables: cut(solution.shapables!),
    },
  };
}
