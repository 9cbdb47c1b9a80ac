import { describe, expect, it } from 'vitest';
import { devicesByParticipant, netOf, ownPlan } from '../../src/market/own-plan.js';
import { type Agreement, simulateDevices } from '../../src/market/simulate-devices.js';
import type { ShiftPlan } from '../../src/market/tasks.js';
import { tinyCase } from './tiny-case.js';

const feeder = tinyCase();
const devices = devicesByParticipant(feeder).find((entry) => entry.person.id === 'c-3')!;

/** Equilibrium: charge the EV late, fill the battery in hour 1 from the sun and empty it in hour 3. */
const equilibrium = {
  solarMw: [[0, 0.5, 0.1, 0]],
  batteryMw: [[0, -0.2, 0, 0.18]],
  shapableMw: [[0, 0.2, 0.1, 0]],
};
const own = ownPlan(feeder, devices);
const plan: ShiftPlan = {
  devices,
  own,
  equilibrium,
  ownMw: netOf(own, 4),
  equilibriumMw: netOf(equilibrium, 4),
  ratedMw: 0.9,
};

/** Agreements for all four hours; undefined: no task. */
function agreed(shares: readonly (number | undefined)[], delivered = 1): Map<number, Agreement> {
  const map = new Map<number, Agreement>();
  shares.forEach((accepted, period) => {
    if (accepted === undefined) return;
    const shift = plan.equilibriumMw[period]! - plan.ownMw[period]!;
    const task = {
      participant: 'c-3',
      period,
      direction: shift > 0 ? (1 as const) : (-1 as const),
      equilibriumMw: Math.abs(shift),
    };
    map.set(period, { task, mw: accepted * task.equilibriumMw, share: delivered });
  });
  return map;
}

const rounded = (series: readonly number[]) => series.map((value) => Number(value.toFixed(9)));

describe('the devices of a day, in time order', () => {
  it('do what the equilibrium asks where everything is accepted', () => {
    const day = simulateDevices(feeder, plan, agreed([1, 1, 1, 1]));
    expect(day.plan.solarMw.map(rounded)).toEqual(equilibrium.solarMw);
    expect(day.plan.batteryMw.map(rounded)).toEqual(equilibrium.batteryMw);
    expect(day.plan.shapableMw.map(rounded)).toEqual(equilibrium.shapableMw);
    expect(day.undeliverableMwh.every((mwh) => mwh < 1e-12)).toBe(true);
    expect(rounded(day.doneMw)).toEqual(rounded(plan.equilibriumMw.map((mw, t) => Math.abs(mw - plan.ownMw[t]!))));
  });

  it('do as they like where everything is refused', () => {
    const day = simulateDevices(feeder, plan, agreed([0, 0, 0, 0]));
    expect(day.plan.solarMw).toEqual(own.solarMw);
    expect(day.plan.batteryMw).toEqual(own.batteryMw);
    expect(day.plan.shapableMw.map(rounded)).toEqual(own.shapableMw.map(rounded));
    expect(day.doneMw).toEqual([0, 0, 0, 0]);
  });

  it('cannot charge later what was charged in a refused hour: undeliverable, found before the supplements', () => {
    // Hour 0 refused: the EV takes 0.2 of its 0.3 at once; of 0.2 + 0.1 asked later only 0.1 still fits.
    const day = simulateDevices(feeder, plan, agreed([0, 1, 1, 1]));
    expect(rounded(day.plan.shapableMw[0]!)).toEqual([0.2, 0.1, 0, 0]);
    const missing = day.undeliverableMwh.reduce((sum, mwh) => sum + mwh, 0);
    // Hour 1: asked to consume 0.1 more EV than its own plan and 0.2 battery, less 0.3 solar surplus sold.
    expect(missing).toBeGreaterThan(0.09);
    expect(day.plan.shapableMw[0]!.reduce((sum, mw) => sum + mw, 0)).toBeCloseTo(0.3, 12);
  });

  it('cannot empty a battery that a refused hour left unfilled', () => {
    const day = simulateDevices(feeder, plan, agreed([1, 0, 1, 1]));
    expect(day.plan.batteryMw[0]![1]).toBe(0);
    // 0.2 MWh at 95% is 0.19 MW for an hour: the 0.18 asked still fits; twice that would not.
    expect(day.plan.batteryMw[0]![3]).toBeCloseTo(0.18, 12);
    const deep = { ...plan, equilibrium: { ...equilibrium, batteryMw: [[0, -0.2, 0, 0.2]] } };
    const short = simulateDevices(feeder, { ...deep, equilibriumMw: netOf(deep.equilibrium, 4) }, agreed([1, 0, 1, 1]));
    expect(short.plan.batteryMw[0]![3]).toBeCloseTo(0.19, 12);
  });

  it('deliver the share that the crowd file says', () => {
    const whole = simulateDevices(feeder, plan, agreed([1, 1, 1, 1]));
    const half = simulateDevices(feeder, plan, agreed([1, 1, 1, 1], 0.5));
    expect(half.doneMw[3]).toBeCloseTo(whole.doneMw[3]! / 2, 12);
    expect(half.undeliverableMwh[3]).toBeCloseTo(0, 12);
  });

  it('never leave a store below empty or above full, nor a shapable load over its energy', () => {
    for (let mask = 0; mask < 81; mask++) {
      const shares = [0, 1, 2, 3].map((t) => [undefined, 0, 1][Math.floor(mask / 3 ** t) % 3]);
      const day = simulateDevices(feeder, plan, agreed(shares));
      let energy = 0.2;
      for (const mw of day.plan.batteryMw[0]!) {
        energy -= mw > 0 ? mw / 0.95 : mw * 0.95;
        expect(energy).toBeGreaterThan(-1e-9);
        expect(energy).toBeLessThan(0.4 + 1e-9);
      }
      expect(day.plan.shapableMw[0]!.reduce((sum, mw) => sum + mw, 0)).toBeLessThan(0.3 + 1e-9);
      day.doneMw.forEach((done, t) => {
        const asked = shares[t] === 1 ? Math.abs(plan.equilibriumMw[t]! - plan.ownMw[t]!) : 0;
        expect(done + day.undeliverableMwh[t]!).toBeCloseTo(asked, 9);
      });
    }
  });
});
