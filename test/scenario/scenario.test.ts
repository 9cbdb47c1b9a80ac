import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCase, parseCase } from '../../src/model/index.js';
import { buildScenario, builtInProfiles, generateFeeder, profilesFromCsv, resample } from '../../src/scenario/index.js';

const feeder = parseCase(JSON.parse(readFileSync('examples/cases/sce56-single.json', 'utf8')));

describe('scenario', () => {
  it('is the same for the same seed and another for another', () => {
    const one = buildScenario(feeder, { seed: 'a' });
    expect(buildScenario(feeder, { seed: 'a' })).toEqual(one);
    expect(buildScenario(feeder, { seed: 'b' }).crowdsourcees).not.toEqual(one.crowdsourcees);
  });

  it('sizes devices by the peak load as the paper does', () => {
    const built = buildScenario(feeder, { seed: 's' });
    expect(built.periods).toBe(24);
    for (const battery of built.batteries) expect(battery.energyMwh / battery.powerMw).toBeCloseTo(4, 4);
    for (const ev of built.shapables) {
      const peak = feeder.loads.find((l) => l.bus === ev.bus)!.pMw[0]!;
      expect(ev.energyMwh).toBeGreaterThanOrEqual(peak * 0.999);
      expect(ev.energyMwh).toBeLessThanOrEqual(peak * 5.001);
      expect(ev.startPeriod).toBeGreaterThanOrEqual(9);
      expect(ev.endPeriod - ev.startPeriod).toBeGreaterThanOrEqual(4);
    }
  });

  it('gives a valid case that compiles, for any options', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.string(),
          periods: fc.integer({ min: 1, max: 96 }),
          solar: fc.double({ min: 0, max: 3, noNaN: true }),
          ev: fc.double({ min: 0, max: 8, noNaN: true }),
          type2: fc.double({ min: 0, max: 1, noNaN: true }),
          participation: fc.double({ min: 0, max: 1, noNaN: true }),
          loadScale: fc.double({ min: 0.01, max: 10, noNaN: true }),
        }),
        (options) => {
          const built = buildScenario(feeder, options);
          expect(compileCase(built).periods).toBe(options.periods);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('resamples without losing energy', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (values, periods) => {
          const mean = (v: readonly number[]) => v.reduce((s, x) => s + x, 0) / v.length;
          expect(mean(resample(values, periods))).toBeCloseTo(mean(values), 8);
        },
      ),
    );
    expect(resample([1, 2, 3, 4], 2)).toEqual([1.5, 3.5]);
    expect(resample([1, 2], 4)).toEqual([1, 1, 2, 2]);
  });

  it('takes profiles from a quarter-hourly CSV and refuses a bad cell', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crowdwatt-profiles-'));
    try {
      const path = join(folder, 'p.csv');
      writeFileSync(path, `load,price\n${Array.from({ length: 96 }, (_, k) => `${k < 48 ? 1 : 2},${k}`).join('\n')}\n`);
      const day = await profilesFromCsv(path, 24);
      expect(day.residential[0]).toBe(0.5);
      expect(day.commercial[23]).toBe(1);
      expect(day.price[1]).toBe(5.5);
      expect(day.solar).toEqual(builtInProfiles(24).solar);
      writeFileSync(path, 'load\n1\nmany\n');
      await expect(profilesFromCsv(path, 24)).rejects.toThrow(/line 3: load is 'many'/);
      writeFileSync(path, 'foo\n1\n2\n');
      await expect(profilesFromCsv(path, 24)).rejects.toThrow(/none of the columns/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses a feeder without load', () => {
    expect(() => buildScenario({ ...feeder, loads: [] }, { seed: 'x' })).toThrow(/no bus below the root has a load/);
  });
});

describe('generated feeder', () => {
  it.each([2, 10, 500, 5000])('with %i buses is one tree with a realistic drop', (buses) => {
    const built = parseCase(generateFeeder({ buses, seed: 'g' }));
    const compiled = compileCase(built);
    expect(compiled.busCount).toBe(buses);
    expect(Math.max(...compiled.depth)).toBeLessThan(61 + 2 * Math.sqrt(buses));
  });
});
