import { beforeAll, describe, expect, it } from 'vitest';
import type { CompiledCase } from '../../src/model/compiled.js';
import { compileCase, readCase } from '../../src/model/index.js';
import { certify } from '../../src/solver/certificate.js';
import { costOf } from '../../src/solver/cost.js';
import type { EngineResult, NetworkPoint } from '../../src/solver/engine.js';
import { closeWith } from '../../src/solver/planned-flow.js';
import { idleSchedule, injectionsOf, storedEnergy, substation } from '../../src/solver/point.js';
import { sweep } from '../../src/solver/powerflow.js';
import { toSolution } from '../../src/solver/result.js';

let problem: CompiledCase;
let point: NetworkPoint;
const copy = (source: NetworkPoint): NetworkPoint =>
  Object.fromEntries(Object.entries(source).map(([name, values]) => [name, values.slice()])) as unknown as NetworkPoint;

const resultOf = (of: NetworkPoint, primalObjective = costOf(problem, of).total): EngineResult => ({
  status: 'optimal',
  iterations: 3,
  setupSeconds: 0,
  solveSeconds: 0,
  point: of,
  primalObjective,
  dualObjective: 500,
  primalResidual: 1e-9,
  dualResidual: 1e-9,
  relativeGap: 1e-9,
});
const verdictOf = (of: NetworkPoint, tolerance = 1e-6, objective?: number) =>
  certify(problem, of, resultOf(of, objective), tolerance).certificate;

beforeAll(async () => {
  // A band that the plain power flow keeps, so that each test breaks one thing only.
  const source = await readCase('examples/cases/sce56.json');
  problem = compileCase(source);
  const schedule = idleSchedule(problem);
  schedule.solarP.set(problem.solar.forecast);
  point = closeWith(problem, schedule, sweep(problem, injectionsOf(problem, schedule)));
});

describe('the verdict', () => {
  it('is exact for an AC state, which replays to itself', () => {
    const certificate = verdictOf(point);
    expect(certificate.verdict).toBe('exact');
    expect(certificate.acVoltageMismatchMaxPu).toBeLessThan(1e-11);
    expect(certificate.acPowerMismatchMaxMw).toBeLessThan(1e-10);
    expect(certificate.excessLossMw).toBeLessThan(1e-12);
    expect(certificate.acLimitViolationMaxPu).toBe(0);
  });

  it('is inexact where a voltage differs by more than 1e-5 pu + τ, not below', () => {
    const k = 30 * problem.periods + 4;
    const moved = (by: number) => {
      const other = copy(point);
      other.v[k] = (Math.sqrt(other.v[k]!) + by) ** 2;
      return verdictOf(other);
    };
    expect(moved(1.2e-5).verdict).toBe('inexact');
    expect(moved(1.2e-5).acVoltageMismatchMaxPu).toBeCloseTo(1.2e-5, 9);
    expect(moved(0.9e-5).verdict).toBe('exact');
  });

  it('is inexact where the substation gives more than the grid takes: phantom losses', () => {
    const other = copy(point);
    const g = substation(problem) * problem.periods;
    const k = 20 * problem.periods + 12;
    other.ell[k]! += 0.05 / problem.r[20]!;
    other.generatorP[g + 12]! += 0.05;
    const certificate = verdictOf(other);
    expect(certificate.verdict).toBe('inexact');
    expect(certificate.excessLossMw).toBeCloseTo(0.05 * problem.baseMva, 9);
    expect(certificate.acPowerMismatchMaxMw).toBeCloseTo(0.05 * problem.baseMva, 9);
  });

  it('is inexact where the replay leaves the voltage band', () => {
    const tight = { ...problem, vMax: problem.vMax.map(() => 1.01 ** 2) };
    const found = certify(tight, point, resultOf(point), 1e-6);
    expect(found.certificate.verdict).toBe('inexact');
    const highest = Math.sqrt(point.v.reduce((top, v) => Math.max(top, v), 0));
    expect(found.certificate.acLimitViolationMaxPu).toBeCloseTo(highest - 1.01, 9);
    expect(found.failed.join()).toMatch(/^replayed in AC, bus \d+, period \d+: 1\.0\d+ pu against 1\.010000/);
  });

  it('ignores the band of the root', () => {
    const vMax = problem.vMax.slice();
    vMax[0] = 0.5;
    expect(certify({ ...problem, vMax }, point, resultOf(point), 1e-6).certificate.verdict).toBe('exact');
  });

  it('is inexact where a line is over its thermal limit', () => {
    const limit = problem.limit.slice();
    const flow = Math.max(...point.flowP.slice(problem.periods, 2 * problem.periods).map(Math.abs));
    limit[1] = flow / 2;
    const found = certify({ ...problem, limit }, point, resultOf(point), 1e-6);
    expect(found.certificate.verdict).toBe('inexact');
    expect(found.failed.join()).toMatch(/^replayed in AC, line 1-2, period \d+: .* MVA over its limit$/);
  });

  it('is inexact where the substation would have to give more than it can', () => {
    const generators = { ...problem.generators, pMax: problem.generators.pMax.map(() => 0.3) };
    const found = certify({ ...problem, generators }, point, resultOf(point), 1e-6);
    expect(found.certificate.verdict).toBe('inexact');
    expect(found.failed.join()).toMatch(/generators at the root/);
  });

  it('is inexact where the schedule costs more than 10 τ beside what was said', () => {
    const { total, scale } = costOf(problem, point);
    expect(verdictOf(point, 1e-6, total + 11e-6 * scale).verdict).toBe('inexact');
    expect(verdictOf(point, 1e-6, total + 9e-6 * scale).verdict).toBe('exact');
  });

  it('is inexact where a battery charges and discharges at once', () => {
    const other = copy(point);
    const power = problem.batteries.power[5]!;
    other.charge[5 * problem.periods] = 3e-6 * power;
    other.discharge[5 * problem.periods] = 3e-6 * power;
    const certificate = verdictOf(other);
    expect(certificate.verdict).toBe('inexact');
    expect(certify(problem, other, resultOf(other), 1e-6).failed).toEqual([
      expect.stringMatching(/^battery bat-\w+, period 0, charges and discharges/),
    ]);
    expect(certificate.simultaneousMwMax).toBeCloseTo(3e-6 * power * problem.baseMva, 15);
  });

  it('survives a schedule that no grid carries', () => {
    const other = copy(point);
    other.charge.fill(50);
    const found = certify(problem, other, resultOf(other), 1e-6);
    expect(found.certificate.verdict).toBe('inexact');
    expect(found.acCost).toBeUndefined();
    expect(found.failed.join()).toMatch(/does not converge/);
  });
});

