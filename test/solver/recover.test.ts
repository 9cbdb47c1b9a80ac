import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { compileCase, parseCase } from '../../src/model/index.js';
import { buildScenario, generateFeeder } from '../../src/scenario/index.js';
import { solve } from '../../src/solver/index.js';
import type { Schedule } from '../../src/solver/point.js';
import { descend } from '../../src/solver/recover/descend.js';
import { replay } from '../../src/solver/recover/state.js';
import type { Solution } from '../../src/solver/solution.js';
import { phasorFlow } from '../helpers/phasor-flow.js';

const tight = parseCase(JSON.parse(readFileSync('examples/cases/sce56-tight.json', 'utf8')));

/** Largest miss of a voltage limit in an AC power flow that shares no code with the product's, pu. */
function violation(c: Case, s: Solution): number {
  const { voltage } = phasorFlow(c, s);
  let worst = 0;
  for (const bus of c.buses.filter((b) => b.id !== c.root)) {
    for (const v of voltage.get(bus.id)!) worst = Math.max(worst, v - bus.vMaxPu, bus.vMinPu - v);
  }
  return worst;
}

/** $ of a schedule, counted here from the case. */
function cost(c: Case, s: Solution): number {
  let total = 0;
  c.generators.forEach((g, k) => {
    s.generators![k]!.pMw.forEach((p, t) => {
      total += c.hoursPerPeriod * (g.costQuadratic * p * p + g.costLinear[t]! * p + g.costConstant);
    });
  });
  c.batteries.forEach((b, k) => {
    const { chargeMw, dischargeMw } = s.batteries![k]!;
    chargeMw.forEach((x, t) => {
      total += c.hoursPerPeriod * b.throughputCost * (x + dischargeMw[t]!);
    });
  });
  return total;
}

/** A solution's schedule in per unit, generators as solved. */
function scheduleOf(s: Solution, baseMva: number, shapableSize: number): Schedule {
  const flat = (rows: readonly (readonly number[])[]): Float64Array =>
    Float64Array.from(rows.flat(), (x) => x / baseMva);
  const shapableP = flat(s.shapables!.map((d) => d.pMw));
  expect(shapableP).toHaveLength(shapableSize);
  return {
    solarP: flat(s.solar!.map((d) => d.pMw)),
    solarQ: flat(s.solar!.map((d) => d.qMvar)),
    charge: flat(s.batteries!.map((d) => d.chargeMw)),
    discharge: flat(s.batteries!.map((d) => d.dischargeMw)),
    batteryQ: flat(s.batteries!.map((d) => d.qMvar)),
    shapableP,
    generatorP: flat(s.generators!.map((d) => d.pMw)),
    generatorQ: flat(s.generators!.map((d) => d.qMvar)),
    shedP: new Float64Array(0),
  };
}

function checkRecovered(c: Case, s: Solution): void {
  expect(s.status, s.reason).toBe('optimal');
  expect(s.certificate!.verdict).toBe('recovered');
  expect(s.pricesFrom).toBe('recovered');
  expect(violation(c, s)).toBeLessThan(1e-5);
  expect(cost(c, s)).toBeCloseTo(s.objective!, 3);
  const { rootMw } = phasorFlow(c, s);
  const root = c.generators.findIndex((g) => g.bus === c.root);
  s.generators![root]!.pMw.forEach((p, t) => {
    expect(Math.abs(p - rootMw[t]!)).toBeLessThan(1e-5);
  });
  for (const b of s.batteries!) {
    b.chargeMw.forEach((x, t) => {
      expect(Math.min(x, b.dischargeMw[t]!)).toBeLessThan(1e-7);
    });
  }
}

describe('AC recovery', () => {
  it('brings sce56-tight, where the relaxation burns phantom losses, to an AC point of least cost', async () => {
    const s = await solve(tight, { method: 'ipm' });
    checkRecovered(tight, s);
    expect(s.objective!).toBeLessThanOrEqual(972.8);
    expect(s.lowerBound!).toBeCloseTo(876.75, 2);
  });

  it('prices the recovered point: a few more kilowatts cost what the DLMP says', async () => {
    // With each battery's directions kept, the AC problem is smooth and its price a derivative.
    const settings = { tolerance: 1e-8 };
    const problem = compileCase(tight);
    const s = await solve(tight, { method: 'ipm' });
    const { periods } = problem;
    const directions = new Int8Array(problem.batteries.count * periods);
    s.batteries!.forEach((b, k) => {
      b.chargeMw.forEach((x, t) => {
        directions[k * periods + t] = x > b.dischargeMw[t]! ? -1 : 1;
      });
    });
    const start = replay(problem, scheduleOf(s, problem.baseMva, problem.shapables.count * periods))!;
    const at = await descend(problem, start, settings, { penalty: 2e4, directions, radius: 0.05 });
    for (const [bus, t] of [
      ['5', 12],
      ['52', 19],
    ] as const) {
      const position = problem.positionOfBus[tight.buses.findIndex((b) => b.id === bus)]!;
      const k = position * periods + t;
      const changed = async (mw: number): Promise<number> => {
        const loadP = problem.loadP.slice();
        loadP[k]! += mw / problem.baseMva;
        const other = { ...problem, loadP };
        const from = replay(other, at.state.schedule)!;
        return (await descend(other, from, settings, { penalty: 2e4, directions, radius: 0.05 })).state.cost;
      };
      const price = ((await changed(0.02)) - (await changed(-0.02))) / 0.04;
      const found = at.duals!.balanceP[k]! / (problem.hours * problem.baseMva);
      expect(Math.abs(found - price), `bus ${bus}, period ${t}: ${found} against ${price}`).toBeLessThan(0.1);
    }
  });

  it('does the same on feeders made up at random with narrow bands', async () => {
    for (const seed of ['a', 'b', 'c']) {
      const feeder = generateFeeder({ buses: 20, seed });
      const c = buildScenario(feeder, { seed, periods: 8, solar: 2.5, vMinPu: 0.93, vMaxPu: 1.005 });
      const s = await solve(c, { method: 'ipm' });
      expect(['exact', 'recovered']).toContain(s.certificate!.verdict);
      if (s.certificate!.verdict === 'recovered') checkRecovered(c, s);
      else expect(violation(c, s)).toBeLessThan(2e-5);
      expect(s.objective!).toBeGreaterThan(s.lowerBound! - 1e-3 * Math.abs(s.lowerBound!));
    }
  });

  it('says so where time runs out, with the best point and what it misses', async () => {
    const s = await solve(tight, { method: 'ipm', timeLimitSeconds: 0.6 });
    expect(['time-limit', 'optimal']).toContain(s.status);
    if (s.status === 'time-limit') expect(s.reason ?? s.certificate?.verdict).toBeTruthy();
  });
});
