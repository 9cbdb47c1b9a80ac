import { describe, expect, it } from 'vitest';
import type { Case } from '../../../src/model/case.js';
import type { CompiledCase } from '../../../src/model/compiled.js';
import { compileCase, parseCase, readCase } from '../../../src/model/index.js';
import { ConicSolver } from '../../../src/solver/ipm/conic.js';
import { buildNetwork, IpmSolver, ipmEngine, networkDuals, networkPoint } from '../../../src/solver/ipm/index.js';
import { haveShared, SHARED, sharedJson } from '../../helpers/feeders.js';
import { kktErrors } from '../../support/kkt.js';
import { networkCost, networkErrors } from '../../support/network-errors.js';
import { randomCase } from '../../support/random-case.js';

const example = (name: string) => readCase(`examples/cases/${name}.json`);

interface Reference {
  objective: number;
  buses: string[];
  dlmpPerMwh: number[][];
  dlmpReactivePerMvarh: number[][];
}

/** Solves and checks the point against the model's equations and the optimality conditions. */
function solveChecked(problem: CompiledCase, tolerance = 1e-8, bound = false) {
  const network = buildNetwork(problem, { bound });
  const result = new ConicSolver(network.program).solveSync({ tolerance });
  expect(result.status).toBe('optimal');
  const point = networkPoint(problem, network, result.x!);
  const duals = networkDuals(problem, network, result.duals!);
  const price = duals.balanceP.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (const [family, amount] of Object.entries(networkErrors(problem, point))) {
    expect(amount, family).toBeLessThan(20 * tolerance);
  }
  const errors = kktErrors(network.program, result.x!, result.duals!);
  expect(errors.primal).toBeLessThan(20 * tolerance);
  expect(errors.stationarity).toBeLessThan(20 * tolerance * price);
  expect(errors.dualCone).toBeLessThan(1e-9 * price);
  const size = Math.max(1, Math.abs(result.primalObjective));
  expect(networkCost(problem, point)).toBeCloseTo(result.primalObjective, 6);
  expect(errors.gap).toBeLessThan(20 * tolerance * Math.max(size, price * problem.peakPu * problem.periods));
  return { result, point, duals, network };
}

describe('sce56 and its variants', () => {
  it('reaches the published optimum of the plain relaxation, primal and dual', async () => {
    for (const [name, objective] of [
      ['sce56', 775.0595],
      ['sce56-market', 775.0595],
      ['sce56-single', -54.094611],
      ['sce56-tight', 876.75],
    ] as const) {
      const { result } = solveChecked(compileCase(await example(name)));
      expect(Math.abs(result.primalObjective / objective - 1), name).toBeLessThan(1e-6);
      expect(result.dualObjective).toBeLessThanOrEqual(result.primalObjective + 1e-6 * Math.abs(objective));
    }
  });

  it('reaches the published optimum of the Gan-Li bound', async () => {
    const { result, point, network } = solveChecked(compileCase(await example('sce56-tight')), 1e-8, true);
    expect(result.primalObjective).toBeCloseTo(999.0077, 3);
    expect(point.v.length).toBe(network.vLossless!.length);
  });

  it('prices are what one more kilowatt costs: ±5 kW of load solved again, with and without the bound', async () => {
    for (const [name, bound] of [
      ['sce56', false],
      ['sce56-tight', true],
    ] as const) {
      const base = await example(name);
      const problem = compileCase(base);
      const solver = new IpmSolver(problem, { bound });
      const plain = await solver.solve({ tolerance: 1e-9 });
      const step = 0.005;
      for (const [load, period] of [
        [5, 18],
        [10, 13],
        [20, 2],
      ] as const) {
        const shifted = async (delta: number) => {
          const copy = structuredClone(base) as unknown as { loads: { pMw: number[] }[] };
          copy.loads[load]!.pMw[period]! += delta;
          solver.update(compileCase(copy as unknown as Case));
          return (await solver.solve({ tolerance: 1e-9 })).primalObjective;
        };
        const measured = ((await shifted(step)) - (await shifted(-step))) / (2 * step * base.hoursPerPeriod);
        const bus = problem.positionOfBus[base.buses.findIndex((b) => b.id === base.loads[load]!.bus)]!;
        const dlmp = plain.duals!.balanceP[bus * base.periods + period]! / (problem.hours * problem.baseMva);
        expect(Math.abs(measured - dlmp), `${name} load ${load} period ${period}`).toBeLessThan(0.01);
      }
      expect(solver.analyses).toBe(1);
    }
  });
});

