import { describe, expect, it } from 'vitest';
import { compileCase, readCase } from '../../src/model/index.js';
import { reconcileRevenue } from '../../src/solver/duals.js';
import type { NetworkDuals } from '../../src/solver/engine.js';
import { ipmEngine } from '../../src/solver/ipm/index.js';
import { closeWith } from '../../src/solver/planned-flow.js';
import { idleSchedule, injectionsOf } from '../../src/solver/point.js';
import { type Injections, sweep } from '../../src/solver/powerflow.js';
import { splitPrices } from '../../src/solver/prices.js';

/** Deterministic numbers in (0, 1). */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('splitPrices', () => {
  it('gives each part as the derivative of its own share of the cost, by finite differences of the power flow', async () => {
    const problem = compileCase(await readCase('examples/cases/sce56.json'));
    const { busCount, periods } = problem;
    const size = busCount * periods;
    const schedule = idleSchedule(problem);
    schedule.solarP.set(problem.solar.forecast);
    const injections = injectionsOf(problem, schedule);
    const flow = sweep(problem, injections, { tolerance: 1e-14 });
    const point = closeWith(problem, schedule, flow);
    // Any multipliers will do: the parts are linear in them whatever made them.
    const next = random(7);
    const vMax = Float64Array.from({ length: size }, () => (next() < 0.1 ? 50 * next() : 0));
    const vMin = Float64Array.from({ length: size }, () => (next() < 0.1 ? 50 * next() : 0));
    const thermal = Float64Array.from({ length: size }, () => (next() < 0.1 ? 20 * next() : 0)).fill(0, 0, periods);
    vMax.fill(0, 0, periods);
    vMin.fill(0, 0, periods);
    const balanceP = new Float64Array(size).fill(80);
    const balanceQ = new Float64Array(size).fill(9);
    const duals: NetworkDuals = { balanceP, balanceQ, vMax, vMin, thermal };
    const parts = splitPrices(problem, point, duals)!;
    const without = parts.remainder;
    expect(without).toBeGreaterThan(1);

    const shares = (state: ReturnType<typeof sweep>, t: number) => {
      let voltage = 0;
      let congestion = 0;
      for (let i = 1; i < busCount; i += 1) {
        const k = i * periods + t;
        voltage += (vMax[k]! - vMin[k]!) * state.v[k]!;
        congestion += thermal[k]! * Math.hypot(state.flowP[k]!, state.flowQ[k]!);
      }
      return { root: 80 * state.rootP[t]! + 9 * state.rootQ[t]!, voltage, congestion };
    };
    const step = 1e-5;
    const moved = (which: keyof Injections, bus: number, by: number) => {
      const other = { p: injections.p.slice(), q: injections.q.slice() };
      for (let t = 0; t < periods; t += 1) other[which][bus * periods + t]! -= by;
      return sweep(problem, other, { tolerance: 1e-14 });
    };
    for (const [which, part, rootPrice] of [
      ['p', parts.real, 80],
      ['q', parts.reactive, 9],
    ] as const) {
      for (const bus of [1, 7, 23, 40, 55]) {
        const up = moved(which, bus, step);
        const down = moved(which, bus, -step);
        for (const t of [0, 12, 19]) {
          const high = shares(up, t);
          const low = shares(down, t);
          const slope = (name: 'root' | 'voltage' | 'congestion') => (high[name] - low[name]) / (2 * step);
          const k = bus * periods + t;
          expect(part.energy[k]).toBe(rootPrice);
          expect(part.voltage[k]).toBeCloseTo(slope('voltage'), 5);
          expect(part.congestion[k]).toBeCloseTo(slope('congestion'), 5);
          // What the made-up duals do not explain was put into loss; the rest of it must be the slope.
          const whole = which === 'p' ? balanceP[k]! : balanceQ[k]!;
          expect(part.energy[k]! + part.loss[k]! + part.voltage[k]! + part.congestion[k]!).toBeCloseTo(whole, 9);
        }
      }
    }
    // With the duals that the power flow implies, nothing is left over.
    const implied = impliedDuals(duals, problem, (which, bus) => {
      const up = moved(which, bus, step);
      const down = moved(which, bus, -step);
      return Array.from({ length: periods }, (_, t) => {
        const high = shares(up, t);
        const low = shares(down, t);
        return (high.root + high.voltage + high.congestion - low.root - low.voltage - low.congestion) / (2 * step);
      });
    });
    expect(splitPrices(problem, point, implied)!.remainder).toBeLessThan(1e-4);
  });

  it('says nothing where the engine gave no multipliers of the limits', async () => {
    const problem = compileCase(await readCase('examples/cases/sce56-single.json'));
    const schedule = idleSchedule(problem);
    const point = closeWith(problem, schedule, sweep(problem, injectionsOf(problem, schedule)));
    const balance = new Float64Array(problem.busCount * problem.periods);
    expect(splitPrices(problem, point, { balanceP: balance, balanceQ: balance })).toBeUndefined();
  });
});

