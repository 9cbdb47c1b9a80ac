import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { compileCase, parseCase, readCase } from '../../src/model/index.js';

const bare = (overrides: Partial<Case>): Case => ({
  format: 'crowdwatt-case/1',
  name: 'test',
  baseMva: 1,
  baseKv: 12,
  root: 'b0',
  periods: 1,
  hoursPerPeriod: 1,
  buses: [],
  lines: [],
  loads: [],
  solar: [],
  batteries: [],
  shapables: [],
  generators: [
    {
      id: 'g',
      bus: 'b0',
      pMinMw: -9,
      pMaxMw: 9,
      qMinMvar: -9,
      qMaxMvar: 9,
      costQuadratic: 1,
      costLinear: [30],
      costConstant: 2,
    },
  ],
  crowdsourcees: [],
  ...overrides,
});

const bus = (k: number) => ({ id: `b${k}`, vMinPu: 0.9, vMaxPu: 1.1 });
const line = (k: number, from: number, to: number) => ({
  id: `l${k}`,
  from: `b${from}`,
  to: `b${to}`,
  rOhm: 0.1 * k,
  xOhm: 0.2,
});

/** A random tree: bus k hangs on an earlier one; ends, files' order and names are shuffled. */
const tree = fc.integer({ min: 1, max: 60 }).chain((n) =>
  fc.record({
    parents: fc.tuple(...Array.from({ length: n - 1 }, (_, k) => fc.integer({ min: 0, max: k }))),
    flips: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
    busOrder: fc.shuffledSubarray(
      Array.from({ length: n }, (_, k) => k),
      { minLength: n, maxLength: n },
    ),
    lineOrder: fc.shuffledSubarray(
      Array.from({ length: n - 1 }, (_, k) => k),
      { minLength: n - 1, maxLength: n - 1 },
    ),
  }),
);

describe('compileCase', () => {
  it('orders any tree depth first, with contiguous subtrees and lines to the parent', () => {
    fc.assert(
      fc.property(tree, ({ parents, flips, busOrder, lineOrder }) => {
        const source = parseCase(
          bare({
            buses: busOrder.map(bus),
            lines: lineOrder.map((k) => (flips[k] ? line(k, k + 1, parents[k]!) : line(k, parents[k]!, k + 1))),
          }),
        );
        const c = compileCase(source);
        expect(source.buses[c.busOfPosition[0]!]!.id).toBe('b0');
        expect(c.subtree[0]).toBe(c.busCount);
        for (let i = 1; i < c.busCount; i += 1) {
          const a = c.parent[i]!;
          expect(a).toBeLessThan(i);
          expect(c.depth[i]).toBe(c.depth[a]! + 1);
          // The subtree of a child lies inside its parent's range.
          expect(i + c.subtree[i]!).toBeLessThanOrEqual(a + c.subtree[a]!);
          const between = source.lines[c.lineOfPosition[i]!]!;
          const child = source.buses[c.busOfPosition[i]!]!.id;
          const parent = source.buses[c.busOfPosition[a]!]!.id;
          expect(new Set([between.from, between.to])).toEqual(new Set([child, parent]));
          expect(c.lineFromChild[i]).toBe(between.from === child ? 1 : 0);
          expect(c.positionOfBus[c.busOfPosition[i]!]).toBe(i);
          expect(parents[Number(child.slice(1)) - 1]).toBe(Number(parent.slice(1)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('takes a chain of 100,000 buses', () => {
    const n = 100_000;
    const c = compileCase(
      parseCase(
        bare({
          buses: Array.from({ length: n }, (_, k) => bus(k)),
          lines: Array.from({ length: n - 1 }, (_, k) => line(k, k + 1, k)),
        }),
      ),
    );
    expect(c.depth[n - 1]).toBe(n - 1);
    expect(c.subtree[1]).toBe(n - 1);
  });

  it('does not depend on the power base of the file', async () => {
    const a = await readCase('examples/cases/sce56.json');
    const b = compileCase({ ...a, baseMva: 100 });
    const c = compileCase(a);
    expect(b.r).toEqual(c.r);
    expect(b.baseMva).toBe(c.baseMva);
    expect(c.peakPu).toBeGreaterThan(0.1);
    expect(c.peakPu).toBeLessThanOrEqual(1);
    const load = c.loadP.reduce((sum, p) => sum + p, 0) * c.baseMva;
    expect(load).toBeCloseTo(
      a.loads.flatMap((d) => d.pMw).reduce((sum, p) => sum + p, 0),
      9,
    );
  });

  it('leaves open switches out', () => {
    const lines = [line(1, 0, 1), line(2, 1, 2), { ...line(3, 0, 2), open: true }];
    const c = compileCase(parseCase(bare({ buses: [bus(0), bus(1), bus(2)], lines })));
    expect([...c.lineOfPosition]).toEqual([-1, 0, 1]);
  });

  it('converts costs to dollars per unit of the compiled base', () => {
    const source = bare({
      buses: [bus(0)],
      hoursPerPeriod: 0.5,
      loads: [{ id: 'd', bus: 'b0', pMw: [4], qMvar: [0] }],
    });
    const c = compileCase(parseCase(source));
    expect(c.baseMva).toBe(4);
    expect(c.generators.linear[0]).toBe(30 * 0.5 * 4);
    expect(c.generators.quadratic[0]).toBe(1 * 0.5 * 16);
    expect(c.constantCost).toBe(1);
    expect(c.generators.ramp[0]).toBe(Number.POSITIVE_INFINITY);
    expect(Number.isNaN(c.solar.sMax[0] ?? Number.NaN)).toBe(true);
  });
});
