import { describe, expect, it } from 'vitest';
import { headroomOf } from '../../src/market/headroom.js';
import { devicesByParticipant, netOf, ownPlan } from '../../src/market/own-plan.js';
import type { ShiftPlan, Task } from '../../src/market/tasks.js';
import type { Solution } from '../../src/solver/solution.js';
import { tinyCase } from './tiny-case.js';

const feeder = tinyCase();
const devices = devicesByParticipant(feeder).find((entry) => entry.person.id === 'c-3')!;

/** Battery of c-3: 0.2 MW, 0.4 MWh, 0.2 at the start; charges 0.1 in hour 1, gives 0.15 in hour 3. */
const charge = [0, 0.1, 0, 0];
const discharge = [0, 0, 0, 0.15];
const energy = [0.2, 0.295, 0.295, 0.295 - 0.15 / 0.95];
const equilibrium = {
  solarMw: [[0, 0.5, 0.1, 0]],
  batteryMw: [discharge.map((mw, t) => mw - charge[t]!)],
  shapableMw: [[0.1, 0.1, 0.1, 0]],
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
const idle = { chargeMw: [0, 0, 0, 0], dischargeMw: [0, 0, 0, 0], energyMwh: [0.2, 0.2, 0.2, 0.2] };
const solution = {
  batteries: [idle, { chargeMw: charge, dischargeMw: discharge, energyMwh: energy }],
} as unknown as Solution;
const task = (period: number, direction: 1 | -1): Task => ({
  participant: 'c-3',
  period,
  direction,
  equilibriumMw: 0.1,
});

describe('headroom above m^eq', () => {
  it('is only where the feeder is off in the task’s direction', () => {
    const tasks = [task(0, 1), task(1, -1)];
    expect(headroomOf(feeder, solution, plan, tasks, [0, 0, 0, 0])).toEqual([0, 0, 0, 0]);
    expect(headroomOf(feeder, solution, plan, tasks, [-1, 1, 1, 1])).toEqual([0, 0, 0, 0]);
  });

  it('is what the battery can give without running dry before the day’s end', () => {
    // Least energy from hour 2 on is the last hour's: 0.1371 MWh, at 95% 0.1303 MW for an hour.
    const noEv = { ...plan, devices: { ...devices, shapables: [] } };
    const room = headroomOf(feeder, solution, noEv, [task(2, 1)], [0, 0, 1, 0]);
    expect(room[2]).toBeCloseTo((0.295 - 0.15 / 0.95) * 0.95, 12);
  });

  it('never exceeds the deviation', () => {
    expect(headroomOf(feeder, solution, plan, [task(2, 1)], [0, 0, 0.05, 0])[2]).toBeCloseTo(0.05, 12);
  });

  it('first undoes what runs the other way', () => {
    // Hour 1 charges 0.1: giving up to 0.1 costs the store only the charge's share.
    const noEv = { ...plan, devices: { ...devices, shapables: [] } };
    const room = headroomOf(feeder, solution, noEv, [task(1, 1)], [0, 1, 0, 0])[1]!;
    const left = 0.295 - 0.15 / 0.95 - 0.1 * 0.95;
    expect(room).toBeCloseTo(0.1 + left * 0.95, 12);
  });

  it('is used up in time order', () => {
    const noEv = { ...plan, devices: { ...devices, shapables: [] } };
    const tasks = [task(0, 1), task(2, 1)];
    const both = headroomOf(feeder, solution, noEv, tasks, [0.05, 0, 1, 0]);
    const later = headroomOf(feeder, solution, noEv, [task(2, 1)], [0, 0, 1, 0]);
    expect(both[0]).toBeCloseTo(0.05, 12);
    expect(both[2]! + both[0]!).toBeCloseTo(later[2]!, 12);
  });

  it('of a shapable load is what later hours without a task can make up', () => {
    const noBattery = { ...plan, devices: { ...devices, batteries: [] } };
    // Hour 2 uses 0.1; hour 3 of the window is free for 0.2.
    expect(headroomOf(feeder, solution, noBattery, [task(2, 1)], [0, 0, 1, 0])[2]).toBeCloseTo(0.1, 12);
    // With a task in hour 3 there is nowhere to go.
    const tasks = [task(2, 1), task(3, -1)];
    expect(headroomOf(feeder, solution, noBattery, tasks, [0, 0, 1, 0])[2]).toBe(0);
    // Taking more in hour 1 comes out of hour 2.
    expect(headroomOf(feeder, solution, noBattery, [task(1, -1)], [0, -1, 0, 0])[1]).toBeCloseTo(0.1, 12);
  });
});