describe('the solution document', () => {
  const context = {
    method: 'admm',
    exactness: 'off',
    tolerance: 1e-6,
    pricesFrom: 'relaxation',
    totalSeconds: 1,
    compileSeconds: 0.1,
  } as const;

  it('carries the AC cost when exact, and the relaxation with the reason first when not', () => {
    const exact = toSolution(problem, resultOf(point), context);
    expect(exact.objective).toBeCloseTo(costOf(problem, point).total, 8);
    expect(exact.lowerBound).toBe(500);
    const other = copy(point);
    other.v[99]! *= 1.01;
    const inexact = toSolution(problem, resultOf(other, 123), context);
    expect(inexact.certificate?.verdict).toBe('inexact');
    expect(inexact.objective).toBe(123);
    expect(inexact.warnings[0]).toMatch(/^inexact/);
    expect(inexact.reason).toMatch(/^inexact/);
  });

  it('has every element in the order of the case, in MW, and no number that is not finite', () => {
    const solution = toSolution(problem, resultOf(point), context);
    for (const list of ['buses', 'lines', 'generators', 'solar', 'batteries', 'shapables'] as const) {
      expect(solution[list]!.map((element) => element.id)).toEqual(problem.source[list].map((element) => element.id));
    }
    expect(solution.solar![3]!.pMw[12]).toBeCloseTo(problem.source.solar[3]!.forecastMw[12]!, 12);
    expect(JSON.stringify(solution)).not.toMatch(/null/);
    const used = problem.source.loads.reduce((sum, load) => sum + load.pMw[12]!, 0);
    const losses = solution.lines!.reduce((sum, line) => sum + line.lossMw[12]!, 0);
    const given = [...solution.generators!, ...solution.solar!].reduce((sum, device) => sum + device.pMw[12]!, 0);
    expect(given - losses).toBeCloseTo(used, 9);
  });

  it('has no arrays and a reason in words where there is no schedule', () => {
    const { point: _, ...none } = resultOf(point);
    const solution = toSolution(problem, { ...none, status: 'time-limit' }, context);
    expect(solution.buses).toBeUndefined();
    expect(solution.certificate).toBeUndefined();
    expect(solution.objective).toBeUndefined();
    expect(solution.reason).toMatch(/^the time limit was reached/);
  });
});

describe('storedEnergy', () => {
  it('follows e_t = e_{t−1} + Δ(η_c c − d/η_d)', () => {
    const other = copy(point);
    other.charge[0] = 0.01;
    other.discharge[1] = 0.004;
    const energy = storedEnergy(problem, other);
    expect(energy[0]).toBeCloseTo(problem.batteries.initial[0]! + 0.95 * 0.01, 14);
    expect(energy[1]).toBeCloseTo(energy[0]! - 0.004 / 0.95, 14);
    expect(energy[23]).toBe(energy[1]);
  });
});
