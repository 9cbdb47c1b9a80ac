import { describe, expect, it } from 'vitest';
import { ConicProgram } from '../../../src/solver/ipm/conic.js';
import { kktPattern } from '../../../src/solver/ipm/pattern.js';
import { analyse, type SymbolicFactor } from '../../../src/solver/ipm/sparse/symbolic.js';
import { toStandardForm } from '../../../src/solver/ipm/standard.js';
import { Workspace } from '../../../src/solver/ipm/workspace.js';
import { denseLdlSolve } from '../../support/dense-ldl.js';
import { Random } from '../../support/random.js';

interface Pattern {
  size: number;
  row: Int32Array;
  column: Int32Array;
}

function randomPattern(random: Random, size: number, density: number): Pattern {
  const row: number[] = [];
  const column: number[] = [];
  for (let i = 0; i < size; i++) {
    row.push(i);
    column.push(i);
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      if (!random.chance(density)) continue;
      const swap = random.chance(0.5);
      row.push(swap ? j : i);
      column.push(swap ? i : j);
    }
  }
  return { size, row: Int32Array.from(row), column: Int32Array.from(column) };
}

/** Fill of the elimination in the factor's order, by brute force: which entries of L are not zero. */
function denseFill(pattern: Pattern, permOf: Int32Array): boolean[][] {
  const { size } = pattern;
  const full = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (let e = 0; e < pattern.row.length; e++) {
    const i = permOf[pattern.row[e]!]!;
    const j = permOf[pattern.column[e]!]!;
    full[i]![j] = true;
    full[j]![i] = true;
  }
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      if (!full[i]![k]) continue;
      for (let j = k + 1; j < size; j++) if (full[j]![k]) full[i]![j] = true;
    }
  }
  return full;
}

