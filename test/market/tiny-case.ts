import type { Case, Crowdsourcee } from '../../src/model/case.js';

/** A three-bus feeder over four hours with one Type-1 and one Type-2 household: small enough to work out by hand. */
export function tinyCase(changes: Partial<Case> = {}): Case {
  const person = (id: string, bus: string, type: 1 | 2, reservationPrice: number): Crowdsourcee => ({
    id,
    bus,
    type,
    willingness: 0.8,
    reservationPrice,
  });
  return {
    format: 'crowdwatt-case/1',
    name: 'tiny',
    baseMva: 1,
    baseKv: 12,
    root: '1',
    rootVoltagePu: 1,
    periods: 4,
    hoursPerPeriod: 1,
    buses: ['1', '2', '3'].map((id) => ({ id, vMinPu: 0.9, vMaxPu: 1.1 })),
    lines: [
      { id: '1-2', from: '1', to: '2', rOhm: 0.5, xOhm: 0.8 },
      { id: '2-3', from: '2', to: '3', rOhm: 0.4, xOhm: 0.5 },
    ],
    loads: [
      { id: 'load-2', bus: '2', pMw: [0.3, 0.3, 0.4, 0.4], qMvar: [0.1, 0.1, 0.1, 0.1] },
      { id: 'load-3', bus: '3', pMw: [0.2, 0.2, 0.3, 0.3], qMvar: [0.05, 0.05, 0.05, 0.05] },
    ],
    solar: [{ id: 'pv-3', bus: '3', owner: 'c-3', forecastMw: [0, 0.5, 0.1, 0], curtailable: true }],
    batteries: [
      {
        id: 'bat-2',
        bus: '2',
        owner: 'c-2',
        powerMw: 0.2,
        energyMwh: 0.4,
        initialMwh: 0.2,
        finalMwh: 0.2,
        chargeEfficiency: 0.95,
        dischargeEfficiency: 0.95,
        throughputCost: 1,
      },
      {
        id: 'bat-3',
        bus: '3',
        owner: 'c-3',
        powerMw: 0.2,
        energyMwh: 0.4,
        initialMwh: 0.2,
        finalMwh: 0.2,
        chargeEfficiency: 0.95,
        dischargeEfficiency: 0.95,
        throughputCost: 1,
      },
    ],
    shapables: [
      {
        id: 'ev-3',
        bus: '3',
        owner: 'c-3',
        energyMwh: 0.3,
        maxMw: 0.2,
        startPeriod: 0,
        endPeriod: 4,
        powerFactor: 0.97,
      },
    ],
    generators: [
      {
        id: 'substation',
        bus: '1',
        pMinMw: -3,
        pMaxMw: 3,
        qMinMvar: -3,
        qMaxMvar: 3,
        costQuadratic: 2,
        costLinear: [60, 20, 40, 80],
        costConstant: 0,
      },
    ],
    crowdsourcees: [person('c-2', '2', 1, 3), person('c-3', '3', 2, 5)],
    ...changes,
  };
}