describe('published references', () => {
  const names = ['sce56', 'sce56-single', 'case33bw', 'case141', 'case533mt', 'ieee9500-single'];
  it.each(names)('%s: objective within 1e-6, prices within 0.01 $/MWh', async (name) => {
    if (!haveShared(`cases/${name}.reference.json`, `objective and prices of ${name}`)) return;
    const source = await readCase(`${SHARED}/cases/${name}.json`);
    const reference = sharedJson<Reference>(`cases/${name}.reference.json`);
    const problem = compileCase(source);
    const result = await ipmEngine(problem, { tolerance: 1e-8 });
    expect(result.status).toBe('optimal');
    expect(Math.abs(result.primalObjective / reference.objective - 1)).toBeLessThan(1e-6);
    const position = new Map(source.buses.map((bus, k) => [bus.id, problem.positionOfBus[k]!]));
    const unit = problem.hours * problem.baseMva;
    let worst = 0;
    reference.buses.forEach((bus, k) => {
      for (let t = 0; t < source.periods; t++) {
        const at = position.get(bus)! * source.periods + t;
        worst = Math.max(worst, Math.abs(result.duals!.balanceP[at]! / unit - reference.dlmpPerMwh[k]![t]!));
        worst = Math.max(worst, Math.abs(result.duals!.balanceQ[at]! / unit - reference.dlmpReactivePerMvarh[k]![t]!));
      }
    });
    expect(worst).toBeLessThan(0.01);
  });
});

describe('random feeders with every kind of device', () => {
  it('meets the equations and the optimality conditions', () => {
    for (let seed = 0; seed < 80; seed++) solveChecked(compileCase(parseCase(randomCase(seed))));
  });

  it('under the Gan-Li bound too', () => {
    for (let seed = 100; seed < 120; seed++) solveChecked(compileCase(parseCase(randomCase(seed))), 1e-8, true);
  });

  it('does not depend on the power base of the file', async () => {
    const base = randomCase(3);
    const answers = await Promise.all(
      [0.1, 1, 100].map((baseMva) => ipmEngine(compileCase({ ...base, baseMva }), { tolerance: 1e-9 })),
    );
    for (const answer of answers) expect(answer.primalObjective).toBeCloseTo(answers[0]!.primalObjective, 6);
  });
});

describe('the lower bound', () => {
  it('holds however early the solve is stopped, and closes in on the optimum', async () => {
    const problems = [
      compileCase(await example('sce56')),
      compileCase(await example('sce56-tight')),
      ...Array.from({ length: 25 }, (_, seed) => compileCase(parseCase(randomCase(seed)))),
    ];
    for (const [k, problem] of problems.entries()) {
      const best = await ipmEngine(problem, { tolerance: 1e-9 });
      const size = Math.max(1, Math.abs(best.primalObjective));
      for (const tolerance of [1e-1, 1e-3, 1e-5]) {
        const early = await ipmEngine(problem, { tolerance });
        expect(early.dualObjective, `problem ${k} at ${tolerance}`).toBeLessThan(best.primalObjective + 1e-7 * size);
      }
      // where the relaxation is not exact, losses are worth nothing and the bound is a little looser
      expect(best.primalObjective - best.dualObjective, `problem ${k}`).toBeLessThan(1e-4 * size);
    }
  });
});

