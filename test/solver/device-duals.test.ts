import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { parseCase } from '../../src/model/index.js';
import { solve } from '../../src/solver/index.js';

const sce56 = parseCase(JSON.parse(readFileSync('examples/cases/sce56.json', 'utf8')));
const options = { method: 'ipm', exactness: 'off', tolerance: 1e-9 } as const;

/** What loosening saves, by solving again a little to either side. */
async function saved(by: number, change: (amount: number) => Case): Promise<number> {
  const cost = async (amount: number) => (await solve(change(amount), options)).objective!;
  return ((await cost(-by)) - (await cost(by))) / (2 * by);
}

describe('multipliers of devices', () => {
  it('say what a larger battery or a steeper ramp would save', async () => {
    const ramped = {
      ...sce56,
      generators: sce56.generators.map((g) => (g.id === 'substation' ? { ...g, rampMwPerHour: 1.2 } : g)),
    };
    const s = await solve(ramped, options);
    expect(s.status).toBe('optimal');
    const of = (constraint: string, id: string) =>
      s.duals!.filter((d) => d.constraint === constraint && d.id === id).reduce((sum, d) => sum + d.dual, 0);
    const ramp = of('generator-ramp-up', 'substation') + of('generator-ramp-down', 'substation');
    expect(ramp).toBeGreaterThan(1);
    const steeper = await saved(0.005, (x) => ({
      ...ramped,
      generators: ramped.generators.map((g) => (g.id === 'substation' ? { ...g, rampMwPerHour: 1.2 + x } : g)),
    }));
    // Loosening by 1 MW/h loosens every step of the day by Δ.
    expect(Math.abs(ramp * ramped.hoursPerPeriod - steeper)).toBeLessThan(0.01 * steeper + 0.05);

    const battery = [...sce56.batteries].sort((a, b) => b.powerMw - a.powerMw)[0]!;
    const power = of('battery-charge-max', battery.id) + of('battery-discharge-max', battery.id);
    const stronger = await saved(0.002, (x) => ({
      ...ramped,
      batteries: ramped.batteries.map((b) => (b.id === battery.id ? { ...b, powerMw: b.powerMw + x } : b)),
    }));
    expect(Math.abs(power - stronger)).toBeLessThan(0.05 * Math.abs(stronger) + 0.1);
    const energy = of('battery-energy-max', battery.id);
    const larger = await saved(0.002, (x) => ({
      ...ramped,
      batteries: ramped.batteries.map((b) => (b.id === battery.id ? { ...b, energyMwh: b.energyMwh + x } : b)),
    }));
    expect(Math.abs(energy - larger)).toBeLessThan(0.05 * Math.abs(larger) + 0.1);
  });
});
