import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { readCase } from '../../src/model/index.js';
import { solve } from '../../src/solver/index.js';

const bus = (id: string) => ({ id, vMinPu: 0.9, vMaxPu: 1.1 });
const generator = (over: object = {}) => ({
  id: 'sub',
  bus: 'a',
  pMinMw: -10,
  pMaxMw: 10,
  qMinMvar: -10,
  qMaxMvar: 10,
  costQuadratic: 0.5,
  costLinear: [30, 40],
  costConstant: 1,
  ...over,
});
const small = (over: Partial<Case> = {}): Case => ({
  format: 'crowdwatt-case/1',
  name: 'small',
  baseMva: 1,
  baseKv: 12,
  root: 'a',
  periods: 2,
  hoursPerPeriod: 1,
  buses: [bus('a'), bus('b')],
  lines: [{ id: 'ab', from: 'a', to: 'b', rOhm: 0.5, xOhm: 1 }],
  loads: [{ id: 'd', bus: 'b', pMw: [1, 2], qMvar: [0.2, 0.4] }],
  solar: [],
  batteries: [],
  shapables: [],
  generators: [generator()],
  crowdsourcees: [],
  ...over,
});
const person = { id: 'p', bus: 'b', type: 1, willingness: 1, reservationPrice: 1 } as const;

async function exact(source: Case) {
  const solution = await solve(source);
  expect(solution.status).toBe('optimal');
  expect(solution.certificate!.verdict).toBe('exact');
  return solution;
}

describe('small and degenerate feeders', () => {
  it('one bus: cost and price are the generator’s own', async () => {
    const loads = [{ id: 'd', bus: 'a', pMw: [1, 2], qMvar: [0, 0] }];
    const solution = await exact(small({ buses: [bus('a')], lines: [], loads }));
    expect(solution.objective).toBeCloseTo(0.5 * (1 + 4) + 30 + 80 + 2, 4);
    expect(solution.buses![0]!.dlmpPerMwh![0]).toBeCloseTo(31, 3);
    expect(solution.buses![0]!.dlmpPerMwh![1]).toBeCloseTo(42, 3);
  });

  it('two buses: losses and prices by hand', async () => {
    const solution = await exact(small());
    const [t, p, q, z] = [1, 2, 0.4, { r: 0.5 / 144, x: 1 / 144 }];
    // v² + v(2(rp + xq) − 1) + |z|²(p² + q²) = 0 at the load's end.
    const half = 0.5 - (z.r * p + z.x * q);
    const v = half + Math.sqrt(half * half - (z.r ** 2 + z.x ** 2) * (p * p + q * q));
    expect(solution.buses![1]!.voltagePu[t]).toBeCloseTo(Math.sqrt(v), 6);
    const loss = (z.r * (p * p + q * q)) / v;
    expect(solution.lines![0]!.lossMw[t]).toBeCloseTo(loss, 6);
    expect(solution.lines![0]!.pMw[t]).toBeCloseTo(p + loss, 5);
    expect(solution.buses![0]!.dlmpPerMwh![t]).toBeCloseTo(2 * 0.5 * (p + loss) + 40, 3);
  });

  it('no load at all', async () => {
    const solution = await exact(small({ loads: [] }));
    expect(solution.objective).toBeCloseTo(2, 3);
  });

  it('a chain of lines without impedance passes price and voltage on', async () => {
    const buses = ['a', 'b', 'c', 'd'].map(bus);
    const lines = ['ab', 'bc', 'cd'].map((id) => ({ id, from: id[1]!, to: id[0]!, rOhm: 0, xOhm: 0 }));
    const solution = await exact(small({ buses, lines, loads: [{ id: 'd', bus: 'd', pMw: [1, 2], qMvar: [0, 0] }] }));
    for (const each of solution.buses!) {
      expect(each.voltagePu[1]).toBeCloseTo(1, 6);
      expect(each.dlmpPerMwh![1]).toBeCloseTo(42, 2);
    }
    expect(solution.lines![2]!.pMw[1]).toBeCloseTo(-2, 5);
  });

  it('lines of 1e-10 pu beside ordinary ones', async () => {
    const buses = ['a', 'b', 'c'].map(bus);
    const lines = [
      { id: 'ab', from: 'a', to: 'b', rOhm: 1.44e-8, xOhm: 1.44e-8 },
      { id: 'bc', from: 'b', to: 'c', rOhm: 0.5, xOhm: 1 },
    ];
    const solution = await exact(small({ buses, lines, loads: [{ id: 'd', bus: 'c', pMw: [1, 2], qMvar: [0, 0] }] }));
    expect(solution.buses![2]!.voltagePu[1]).toBeLessThan(0.999);
  });

  it('negative prices with a battery: both ways at once is never called exact', async () => {
    const batteries = [
      {
        id: 'bat',
        bus: 'b',
        owner: 'p',
        powerMw: 1,
        energyMwh: 2,
        initialMwh: 1,
        finalMwh: 1,
        chargeEfficiency: 0.9,
        dischargeEfficiency: 0.9,
        throughputCost: 0,
      },
    ];
    const generators = [generator({ costQuadratic: 0, costLinear: [-50, -50] })];
    const solution = await solve(small({ batteries, generators, crowdsourcees: [person] }), { exactness: 'off' });
    expect(solution.status).toBe('optimal');
    expect(solution.certificate!.simultaneousMwMax).toBeGreaterThan(0.1);
    expect(solution.certificate!.verdict).toBe('inexact');
    expect(solution.reason).toMatch(/battery bat/);
  });

  it('fifty batteries without losses at one bus', async () => {
    const batteries = Array.from({ length: 50 }, (_, k) => ({
      id: `bat-${k}`,
      bus: 'b',
      owner: 'p',
      powerMw: 0.02,
      energyMwh: 0.02,
      initialMwh: 0,
      finalMwh: 0,
      chargeEfficiency: 1,
      dischargeEfficiency: 1,
      throughputCost: 0,
    }));
    const solution = await exact(small({ batteries, crowdsourcees: [person] }));
    const moved = solution.batteries!.reduce((sum, battery) => sum + battery.chargeMw[0]!, 0);
    expect(moved).toBeGreaterThan(0.5);
  });

  it('the same feeder at 0.4 kV is no harder and gives the same day', async () => {
    const source = await readCase('examples/cases/sce56.json');
    const ratio = (0.4 / 12) ** 2;
    const lines = source.lines.map((line) => ({ ...line, rOhm: line.rOhm * ratio, xOhm: line.xOhm * ratio }));
    const high = await solve(source);
    const low = await solve({ ...source, baseKv: 0.4, baseMva: 0.001, lines });
    expect(low.iterations).toBeLessThanOrEqual(high.iterations + 1);
    expect(Math.abs(low.objective! - high.objective!)).toBeLessThan(1e-3);
  });
});
