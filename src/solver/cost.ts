import type { CompiledCase } from '../model/compiled.js';
import type { Schedule } from './point.js';

export interface ScheduleCost {
  /** $, constant costs included. */
  readonly total: number;
  /** Σ |cost terms|: the scale against which gaps are measured, at least 1 $. */
  readonly scale: number;
}

/** Cost of a schedule: Σ_t of the generators' and the devices' costs (objective of CES-OPF, problem (1) of the paper). */
export function costOf(problem: CompiledCase, schedule: Schedule): ScheduleCost {
  const { periods, generators, batteries, shapables, sheddable } = problem;
  let total = problem.constantCost;
  let scale = Math.abs(problem.constantCost);
  const each = (count: number, term: (device: number, k: number) => number) => {
    for (let device = 0; device < count; device += 1) {
      for (let t = 0; t < periods; t += 1) {
        const cost = term(device, device * periods + t);
        total += cost;
        scale += Math.abs(cost);
      }
    }
  };
  each(generators.count, (g, k) => {
    const p = schedule.generatorP[k]!;
    return (generators.quadratic[g]! * p + generators.linear[k]!) * p;
  });
  each(batteries.count, (b, k) => batteries.cost[b]! * (schedule.charge[k]! + schedule.discharge[k]!));
  each(shapables.count, (s, k) => shapables.discomfort[s]! * (schedule.shapableP[k]! - shapables.preferred[k]!) ** 2);
  each(sheddable.count, (s, k) => sheddable.cost[s]! * schedule.shedP[k]!);
  return { total, scale: Math.max(1, scale) };
}
