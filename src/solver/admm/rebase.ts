import type { CompiledCase } from '../../model/compiled.js';

/**
 * The same problem on another power base. The base is chosen from the data, so a changed load changes
 * it; a kept state needs the one it was made on.
 */
export function rebase(problem: CompiledCase, baseMva: number): CompiledCase {
  if (problem.baseMva === baseMva) return problem;
  const k = problem.baseMva / baseMva;
  const by = (values: Float64Array, factor: number) => values.map((value) => value * factor);
  const { solar, batteries, shapables, generators, sheddable } = problem;
  return {
    ...problem,
    baseMva,
    peakPu: problem.peakPu * k,
    r: by(problem.r, 1 / k),
    x: by(problem.x, 1 / k),
    limit: by(problem.limit, k),
    shunt: by(problem.shunt, k),
    loadP: by(problem.loadP, k),
    loadQ: by(problem.loadQ, k),
    solar: { ...solar, forecast: by(solar.forecast, k), sMax: by(solar.sMax, k) },
    batteries: {
      ...batteries,
      power: by(batteries.power, k),
      energy: by(batteries.energy, k),
      initial: by(batteries.initial, k),
      final: by(batteries.final, k),
      cost: by(batteries.cost, 1 / k),
      sMax: by(batteries.sMax, k),
    },
    shapables: {
      ...shapables,
      energy: by(shapables.energy, k),
      max: by(shapables.max, k),
      preferred: by(shapables.preferred, k),
      discomfort: by(shapables.discomfort, 1 / (k * k)),
    },
    generators: {
      ...generators,
      pMin: by(generators.pMin, k),
      pMax: by(generators.pMax, k),
      qMin: by(generators.qMin, k),
      qMax: by(generators.qMax, k),
      quadratic: by(generators.quadratic, 1 / (k * k)),
      linear: by(generators.linear, 1 / k),
      ramp: by(generators.ramp, k),
    },
    sheddable: { ...sheddable, p: by(sheddable.p, k), q: by(sheddable.q, k), cost: by(sheddable.cost, 1 / k) },
  };
}
