import { describe, expect, it } from 'vitest';
import { ConicProgram, ConicSolver, solveConic } from '../../../src/solver/ipm/conic.js';
import { farkas, kktErrors } from '../../support/kkt.js';
import { Random } from '../../support/random.js';

function expectOptimal(program: ConicProgram, tolerance = 1e-8, target?: 'simd' | 'scalar') {
  const result = solveConic(program, { tolerance, ...(target ? { target } : {}) });
  expect(result.status).toBe('optimal');
  const errors = kktErrors(program, result.x!, result.duals!);
  const size = Math.max(1, Math.abs(result.primalObjective));
  const prices = result.duals!.row.reduce((most, y) => Math.max(most, Math.abs(y)), 1);
  expect(errors.primal).toBeLessThan(20 * tolerance);
  expect(errors.stationarity).toBeLessThan(20 * tolerance * prices);
  expect(errors.dualCone).toBeLessThan(1e-12 * prices);
  expect(errors.gap).toBeLessThan(50 * tolerance * size * prices);
  return result;
}

describe('conic solver on problems with a known answer', () => {
  it('linear: x + 2y ≥ 3 at least cost, multiplier by its sign rule', () => {
    const program = new ConicProgram();
    const x = program.addVariable(0, Infinity, 2);
    const y = program.addVariable(0, Infinity, 3);
    program.addInequality([x, y], [1, 2], 3, Infinity);
    const result = expectOptimal(program);
    expect(result.primalObjective).toBeCloseTo(4.5, 7);
    expect(result.x![y]).toBeCloseTo(1.5, 7);
    // raising the row's right-hand side by one costs 1.5 more: −row = 1.5
    expect(result.duals!.row[0]).toBeCloseTo(-1.5, 6);
  });

  it('quadratic with a bound: projects onto a box', () => {
    const program = new ConicProgram();
    const x = program.addVariable(0, 1, -4, 2); // (x − 2)² − 4
    const y = program.addVariable(-Infinity, Infinity, -1, 2);
    const result = expectOptimal(program);
    expect(result.x![x]).toBeCloseTo(1, 7);
    expect(result.x![y]).toBeCloseTo(0.5, 7);
    expect(result.duals!.zUpper[x]).toBeCloseTo(2, 6);
  });

  it('rotated cone: least ℓ with P² + Q² ≤ v ℓ', () => {
    const program = new ConicProgram();
    const v = program.addVariable(0.9, 1.1);
    const ell = program.addVariable(-Infinity, Infinity, 1);
    const p = program.addVariable();
    const q = program.addVariable();
    program.addRotatedCone(v, ell, [p, q]);
    program.addEquality([p], [1], 0.3);
    program.addEquality([q], [2], 0.8);
    const result = expectOptimal(program);
    expect(result.primalObjective).toBeCloseTo(0.25 / 1.1, 7);
  });

  it('disc with a battery-like tail: |(d − c, q)| ≤ r', () => {
    const program = new ConicProgram();
    const c = program.addVariable(0, 1);
    const d = program.addVariable(0, 1, -1);
    const q = program.addVariable(-Infinity, Infinity, -1);
    program.addCone({ columns: [], coefficients: [], constant: 0.5 }, [
      { columns: [d, c], coefficients: [1, -1] },
      { columns: [q], coefficients: [1] },
    ]);
    program.setBounds(c, 0, 0);
    const result = expectOptimal(program);
    expect(result.primalObjective).toBeCloseTo(-0.5 * Math.SQRT2, 7);
  });

  it('fixed variables are substituted and still get their multiplier', () => {
    const program = new ConicProgram();
    const x = program.addVariable(2, 2, 3);
    const y = program.addVariable(0, 10, 5);
    program.addEquality([x, y], [1, 1], 6);
    const result = expectOptimal(program);
    expect(result.x![x]).toBe(2);
    expect(result.primalObjective).toBeCloseTo(26, 6);
    expect(result.duals!.zUpper[x]! - result.duals!.zLower[x]!).toBeCloseTo(2, 6);
  });

  it('no variables at all, and none left after substitution', () => {
    expect(solveConic(new ConicProgram()).status).toBe('optimal');
    const program = new ConicProgram();
    program.addVariable(1, 1, 7);
    const result = solveConic(program);
    expect(result.status).toBe('optimal');
    expect(result.primalObjective).toBeCloseTo(7, 12);
  });

  it('no inequality: the equality-constrained quadratic', () => {
    const program = new ConicProgram();
    const x = program.addVariable(-Infinity, Infinity, 0, 1);
    const y = program.addVariable(-Infinity, Infinity, 0, 1);
    program.addEquality([x, y], [1, 1], 2);
    expect(expectOptimal(program).x![x]).toBeCloseTo(1, 7);
  });
});

