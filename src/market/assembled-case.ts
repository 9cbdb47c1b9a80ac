import type { PreferencesDocument } from '../../chaincode/src/domain/index.js';
import type { Battery, Case, Load, Shapable, Solar } from '../model/case.js';
import { devicesByParticipant, ownPlan, type ParticipantDevices } from './own-plan.js';

type DeviceWish = NonNullable<PreferencesDocument['devices']>[number];

export interface AssembledCase {
  readonly feeder: Case;
  /** What could not be taken as it was wished, in words. */
  readonly warnings: readonly string[];
}

/**
 * The case that is solved: the feeder and its forecasts with the preferences 𝒳 that were in force at
 * the gate (line 1 of Algorithm 1). A wish can only narrow what a device may do.
 */
export function assembleCase(feeder: Case, preferences: ReadonlyMap<string, PreferencesDocument>): AssembledCase {
  const draft: Draft = {
    loads: [...feeder.loads],
    solar: [...feeder.solar],
    batteries: [...feeder.batteries],
    shapables: [...feeder.shapables],
    warnings: [],
  };
  for (const devices of devicesByParticipant(feeder)) {
    const document = preferences.get(devices.person.id);
    if (document?.optOut) optOut(feeder, devices, draft);
    else if (document?.devices) narrow(feeder, devices, document.devices, draft);
  }
  const { warnings, ...lists } = draft;
  return { feeder: { ...feeder, ...lists }, warnings };
}

interface Draft {
  loads: Load[];
  solar: Solar[];
  batteries: Battery[];
  shapables: Shapable[];
  warnings: string[];
}

function narrow(feeder: Case, devices: ParticipantDevices, wishes: readonly DeviceWish[], draft: Draft): void {
  const byId = new Map(wishes.map((wish) => [wish.id, wish]));
  const apply = <Device extends { id: string }>(
    places: readonly number[],
    list: Device[],
    change: (device: Device, wish: DeviceWish) => Device,
  ) => {
    for (const place of places) {
      const wish = byId.get(list[place]!.id);
      if (wish) list[place] = change(list[place]!, wish);
    }
  };
  apply(devices.batteries, draft.batteries, (battery, wish) => narrowBattery(feeder, battery, wish, draft.warnings));
  apply(devices.shapables, draft.shapables, (load, wish) => narrowShapable(feeder, load, wish, draft.warnings));
  const ownLoad = loadOf(feeder, devices);
  apply(devices.solar, draft.solar, (panel, wish) => narrowSolar(panel, wish, ownLoad));
}

function narrowBattery(feeder: Case, battery: Battery, wish: DeviceWish, warnings: string[]): Battery {
  const partial = (wish.startPeriod ?? 0) > 0 || (wish.endPeriod ?? feeder.periods) < feeder.periods;
  if (partial) {
    // A case has one power limit a battery, so an hour-by-hour absence can only be honoured by leaving it alone.
    warnings.push(`battery ${battery.id} is wished for part of the day only: it is left alone all day`);
    return { ...battery, powerMw: 0, finalMwh: battery.initialMwh };
  }
  const powerMw = Math.min(battery.powerMw, megawatts(wish.powerW));
  const energyMwh = Math.min(battery.energyMwh, megawatts(wish.energyWh));
  const initialMwh = Math.min(battery.initialMwh, energyMwh);
  const wishedFinal = Math.max(
    Math.min(battery.finalMwh, energyMwh),
    wish.finalWh === undefined ? 0 : wish.finalWh / 1e6,
  );
  const hours = feeder.hoursPerPeriod * feeder.periods;
  const highest = Math.min(energyMwh, initialMwh + hours * powerMw * battery.chargeEfficiency);
  const lowest = Math.max(0, initialMwh - (hours * powerMw) / battery.dischargeEfficiency);
  const finalMwh = Math.min(highest, Math.max(lowest, wishedFinal));
  if (finalMwh !== wishedFinal)
    warnings.push(`battery ${battery.id} cannot end at ${wishedFinal} MWh: it ends at ${finalMwh}`);
  return { ...battery, powerMw, energyMwh, initialMwh, finalMwh };
}

function narrowShapable(feeder: Case, load: Shapable, wish: DeviceWish, warnings: string[]): Shapable {
  const startPeriod = Math.max(load.startPeriod, wish.startPeriod ?? 0);
  const endPeriod = Math.max(startPeriod, Math.min(load.endPeriod, wish.endPeriod ?? feeder.periods));
  const maxMw = Math.min(load.maxMw, megawatts(wish.powerW));
  const wished = Math.min(load.energyMwh, megawatts(wish.energyWh));
  const energyMwh = Math.min(wished, maxMw * (endPeriod - startPeriod) * feeder.hoursPerPeriod);
  if (energyMwh < wished)
    warnings.push(`shapable ${load.id} gets ${energyMwh} of ${wished} MWh: no more fits its wishes`);
  return { ...load, startPeriod, endPeriod, maxMw, energyMwh };
}

function narrowSolar(panel: Solar, wish: DeviceWish, ownLoad: readonly number[]): Solar {
  const forecastMw = panel.forecastMw.map((forecast, t) => {
    const inside = t >= (wish.startPeriod ?? 0) && t < (wish.endPeriod ?? Infinity);
    const kept = wish.sell === false ? Math.max(0, Math.min(forecast, ownLoad[t]!)) : forecast;
    return inside ? Math.min(kept, megawatts(wish.powerW)) : 0;
  });
  return { ...panel, forecastMw };
}

/** Whoever stays out does as it likes: its own plan becomes part of the load and nothing is left to steer. */
function optOut(feeder: Case, devices: ParticipantDevices, draft: Draft): void {
  const plan = ownPlan(feeder, devices);
  devices.solar.forEach((place, k) => {
    draft.solar[place] = { ...draft.solar[place]!, forecastMw: plan.solarMw[k]!, curtailable: false };
  });
  for (const place of devices.batteries) {
    const battery = draft.batteries[place]!;
    draft.batteries[place] = { ...battery, powerMw: 0, finalMwh: battery.initialMwh };
  }
  devices.shapables.forEach((place, k) => {
    const load = draft.shapables[place]!;
    const tan = Math.tan(Math.acos(load.powerFactor));
    draft.shapables[place] = { ...load, energyMwh: 0, maxMw: 0 };
    draft.loads.push({
      id: `${load.id.slice(0, 116)} (opted out)`,
      bus: load.bus,
      owner: load.owner,
      pMw: plan.shapableMw[k]!,
      qMvar: plan.shapableMw[k]!.map((mw) => mw * tan),
    });
  });
}

function loadOf(feeder: Case, devices: ParticipantDevices): number[] {
  const sum = new Array<number>(feeder.periods).fill(0);
  for (const place of devices.loads) {
    feeder.loads[place]!.pMw.forEach((mw, t) => {
      sum[t]! += mw;
    });
  }
  return sum;
}

/** Watts or watt-hours in MW or MWh; no wish is no limit. */
function megawatts(watts: number | undefined): number {
  return watts === undefined ? Infinity : watts / 1e6;
}
