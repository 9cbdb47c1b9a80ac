import { beforeAll, describe, expect, it } from 'vitest';
import { networkRows, type PlacedTask, reactiveShare } from '../../src/market/network-rows.js';
import { shiftPlans, tasksOf } from '../../src/market/tasks.js';
import type { Case } from '../../src/model/case.js';
import type { CompiledCase } from '../../src/model/compiled.js';
import { compileCase } from '../../src/model/index.js';
import { solve } from '../../src/solver/index.js';
import { sweep } from '../../src/solver/powerflow.js';
import type { Solution } from '../../src/solver/solution.js';
import { exampleCase } from './day-helpers.js';

function setUp(feeder: Case, solution: Solution) {
  const compiled = compileCase(feeder);
  const plans = shiftPlans(feeder, solution);
  const place = new Map(feeder.buses.map((bus, k) => [bus.id, k]));
  const placed = tasksOf(feeder, plans).map((tasks, t) =>
    tasks.map((task): PlacedTask => {
      const plan = plans.find((entry) => entry.devices.person.id === task.participant)!;
      const position = compiled.positionOfBus[place.get(plan.devices.person.bus)!]!;
      return { task, position, reactiveShare: reactiveShare(feeder, plan, t) };
    }),
  );
  return { compiled, placed };
}

describe('network rows of CES-ID against the AC power flow', () => {
  let solution: Solution;
  // The band of the tight case, its schedule replayed as it is: exactness plays no part in sensitivities.
  const feeder = exampleCase('sce56-tight');

  beforeAll(async () => {
    solution = await solve(exampleCase('sce56'), { exactness: 'off' });
  }, 60_000);

  it('move the squared voltages as the power flow of the unloaded feeder does', () => {
    const { compiled, placed } = setUp(feeder, solution);
    // LinDistFlow leaves losses out: on a feeder without load and shunts there are next to none.
    const bare = { ...compiled, shunt: new Float64Array(compiled.busCount) };
    const size = compiled.busCount * compiled.periods;
    let checked = 0;
    for (let t = 0; t < feeder.periods; t++) {
      const rows = networkRows(compiled, solution, t, placed[t]!);
      const near = nearBuses(compiled, solution, t);
      for (const { task, position, reactiveShare: share } of placed[t]!) {
        const step = 1e-3;
        const [p, q] = [new Float64Array(size), new Float64Array(size)];
        p[position * feeder.periods + t] = (task.direction * step) / compiled.baseMva;
        q[position * feeder.periods + t] = (task.direction * step * share) / compiled.baseMva;
        const { v, converged } = sweep(bare, { p, q });
        expect(converged).toBe(true);
        rows.forEach((row, k) => {
          const moved = (v[near[k]! * feeder.periods + t]! - compiled.vRoot) / step;
          const said = (row.coefficients[task.participant] ?? 0) * task.direction;
          expect(Math.abs(moved - said)).toBeLessThan(1e-2 * Math.abs(said) + 1e-9);
          checked += 1;
        });
      }
    }
    expect(checked).toBeGreaterThan(500);
  });

  it('leave room exactly up to the band, and always for the equilibrium itself', () => {
    const { compiled, placed } = setUp(feeder, solution);
    for (let t = 0; t < feeder.periods; t++) {
      const rows = networkRows(compiled, solution, t, placed[t]!);
      const near = nearBuses(compiled, solution, t);
      if (placed[t]!.length > 0) expect(rows).toHaveLength(near.length);
      rows.forEach((row, k) => {
        const voltage = solution.buses![compiled.busOfPosition[near[k]!]!]!.voltagePu[t]!;
        expect(row.upper).toBeCloseTo(Math.max(0, 1.015 ** 2 - voltage ** 2), 12);
        expect(row.lower).toBeCloseTo(Math.min(0, 0.985 ** 2 - voltage ** 2), 12);
      });
    }
  });

  it('are not there where no bus and no line is near a limit', () => {
    const wide = exampleCase('sce56');
    const { compiled, placed } = setUp(wide, solution);
    for (let t = 0; t < wide.periods; t++) expect(networkRows(compiled, solution, t, placed[t]!)).toEqual([]);
  });

  it('hold a line at its thermal limit by what flows through it', () => {
    const wide = exampleCase('sce56');
    const bare = compileCase(wide);
    // The line from the substation, limited to hardly more than what it carries in the evening.
    const t = 23;
    const line = solution.lines![bare.lineOfPosition[1]!]!;
    const apparent = Math.hypot(line.pMw[t]!, line.qMvar[t]!);
    const lines = wide.lines.map((entry) => (entry.id === line.id ? { ...entry, limitMva: apparent * 1.01 } : entry));
    const { compiled, placed } = setUp({ ...wide, lines }, solution);
    const rows = networkRows(compiled, solution, t, placed[t]!);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.upper).toBeGreaterThan(0);
    expect(rows[0]!.upper).toBeLessThan(apparent * 0.02);
    expect(Object.keys(rows[0]!.coefficients)).toHaveLength(placed[t]!.length);
    // The feeder imports: injecting downstream unloads the line, by about one MVA a MW.
    for (const coefficient of Object.values(rows[0]!.coefficients)) {
      expect(coefficient).toBeLessThan(0);
      expect(coefficient).toBeGreaterThan(-1.3);
    }
  });
});

function nearBuses(c: CompiledCase, solution: Solution, t: number): number[] {
  const near: number[] = [];
  for (let i = 1; i < c.busCount; i++) {
    const voltage = solution.buses![c.busOfPosition[i]!]!.voltagePu[t]!;
    if (voltage <= 0.985 * 1.02 || voltage >= 1.015 * 0.98) near.push(i);
  }
  return near;
}
