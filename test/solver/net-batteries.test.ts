import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCase, readCase } from '../../src/model/index.js';
import { costOf } from '../../src/solver/cost.js';
import { netBatteries } from '../../src/solver/net-batteries.js';
import { closeWith } from '../../src/solver/planned-flow.js';
import { idleSchedule, injectionsOf, storedEnergy } from '../../src/solver/point.js';
import { sweep } from '../../src/solver/powerflow.js';

const TOLERANCE = 1e-6;
const problem = compileCase(await readCase('examples/cases/sce56.json'));
const { periods, batteries } = problem;
const idle = idleSchedule(problem);
const flow = closeWith(problem, idle, sweep(problem, injectionsOf(problem, idle)));
const lossless = {
  ...problem,
  batteries: {
    ...batteries,
    chargeEfficiency: batteries.chargeEfficiency.map(() => 1),
    dischargeEfficiency: batteries.dischargeEfficiency.map(() => 1),
  },
};

const powers = fc.array(fc.double({ min: 0, max: 0.01, noNaN: true }), {
  minLength: flow.charge.length,
  maxLength: flow.charge.length,
});

describe('netBatteries', () => {
  it('nets a battery without losses whatever its powers, and leaves the grid and the store as they are', () => {
    fc.assert(
      fc.property(powers, powers, (charge, discharge) => {
        const point = { ...flow, charge: Float64Array.from(charge), discharge: Float64Array.from(discharge) };
        const netted = netBatteries(lossless, point, TOLERANCE);
        const before = storedEnergy(lossless, point);
        const after = storedEnergy(lossless, netted);
        for (let k = 0; k < charge.length; k += 1) {
          expect(Math.min(netted.charge[k]!, netted.discharge[k]!)).toBe(0);
          const net = netted.discharge[k]! - netted.charge[k]!;
          expect(Math.abs(net - (discharge[k]! - charge[k]!))).toBeLessThan(1e-15);
          expect(Math.abs(after[k]! - before[k]!)).toBeLessThan(1e-14);
        }
        expect(costOf(lossless, netted).total).toBeLessThanOrEqual(costOf(lossless, point).total + 1e-9);
        expect(netBatteries(lossless, netted, TOLERANCE).charge).toEqual(netted.charge);
      }),
      { numRuns: 20 },
    );
  });

  it('takes an interior point off its limits and keeps the end of the day', () => {
    const charge = flow.charge.map((_, k) => 1e-9 + (k % periods === 12 ? 0.01 : 0));
    const discharge = flow.discharge.map((_, k) => 2e-9 + (k % periods === 19 ? 0.008 : 0));
    const netted = netBatteries(problem, { ...flow, charge, discharge }, TOLERANCE);
    const before = storedEnergy(problem, { charge, discharge });
    const after = storedEnergy(problem, netted);
    for (let b = 0; b < batteries.count; b += 1) {
      const last = (b + 1) * periods - 1;
      expect(Math.abs(after[last]! - before[last]!)).toBeLessThan(1e-15);
    }
    for (let k = 0; k < charge.length; k += 1) {
      expect(Math.min(netted.charge[k]!, netted.discharge[k]!)).toBe(0);
      expect(Math.abs(netted.charge[k]! - charge[k]!)).toBeLessThan(1e-8);
    }
  });

  it('leaves real burning for the certificate to see', () => {
    const charge = flow.charge.slice();
    const discharge = flow.discharge.slice();
    charge[3] = 0.01;
    discharge[3] = 0.01;
    const netted = netBatteries(problem, { ...flow, charge, discharge }, TOLERANCE);
    expect([netted.charge[3], netted.discharge[3]]).toEqual([0.01, 0.01]);
  });
});
