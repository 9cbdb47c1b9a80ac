import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatterySet, proxBattery } from '../../src/solver/reference/battery.js';
import { proxGenerator } from '../../src/solver/reference/generator.js';
import { proxDisc, proxShed, proxSolar, proxSolarInverter } from '../../src/solver/reference/inverter.js';
import { proxShapable, type ShapableSet } from '../../src/solver/reference/shapable.js';
import { FLAVORS, KernelBench } from './bench-memory.js';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const series = (min: number, max: number, size: number) =>
  fc.array(between(min, max), { minLength: size, maxLength: size }).map((list) => Float64Array.from(list));
const periods = fc.integer({ min: 1, max: 30 });

/** The sign of a zero is nobody's business. */
const plain = (values: Float64Array) => Array.from(values, (value) => value + 0);

const battery = periods.chain((T) =>
  fc
    .record({
      targets: series(-3, 3, T),
      weight: between(0.01, 5),
      power: between(0, 1),
      capacity: between(0, 4),
      start: between(0, 1),
      end: between(0, 1),
      etaC: between(0.5, 1),
      etaD: between(0.5, 1),
      price: fc.oneof(fc.constant(0), between(0, 1)),
    })
    .map(({ targets, weight, start, end, ...rest }) => {
      // a final energy within reach, as every checked case has
      const initial = start * rest.capacity;
      const low = Math.max(0, initial - (T * rest.power) / rest.etaD);
      const high = Math.min(rest.capacity, initial + T * rest.power * rest.etaC);
      const set: BatterySet = { ...rest, initial, final: low + end * (high - low) };
      return { targets, weight, set };
    }),
);

const generator = periods.chain((T) =>
  fc.record({
    targets: series(-3, 3, T),
    linear: series(-2, 2, T),
    weight: between(0.01, 5),
    a: fc.oneof(fc.constant(0), between(0, 2)),
    pMin: between(-2, 0),
    pMax: between(0, 2),
    ramp: between(0, 1),
  }),
);

const shapable = periods.chain((T) =>
  fc
    .record({
      targets: series(-3, 3, T),
      weight: between(0.01, 5),
      discomfort: fc.oneof(fc.constant(0), between(0, 2)),
      preferred: series(0, 1, T),
      max: between(0.01, 1),
      share: between(0, 1),
      from: fc.integer({ min: 0, max: T - 1 }),
      length: fc.integer({ min: 1, max: T }),
      warm: between(-2, 2),
    })
    .map(({ targets, weight, share, from, length, warm, ...rest }) => {
      const end = Math.min(T, from + length);
      const set: ShapableSet = { ...rest, start: from, end, energy: share * rest.max * (end - from) };
      return { targets, weight, warm, set };
    }),
);

function storedPath(set: BatterySet, charge: Float64Array, discharge: Float64Array): number[] {
  let energy = set.initial;
  return [...charge].map((c, t) => {
    energy += set.etaC * c - discharge[t]! / set.etaD;
    return energy;
  });
}

