import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConePoint, type ConeSet, projectCone, settle } from '../../src/solver/reference/cone.js';
import { FLAVORS, KernelBench } from './bench-memory.js';

const power = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true }).map((e) => 10 ** e);
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const set: fc.Arbitrary<ConeSet> = fc
  .record({
    weightV: power(-3, 3),
    weightEll: fc.oneof({ weight: 9, arbitrary: power(-5, 3) }, { weight: 1, arbitrary: fc.constant(0) }),
    weightFlow: power(-5, 2),
    vMin: between(0.6, 0.99),
    width: between(0, 0.5),
    limit: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), between(0.01, 2)),
  })
  .map(({ width, ...rest }) => ({ ...rest, vMax: rest.vMin + width }));
const point: fc.Arbitrary<ConePoint> = fc.tuple(between(-0.5, 2), between(-3, 3), between(-2, 2), between(-2, 2));

/** Projects with the kernel; the points become rows of one call. */
function withKernel(bench: KernelBench, points: readonly ConePoint[], s: ConeSet): ConePoint[] {
  bench.reset();
  const count = points.length;
  const rows = [0, 1, 2, 3].flatMap((k) => points.map((p) => p[k]!));
  const { at, view } = bench.put(rows);
  bench.exports.projectRows(at, 8 * count, count, s.weightV, s.weightEll, s.weightFlow, s.vMin, s.vMax, s.limit);
  return points.map((_, i) => [0, 1, 2, 3].map((k) => view[k * count + i]!) as ConePoint);
}

const squared = ([v, ell, p, q]: ConePoint, s: ConeSet) =>
  s.weightV * v * v + s.weightEll * ell * ell + s.weightFlow * (p * p + q * q);
const minus = (a: ConePoint, b: ConePoint) => a.map((value, k) => value - b[k]!) as ConePoint;

describe.each(FLAVORS)('cone projection, %s', (flavor) => {
  const bench = new KernelBench(flavor);

  it('is its TypeScript twin bit for bit', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 7 }), set, (points, s) => {
        expect(withKernel(bench, points, s)).toEqual(points.map((p) => projectCone(p, s)));
      }),
      { numRuns: 500 },
    );
  });

  it('lands in the set, stays there, and never moves two points apart', () => {
    fc.assert(
      fc.property(point, point, set, (a, b, s) => {
        const [x, y] = withKernel(bench, [a, b], s) as [ConePoint, ConePoint];
        for (const [v, ell, p, q] of [x, y]) {
          expect(v).toBeGreaterThanOrEqual(s.vMin);
          expect(v).toBeLessThanOrEqual(s.vMax);
          expect(Math.hypot(p, q)).toBeLessThanOrEqual(s.limit * (1 + 1e-12));
          if (s.weightEll > 0) expect(p * p + q * q).toBeLessThanOrEqual(v * ell + 1e-12);
        }
        const [again] = withKernel(bench, [x], s) as [ConePoint];
        expect(Math.sqrt(squared(minus(again, x), s))).toBeLessThanOrEqual(1e-9 * (1 + Math.sqrt(squared(x, s))));
        const apart = Math.sqrt(squared(minus(a, b), s));
        expect(Math.sqrt(squared(minus(x, y), s))).toBeLessThanOrEqual(apart * (1 + 1e-9) + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it('is the nearest point: no point of the set lies behind it (variational inequality)', () => {
    fc.assert(
      fc.property(point, point, set, (a, other, s) => {
        const [x] = withKernel(bench, [a], s) as [ConePoint];
        // any point of the set: clamp and lift
        const v = Math.min(s.vMax, Math.max(s.vMin, other[0]));
        const norm = Math.hypot(other[2], other[3]);
        const factor = norm > s.limit ? s.limit / norm : 1;
        const [p, q] = [other[2] * factor, other[3] * factor];
        const c: ConePoint = [v, Math.max(other[1], (p * p + q * q) / v), p, q];
        const weights = [s.weightV, s.weightEll, s.weightFlow, s.weightFlow];
        let inner = 0;
        let scale = 0;
        for (let k = 0; k < 4; k += 1) {
          const term = weights[k]! * (a[k]! - x[k]!) * (c[k]! - x[k]!);
          inner += term;
          scale += Math.abs(term);
        }
        expect(inner).toBeLessThanOrEqual(1e-6 * scale + 1e-9);
      }),
      { numRuns: 500 },
    );
  });
});

describe('cone projection, slow and sure', () => {
  it('agrees with Newton to 1e-8 in the weighted norm', () => {
    fc.assert(
      fc.property(point, set, (a, s) => {
        fc.pre(s.weightEll > 0);
        const fast = projectCone(a, s);
        const slow = settle(a[0], a[1], a[2], a[3], Math.hypot(a[2], a[3]), s);
        const distance = (x: ConePoint) => squared(minus(x, a), s);
        expect(distance(fast)).toBeLessThanOrEqual(distance(slow) * (1 + 1e-9) + 1e-12);
        expect(Math.sqrt(squared(minus(fast, slow), s))).toBeLessThanOrEqual(1e-7 * (1 + Math.sqrt(squared(a, s))));
      }),
      { numRuns: 1000 },
    );
  });
});
