import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stress } from '../../src/market/stress.js';
import { parseCase } from '../../src/model/index.js';
import { solve } from '../../src/solver/index.js';

const market = parseCase(JSON.parse(readFileSync('examples/cases/sce56-market.json', 'utf8')));
const calm = { ...market, incentives: undefined };

describe('stress', () => {
  it('costs what the equilibrium costs where nobody declines, and more the more decline', async () => {
    const report = await stress(calm, { decline: [0, 0.3, 0.6], samples: 3, seed: 7 });
    const planned = await solve(calm);
    let generation = 0;
    for (const [k, g] of calm.generators.entries()) {
      for (const [t, mw] of planned.generators![k]!.pMw.entries())
        generation += calm.hoursPerPeriod * (g.costQuadratic * mw + g.costLinear[t]!) * mw;
    }
    const [none, some, many] = report.levels;
    expect(none!.samples).toBe(1);
    expect(Math.abs(none!.generationCost.median - generation)).toBeLessThan(1e-3 * generation);
    expect(some!.generationCost.mean).toBeGreaterThan(none!.generationCost.mean);
    expect(many!.generationCost.mean).toBeGreaterThan(some!.generationCost.mean);
    for (const level of report.levels) {
      expect(level.failed).toBe(0);
      expect(level.generationCost.p05).toBeLessThanOrEqual(level.generationCost.median);
      expect(level.generationCost.median).toBeLessThanOrEqual(level.generationCost.p95);
      expect(level.violationPu.max).toBeLessThan(1e-4);
    }
  });

  it('gives the same for the same seed, another for another, and stops when told', async () => {
    const options = { decline: [0.4], samples: 2 };
    const one = await stress(calm, { ...options, seed: 1 });
    expect(await stress(calm, { ...options, seed: 1 })).toEqual(one);
    expect((await stress(calm, { ...options, seed: 2 })).levels).not.toEqual(one.levels);
    const stop = new AbortController();
    await expect(
      stress(calm, {
        ...options,
        samples: 50,
        signal: stop.signal,
        onProgress: (p) => p.stage === 'stress' && stop.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('counts what the substation cannot give as shortfall', async () => {
    const small = {
      ...calm,
      generators: calm.generators.map((g) => (g.id === 'substation' ? { ...g, pMaxMw: 2.3 } : { ...g, pMaxMw: 0 })),
    };
    const report = await stress(small, { decline: [0, 0.9], samples: 2 });
    expect(report.levels[0]!.shortfallMwh.max).toBeLessThan(1e-3);
    expect(report.levels[1]!.shortfallMwh.median).toBeGreaterThan(0.01);
  });

  it('refuses shares and samples that are none', async () => {
    await expect(stress(calm, { decline: [1.5] })).rejects.toThrow(/decline is 1.5/);
    await expect(stress(calm, { samples: 0 })).rejects.toThrow(/samples is 0/);
  });
});
