import type { CompiledCase } from '../../src/model/compiled.js';
import type { NetworkPoint } from '../../src/solver/engine.js';

/**
 * Largest violation of each family of the model's constraints, straight from the equations of CES-OPF
 * and the compiled arrays; the solver's own model is not used.
 */
export function networkErrors(problem: CompiledCase, point: NetworkPoint): Record<string, number> {
  const { periods: T, busCount, hours } = problem;
  const worst: Record<string, number> = { balance: 0, drop: 0, cone: 0, voltage: 0, thermal: 0, device: 0, energy: 0 };
  const note = (family: string, amount: number): void => {
    worst[family] = Math.max(worst[family]!, amount);
  };
  const injP = problem.loadP.map((value) => -value);
  const injQ = problem.loadQ.map((value) => -value);
  const inject = (bus: Int32Array, p: (k: number) => number, q: (k: number) => number): void => {
    for (let d = 0; d < bus.length; d++) {
      for (let t = 0; t < T; t++) {
        injP[bus[d]! * T + t]! += p(d * T + t);
        injQ[bus[d]! * T + t]! += q(d * T + t);
      }
    }
  };
  const { solar, batteries, shapables, generators, sheddable } = problem;
  inject(
    generators.bus,
    (k) => point.generatorP[k]!,
    (k) => point.generatorQ[k]!,
  );
  inject(
    solar.bus,
    (k) => point.solarP[k]!,
    (k) => point.solarQ[k]!,
  );
  inject(
    batteries.bus,
    (k) => point.discharge[k]! - point.charge[k]!,
    (k) => point.batteryQ[k]!,
  );
  inject(
    shapables.bus,
    (k) => -point.shapableP[k]!,
    (k) => -point.shapableP[k]! * shapables.tanPhi[Math.floor(k / T)]!,
  );
  inject(
    sheddable.bus,
    (k) => point.shedP[k]!,
    (k) => (sheddable.p[k]! > 0 ? (point.shedP[k]! * sheddable.q[k]!) / sheddable.p[k]! : 0),
  );
  for (let i = 0; i < busCount; i++) {
    for (let t = 0; t < T; t++) {
      const k = i * T + t;
      let p = injP[k]!;
      let q = injQ[k]! + problem.shunt[i]! * point.v[k]!;
      for (let j = 1; j < busCount; j++) {
        if (problem.parent[j] !== i) continue;
        p += point.flowP[j * T + t]! - problem.r[j]! * point.ell[j * T + t]!;
        q += point.flowQ[j * T + t]! - problem.x[j]! * point.ell[j * T + t]!;
      }
      note('balance', Math.abs(p - point.flowP[k]!));
      note('balance', Math.abs(q - point.flowQ[k]!));
      if (i === 0) {
        note('voltage', Math.abs(point.v[k]! - problem.vRoot));
        continue;
      }
      const r = problem.r[i]!;
      const x = problem.x[i]!;
      const drop = 2 * (r * point.flowP[k]! + x * point.flowQ[k]!) - (r * r + x * x) * point.ell[k]!;
      note('drop', Math.abs(point.v[k]! - drop - point.v[problem.parent[i]! * T + t]!));
      note('cone', point.flowP[k]! ** 2 + point.flowQ[k]! ** 2 - point.v[k]! * point.ell[k]!);
      note('voltage', Math.max(problem.vMin[i]! - point.v[k]!, point.v[k]! - problem.vMax[i]!));
      note('thermal', Math.hypot(point.flowP[k]!, point.flowQ[k]!) - problem.limit[i]!);
    }
  }
  for (let s = 0; s < solar.count; s++) {
    for (let t = 0; t < T; t++) {
      const k = s * T + t;
      note('device', Math.max(-point.solarP[k]!, point.solarP[k]! - solar.forecast[k]!));
      if (!solar.curtailable[s]) note('device', solar.forecast[k]! - point.solarP[k]!);
      if (Number.isNaN(solar.sMax[s]!)) note('device', Math.abs(point.solarQ[k]!));
      else note('device', Math.hypot(point.solarP[k]!, point.solarQ[k]!) - solar.sMax[s]!);
    }
  }
  for (let b = 0; b < batteries.count; b++) {
    let stored = batteries.initial[b]!;
    for (let t = 0; t < T; t++) {
      const k = b * T + t;
      for (const power of [point.charge[k]!, point.discharge[k]!]) {
        note('device', Math.max(-power, power - batteries.power[b]!));
      }
      const net = point.discharge[k]! - point.charge[k]!;
      if (Number.isNaN(batteries.sMax[b]!)) note('device', Math.abs(point.batteryQ[k]!));
      else note('device', Math.hypot(net, point.batteryQ[k]!) - batteries.sMax[b]!);
      stored +=
        hours *
        (batteries.chargeEfficiency[b]! * point.charge[k]! - point.discharge[k]! / batteries.dischargeEfficiency[b]!);
      note('energy', Math.max(-stored, stored - batteries.energy[b]!));
    }
    note('energy', Math.abs(stored - batteries.final[b]!));
  }
  for (let s = 0; s < shapables.count; s++) {
    let sum = 0;
    for (let t = 0; t < T; t++) {
      const p = point.shapableP[s * T + t]!;
      const inside = t >= shapables.start[s]! && t < shapables.end[s]!;
      note('device', Math.max(-p, p - (inside ? shapables.max[s]! : 0)));
      sum += hours * p;
    }
    note('energy', Math.abs(sum - shapables.energy[s]!));
  }
  for (let g = 0; g < generators.count; g++) {
    for (let t = 0; t < T; t++) {
      const k = g * T + t;
      note('device', Math.max(generators.pMin[g]! - point.generatorP[k]!, point.generatorP[k]! - generators.pMax[g]!));
      note('device', Math.max(generators.qMin[g]! - point.generatorQ[k]!, point.generatorQ[k]! - generators.qMax[g]!));
      if (t > 0) note('device', Math.abs(point.generatorP[k]! - point.generatorP[k - 1]!) - generators.ramp[g]!);
    }
  }
  for (let k = 0; k < sheddable.count * T; k++) {
    note('device', Math.max(-point.shedP[k]!, point.shedP[k]! - sheddable.p[k]!));
  }
  return worst;
}

/** Objective of the relaxation at a point, $. */
export function networkCost(problem: CompiledCase, point: NetworkPoint): number {
  const { periods: T, generators, batteries, shapables, sheddable } = problem;
  let total = problem.constantCost;
  for (let k = 0; k < generators.count * T; k++) {
    const p = point.generatorP[k]!;
    total += generators.quadratic[Math.floor(k / T)]! * p * p + generators.linear[k]! * p;
  }
  for (let k = 0; k < batteries.count * T; k++) {
    total += batteries.cost[Math.floor(k / T)]! * (point.charge[k]! + point.discharge[k]!);
  }
  for (let k = 0; k < shapables.count * T; k++) {
    const s = Math.floor(k / T);
    total += shapables.discomfort[s]! * (point.shapableP[k]! - shapables.preferred[k]!) ** 2;
  }
  for (let k = 0; k < sheddable.count * T; k++) total += sheddable.cost[Math.floor(k / T)]! * point.shedP[k]!;
  return total;
}