describe('degenerate cases', () => {
  const tiny: Case = {
    ...randomCase(1, { buses: 2, periods: 2 }),
    minRenewableShare: undefined,
    loads: [],
    solar: [],
    batteries: [],
    shapables: [],
    crowdsourcees: [],
  };

  it('one bus; no devices; no load', () => {
    solveChecked(compileCase({ ...tiny, buses: [tiny.buses[0]!], lines: [], generators: [tiny.generators[0]!] }));
    const { point } = solveChecked(compileCase({ ...tiny, generators: [tiny.generators[0]!] }));
    expect(Math.abs(point.generatorP[0]!)).toBeLessThan(1e-5);
  });

  it('chains of lines without impedance, lines of 1e-10 pu, a thermal limit on a lossless line', () => {
    for (const ohm of [0, 1.6e-8]) {
      const buses = Array.from({ length: 8 }, (_, i) => ({ id: `b${i}`, vMinPu: 0.9, vMaxPu: 1.1 }));
      const lines = buses.slice(1).map((bus, k) => ({
        id: `l${k}`,
        from: `b${k}`,
        to: bus.id,
        rOhm: k % 3 === 0 ? 0.3 : ohm,
        xOhm: k % 3 === 0 ? 0.2 : ohm,
        ...(k === 1 ? { limitMva: 2 } : {}),
      }));
      const loads = buses.slice(1).map((bus) => ({ id: `d${bus.id}`, bus: bus.id, pMw: [0.2, 0.1], qMvar: [0.05, 0] }));
      const problem = compileCase(parseCase({ ...tiny, buses, lines, loads, generators: [tiny.generators[0]!] }));
      const { point } = solveChecked(problem, 1e-7);
      expect(point.ell.every(Number.isFinite)).toBe(true);
    }
  });

  it('fifty devices at one bus, negative prices', () => {
    const base = randomCase(5, { buses: 2, periods: 4 });
    const owner = { id: 'c1', bus: 'b1', type: 1 as const, willingness: 0.5, reservationPrice: 1 };
    const source: Case = {
      ...base,
      minRenewableShare: undefined,
      loads: [{ id: 'd', bus: 'b1', owner: 'c1', pMw: [1, 1, 1, 1], qMvar: [0.1, 0.1, 0.1, 0.1] }],
      solar: [],
      shapables: [],
      batteries: Array.from({ length: 50 }, (_, k) => ({
        id: `bat${k}`,
        bus: 'b1',
        owner: 'c1',
        powerMw: 0.02,
        energyMwh: 0.05,
        initialMwh: 0.02,
        finalMwh: 0.02,
        chargeEfficiency: 0.95,
        dischargeEfficiency: 0.95,
        throughputCost: 1,
      })),
      crowdsourcees: [owner],
      generators: [{ ...base.generators[0]!, costLinear: [-40, -10, 30, 80] }],
    };
    solveChecked(compileCase(parseCase(source)), 1e-7);
  });

  it('devices without freedom: full windows, flat-out batteries, fixed generators', () => {
    const base = randomCase(9, { buses: 3, periods: 3 });
    const source: Case = {
      ...base,
      hoursPerPeriod: 1,
      minRenewableShare: undefined,
      crowdsourcees: [{ id: 'c1', bus: 'b1', type: 1, willingness: 0.5, reservationPrice: 1 }],
      loads: [],
      solar: [{ id: 'pv', bus: 'b1', owner: 'c1', forecastMw: [0, 0.1, 0], curtailable: false, sMaxMva: 0.2 }],
      shapables: [
        {
          id: 'ev',
          bus: 'b1',
          owner: 'c1',
          energyMwh: 0.3,
          maxMw: 0.1,
          startPeriod: 0,
          endPeriod: 3,
          powerFactor: 0.95,
        },
      ],
      batteries: [
        {
          id: 'up',
          bus: 'b1',
          owner: 'c1',
          powerMw: 0.1,
          energyMwh: 1,
          initialMwh: 0,
          finalMwh: 0.27,
          chargeEfficiency: 0.9,
          dischargeEfficiency: 0.9,
          throughputCost: 1,
        },
        {
          id: 'still',
          bus: 'b1',
          owner: 'c1',
          powerMw: 0,
          energyMwh: 1,
          initialMwh: 0.4,
          finalMwh: 0.4,
          chargeEfficiency: 1,
          dischargeEfficiency: 1,
          throughputCost: 0,
        },
      ],
      generators: [
        { ...base.generators[0]!, id: 'substation' },
        {
          id: 'must-run',
          bus: 'b2',
          pMinMw: 0.05,
          pMaxMw: 0.05,
          qMinMvar: 0,
          qMaxMvar: 0,
          costQuadratic: 1,
          costLinear: [10, 10, 10],
          costConstant: 1,
        },
      ],
    };
    const { point } = solveChecked(compileCase(parseCase(source)));
    expect(point.charge[0]! * compileCase(parseCase(source)).baseMva).toBeCloseTo(0.1, 9);
  });
});

