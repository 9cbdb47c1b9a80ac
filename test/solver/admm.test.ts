import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import type { CompiledCase } from '../../src/model/compiled.js';
import { compileCase, parseCase } from '../../src/model/index.js';
import { closePools } from '../../src/pool/index.js';
import { AdmmSolver, admmEngine } from '../../src/solver/admm/index.js';
import { costOf } from '../../src/solver/cost.js';
import type { EngineResult } from '../../src/solver/engine.js';
import { ipmEngine } from '../../src/solver/ipm/index.js';
import { haveShared, sharedJson } from '../helpers/feeders.js';
import { randomCase } from '../support/random-case.js';

afterAll(() => closePools());

interface Reference {
  readonly objective: number;
  readonly buses: readonly string[];
  readonly dlmpPerMwh: readonly (readonly number[])[];
  readonly voltagePu: readonly (readonly number[])[];
}

const example = (name: string) => JSON.parse(readFileSync(`examples/cases/${name}.json`, 'utf8')) as Case;
const compiled = (source: Case) => compileCase(parseCase(source));
const tree = admmEngine('tree');

/** Largest differences from an independent solution: cost relative, prices $/MWh, voltages pu. */
function errors(problem: CompiledCase, result: EngineResult, reference: Reference) {
  const { periods, hours, baseMva, source, positionOfBus } = problem;
  const index = new Map(source.buses.map((bus, k) => [bus.id, k]));
  let [dlmp, voltage] = [0, 0];
  for (const [k, id] of reference.buses.entries()) {
    const row = positionOfBus[index.get(id)!]! * periods;
    for (let t = 0; t < periods; t += 1) {
      const price = result.duals!.balanceP[row + t]! / (hours * baseMva);
      dlmp = Math.max(dlmp, Math.abs(price - reference.dlmpPerMwh[k]![t]!));
      voltage = Math.max(voltage, Math.abs(Math.sqrt(result.point!.v[row + t]!) - reference.voltagePu[k]![t]!));
    }
  }
  return { cost: Math.abs(result.primalObjective / reference.objective - 1), dlmp, voltage };
}

describe('admm against independent references', () => {
  const cases = [
    { name: 'sce56', most: 150 },
    { name: 'sce56-single', most: 150 },
    { name: 'case33bw', most: 200 },
    { name: 'case141', most: 200 },
    { name: 'ieee9500-single', most: 200 },
  ];
  for (const { name, most } of cases) {
    it.skipIf(!haveShared(`cases/${name}.reference.json`, `ADMM against the reference of ${name}`))(name, async () => {
      const problem = compiled(sharedJson<Case>(`cases/${name}.json`));
      const reference = sharedJson<Reference>(`cases/${name}.reference.json`);
      const result = await tree(problem, { tolerance: 1e-4, workers: 1 });
      expect(result.status).toBe('optimal');
      expect(result.iterations).toBeLessThanOrEqual(most);
      const off = errors(problem, result, reference);
      expect(off.cost).toBeLessThan(1e-4);
      expect(off.dlmp).toBeLessThan(0.1);
      expect(off.voltage).toBeLessThan(5e-4);
      // the lower bound is one, and it is close
      expect(result.dualObjective).toBeLessThanOrEqual(reference.objective + 1e-6 * Math.abs(reference.objective));
      expect(result.relativeGap).toBeLessThanOrEqual(1e-4);
    });
  }

  it.skipIf(!haveShared('cases/sce56.reference.json', 'ADMM to 1e-5 on sce56'))('sce56 to 1e-5', async () => {
    const problem = compiled(sharedJson<Case>('cases/sce56.json'));
    const result = await tree(problem, { tolerance: 1e-5, workers: 1 });
    expect(result.status).toBe('optimal');
    const off = errors(problem, result, sharedJson<Reference>('cases/sce56.reference.json'));
    expect(off.voltage).toBeLessThan(1e-4);
    expect(off.cost).toBeLessThan(1e-5);
  });

  it.skipIf(!haveShared('cases/sce56-tight.reference.json', 'ADMM on an inexact relaxation'))(
    'sce56-tight, whose relaxation burns phantom losses',
    async () => {
      const problem = compiled(sharedJson<Case>('cases/sce56-tight.json'));
      const result = await tree(problem, { tolerance: 1e-4, workers: 1 });
      expect(result.status).toBe('optimal');
      const off = errors(problem, result, sharedJson<Reference>('cases/sce56-tight.reference.json'));
      expect(off.cost).toBeLessThan(1e-4);
      expect(off.dlmp).toBeLessThan(0.1);
    },
  );
});

