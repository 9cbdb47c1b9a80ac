import type { RunReport } from '../../src/market/documents.js';
import type { Case } from '../../src/model/case.js';
import type { Solution } from '../../src/solver/solution.js';

/** Ids as hostile as the format allows: they must come out as text, never as markup. */
export const EVIL = '</script><img src=x onerror="window.pwned=1">&\'"';

/** Two hours on three buses, small enough to check by hand. */
export const sampleCase: Case = {
  format: 'crowdwatt-case/1',
  name: `sample ${EVIL}`,
  baseMva: 1,
  baseKv: 12,
  root: 'substation',
  periods: 2,
  hoursPerPeriod: 0.5,
  buses: [
    { id: 'substation', vMinPu: 0.9, vMaxPu: 1.1 },
    { id: '5', vMinPu: 0.95, vMaxPu: 1.05 },
    { id: EVIL, vMinPu: 0.95, vMaxPu: 1.05 },
  ],
  lines: [
    { id: 'a', from: 'substation', to: '5', rOhm: 1, xOhm: 1 },
    { id: 'b', from: '5', to: EVIL, rOhm: 1, xOhm: 1 },
  ],
  loads: [{ id: 'load', bus: '5', pMw: [1, 2], qMvar: [0, 0] }],
  solar: [{ id: 'sun', bus: '5', owner: 'ann', forecastMw: [0.5, 1], curtailable: true }],
  batteries: [
    {
      id: 'cell',
      bus: '5',
      owner: 'ann',
      powerMw: 1,
      energyMwh: 1,
      initialMwh: 0.5,
      finalMwh: 0.5,
      chargeEfficiency: 1,
      dischargeEfficiency: 1,
      throughputCost: 0,
    },
  ],
  shapables: [
    { id: 'car', bus: '5', owner: 'ann', energyMwh: 0.1, maxMw: 0.2, startPeriod: 0, endPeriod: 1, powerFactor: 1 },
  ],
  generators: [
    {
      id: 'grid',
      bus: 'substation',
      pMinMw: 0,
      pMaxMw: 5,
      qMinMvar: -5,
      qMaxMvar: 5,
      costQuadratic: 0,
      costLinear: [30, 40],
      costConstant: 0,
    },
  ],
  crowdsourcees: [
    { id: 'ann', bus: '5', type: 1, willingness: 1, reservationPrice: 0 },
    { id: EVIL, bus: EVIL, type: 2, willingness: 0.5, reservationPrice: 3 },
  ],
};

export const sampleSolution: Solution = {
  format: 'crowdwatt-solution/1',
  case: sampleCase.name,
  method: 'admm',
  status: 'optimal',
  objective: 1234.5,
  lowerBound: 1234.4,
  exactness: 'off',
  pricesFrom: 'relaxation',
  iterations: 42,
  seconds: { setup: 0.1, solve: 0.2, total: 0.3 },
  certificate: {
    primalResidual: 1e-5,
    dualResidual: 2e-5,
    relativeGap: 3e-6,
    excessLossMw: 0,
    simultaneousMwMax: 0,
    acVoltageMismatchMaxPu: 1e-7,
    acPowerMismatchMaxMw: 1e-7,
    acLimitViolationMaxPu: 0,
    verdict: 'exact',
  },
  buses: [
    { id: 'substation', voltagePu: [1, 1], dlmpPerMwh: [30, 40] },
    { id: '5', voltagePu: [0.98, 0.97], dlmpPerMwh: [31, 42] },
    { id: EVIL, voltagePu: [1.01, 0.99], dlmpPerMwh: [31.5, 41] },
  ],
  lines: [
    { id: 'a', pMw: [0, 0], qMvar: [0, 0], lossMw: [0.01, 0.03] },
    { id: 'b', pMw: [0, 0], qMvar: [0, 0], lossMw: [0, 0] },
  ],
  generators: [{ id: 'grid', pMw: [1.2, 0.7], qMvar: [0, 0] }],
  solar: [{ id: 'sun', pMw: [0.4, 1], qMvar: [0, 0] }],
  batteries: [{ id: 'cell', chargeMw: [0.3, 0], dischargeMw: [0, 0.3], qMvar: [0, 0], energyMwh: [0.65, 0.5] }],
  shapables: [{ id: 'car', pMw: [0.2, 0], qMvar: [0, 0] }],
  warnings: [`look at ${EVIL}`],
  trace: [
    { iteration: 1, primalResidual: 1, dualResidual: 0.5, objective: 1 },
    { iteration: 42, primalResidual: 1e-5, dualResidual: 2e-5, objective: 2 },
  ],
};

const { buses: _buses, lines: _lines, trace: _trace, ...opf } = sampleSolution;

export const sampleReport: RunReport = {
  format: 'crowdwatt-run/1',
  case: sampleCase.name,
  day: '2018-08-05',
  opf,
  equilibriumHash: 'ab'.repeat(32),
  contracts: [],
  offers: [
    {
      participant: EVIL,
      period: 0,
      round: 1,
      mw: 0.4,
      energyPricePerMwh: 31.5,
      incentivePerMwh: 5,
      outcome: 'accepted',
    },
    { participant: EVIL, period: 1, round: 1, mw: 0.2, energyPricePerMwh: 41, incentivePerMwh: 6, outcome: 'refused' },
    { participant: EVIL, period: 1, round: 2, mw: 0.2, energyPricePerMwh: 41, incentivePerMwh: 12, outcome: 'refused' },
  ],
  supplements: [{ generator: 'grid', period: 1, mw: 0.2, cost: 4.25 }],
  undeliverable: [{ participant: EVIL, period: 0, mwh: 0.125 }],
  shortfallMw: [0, 0.5],
  acCheck: { violationMaxPu: 0, where: '' },
  statements: [
    { participant: 'ann', from: '2018-08-05', to: '2018-08-11', lines: [], totalMicro: 1_500_000 },
    { participant: 'operator', from: '2018-08-05', to: '2018-08-11', lines: [], totalMicro: -1_500_000 },
  ],
  ledger: { kind: 'embedded', height: 9, lastBlockHash: 'cd'.repeat(32), transactions: 77 },
  seconds: { equilibrium: 0.3 },
};
