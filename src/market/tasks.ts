import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import { type DevicePlan, devicesByParticipant, netOf, ownPlan, type ParticipantDevices } from './own-plan.js';

/** Below this share of its devices' rated power a shift is no task. */
const LEAST_SHARE_OF_RATING = 1e-3;

/** A Type-2 participant with its two plans: alone, and as the equilibrium asks. */
export interface ShiftPlan {
  readonly devices: ParticipantDevices;
  readonly own: DevicePlan;
  readonly equilibrium: DevicePlan;
  /** u^own and u^eq, MW per period. */
  readonly ownMw: readonly number[];
  readonly equilibriumMw: readonly number[];
  /** Sum of its devices' rated power, MW. */
  readonly ratedMw: number;
}

/** A shift from the own plan that the equilibrium asks of a participant in one period. */
export interface Task {
  readonly participant: string;
  readonly period: number;
  /** σ: 1 injects more (or consumes less) than the own plan, −1 the other way round. */
  readonly direction: 1 | -1;
  /** m^eq = |u^eq − u^own|, MW. */
  readonly equilibriumMw: number;
}

/** Both plans of every Type-2 participant, from a solution that has a schedule. */
export function shiftPlans(feeder: Case, solution: Solution): ShiftPlan[] {
  return devicesByParticipant(feeder)
    .filter((devices) => devices.person.type === 2)
    .map((devices) => {
      const own = ownPlan(feeder, devices);
      const equilibrium = scheduledPlan(solution, devices);
      return {
        devices,
        own,
        equilibrium,
        ownMw: netOf(own, feeder.periods),
        equilibriumMw: netOf(equilibrium, feeder.periods),
        ratedMw: ratedPower(feeder, devices),
      };
    });
}

/** The tasks of all periods: period first, then the participants in the case's order. */
export function tasksOf(feeder: Case, plans: readonly ShiftPlan[]): Task[][] {
  return Array.from({ length: feeder.periods }, (_, period) =>
    plans.flatMap((plan): Task[] => {
      const shift = plan.equilibriumMw[period]! - plan.ownMw[period]!;
      if (Math.abs(shift) < LEAST_SHARE_OF_RATING * plan.ratedMw || shift === 0) return [];
      return [
        {
          participant: plan.devices.person.id,
          period,
          direction: shift > 0 ? 1 : -1,
          equilibriumMw: Math.abs(shift),
        },
      ];
    }),
  );
}

/** What a solution asks of one participant's devices. */
export function scheduledPlan(solution: Solution, devices: ParticipantDevices): DevicePlan {
  return {
    solarMw: devices.solar.map((place) => solution.solar![place]!.pMw),
    batteryMw: devices.batteries.map((place) => {
      const battery = solution.batteries![place]!;
      return battery.dischargeMw.map((discharge, t) => discharge - battery.chargeMw[t]!);
    }),
    shapableMw: devices.shapables.map((place) => solution.shapables![place]!.pMw),
  };
}

function ratedPower(feeder: Case, devices: ParticipantDevices): number {
  let rated = 0;
  for (const place of devices.solar) {
    const panel = feeder.solar[place]!;
    rated += panel.sMaxMva ?? Math.max(0, ...panel.forecastMw);
  }
  for (const place of devices.batteries) rated += feeder.batteries[place]!.powerMw;
  for (const place of devices.shapables) rated += feeder.shapables[place]!.maxMw;
  return rated;
}