function expectValid(pattern: Pattern, symbolic: SymbolicFactor): void {
  const { size } = pattern;
  expect([...symbolic.permOf].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
  expect(symbolic.pivotStart[symbolic.fronts]).toBe(size);
  const fill = denseFill(pattern, symbolic.permOf);
  for (let f = 0; f < symbolic.fronts; f++) {
    const rows = symbolic.rowIdx.subarray(symbolic.rowPtr[f], symbolic.rowPtr[f + 1]);
    const known = new Set(rows);
    expect([...rows]).toEqual([...known].sort((a, b) => a - b));
    const pivotEnd = symbolic.pivotStart[f + 1]!;
    for (let j = symbolic.pivotStart[f]!; j < pivotEnd; j++) {
      for (let i = pivotEnd; i < size; i++) {
        if (fill[i]![j]) expect(known.has(i), `L[${i}, ${j}] is not in front ${f}`).toBe(true);
      }
    }
    for (let k = symbolic.childPtr[f]!; k < symbolic.childPtr[f + 1]!; k++) {
      expect(symbolic.child[k]!).toBeLessThan(f);
    }
  }
  expect(new Set(symbolic.valueAt).size).toBe(pattern.row.length);
}

describe('symbolic analysis', () => {
  it('finds fronts that hold all fill, on random patterns of all densities', () => {
    const random = new Random(11);
    for (let trial = 0; trial < 60; trial++) {
      const pattern = randomPattern(random, random.whole(1, 40), random.pick([0, 0.02, 0.08, 0.3, 1]));
      expectValid(pattern, analyse(pattern));
    }
  });

  it('survives a node that touches everything (eliminated last) and many separate parts', () => {
    const size = 700;
    const hub = { row: [] as number[], column: [] as number[] };
    for (let i = 0; i < size; i++) {
      hub.row.push(i);
      hub.column.push(i);
    }
    for (let i = 1; i < size; i++) {
      hub.row.push(0);
      hub.column.push(i);
    }
    const pattern = { size, row: Int32Array.from(hub.row), column: Int32Array.from(hub.column) };
    const symbolic = analyse(pattern);
    expect(symbolic.nonzeros).toBeLessThan(8 * size);
    expect(symbolic.permOf[0]).toBe(size - 1);
  });

  it('fills little on a tree in time: the natural order of a path has no fill', () => {
    const size = 5000;
    const row: number[] = [];
    const column: number[] = [];
    for (let i = 0; i < size; i++) {
      row.push(i);
      column.push(i);
      if (i > 0) {
        row.push(i);
        column.push(i - 1);
      }
    }
    const symbolic = analyse({ size, row: Int32Array.from(row), column: Int32Array.from(column) });
    expect(symbolic.nonzeros).toBeLessThan(20 * size); // fronts hold some explicit zeros on purpose
  });
});

/** A random program whose KKT matrix is then overwritten with random quasi-definite numbers. */
function randomProgram(random: Random): ConicProgram {
  const program = new ConicProgram();
  const variables = random.whole(1, 50);
  for (let j = 0; j < variables; j++) program.addVariable(-1, 1, random.between(-1, 1), random.between(0, 1));
  const rows = random.whole(1, Math.max(1, Math.floor(variables / 2)));
  for (let i = 0; i < rows; i++) {
    const columns = new Set(Array.from({ length: random.whole(1, 5) }, () => random.whole(0, variables - 1)));
    program.addEquality(
      [...columns],
      [...columns].map(() => random.between(-2, 2)),
      0,
    );
  }
  for (let k = 0; variables >= 4 && k < variables / 4; k++) {
    const first = random.whole(0, variables - 4);
    program.addRotatedCone(first, first + 1, [first + 2, first + 3]);
  }
  return program;
}

describe.each(['simd', 'scalar'] as const)('multifrontal LDL, %s build', (target) => {
  it('agrees with its dense TypeScript twin for two right-hand sides', () => {
    const random = new Random(5);
    for (let trial = 0; trial < 40; trial++) {
      const form = toStandardForm(randomProgram(random));
      const pattern = kktPattern(form);
      const workspace = new Workspace(form, target);
      const { symbolic, plan, kernel } = workspace;
      const size = pattern.size;
      const values = workspace.floats('kktVal');
      const dense = new Float64Array(size * size);
      for (let e = 0; e < pattern.row.length; e++) {
        const i = pattern.row[e]!;
        const j = pattern.column[e]!;
        const diagonal = i === j ? (i < form.n ? 1 : -1) * random.between(20, 30) : 0;
        const value = diagonal + random.between(-1, 1);
        values[symbolic.valueAt[e]!] = value;
        const a = symbolic.permOf[i]!;
        const b = symbolic.permOf[j]!;
        dense[a * size + b] = value;
        dense[b * size + a] = value;
      }
      workspace.set('pivotFloor', 1e-13);
      workspace.set('pivotBoost', 1);
      expect(kernel.factorValues(plan)).toBe(0);
      const work = workspace.floats('solveWork');
      const sides = [0, 1].map(() => Float64Array.from({ length: size }, () => random.between(-1, 1)));
      for (let i = 0; i < size; i++) for (const s of [0, 1]) work[2 * i + s] = sides[s]![i]!;
      kernel.solveValues(plan);
      for (const s of [0, 1]) {
        const expected = denseLdlSolve(dense, size, sides[s]!);
        for (let i = 0; i < size; i++) expect(work[2 * i + s]).toBeCloseTo(expected[i]!, 11);
      }
    }
  });

  it('replaces a pivot of the wrong sign and counts it', () => {
    const program = new ConicProgram();
    program.addVariable(-1, 1, 1, 1);
    const workspace = new Workspace(toStandardForm(program), target);
    workspace.floats('kktVal').fill(-3);
    workspace.set('pivotFloor', 1e-13);
    workspace.set('pivotBoost', 0.5);
    expect(workspace.kernel.factorValues(workspace.plan)).toBe(1);
    expect(workspace.floats('pivotInv')[0]).toBe(2);
  });
});
