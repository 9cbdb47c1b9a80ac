import { describe, expect, it } from 'vitest';
import { readCase } from '../../src/model/index.js';
import { solve } from '../../src/solver/index.js';
import { haveShared, SHARED, sharedJson } from '../helpers/feeders.js';

interface Reference {
  readonly objective: number;
  readonly buses: readonly string[];
  readonly dlmpPerMwh: readonly (readonly number[])[];
  readonly dlmpReactivePerMvarh: readonly (readonly number[])[];
  readonly voltagePu: readonly (readonly number[])[];
  readonly generators: readonly string[];
  readonly generatorPMw: readonly (readonly number[])[];
}

/** Largest difference between rows by id. */
function apart(
  ids: readonly string[],
  rows: readonly (readonly number[])[],
  found: readonly { readonly id: string }[],
  series: (element: never) => readonly number[],
): number {
  const byId = new Map(found.map((element) => [element.id, element]));
  return Math.max(
    ...ids.flatMap((id, k) => rows[k]!.map((value, t) => Math.abs(value - series(byId.get(id) as never)[t]!))),
  );
}

describe('solve against independent references', () => {
  for (const name of ['sce56', 'sce56-single', 'case33bw', 'case141']) {
    const there = haveShared(`cases/${name}.reference.json`, `objective, prices and voltages of ${name}`);
    it.skipIf(!there)(name, async () => {
      const reference = sharedJson<Reference>(`cases/${name}.reference.json`);
      const solution = await solve(await readCase(`${SHARED}/cases/${name}.json`), { exactness: 'off' });
      expect(solution.status).toBe('optimal');
      expect(solution.certificate!.verdict).toBe('exact');
      expect(Math.abs(solution.objective! / reference.objective - 1)).toBeLessThan(2e-6);
      expect(solution.lowerBound!).toBeLessThan(solution.objective! + 1e-5 * Math.abs(solution.objective!));
      const buses = solution.buses!;
      const { dlmpPerMwh, dlmpReactivePerMvarh, voltagePu } = reference;
      type Bus = (typeof buses)[number];
      expect(apart(reference.buses, dlmpPerMwh, buses, (bus: Bus) => bus.dlmpPerMwh!)).toBeLessThan(0.01);
      expect(apart(reference.buses, dlmpReactivePerMvarh, buses, (bus: Bus) => bus.dlmpReactivePerMvarh!)).toBeLessThan(
        0.01,
      );
      expect(apart(reference.buses, voltagePu, buses, (bus: Bus) => bus.voltagePu)).toBeLessThan(1e-4);
      type Generator = NonNullable<typeof solution.generators>[number];
      const megawatts = apart(
        reference.generators,
        reference.generatorPMw,
        solution.generators!,
        (g: Generator) => g.pMw,
      );
      expect(megawatts).toBeLessThan(2e-3);
      for (const bus of buses) {
        for (const [t, price] of bus.dlmpPerMwh!.entries()) {
          const { energy, loss, voltage, congestion } = bus.dlmpParts!.real;
          expect(Math.abs(energy[t]! + loss[t]! + voltage[t]! + congestion[t]! - price)).toBeLessThan(1e-6);
          expect(energy[t]).toBe(buses.find((other) => other.id === '1')!.dlmpPerMwh![t]);
        }
      }
      const { loadsPay, devicesGet, generatorsGet, rent, lossRent, limitRent } = solution.revenue!;
      expect(loadsPay - devicesGet - generatorsGet).toBeCloseTo(rent, 9);
      expect(lossRent! + limitRent!).toBeCloseTo(rent, 9);
    });
  }
});

describe('solve', () => {
  it('calls the tight case inexact aloud, and bounds its cost from below', async () => {
    const solution = await solve(await readCase('examples/cases/sce56-tight.json'), { exactness: 'off' });
    expect(solution.certificate!.verdict).toBe('inexact');
    expect(solution.warnings[0]).toMatch(/^inexact: replayed in AC, bus \d+, period \d+: 1\.0\d+ pu against 1\.015000/);
    expect(solution.reason).toMatch(/^inexact/);
    expect(solution.objective).toBeCloseTo(876.75, 1);
    expect(solution.certificate!.acLimitViolationMaxPu).toBeCloseTo(0.0154, 3);
    const binding = solution.duals!.filter((dual) => dual.constraint === 'voltage-max');
    expect(binding.length).toBeGreaterThan(10);
    expect(binding.every((dual) => dual.dual > 0)).toBe(true);
  });

  it('keeps the plain relaxation as the lower bound of the Gan-Li answer', async () => {
    const solution = await solve(await readCase('examples/cases/sce56-tight.json'), { exactness: 'bound' });
    expect(solution.pricesFrom).toBe('bound');
    expect(solution.objective).toBeCloseTo(999.0077, 2);
    expect(solution.lowerBound).toBeCloseTo(876.75, 2);
    expect(solution.certificate!.acLimitViolationMaxPu).toBeLessThan(1e-5);
    expect(solution.reason).toMatch(/battery .* charges and discharges .* at once/);
  });

  it('raises the cost by the price when a load rises by 5 kW', async () => {
    const source = await readCase('examples/cases/sce56.json');
    const options = { tolerance: 1e-9, exactness: 'off' } as const;
    const base = await solve(source, options);
    for (const [index, period] of [
      [3, 12],
      [30, 19],
    ] as const) {
      const load = source.loads[index]!;
      const cost = async (mw: number) => {
        const pMw = load.pMw.map((p, t) => (t === period ? p + mw : p));
        const loads = source.loads.map((other, k) => (k === index ? { ...other, pMw } : other));
        return (await solve({ ...source, loads }, options)).objective!;
      };
      const slope = ((await cost(0.005)) - (await cost(-0.005))) / 0.01;
      const price = base.buses!.find((bus) => bus.id === load.bus)!.dlmpPerMwh![period]!;
      expect(Math.abs(slope - price)).toBeLessThan(1e-3);
    }
  });

  it('gives no arrays but a reason where nothing is feasible', async () => {
    const source = await readCase('examples/cases/sce56-single.json');
    const buses = source.buses.map((bus) => ({ ...bus, vMinPu: 1.05, vMaxPu: 1.051 }));
    const solution = await solve({ ...source, buses, rootVoltagePu: 0.9 });
    expect(solution.status).toBe('infeasible');
    expect(solution.buses).toBeUndefined();
    expect(solution.objective).toBeUndefined();
    expect(solution.reason).toMatch(/./);
  });

  it('stops on a signal and on limits with a status, not an exception', async () => {
    const source = await readCase('examples/cases/sce56.json');
    const stopped = await solve(source, { signal: AbortSignal.abort() });
    expect(stopped.status).toBe('cancelled');
    const limited = await solve(source, { maxIterations: 3, exactness: 'off' });
    expect(limited.status).toBe('iteration-limit');
    const late = await solve(source, { timeLimitSeconds: 0 });
    expect(late.status).toBe('time-limit');
  });

  it('refuses wrong options and wrong cases with a code', async () => {
    const source = await readCase('examples/cases/sce56-single.json');
    await expect(solve(source, { method: 'magic' as never })).rejects.toMatchObject({ code: 'usage' });
    await expect(solve(source, { tolerance: Number.NaN })).rejects.toMatchObject({ code: 'usage' });
    await expect(solve(source, { workers: 0 })).rejects.toMatchObject({ code: 'usage' });
    await expect(solve({} as never)).rejects.toMatchObject({ code: 'input/invalid' });
  });
});
