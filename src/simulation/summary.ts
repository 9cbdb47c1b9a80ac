import type { DayOutcome } from '../market/algorithm1.js';
import type { RunReport } from '../market/documents.js';
import type { Case } from '../model/case.js';
import type { StoredEnergy } from './day-case.js';

/** One simulated day in numbers; written when the day is done, read back when a simulation goes on. */
export interface DaySummary {
  readonly date: string;
  /** $: equilibrium, and what the supplements cost on top. */
  readonly cost: number;
  readonly supplementCost: number;
  readonly offers: number;
  readonly accepted: number;
  /** $ of additional rewards on accepted offers. */
  readonly rewards: number;
  readonly acceptedMwh: number;
  readonly loadMwh: number;
  readonly solarMwh: number;
  readonly solarForecastMwh: number;
  readonly importMwh: number;
  readonly lossMwh: number;
  /** Share of the solar energy that did not leave through the substation. */
  readonly selfConsumption: number;
  readonly shortfallMwh: number;
  readonly violationPu: number;
  /** Mean λ^a of accepted offers by bus, $/MWh. */
  readonly incentiveByBus: Readonly<Record<string, number>>;
  /** Energy in each battery at the day's end, MWh. */
  readonly stored: Readonly<Record<string, number>>;
  readonly verdict: string;
  readonly seconds: number;
}

export function summarise(
  date: string,
  feeder: Case,
  report: RunReport,
  outcome: DayOutcome,
  seconds: number,
): DaySummary {
  const hours = feeder.hoursPerPeriod;
  const { solution } = outcome.equilibrium;
  const energy = (rows: readonly { readonly pMw: readonly number[] }[]): number =>
    hours * rows.reduce((sum, row) => sum + row.pMw.reduce((a, b) => a + b, 0), 0);
  const accepted = report.offers.filter((offer) => offer.outcome === 'accepted');
  const root = feeder.generators.findIndex((g) => g.bus === feeder.root);
  const substation = solution.generators![root]!.pMw;
  const solarMwh = energy(solution.solar ?? []);
  const exported = hours * substation.reduce((sum, mw) => sum + Math.max(0, -mw), 0);
  return {
    date,
    cost: solution.objective!,
    supplementCost: report.supplements.reduce((sum, one) => sum + one.cost, 0),
    offers: report.offers.filter((offer) => offer.round === 1).length,
    accepted: accepted.length,
    rewards: accepted.reduce((sum, offer) => sum + offer.incentivePerMwh * offer.mw * hours, 0),
    acceptedMwh: accepted.reduce((sum, offer) => sum + offer.mw * hours, 0),
    loadMwh: energy(feeder.loads),
    solarMwh,
    solarForecastMwh: hours * feeder.solar.reduce((sum, s) => sum + s.forecastMw.reduce((a, b) => a + b, 0), 0),
    importMwh: hours * substation.reduce((sum, mw) => sum + Math.max(0, mw), 0),
    lossMwh: hours * solution.lines!.reduce((sum, line) => sum + line.lossMw.reduce((a, b) => a + b, 0), 0),
    selfConsumption: solarMwh > 0 ? Math.max(0, 1 - exported / solarMwh) : 1,
    shortfallMwh: hours * report.shortfallMw.reduce((a, b) => a + b, 0),
    violationPu: report.acCheck.violationMaxPu,
    incentiveByBus: meanByBus(feeder, accepted),
    stored: Object.fromEntries(storedAtEnd(feeder, outcome)),
    verdict: solution.certificate?.verdict ?? 'inexact',
    seconds,
  };
}

function meanByBus(feeder: Case, accepted: RunReport['offers']): Record<string, number> {
  const busOf = new Map(feeder.crowdsourcees.map((person) => [person.id, person.bus]));
  const sums = new Map<string, { reward: number; mw: number }>();
  for (const { participant, incentivePerMwh, mw } of accepted) {
    const bus = busOf.get(participant)!;
    const at = sums.get(bus) ?? { reward: 0, mw: 0 };
    at.reward += incentivePerMwh * mw;
    at.mw += mw;
    sums.set(bus, at);
  }
  return Object.fromEntries([...sums].map(([bus, { reward, mw }]) => [bus, reward / mw]));
}

/** Type-2 batteries as the realised day left them, all others as the equilibrium planned. */
export function storedAtEnd(feeder: Case, outcome: DayOutcome): StoredEnergy {
  const stored = new Map<string, number>();
  const { solution } = outcome.equilibrium;
  for (const [k, battery] of feeder.batteries.entries())
    stored.set(battery.id, solution.batteries![k]!.energyMwh.at(-1)!);
  for (const plan of outcome.plans) {
    const realised = outcome.realised?.days.get(plan.devices.person.id)?.plan;
    if (realised === undefined) continue;
    plan.devices.batteries.forEach((place, k) => {
      const battery = feeder.batteries[place]!;
      let energy = battery.initialMwh;
      for (const mw of realised.batteryMw[k]!) {
        energy += feeder.hoursPerPeriod * (mw < 0 ? -mw * battery.chargeEfficiency : -mw / battery.dischargeEfficiency);
      }
      stored.set(battery.id, Math.min(Math.max(0, energy), battery.energyMwh));
    });
  }
  return stored;
}
