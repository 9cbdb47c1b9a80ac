import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { compileCase, parseCase } from '../../src/model/index.js';
import { powerFlow } from '../../src/solver/planned-flow.js';
import { sweep } from '../../src/solver/powerflow.js';
import { haveShared, peakCase } from '../helpers/feeders.js';

const lowest = (source: Case) => {
  const solution = powerFlow(source);
  const buses = solution.buses!;
  const low = buses.reduce((a, b) => (b.voltagePu[0]! < a.voltagePu[0]! ? b : a));
  const lossKw = solution.lines!.reduce((sum, line) => sum + line.lossMw[0]!, 0) * 1000;
  return { id: low.id, voltage: low.voltagePu[0]!, lossKw, solution };
};

describe('power flow against published figures', () => {
  const published = [
    { feeder: 'case33bw', shunts: false, bus: '18', voltage: 0.91309, lossKw: 202.677 },
    { feeder: 'sce56', shunts: false, bus: '52', voltage: 0.933659, lossKw: 107.463 },
    { feeder: 'sce56', shunts: true, bus: '37', voltage: 0.968796, lossKw: undefined },
  ];
  for (const { feeder, shunts, bus, voltage, lossKw } of published) {
    const there = haveShared(`feeders/${feeder}`, `published power flow of ${feeder}`);
    it.skipIf(!there)(`${feeder}${shunts ? ' with capacitors' : ''}`, () => {
      const found = lowest(peakCase(feeder, { shunts }));
      expect(found.id).toBe(bus);
      expect(Math.abs(found.voltage - voltage)).toBeLessThan(voltage === 0.91309 ? 5e-6 : 5e-7);
      if (lossKw !== undefined) expect(Math.abs(found.lossKw - lossKw)).toBeLessThan(5e-4);
    });
  }
});

/** A random-ish feeder with shunts, zero-impedance lines and lines given from the child's end. */
function feeder(busCount: number, chain: boolean): Case {
  const parent = (k: number) => (chain ? k - 1 : Math.floor((k - 1) / 2));
  const ends = (k: number): [string, string] => (k % 3 ? [`${parent(k)}`, `${k}`] : [`${k}`, `${parent(k)}`]);
  return {
    format: 'crowdwatt-case/1',
    name: 'made up',
    baseMva: 5,
    baseKv: 12,
    root: '0',
    rootVoltagePu: 1.02,
    periods: 3,
    hoursPerPeriod: 1,
    buses: Array.from({ length: busCount }, (_, k) => ({
      id: `${k}`,
      vMinPu: 0.9,
      vMaxPu: 1.1,
      shuntMvar: k % 7 === 0 ? 0.3 / busCount : 0,
    })),
    lines: Array.from({ length: busCount - 1 }, (_, j) => {
      const k = j + 1;
      const scale = k % 5 === 0 ? 0 : chain ? 10 / busCount : 1;
      return { id: `line-${k}`, from: ends(k)[0], to: ends(k)[1], rOhm: 0.4 * scale, xOhm: 0.6 * scale };
    }),
    loads: Array.from({ length: busCount - 1 }, (_, j) => ({
      id: `load-${j + 1}`,
      bus: `${j + 1}`,
      pMw: [2, 1, -1].map((p) => (p * (1 + (j % 4))) / busCount),
      qMvar: [0.8, 0.5, 0.1].map((q) => q / busCount),
    })),
    solar: [],
    batteries: [],
    shapables: [],
    generators: [
      {
        id: 'g',
        bus: '0',
        pMinMw: -99,
        pMaxMw: 99,
        qMinMvar: -99,
        qMaxMvar: 99,
        costQuadratic: 0,
        costLinear: [1, 1, 1],
        costConstant: 0,
      },
    ],
    crowdsourcees: [],
  };
}