describe('infeasible cases', () => {
  it('are proven, and the reason names limits, buses and periods', async () => {
    const base = (await example('sce56')) as unknown as {
      buses: { vMinPu: number }[];
      loads: { pMw: number[]; qMvar: number[] }[];
      lines: { limitMva?: number; id: string }[];
      minRenewableShare?: number;
    };
    const variants: [string, (c: typeof base) => void, RegExp][] = [
      [
        'heavy load under a narrow band',
        (c) => {
          for (const bus of c.buses) bus.vMinPu = 0.985;
          for (const load of c.loads) {
            load.pMw = load.pMw.map((p) => 2.2 * p);
            load.qMvar = load.qMvar.map((q) => 2.2 * q);
          }
        },
        /lower voltage limit at bus \d+ in period/,
      ],
      [
        'a thin first line',
        (c) => {
          c.lines[0]!.limitMva = 0.5;
        },
        /thermal limit of line/,
      ],
      [
        'too much renewable share',
        (c) => {
          c.minRenewableShare = 0.9;
        },
        /renewable share/,
      ],
    ];
    for (const [name, change, words] of variants) {
      const copy = structuredClone(base);
      change(copy);
      const result = await ipmEngine(compileCase(copy as unknown as Case), { tolerance: 1e-6 });
      expect(result.status, name).toBe('infeasible');
      expect(result.point).toBeUndefined();
      expect(result.reason, name).toMatch(words);
    }
  });

  it('the edge between feasible and infeasible is found on both sides', async () => {
    // the largest renewable share by bisection, then just below and just above it
    const base = await example('sce56');
    const solver = new IpmSolver(compileCase({ ...base, minRenewableShare: 0.3 }));
    const status = async (minRenewableShare: number) => {
      solver.update(compileCase({ ...base, minRenewableShare }));
      return (await solver.solve({ tolerance: 1e-6 })).status;
    };
    let low = 0.3;
    let high = 0.9;
    while (high - low > 1e-3) {
      const middle = 0.5 * (low + high);
      const verdict = await status(middle);
      expect(['optimal', 'infeasible']).toContain(verdict);
      if (verdict === 'optimal') low = middle;
      else high = middle;
    }
    expect(low).toBeGreaterThan(0.3);
    expect(await status(low - 1e-3)).toBe('optimal');
    expect(await status(high + 1e-3)).toBe('infeasible');
  });
});

describe('the engine', () => {
  it('reports progress, keeps a trace, and stops cleanly when cancelled in the middle', async () => {
    const problem = compileCase(await example('sce56'));
    const controller = new AbortController();
    let seen = 0;
    const result = await ipmEngine(problem, {
      tolerance: 1e-9,
      signal: controller.signal,
      onProgress: () => {
        seen++;
        if (seen === 5) controller.abort();
      },
    });
    expect(result.status).toBe('cancelled');
    expect(result.iterations).toBe(4);
    expect(result.trace).toHaveLength(5);
    expect(result.point!.v).toHaveLength(problem.busCount * problem.periods);
  });
});
