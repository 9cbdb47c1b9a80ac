import { describe, expect, it } from 'vitest';
import { devicesByParticipant, netOf, ownPlan } from '../../src/market/own-plan.js';
import { tinyCase } from './tiny-case.js';

const ofC3 = (feeder = tinyCase()) => {
  const devices = devicesByParticipant(feeder).find((entry) => entry.person.id === 'c-3')!;
  return { devices, plan: ownPlan(feeder, devices) };
};

describe('the own plan: what a participant does with no agreement', () => {
  it('leaves the battery idle, charges at full power until full, uses solar up to the own load', () => {
    const { plan } = ofC3();
    expect(plan.batteryMw).toEqual([[0, 0, 0, 0]]);
    expect(plan.shapableMw[0]!.map((mw) => Number(mw.toFixed(9)))).toEqual([0.2, 0.1, 0, 0]);
    expect(plan.solarMw).toEqual([[0, 0.2, 0.1, 0]]);
    expect(netOf(plan, 4).map((mw) => Number(mw.toFixed(9)))).toEqual([-0.2, 0.1, 0.1, 0]);
  });

  it('starts with the window and stays inside it', () => {
    const feeder = tinyCase();
    const late = { ...feeder, shapables: [{ ...feeder.shapables[0]!, startPeriod: 2, energyMwh: 0.4 }] };
    expect(ofC3(late).plan.shapableMw[0]).toEqual([0, 0, 0.2, 0.2]);
  });

  it('counts only loads that belong to the owner', () => {
    const feeder = tinyCase();
    const neighbour = { ...feeder.crowdsourcees[1]!, id: 'c-3b' };
    const loads = [feeder.loads[0]!, { ...feeder.loads[1]!, owner: 'c-3b' }];
    const shared = { ...feeder, loads, crowdsourcees: [...feeder.crowdsourcees, neighbour] };
    expect(ofC3(shared).plan.solarMw).toEqual([[0, 0, 0, 0]]);
  });

  it('cannot curtail what is not curtailable, nor exceed an inverter', () => {
    const feeder = tinyCase();
    const fixed = { ...feeder, solar: [{ ...feeder.solar[0]!, curtailable: false }] };
    expect(ofC3(fixed).plan.solarMw).toEqual([[0, 0.5, 0.1, 0]]);
    const small = { ...feeder, solar: [{ ...feeder.solar[0]!, sMaxMva: 0.15 }] };
    expect(ofC3(small).plan.solarMw).toEqual([[0, 0.15, 0.1, 0]]);
  });

  it('shares one load between two plants of an owner', () => {
    const feeder = tinyCase();
    const first = { ...feeder.solar[0]!, forecastMw: [0, 0.15, 0.1, 0] };
    const second = { ...first, id: 'pv-3b' };
    expect(ofC3({ ...feeder, solar: [first, second] }).plan.solarMw).toEqual([
      [0, 0.15, 0.1, 0],
      [0, expect.closeTo(0.05, 12), 0.1, 0],
    ]);
  });
});