describe('admm against the interior point on this project’s own examples', () => {
  it('sce56: cost, prices, voltages, and a schedule that meets its devices’ limits', async () => {
    const problem = compiled(example('sce56'));
    const [first, exact] = [await tree(problem, { tolerance: 1e-4 }), await ipmEngine(problem, { tolerance: 1e-8 })];
    expect(first.status).toBe('optimal');
    expect(first.iterations).toBeLessThanOrEqual(150);
    expect(Math.abs(first.primalObjective / exact.primalObjective - 1)).toBeLessThan(1e-5);
    expect(first.dualObjective).toBeLessThanOrEqual(exact.primalObjective * (1 + 1e-7));
    expect(first.dualObjective).toBeGreaterThan(exact.primalObjective * (1 - 1e-3));
    const { cost } = { cost: costOf(problem, first.point!).total };
    expect(Math.abs(cost / exact.primalObjective - 1)).toBeLessThan(2e-3);
    const { batteries, periods, hours } = problem;
    for (let b = 0; b < batteries.count; b += 1) {
      let energy = batteries.initial[b]!;
      for (let t = 0; t < periods; t += 1) {
        const [c, d] = [first.point!.charge[b * periods + t]!, first.point!.discharge[b * periods + t]!];
        expect(Math.max(c, d)).toBeLessThanOrEqual(batteries.power[b]! * (1 + 1e-9));
        energy += hours * (batteries.chargeEfficiency[b]! * c - d / batteries.dischargeEfficiency[b]!);
        expect(energy).toBeGreaterThan(-1e-9);
        expect(energy).toBeLessThan(batteries.energy[b]! + 1e-9);
      }
      expect(energy).toBeCloseTo(batteries.final[b]!, 9);
    }
  });

  it('random feeders with every kind of device', async () => {
    for (let seed = 0; seed < 25; seed += 1) {
      const problem = compiled(randomCase(seed));
      const first = await tree(problem, { tolerance: 1e-4, workers: 1 });
      const exact = await ipmEngine(problem, { tolerance: 1e-8 });
      const scale = Math.max(1, Math.abs(exact.primalObjective));
      expect(first.status, `seed ${seed}`).toBe('optimal');
      expect(Math.abs(first.primalObjective - exact.primalObjective), `cost, seed ${seed}`).toBeLessThan(2e-4 * scale);
      expect(first.dualObjective, `bound, seed ${seed}`).toBeLessThanOrEqual(exact.primalObjective + 1e-6 * scale);
      const unit = problem.hours * problem.baseMva;
      for (const [k, price] of first.duals!.balanceP.entries()) {
        expect(Math.abs(price - exact.duals!.balanceP[k]!) / unit, `price ${k}, seed ${seed}`).toBeLessThan(0.1);
      }
    }
  });

  it('a binding voltage limit and a binding rating carry their duals', async () => {
    const source = example('sce56');
    const narrow: Case = { ...source, buses: source.buses.map((bus) => ({ ...bus, vMinPu: 0.975, vMaxPu: 1.025 })) };
    const problem = compiled(narrow);
    const first = await tree(problem, { tolerance: 1e-5, workers: 1 });
    const exact = await ipmEngine(problem, { tolerance: 1e-8 });
    const sum = (values: Float64Array | undefined) => values!.reduce((total, value) => total + value, 0);
    const expected = sum(exact.duals!.vMax) + sum(exact.duals!.vMin);
    expect(expected).toBeGreaterThan(0);
    expect(Math.abs(sum(first.duals!.vMax) + sum(first.duals!.vMin) - expected)).toBeLessThan(0.05 * expected);
  });

  it('a renewable share has its price: 10 $/MWh where a MWh of solar displaces one that would have paid 10 $', async () => {
    const source = example('sce56-single');
    const line = { id: 'line', from: 'a', to: 'b', rOhm: 0, xOhm: 0 };
    const problem = compiled({
      ...source,
      root: 'a',
      buses: ['a', 'b'].map((id) => ({ id, vMinPu: 0.9, vMaxPu: 1.1 })),
      lines: [line],
      loads: [{ id: 'load', bus: 'b', pMw: [1], qMvar: [0.2] }],
      solar: [{ ...source.solar[0]!, bus: 'b', owner: 'c', forecastMw: [2] }],
      generators: [{ ...source.generators[0]!, bus: 'a', pMinMw: -5, pMaxMw: 5, costQuadratic: 0, costLinear: [-10] }],
      crowdsourcees: [{ ...source.crowdsourcees[0]!, id: 'c', bus: 'b' }],
      minRenewableShare: 0.4,
    });
    const first = await tree(problem, { tolerance: 1e-6, workers: 1 });
    const exact = await ipmEngine(problem, { tolerance: 1e-8 });
    const perMwh = problem.hours * problem.baseMva;
    for (const result of [first, exact]) {
      expect(result.status).toBe('optimal');
      expect(result.primalObjective).toBeCloseTo(-6, 3);
      expect(result.point!.solarP[0]! * problem.baseMva).toBeCloseTo(0.4, 4);
      expect(result.duals!.renewableShare! / perMwh).toBeCloseTo(10, 2);
    }
  });
});