describe('reconcileRevenue', () => {
  it('leaves exactly the value of the losses where the price is the same everywhere', async () => {
    const problem = compileCase(await readCase('examples/cases/sce56.json'));
    const schedule = idleSchedule(problem);
    schedule.solarP.set(problem.solar.forecast);
    const point = closeWith(problem, schedule, sweep(problem, injectionsOf(problem, schedule)));
    const size = problem.busCount * problem.periods;
    const duals = { balanceP: new Float64Array(size).fill(40), balanceQ: new Float64Array(size) };
    const revenue = reconcileRevenue(problem, point, duals);
    let losses = 0;
    for (let i = 1; i < problem.busCount; i += 1) {
      for (let t = 0; t < problem.periods; t += 1) losses += problem.r[i]! * point.ell[i * problem.periods + t]!;
    }
    expect(losses).toBeGreaterThan(0);
    expect(revenue.rent).toBeCloseTo(-40 * losses, 8);
    expect(revenue.loadsPay - revenue.devicesGet - revenue.generatorsGet).toBeCloseTo(revenue.rent, 9);
  });
});

/** Balance duals as the power flow implies them, by finite differences at every bus. */
function impliedDuals(
  duals: NetworkDuals,
  problem: { readonly busCount: number; readonly periods: number },
  slopes: (which: keyof Injections, bus: number) => number[],
): NetworkDuals {
  const balanceP = duals.balanceP.slice();
  const balanceQ = duals.balanceQ.slice();
  for (let bus = 1; bus < problem.busCount; bus += 1) {
    balanceP.set(slopes('p', bus), bus * problem.periods);
    balanceQ.set(slopes('q', bus), bus * problem.periods);
  }
  return { ...duals, balanceP, balanceQ };
}

describe('the parts with a solver’s own multipliers', () => {
  it.each([
    ['no limit binds', 'sce56', {}],
    ['voltage limits bind and the cone is slack', 'sce56-tight', {}],
    ['thermal limits bind', 'sce56', { limitMva: 2.6 }],
  ])('explain the price: %s', async (_, name, { limitMva }: { limitMva?: number }) => {
    const source = await readCase(`examples/cases/${name}.json`);
    // A limit on the feeder's trunk, below what an unlimited day sends through it.
    const lines = source.lines.map((line) => (limitMva && line.id === '4-20' ? { ...line, limitMva } : line));
    const problem = compileCase({ ...source, lines });
    const { point, duals, status } = await ipmEngine(problem, { tolerance: 1e-9 });
    expect(status).toBe('optimal');
    const parts = splitPrices(problem, point!, duals!)!;
    const perMwh = 1 / (problem.hours * problem.baseMva);
    expect(parts.remainder * perMwh).toBeLessThan(1e-4);
    const largest = (values: Float64Array) => perMwh * values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    if (limitMva) expect(largest(parts.real.congestion)).toBeGreaterThan(0.05);
    if (name === 'sce56-tight') expect(largest(parts.real.voltage)).toBeGreaterThan(1);
  });
});
