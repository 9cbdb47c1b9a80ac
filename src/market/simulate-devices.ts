import type { Battery, Case, Shapable } from '../model/case.js';
import { type DevicePlan, ownPlan } from './own-plan.js';
import type { ShiftPlan, Task } from './tasks.js';

/** What a Type-2 participant agreed to in one period. */
export interface Agreement {
  readonly task: Task;
  /** Accepted shift in the task's direction; 0 where it was refused, expired or never offered. */
  readonly mw: number;
  /** Share of it that is really done, 0..1. */
  readonly share: number;
}

export interface SimulatedDay {
  readonly plan: DevicePlan;
  /** Shift done in the task's direction, MW per period; 0 where there was no accepted task. */
  readonly doneMw: readonly number[];
  /** Part of the accepted shift that the stores could not give, MWh per period. */
  readonly undeliverableMwh: readonly number[];
}

/**
 * The day of one Type-2 participant's devices, in time order, from what it agreed to:
 * - an accepted task moves its devices from the own plan towards the equilibrium, as far as accepted;
 * - a refused one leaves it to itself: battery idle, shapable load at full power until it has its
 *   energy, solar up to the own load;
 * - with no task it follows the equilibrium, and a shapable load catches up with it.
 * Stores clip what does not fit; the final energy is whatever comes out (line 10 of Algorithm 1).
 */
export function simulateDevices(
  feeder: Case,
  plan: ShiftPlan,
  agreements: ReadonlyMap<number, Agreement>,
): SimulatedDay {
  const { devices, equilibrium } = plan;
  const own = ownPlan(feeder, devices);
  const hours = feeder.hoursPerPeriod;
  const batteries = devices.batteries.map((place) => new Store(feeder.batteries[place]!, hours));
  const appliances = devices.shapables.map((place) => new Appliance(feeder.shapables[place]!, hours));
  const record = {
    solarMw: devices.solar.map((): number[] => []),
    batteryMw: devices.batteries.map((): number[] => []),
    shapableMw: devices.shapables.map((): number[] => []),
  };
  const doneMw: number[] = [];
  const undeliverableMwh: number[] = [];

  for (let t = 0; t < feeder.periods; t++) {
    const agreement = agreements.get(t);
    const taken = agreement !== undefined && agreement.mw > 0;
    // How far from the own plan (0) to the equilibrium (1).
    const step =
      agreement === undefined
        ? 1
        : taken
          ? Math.min(1, agreement.mw / agreement.task.equilibriumMw) * agreement.share
          : 0;
    const between = (from: number, to: number) => from + step * (to - from);
    let beyond = taken
      ? agreement.task.direction * Math.max(0, agreement.mw - agreement.task.equilibriumMw) * agreement.share
      : 0;

    let shift = 0;
    devices.solar.forEach((_, k) => {
      const mw = between(own.solarMw[k]![t]!, equilibrium.solarMw[k]![t]!);
      record.solarMw[k]!.push(mw);
      shift += mw - own.solarMw[k]![t]!;
    });
    batteries.forEach((store, k) => {
      const wanted = between(0, equilibrium.batteryMw[k]![t]!);
      const mw = store.run(wanted + beyond);
      if ((mw - wanted) * beyond > 0) beyond -= mw - wanted;
      record.batteryMw[k]!.push(mw);
      shift += mw;
    });
    appliances.forEach((appliance, k) => {
      const planned = equilibrium.shapableMw[k]!;
      let mw: number;
      if (agreement === undefined) mw = appliance.catchUp(planned, t);
      else if (!taken) mw = appliance.run(t, Infinity);
      else mw = appliance.run(t, between(own.shapableMw[k]![t]!, planned[t]!) - beyond);
      record.shapableMw[k]!.push(mw);
      shift += own.shapableMw[k]![t]! - mw;
    });

    const promised = taken ? agreement.mw * agreement.share : 0;
    const done = taken ? Math.max(0, Math.min(promised, agreement.task.direction * shift)) : 0;
    doneMw.push(done);
    undeliverableMwh.push((promised - done) * hours);
  }
  return { plan: record, doneMw, undeliverableMwh };
}

/** A battery's energy, run period by period. */
class Store {
  #energy: number;

  constructor(
    readonly battery: Battery,
    readonly hours: number,
  ) {
    this.#energy = battery.initialMwh;
  }

  /** Runs at `wanted` MW (discharge positive) or as near to it as power and energy allow; gives what it did. */
  run(wanted: number): number {
    const { powerMw, energyMwh, chargeEfficiency, dischargeEfficiency } = this.battery;
    const most = Math.min(powerMw, (this.#energy * dischargeEfficiency) / this.hours);
    const least = -Math.min(powerMw, (energyMwh - this.#energy) / (chargeEfficiency * this.hours));
    const mw = Math.min(most, Math.max(least, wanted));
    const moved = mw > 0 ? mw / dischargeEfficiency : mw * chargeEfficiency;
    this.#energy = Math.min(energyMwh, Math.max(0, this.#energy - moved * this.hours));
    return mw;
  }
}

/** A shapable load's energy so far. */
class Appliance {
  #used = 0;

  constructor(
    readonly load: Shapable,
    readonly hours: number,
  ) {}

  run(t: number, wanted: number): number {
    const inside = t >= this.load.startPeriod && t < this.load.endPeriod;
    const most = inside ? Math.min(this.load.maxMw, Math.max(0, this.load.energyMwh - this.#used) / this.hours) : 0;
    const mw = Math.min(most, Math.max(0, wanted));
    this.#used += mw * this.hours;
    return mw;
  }

  /** As far as it takes to stand at the planned energy by the end of period t. */
  catchUp(planned: readonly number[], t: number): number {
    let target = 0;
    for (let s = 0; s <= t; s++) target += planned[s]! * this.hours;
    return this.run(t, (target - this.#used) / this.hours);
  }
}