/** Feasible and bounded by construction: an interior point and a dual interior point are drawn first. */
function randomProgram(seed: number): ConicProgram {
  const random = new Random(seed);
  const program = new ConicProgram();
  const variables = random.whole(4, 40);
  const x: number[] = [];
  for (let j = 0; j < variables; j++) {
    x.push(random.between(-1, 1));
    const lower = random.chance(0.7) ? x[j]! - random.between(0.01, 1) : -Infinity;
    const upper = random.chance(0.7) || lower === -Infinity ? x[j]! + random.between(0.01, 1) : Infinity;
    program.addVariable(lower, upper, random.between(-1, 1), random.chance(0.4) ? random.between(0, 2) : 0);
    // keep the objective bounded along the open side
    if (lower === -Infinity) program.setCost(j, -Math.abs(program.cost.get(j)));
    if (upper === Infinity) program.setCost(j, Math.abs(program.cost.get(j)));
  }
  for (let i = 0; i < variables / 3; i++) {
    const columns = [...new Set(Array.from({ length: random.whole(1, 4) }, () => random.whole(0, variables - 1)))];
    const coefficients = columns.map(() => random.between(-2, 2));
    const value = columns.reduce((sum, j, k) => sum + coefficients[k]! * x[j]!, 0);
    if (random.chance(0.5)) program.addEquality(columns, coefficients, value);
    else program.addInequality(columns, coefficients, value - random.between(0.01, 1), value + random.between(0.01, 1));
  }
  for (let k = 0; k < variables / 4; k++) {
    const tails = [...new Set(Array.from({ length: random.whole(1, 3) }, () => random.whole(0, variables - 1)))];
    program.addDisc(Math.hypot(...tails.map((j) => x[j]!)) + random.between(0.01, 1), tails);
  }
  return program;
}

describe('conic solver on random programs', () => {
  it.each(['simd', 'scalar'] as const)('meets the optimality conditions, worked out independently (%s)', (target) => {
    for (let seed = 0; seed < 120; seed++) expectOptimal(randomProgram(seed), 1e-8, target);
  });

  it('both builds walk the same way', () => {
    for (let seed = 0; seed < 20; seed++) {
      const simd = solveConic(randomProgram(seed), { target: 'simd' });
      const scalar = solveConic(randomProgram(seed), { target: 'scalar' });
      expect(scalar.iterations).toBe(simd.iterations);
      expect(scalar.primalObjective).toBeCloseTo(simd.primalObjective, 7);
    }
  });

  it('an update keeps the symbolic analysis and gives the answer of a fresh solver', () => {
    const program = randomProgram(7);
    const solver = new ConicSolver(program);
    solver.solveSync();
    const changed = randomProgram(7);
    for (let j = 0; j < changed.variables; j++) changed.setCost(j, changed.cost.get(j) * 1.3);
    solver.update(changed);
    const warm = solver.solveSync();
    expect(solver.analyses).toBe(1);
    expect(warm.primalObjective).toBe(solveConic(changed).primalObjective);
    solver.update(randomProgram(8));
    expect(solver.analyses).toBe(2);
    expect(solver.solveSync().primalObjective).toBe(solveConic(randomProgram(8)).primalObjective);
  });
});

describe('conic solver where there is no optimum', () => {
  it('proves infeasibility of rows, bounds and cones together', () => {
    for (let seed = 0; seed < 60; seed++) {
      const program = randomProgram(seed);
      const random = new Random(1000 + seed);
      const tails = [0, 1];
      // a disc around zero and a half space away from it
      program.addDisc(random.between(0.1, 1), tails);
      program.addInequality(tails, [1, 1], random.between(2, 3), Infinity);
      const result = solveConic(program);
      expect(result.status).toBe('infeasible');
      if (result.contradiction) continue;
      const proof = farkas(program, result.certificate!);
      expect(proof.dualCone).toBeLessThan(1e-12);
      expect(proof.error).toBeLessThan(1e-6);
      expect(proof.sum).toBeLessThan(-0.99);
    }
  });

  it('finds the margin of a nearly infeasible family on the right side', () => {
    for (const gap of [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]) {
      for (const sign of [1, -1]) {
        const program = new ConicProgram();
        const x = program.addVariable(0, 1, 1);
        const y = program.addVariable(0, 1, 1);
        program.addDisc(1, [x, y]);
        program.addInequality([x, y], [1, 1], Math.SQRT2 - sign * gap, Infinity);
        expect(solveConic(program).status, `gap ${sign * gap}`).toBe(sign > 0 ? 'optimal' : 'infeasible');
      }
    }
  });

  it('crossed bounds and empty rows are named at once', () => {
    const crossed = new ConicProgram();
    crossed.addVariable(1, 0, 1);
    expect(solveConic(crossed).contradiction).toEqual({ kind: 'variable', index: 0, amount: 1 });
    const empty = new ConicProgram();
    const x = empty.addVariable(1, 1);
    empty.addVariable(0, 1, 1);
    empty.addEquality([x], [1], 2);
    expect(solveConic(empty).contradiction).toMatchObject({ kind: 'row', index: 0 });
  });

  it('gives a direction where the cost falls for ever', () => {
    const program = new ConicProgram();
    const x = program.addVariable(0, Infinity, -1);
    const y = program.addVariable(0, Infinity, 0);
    program.addEquality([x, y], [1, -2], 0);
    const result = solveConic(program);
    expect(result.status).toBe('unbounded');
    expect(result.ray![x]).toBeCloseTo(1, 6);
    expect(result.ray![y]).toBeCloseTo(0.5, 6);
  });

  it('stops at an iteration limit, a time limit and an abort with the best point so far', async () => {
    const program = randomProgram(3);
    expect(solveConic(program, { maxIterations: 2 })).toMatchObject({ status: 'iteration-limit', iterations: 2 });
    expect(solveConic(program, { timeLimitSeconds: 0 }).status).toBe('time-limit');
    const cancelled = await new ConicSolver(program).solve({ signal: AbortSignal.abort() });
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.x).toHaveLength(program.variables);
  });
});