describe('what does not change the answer', () => {
  it('SIMD or scalar: the same bits', async () => {
    const problem = compiled(randomCase(5, { buses: 30, periods: 5 }));
    const solve = async (flavor: string) => {
      process.env.CROWDWATT_KERNELS = flavor;
      try {
        return await tree(problem, { tolerance: 1e-4, workers: 1 });
      } finally {
        delete process.env.CROWDWATT_KERNELS;
      }
    };
    const [scalar, simd] = [await solve('scalar'), await solve('simd')];
    expect(simd.iterations).toBe(scalar.iterations);
    expect([...simd.point!.v]).toEqual([...scalar.point!.v]);
    expect([...simd.duals!.balanceP]).toEqual([...scalar.duals!.balanceP]);
  });

  it('the base of the file: a 0.4 kV feeder on 1 MVA is as easy as on its own', async () => {
    const source = example('sce56-single');
    const at = (factor: number): Case => {
      const power = <T extends object>(list: readonly T[], names: readonly string[]) =>
        list.map((one) => {
          const entries = Object.entries(one).map(([name, value]) => {
            const scaled = Array.isArray(value) ? value.map((x: number) => x * factor) : (value as number) * factor;
            return [name, names.includes(name) ? scaled : value];
          });
          return Object.fromEntries(entries) as T;
        });
      return {
        ...source,
        buses: power(source.buses, ['shuntMvar']),
        lines: source.lines.map((line) => ({ ...line, rOhm: line.rOhm / factor, xOhm: line.xOhm / factor })),
        loads: power(source.loads, ['pMw', 'qMvar']),
        solar: power(source.solar, ['forecastMw']),
        generators: power(source.generators, ['pMinMw', 'pMaxMw', 'qMinMvar', 'qMaxMvar', 'rampMwPerHour']).map(
          (g) => ({
            ...g,
            costQuadratic: g.costQuadratic / factor,
          }),
        ),
      };
    };
    const [whole, small] = [compiled(source), compiled(at(0.01))];
    const [a, b] = [await tree(whole, { tolerance: 1e-4 }), await tree(small, { tolerance: 1e-4 })];
    expect(b.status).toBe('optimal');
    expect(Math.abs(b.iterations - a.iterations)).toBeLessThanOrEqual(25);
    expect(Math.abs(b.primalObjective * 100 - a.primalObjective)).toBeLessThan(
      1e-3 * Math.abs(a.primalObjective) + 0.01,
    );
  });
});

describe('admm-bus', () => {
  it('comes to the same answer through neighbours alone, in many more iterations', async () => {
    const problem = compiled(example('sce56-single'));
    const [bus, exact] = [
      await admmEngine('bus')(problem, { tolerance: 1e-4, workers: 1 }),
      await ipmEngine(problem, { tolerance: 1e-8 }),
    ];
    const central = await tree(problem, { tolerance: 1e-4, workers: 1 });
    expect(bus.status).toBe('optimal');
    expect(Math.abs(bus.primalObjective / exact.primalObjective - 1)).toBeLessThan(1e-4);
    const unit = problem.hours * problem.baseMva;
    for (const [k, price] of bus.duals!.balanceP.entries()) {
      expect(Math.abs(price - exact.duals!.balanceP[k]!) / unit).toBeLessThan(0.1);
    }
    expect(bus.iterations).toBeGreaterThan(central.iterations);
  });
});

