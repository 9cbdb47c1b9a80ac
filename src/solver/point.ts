import type { CompiledCase } from '../model/compiled.js';
import type { NetworkPoint } from './engine.js';
import type { Injections } from './powerflow.js';

/** The device half of a point: what a schedule decides. The network half follows from it. */
export type Schedule = Omit<NetworkPoint, 'v' | 'ell' | 'flowP' | 'flowQ'>;

/** A schedule in which nothing moves. */
export function idleSchedule(problem: CompiledCase): Schedule {
  const rows = (count: number) => new Float64Array(count * problem.periods);
  return {
    solarP: rows(problem.solar.count),
    solarQ: rows(problem.solar.count),
    charge: rows(problem.batteries.count),
    discharge: rows(problem.batteries.count),
    batteryQ: rows(problem.batteries.count),
    shapableP: rows(problem.shapables.count),
    generatorP: rows(problem.generators.count),
    generatorQ: rows(problem.generators.count),
    shedP: rows(problem.sheddable.count),
  };
}

/**
 * Net injections of a schedule, N × T: p_i = Σ p^g + Σ p^r + Σ (d − c) − Σ p^s − Σ p^u, q_i likewise,
 * without the shunts. Summed in the order of the case, so that they are the same on every run.
 */
export function injectionsOf(problem: CompiledCase, schedule: Schedule): Injections {
  const { periods, sheddable, shapables } = problem;
  const p = problem.loadP.map((value) => -value);
  const q = problem.loadQ.map((value) => -value);
  const add = (target: Float64Array, bus: Int32Array, values: (k: number) => number) => {
    for (let device = 0; device < bus.length; device += 1) {
      const row = bus[device]! * periods;
      for (let t = 0; t < periods; t += 1) target[row + t]! += values(device * periods + t);
    }
  };
  add(p, problem.generators.bus, (k) => schedule.generatorP[k]!);
  add(q, problem.generators.bus, (k) => schedule.generatorQ[k]!);
  add(p, problem.solar.bus, (k) => schedule.solarP[k]!);
  add(q, problem.solar.bus, (k) => schedule.solarQ[k]!);
  add(p, problem.batteries.bus, (k) => schedule.discharge[k]! - schedule.charge[k]!);
  add(q, problem.batteries.bus, (k) => schedule.batteryQ[k]!);
  add(p, shapables.bus, (k) => -schedule.shapableP[k]!);
  add(q, shapables.bus, (k) => -schedule.shapableP[k]! * shapables.tanPhi[Math.floor(k / periods)]!);
  add(p, sheddable.bus, (k) => schedule.shedP[k]!);
  add(q, sheddable.bus, (k) => shedReactive(problem, schedule.shedP[k]!, k));
  return { p, q };
}

/** Reactive power shed along with `shed` pu of real power: in proportion. */
export function shedReactive(problem: CompiledCase, shed: number, k: number): number {
  const whole = problem.sheddable.p[k]!;
  return whole > 0 ? (shed * problem.sheddable.q[k]!) / whole : 0;
}

/** The generator that closes the balance: of those at the root, the one with the widest range. */
export function substation(problem: CompiledCase): number {
  const { generators } = problem;
  let chosen = -1;
  let widest = Number.NEGATIVE_INFINITY;
  for (let g = 0; g < generators.count; g += 1) {
    const range = generators.pMax[g]! - generators.pMin[g]!;
    if (generators.bus[g] !== 0 || range <= widest) continue;
    chosen = g;
    widest = range;
  }
  return chosen;
}

/** Stored energy of each battery at each period's end, pu·h. */
export function storedEnergy(problem: CompiledCase, schedule: Pick<Schedule, 'charge' | 'discharge'>): Float64Array {
  const { periods, hours, batteries } = problem;
  const energy = new Float64Array(batteries.count * periods);
  for (let b = 0; b < batteries.count; b += 1) {
    let stored = batteries.initial[b]!;
    for (let t = 0; t < periods; t += 1) {
      const k = b * periods + t;
      const into = batteries.chargeEfficiency[b]! * schedule.charge[k]!;
      stored += hours * (into - schedule.discharge[k]! / batteries.dischargeEfficiency[b]!);
      energy[k] = stored;
    }
  }
  return energy;
}
