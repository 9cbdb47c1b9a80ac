import { describe, expect, it } from 'vitest';
import { toConic } from '../../bench/lib/conic.js';
import type { CompiledCase } from '../../src/model/compiled.js';
import { compileCase, readCase } from '../../src/model/index.js';
import type { NetworkPoint } from '../../src/solver/engine.js';
import { ipmEngine } from '../../src/solver/ipm/index.js';

/** The engine's point in the columns of the conic form; stored energy is worked out from the flows. */
function columnsOf(problem: CompiledCase, point: NetworkPoint): Float64Array {
  const { batteries, hours, periods: T } = problem;
  const store = new Float64Array(batteries.count * T);
  for (let k = 0; k < batteries.count; k++) {
    let level = batteries.initial[k]!;
    for (let t = 0; t < T; t++) {
      const at = k * T + t;
      level += hours * batteries.chargeEfficiency[k]! * point.charge[at]!;
      level -= (hours / batteries.dischargeEfficiency[k]!) * point.discharge[at]!;
      store[at] = level;
    }
  }
  const { flowP, flowQ, ell, v, solarP, solarQ, charge, discharge, batteryQ } = point;
  const blocks = [flowP, flowQ, ell, v, solarP, solarQ, charge, discharge, batteryQ, store];
  blocks.push(point.shapableP, point.generatorP, point.generatorQ, point.shedP);
  return Float64Array.from(blocks.flatMap((block) => Array.from(block)));
}

describe('the conic form that peers get', () => {
  it.each(['sce56', 'sce56-single', 'sce56-tight'])('says the same as the interior point on %s', async (name) => {
    const problem = compileCase(await readCase(`examples/cases/${name}.json`));
    const conic = toConic(problem);
    const result = await ipmEngine(problem, { tolerance: 1e-8 });
    const x = columnsOf(problem, result.point!);
    expect(x).toHaveLength(conic.columns);

    let cost = conic.constant;
    x.forEach((value, k) => {
      cost += conic.linear[k]! * value + 0.5 * conic.quadratic[k]! * value * value;
    });
    expect(Math.abs(cost - result.primalObjective)).toBeLessThan(1e-6 * Math.max(1, Math.abs(cost)));

    // s = b − A x must lie in the cones.
    const slack = Float64Array.from(conic.rightSide);
    for (let c = 0; c < conic.columns; c++) {
      for (let k = conic.start[c]!; k < conic.start[c + 1]!; k++) slack[conic.index[k]!]! -= conic.value[k]! * x[c]!;
    }
    const { zero, nonnegative, secondOrder } = conic.cones;
    let worst = 0;
    for (let k = 0; k < zero; k++) worst = Math.max(worst, Math.abs(slack[k]!));
    for (let k = zero; k < zero + nonnegative; k++) worst = Math.max(worst, -slack[k]!);
    let at = zero + nonnegative;
    for (const size of secondOrder) {
      const tail = Math.hypot(...slack.subarray(at + 1, at + size));
      worst = Math.max(worst, tail - slack[at]!);
      at += size;
    }
    expect(at).toBe(conic.rows);
    expect(worst).toBeLessThan(1e-5);
  });
});