describe('cases without a schedule', () => {
  it.each([
    [
      'a substation too small',
      (source: Case) => ({
        ...source,
        generators: source.generators.map((g) => ({ ...g, pMaxMw: Math.min(g.pMaxMw, 0.3) })),
      }),
    ],
    [
      'a rating too small at the head',
      (source: Case) => ({
        ...source,
        lines: source.lines.map((line, k) => (k === 0 ? { ...line, limitMva: 0.8 } : line)),
      }),
    ],
  ])('%s: proven infeasible, with a reason', async (_, change) => {
    const problem = compiled(change(example('sce56')) as Case);
    const result = await tree(problem, { tolerance: 1e-4, workers: 1 });
    expect(result.status).toBe('infeasible');
    expect(result.reason).toMatch(/no schedule/);
    expect(result.point).toBeUndefined();
    expect((await ipmEngine(problem, { tolerance: 1e-6 })).status).toBe('infeasible');
  });

  it('never calls a solvable case infeasible', async () => {
    for (let seed = 200; seed < 215; seed += 1) {
      const result = await tree(compiled(randomCase(seed, { scale: 1.5 })), { tolerance: 1e-4, workers: 1 });
      if (result.status !== 'infeasible') continue;
      const exact = await ipmEngine(compiled(randomCase(seed, { scale: 1.5 })), { tolerance: 1e-6 });
      expect(exact.status, `seed ${seed}`).toBe('infeasible');
    }
  });

  it('says when it ran out of iterations, and gives its best point', async () => {
    const result = await tree(compiled(example('sce56')), { tolerance: 1e-4, maxIterations: 10, workers: 1 });
    expect(result.status).toBe('iteration-limit');
    expect(result.iterations).toBe(10);
    expect(result.point).toBeDefined();
  });
});

describe('warm re-solve', () => {
  const changed = (change: (source: Case) => Partial<Case>) => {
    const source = example('sce56');
    return compiled({ ...source, ...change(source) });
  };
  const changes = {
    'one load +10% in one hour': {
      share: 0.25,
      problem: () =>
        changed(({ loads }) => ({
          loads: loads.map((load, k) =>
            k === 4 ? { ...load, pMw: load.pMw.map((p, t) => (t === 12 ? p * 1.1 : p)) } : load,
          ),
        })),
    },
    'all loads +2%': {
      share: 0.5,
      problem: () =>
        changed(({ loads }) => ({ loads: loads.map((load) => ({ ...load, pMw: load.pMw.map((p) => p * 1.02) })) })),
    },
    'solar −5% from noon': {
      share: 0.5,
      problem: () =>
        changed(({ solar }) => ({
          solar: solar.map((s) => ({ ...s, forecastMw: s.forecastMw.map((p, t) => (t >= 12 ? p * 0.95 : p)) })),
        })),
    },
    'prices +5%': {
      share: 0.5,
      problem: () =>
        changed(({ generators }) => ({
          generators: generators.map((g) => ({ ...g, costLinear: g.costLinear.map((b) => b * 1.05) })),
        })),
    },
    'prices backwards': {
      share: 1,
      problem: () =>
        changed(({ generators }) => ({
          generators: generators.map((g) => ({ ...g, costLinear: [...g.costLinear].reverse() })),
        })),
    },
  };

  it.each(Object.entries(changes))('%s', async (_, { share, problem }) => {
    const settings = { tolerance: 1e-4 };
    const next = problem();
    const cold = await admmEngine('tree')(next, { ...settings, workers: 1 });
    const solver = new AdmmSolver(compiled(example('sce56')), { workers: 1 });
    expect((await solver.solve(settings)).status).toBe('optimal');
    solver.update(next);
    const warm = await solver.solve(settings);
    expect(warm.status).toBe('optimal');
    expect(warm.iterations).toBeLessThanOrEqual(share * cold.iterations + 5);
    expect(Math.abs(warm.primalObjective / cold.primalObjective - 1)).toBeLessThan(2e-5);
    for (const [k, price] of warm.duals!.balanceP.entries()) {
      expect(Math.abs(price - cold.duals!.balanceP[k]!) / next.baseMva).toBeLessThan(0.1);
    }
  });

  it('refuses another feeder', () => {
    const solver = new AdmmSolver(compiled(example('sce56')));
    expect(() => solver.update(compiled(example('sce56-single')))).toThrowError(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});