describe('sweep', () => {
  it.each([
    ['bush of 300', 300, false, 1e-12],
    ['chain of 40', 40, true, 1e-12],
    ['chain of 20,000', 20_000, true, 1e-10],
  ])('satisfies the complex bus equations on a %s', (_, busCount, chain, tolerance) => {
    const source = parseCase(feeder(busCount, chain));
    const problem = compileCase(source);
    const solution = powerFlow(source);
    expect(solution.status).toBe('optimal');
    // Independent of the branch flow model: complex voltages by Ohm's law from the root, then the
    // power balance S = V·conj(ΣI) at every bus, with currents taken from the line results.
    for (let t = 0; t < 3; t += 1) {
      const volts = new Map<string, [number, number]>([['0', [1.02, 0]]]);
      const balanceP = new Map<string, number>();
      const balanceQ = new Map<string, number>();
      const add = (map: Map<string, number>, id: string, value: number) => map.set(id, (map.get(id) ?? 0) + value);
      for (let i = 1; i < problem.busCount; i += 1) {
        const line = source.lines[problem.lineOfPosition[i]!]!;
        const result = solution.lines![problem.lineOfPosition[i]!]!;
        const childId = source.buses[problem.busOfPosition[i]!]!.id;
        const parentId = line.from === childId ? line.to : line.from;
        const zBase = (12 * 12) / 1;
        const r = line.rOhm / zBase;
        const x = line.xOhm / zBase;
        const [er, ei] = volts.get(parentId)!;
        // What the parent sends into the line, from the results at `from`.
        const loss = result.lossMw[t]!;
        const lossQ = line.rOhm > 0 ? (loss * line.xOhm) / line.rOhm : 0;
        const fromParent = line.from === parentId;
        const p = fromParent ? result.pMw[t]! : loss - result.pMw[t]!;
        const q = fromParent ? result.qMvar[t]! : lossQ - result.qMvar[t]!;
        const size = er * er + ei * ei;
        const ir = (p * er + q * ei) / size;
        const ii = (p * ei - q * er) / size;
        const child: [number, number] = [er - (r * ir - x * ii), ei - (r * ii + x * ir)];
        volts.set(childId, child);
        add(balanceP, parentId, -p);
        add(balanceQ, parentId, -q);
        add(balanceP, childId, child[0] * ir + child[1] * ii);
        add(balanceQ, childId, child[1] * ir - child[0] * ii);
      }
      for (const [k, bus] of source.buses.entries()) {
        const [vr, vi] = volts.get(bus.id)!;
        expect(Math.abs(Math.hypot(vr, vi) - solution.buses![k]!.voltagePu[t]!)).toBeLessThan(tolerance);
        add(balanceQ, bus.id, (bus.shuntMvar ?? 0) * (vr * vr + vi * vi));
      }
      for (const load of source.loads) {
        add(balanceP, load.bus, -load.pMw[t]!);
        add(balanceQ, load.bus, -load.qMvar[t]!);
      }
      add(balanceP, '0', solution.generators![0]!.pMw[t]!);
      add(balanceQ, '0', solution.generators![0]!.qMvar[t]!);
      for (const gap of [...balanceP.values(), ...balanceQ.values()]) expect(Math.abs(gap)).toBeLessThan(tolerance);
    }
  });

  it('says where a feeder collapses instead of giving a number', () => {
    const source = feeder(40, true);
    const heavy = { ...source, loads: source.loads.map((load) => ({ ...load, pMw: load.pMw.map((p) => 200 * p) })) };
    const solution = powerFlow(heavy);
    expect(solution.status).toBe('iteration-limit');
    expect(solution.reason).toMatch(/voltage collapse/);
    expect(solution.buses).toBeUndefined();
  });

  it('does not mutate what it is given', () => {
    const problem = compileCase(parseCase(feeder(20, false)));
    const p = problem.loadP.map((value) => -value);
    const q = problem.loadQ.map((value) => -value);
    const before = p.slice();
    expect(sweep(problem, { p, q }).converged).toBe(true);
    expect(p).toEqual(before);
  });
});