describe.each(FLAVORS)('device kernels are their twins bit for bit, %s', (flavor) => {
  const bench = new KernelBench(flavor);

  it('battery', () => {
    fc.assert(
      fc.property(battery, ({ targets, weight, set }) => {
        bench.reset();
        const T = targets.length;
        const at = bench.put(targets);
        const parameters = bench.put([set.power, set.capacity, set.initial, set.final, set.etaC, set.etaD, set.price]);
        const [charge, discharge, worth] = [bench.room(T), bench.room(T), bench.room(T)];
        const scratch = bench.room(bench.exports.scratchDoubles(T, 0));
        const cost = bench.exports.proxBattery(
          at.at,
          T,
          weight,
          parameters.at,
          scratch.at,
          charge.at,
          discharge.at,
          worth.at,
        );
        const twin = proxBattery(targets, weight, set);
        expect(plain(at.view)).toEqual(plain(twin.net));
        expect(plain(charge.view)).toEqual(plain(twin.charge));
        expect(plain(discharge.view)).toEqual(plain(twin.discharge));
        expect(plain(worth.view)).toEqual(plain(twin.worth));
        expect(cost).toBe(twin.cost);
      }),
      { numRuns: 500 },
    );
  });

  it('generator', () => {
    fc.assert(
      fc.property(generator, ({ targets, linear, weight, a, pMin, pMax, ramp }) => {
        bench.reset();
        const T = targets.length;
        const at = bench.put(targets);
        const b = bench.put(linear);
        const scratch = bench.room(bench.exports.scratchDoubles(T, 0));
        const cost = bench.exports.proxGenerator(at.at, T, weight, a, b.at, pMin, pMax, ramp, scratch.at);
        const twin = Float64Array.from(targets);
        expect(cost).toBe(proxGenerator(twin, 0, T, weight, a, linear, pMin, pMax, ramp));
        expect(plain(at.view)).toEqual(plain(twin));
      }),
      { numRuns: 500 },
    );
  });

  it('shapable load', () => {
    fc.assert(
      fc.property(shapable, ({ targets, weight, warm, set }) => {
        bench.reset();
        const T = targets.length;
        const at = bench.put(targets);
        const preferred = bench.put(set.preferred);
        const level = bench.put([warm]);
        const { energy, max, start, end, discomfort } = set;
        const cost = bench.exports.proxShapable(
          at.at,
          T,
          weight,
          discomfort,
          preferred.at,
          energy,
          max,
          start,
          end,
          level.at,
        );
        const twin = Float64Array.from(targets);
        const answer = proxShapable(twin, weight, set, warm);
        expect(plain(at.view)).toEqual(plain(twin));
        expect(level.view[0]).toBe(answer.level);
        expect(cost).toBe(answer.cost);
      }),
      { numRuns: 500 },
    );
  });

  it('solar, inverter, disc, shedding', () => {
    const rows = periods.chain((T) =>
      fc.record({ p: series(-2, 2, T), q: series(-2, 2, T), top: series(0, 1, T), ratio: series(-1, 1, T) }),
    );
    fc.assert(
      fc.property(
        rows,
        fc.boolean(),
        between(0.01, 1.5),
        between(0.1, 3),
        ({ p, q, top, ratio }, curtailable, rating, weight) => {
          const T = p.length;
          const run = (
            kernel: (pAt: number, qAt: number) => void,
            twin: (p: Float64Array, q: Float64Array) => void,
          ) => {
            const [a, b] = [bench.put(p), bench.put(q)];
            kernel(a.at, b.at);
            const [x, y] = [Float64Array.from(p), Float64Array.from(q)];
            twin(x, y);
            expect(plain(a.view)).toEqual(plain(x));
            expect(plain(b.view)).toEqual(plain(y));
          };
          bench.reset();
          const [forecast, k] = [bench.put(top), bench.put(ratio)];
          const flag = curtailable ? 1 : 0;
          run(
            (a) => bench.exports.proxSolar(a, T, forecast.at, flag),
            (a) => proxSolar(a, top, curtailable),
          );
          run(
            (a, b) => bench.exports.proxDisc(a, b, T, rating),
            (a, b) => proxDisc(a, b, rating),
          );
          run(
            (a, b) => bench.exports.proxSolarInverter(a, b, T, forecast.at, flag, rating),
            (a, b) => proxSolarInverter(a, b, top, curtailable, rating),
          );
          run(
            (a, b) => bench.exports.proxShed(a, b, T, weight, forecast.at, k.at, 0.3),
            (a, b) => void proxShed(a, b, weight, top, ratio, 0.3),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('device proxes are exact', () => {
  it('battery: feasible, and no lower value exists (its own dual meets it)', () => {
    fc.assert(
      fc.property(battery, ({ targets, weight, set }) => {
        const { net, charge, discharge, worth, cost } = proxBattery(targets, weight, set);
        const stored = storedPath(set, charge, discharge);
        for (const [t, energy] of stored.entries()) {
          expect(charge[t]! - discharge[t]! + net[t]!).toBeCloseTo(0, 10);
          for (const power of [charge[t]!, discharge[t]!]) {
            expect(power).toBeGreaterThanOrEqual(-1e-12);
            expect(power).toBeLessThanOrEqual(set.power + 1e-9);
          }
          expect(energy).toBeGreaterThanOrEqual(-1e-6);
          expect(energy).toBeLessThanOrEqual(set.capacity + 1e-6);
        }
        expect(stored.at(-1)).toBeCloseTo(set.final, 6);
        let primal = cost;
        for (const [t, p] of net.entries()) primal += 0.5 * weight * (p - targets[t]!) ** 2;
        expect(dualOfBattery(targets, weight, set, worth)).toBeGreaterThan(primal - 1e-6 * (1 + Math.abs(primal)));
      }),
      { numRuns: 500 },
    );
  });

  it('generator: no feasible point in any direction is better', () => {
    fc.assert(
      fc.property(generator, fc.integer(), ({ targets, linear, weight, a, pMin, pMax, ramp }, seed) => {
        const p = Float64Array.from(targets);
        proxGenerator(p, 0, p.length, weight, a, linear, pMin, pMax, ramp);
        const slope = (t: number) => weight * (p[t]! - targets[t]!) + 2 * a * p[t]! + linear[t]!;
        for (const [t, value] of p.entries()) {
          expect(value).toBeGreaterThanOrEqual(pMin - 1e-12);
          expect(value).toBeLessThanOrEqual(pMax + 1e-12);
          if (t > 0) expect(Math.abs(value - p[t - 1]!)).toBeLessThanOrEqual(ramp + 1e-9);
        }
        // another feasible profile: a random walk within ramp and box
        let state = Math.abs(seed % 1000) / 1000;
        let other = pMin + state * (pMax - pMin);
        let gain = 0;
        let scale = 0;
        for (let t = 0; t < p.length; t += 1) {
          state = (state * 9301 + 0.49297) % 1;
          const step = Math.min(ramp, pMax - pMin) * (2 * state - 1);
          if (t > 0) other = Math.min(pMax, Math.max(pMin, other + step));
          gain += slope(t) * (other - p[t]!);
          scale += Math.abs(slope(t) * (other - p[t]!));
        }
        expect(gain).toBeGreaterThanOrEqual(-1e-9 * (1 + scale));
      }),
      { numRuns: 500 },
    );
  });

  it('shapable load: takes its energy, and marginal values are equal wherever it is free', () => {
    fc.assert(
      fc.property(shapable, ({ targets, weight, warm, set }) => {
        const p = Float64Array.from(targets);
        proxShapable(p, weight, set, warm);
        let sum = 0;
        for (const value of p) sum += value;
        expect(sum).toBeCloseTo(set.energy, 9);
        const margin = (t: number) => weight * (targets[t]! - p[t]!) + 2 * set.discomfort * (set.preferred[t]! - p[t]!);
        let [below, above] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
        for (let t = set.start; t < set.end; t += 1) {
          if (p[t]! < set.max - 1e-9) below = Math.max(below, margin(t));
          if (p[t]! > 1e-9) above = Math.min(above, margin(t));
        }
        // what could take more is worth no more than what could give some up
        expect(below - above).toBeLessThanOrEqual(1e-6);
      }),
      { numRuns: 500 },
    );
  });
});

/** Lagrangian dual of the prox at the energy multipliers m: a bound from below, met at the optimum. */
function dualOfBattery(targets: Float64Array, weight: number, set: BatterySet, m: Float64Array): number {
  const T = targets.length;
  let sum = m[T - 1]! * set.final - m[0]! * set.initial;
  for (let t = 0; t < T; t += 1) {
    if (t + 1 < T) sum += Math.min(0, (m[t]! - m[t + 1]!) * set.capacity);
    sum += leastStage(targets[t]!, weight, set, m[t]!);
  }
  return sum;
}

/** min over the box of ½w(d − c − target)² + price(c + d) − m(etaC c − d/etaD): convex, so its edges and edge-free points. */
function leastStage(target: number, weight: number, set: BatterySet, m: number): number {
  const onC = set.price - m * set.etaC;
  const onD = set.price + m / set.etaD;
  const value = (c: number, d: number) => 0.5 * weight * (d - c - target) ** 2 + onC * c + onD * d;
  const clip = (x: number) => Math.min(set.power, Math.max(0, x));
  let best = Number.POSITIVE_INFINITY;
  for (const c of [0, set.power]) best = Math.min(best, value(c, clip(target + c - onD / weight)));
  for (const d of [0, set.power]) best = Math.min(best, value(clip(d - target - onC / weight), d));
  return best;
}
