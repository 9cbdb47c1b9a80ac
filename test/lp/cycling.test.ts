import { describe, expect, it } from 'vitest';
import { solveLp } from '../../src/lp/index.js';
import { type DenseLp, dense } from './build.js';
import { highsLp } from './peer.js';

/**
 * Programs on which the textbook rule (largest coefficient, first minimal ratio) runs in circles.
 * All are maximisations over x ≥ 0 with ≤ rows unless said otherwise.
 */
const CLASSICS: readonly { readonly name: string; readonly lp: DenseLp; readonly optimum?: number }[] = [
  {
    name: 'Beale 1955',
    lp: {
      sense: 'maximise',
      cost: [0.75, -150, 0.02, -6],
      rows: [
        [0.25, -60, -0.04, 9],
        [0.5, -90, -0.02, 3],
        [0, 0, 1, 0],
      ],
      rowUpper: [0, 0, 1],
    },
    optimum: 0.05,
  },
  {
    name: 'Kuhn (in Balinski & Tucker 1969)',
    lp: {
      sense: 'maximise',
      cost: [2, 3, -1, -12],
      rows: [
        [-2, -9, 1, 9],
        [1 / 3, 1, -1 / 3, -2],
        [2, 3, -1, -12],
      ],
      rowUpper: [0, 0, 2],
    },
    optimum: 2,
  },
  {
    name: 'Marshall & Suurballe 1969',
    lp: {
      sense: 'maximise',
      cost: [10, -57, -9, -24],
      rows: [
        [0.5, -5.5, -2.5, 9],
        [0.5, -1.5, -0.5, 1],
        [1, 0, 0, 0],
      ],
      rowUpper: [0, 0, 1],
    },
    optimum: 1,
  },
  {
    name: 'Yudin & Golshtein 1965',
    lp: {
      sense: 'maximise',
      cost: [1, -1, 1, -1],
      rows: [
        [1, -2, -3, 4],
        [4, -3, -2, 1],
        [1, 1, 1, 1],
      ],
      rowUpper: [0, 0, 1],
    },
  },
  {
    name: 'Solow 1984',
    lp: {
      cost: [-2, -2, 8, 2],
      rows: [
        [-7, -3, 7, 2],
        [2, 1, -3, -1],
      ],
      rowUpper: [0, 0],
    },
  },
  {
    name: 'Sierksma 1996',
    lp: {
      sense: 'maximise',
      cost: [3, -80, 2, -24],
      rows: [
        [1, -32, -4, 36],
        [1, -24, -1, 6],
      ],
      rowUpper: [0, 0],
    },
  },
  {
    name: 'Gass 1985',
    lp: {
      cost: [-0.75, 150, -0.02, 6, 0, 0, 0],
      rows: [
        [0.25, -60, -0.04, 9, 1, 0, 0],
        [0.5, -90, -0.02, 3, 0, 1, 0],
        [0, 0, 1, 0, 0, 0, 1],
      ],
      rowLower: [0, 0, 1],
      rowUpper: [0, 0, 1],
    },
    optimum: -0.05,
  },
];

describe('programs that make a careless simplex cycle', () => {
  for (const { name, lp, optimum } of CLASSICS) {
    for (const method of ['primal', 'dual', 'auto'] as const) {
      for (const perturbation of [true, false]) {
        it(`${name}: ${method}, perturbation ${perturbation ? 'on' : 'off'}`, async () => {
          const options = { method, perturbation, presolve: false, maxIterations: 1000 };
          const plain = await solveLp(dense(lp), { ...options, scaling: false });
          const scaled = await solveLp(dense(lp), options);
          const reference = await highsLp(dense(lp));
          for (const result of [plain, scaled]) {
            expect(result.status).toBe(reference.status);
            if (result.status === 'optimal') expect(result.objective).toBeCloseTo(optimum ?? reference.objective, 12);
            expect(result.iterations).toBeLessThan(50);
          }
        });
      }
    }
  }

  it('a textbook simplex does cycle on Beale: the example is the real one', () => {
    expect(textbookSteps(CLASSICS[0]!.lp, 200)).toBe('cycles');
    expect(textbookSteps({ sense: 'maximise', cost: [1, 1], rows: [[1, 1]], rowUpper: [1] }, 200)).toBe('ends');
  });
});

/** Dantzig's rule with first minimal ratio on a dense tableau; tells whether a basis comes back. */
function textbookSteps(lp: DenseLp, limit: number): 'cycles' | 'ends' {
  const m = lp.rows.length;
  const n = lp.cost.length;
  const table = lp.rows.map((row, i) => [...row, ...lp.rows.map((_, k) => (k === i ? 1 : 0)), lp.rowUpper![i]!]);
  const price = [...lp.cost.map((c) => -c), ...new Array(m + 1).fill(0)];
  const basis = lp.rows.map((_, i) => n + i);
  const seen = new Set<string>();
  for (let step = 0; step < limit; step++) {
    const key = [...basis].sort((a, b) => a - b).join();
    if (seen.has(key)) return 'cycles';
    seen.add(key);
    let q = -1;
    for (let j = 0; j < n + m; j++) if (price[j]! < -1e-9 && (q < 0 || price[j]! < price[q]! - 1e-9)) q = j;
    if (q < 0) return 'ends';
    let p = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < m; i++) {
      if (table[i]![q]! <= 1e-9) continue;
      const ratio = table[i]![n + m]! / table[i]![q]!;
      if (ratio < least - 1e-9) {
        least = ratio;
        p = i;
      }
    }
    if (p < 0) return 'ends';
    const pivot = table[p]![q]!;
    table[p] = table[p]!.map((v) => v / pivot);
    for (let i = 0; i < m; i++) {
      const f = table[i]![q]!;
      if (i !== p) table[i] = table[i]!.map((v, k) => v - f * table[p]![k]!);
    }
    const f = price[q]!;
    for (let k = 0; k <= n + m; k++) price[k] = price[k]! - f * table[p]![k]!;
    basis[p] = q;
  }
  return 'cycles';
}
