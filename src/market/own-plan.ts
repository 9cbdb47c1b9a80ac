import type { Case, Crowdsourcee } from '../model/case.js';
import { loadOwners } from '../model/index.js';

/** A participant and the places of what it owns in the case's arrays. */
export interface ParticipantDevices {
  readonly person: Crowdsourcee;
  readonly loads: readonly number[];
  readonly solar: readonly number[];
  readonly batteries: readonly number[];
  readonly shapables: readonly number[];
}

/** What a participant's devices do, MW, one array of T per device, in the order of its device lists. */
export interface DevicePlan {
  readonly solarMw: readonly (readonly number[])[];
  /** Discharge − charge. */
  readonly batteryMw: readonly (readonly number[])[];
  readonly shapableMw: readonly (readonly number[])[];
}

/** Groups the case's devices by owner, in the case's order of crowdsourcees. */
export function devicesByParticipant(feeder: Case): ParticipantDevices[] {
  const loads = placesByOwner(loadOwners(feeder));
  const solar = placesByOwner(feeder.solar.map((device) => device.owner));
  const batteries = placesByOwner(feeder.batteries.map((device) => device.owner));
  const shapables = placesByOwner(feeder.shapables.map((device) => device.owner));
  return feeder.crowdsourcees.map((person) => ({
    person,
    loads: loads.get(person.id) ?? [],
    solar: solar.get(person.id) ?? [],
    batteries: batteries.get(person.id) ?? [],
    shapables: shapables.get(person.id) ?? [],
  }));
}

function placesByOwner(owners: readonly (string | undefined)[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  owners.forEach((owner, place) => {
    if (owner === undefined) return;
    const list = places.get(owner);
    if (list) list.push(place);
    else places.set(owner, [place]);
  });
  return places;
}

/**
 * u^own of docs/math.md: what a participant does with no agreement. Battery idle; a shapable load at
 * full power from the start of its window until it has its energy; solar up to the owner's load
 * (what cannot be curtailed runs at its forecast).
 */
export function ownPlan(feeder: Case, devices: ParticipantDevices): DevicePlan {
  const { periods, hoursPerPeriod } = feeder;
  const loadLeft = new Array<number>(periods).fill(0);
  for (const place of devices.loads) {
    feeder.loads[place]!.pMw.forEach((mw, t) => {
      loadLeft[t]! += mw;
    });
  }
  const solarMw = devices.solar.map((place) => {
    const panel = feeder.solar[place]!;
    return panel.forecastMw.map((forecast, t) => {
      const possible = Math.min(forecast, panel.sMaxMva ?? Infinity);
      const used = panel.curtailable ? Math.max(0, Math.min(possible, loadLeft[t]!)) : forecast;
      loadLeft[t]! -= used;
      return used;
    });
  });
  const shapableMw = devices.shapables.map((place) => {
    const appliance = feeder.shapables[place]!;
    const plan = new Array<number>(periods).fill(0);
    let left = appliance.energyMwh;
    for (let t = appliance.startPeriod; t < appliance.endPeriod && left > 0; t++) {
      plan[t] = Math.min(appliance.maxMw, left / hoursPerPeriod);
      left -= plan[t]! * hoursPerPeriod;
    }
    return plan;
  });
  return { solarMw, batteryMw: devices.batteries.map(() => new Array<number>(periods).fill(0)), shapableMw };
}

/** Σ (p^r + d − c − p^s) of a plan in each period, MW. */
export function netOf(plan: DevicePlan, periods: number): number[] {
  const net = new Array<number>(periods).fill(0);
  const add = (series: readonly number[], sign: 1 | -1) => {
    for (let t = 0; t < periods; t++) net[t]! += sign * series[t]!;
  };
  for (const series of plan.solarMw) add(series, 1);
  for (const series of plan.batteryMw) add(series, 1);
  for (const series of plan.shapableMw) add(series, -1);
  return net;
}
