import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../src/model/case.js';
import { parseCase } from '../../src/model/index.js';
import { diagnose } from '../../src/solver/diagnose/index.js';
import { solve } from '../../src/solver/index.js';

const sce56 = parseCase(JSON.parse(readFileSync('examples/cases/sce56.json', 'utf8')));

/** Six periods of the feeder with idle stores, so that each solve is quick. */
function short(change: (c: Case) => Case): Case {
  const from = 16;
  const cut = (values: readonly number[]): number[] => values.slice(from, from + 6);
  return change({
    ...sce56,
    periods: 6,
    loads: sce56.loads.map((l) => ({ ...l, pMw: cut(l.pMw), qMvar: cut(l.qMvar) })),
    solar: sce56.solar.map((s) => ({ ...s, forecastMw: cut(s.forecastMw) })),
    shapables: [],
    generators: sce56.generators.map((g) => ({ ...g, costLinear: cut(g.costLinear) })),
  });
}

const heavy =
  (factor: number) =>
  (c: Case): Case => ({
    ...c,
    loads: c.loads.map((l) => ({ ...l, pMw: l.pMw.map((p) => p * factor), qMvar: l.qMvar.map((q) => q * factor) })),
    buses: c.buses.map((b) => ({ ...b, vMinPu: 0.97 })),
  });

describe('diagnose', () => {
  it('names bus, time and amount of an undervoltage, and remedies that work and are no larger than needed', async () => {
    const c = short(heavy(3));
    const found = await diagnose(c);
    expect(found.status).toBe('infeasible');
    expect(found.clashes!.length).toBeGreaterThan(0);
    for (const clash of found.clashes!) expect(clash.kind).toBe('voltage');
    expect(found.findings[0]).toMatch(/^bus \S+, period \d+ \(\d\d:\d\d\): voltage 0\.9\d\d pu under its 0\.970 limit/);
    const root = found.remedies!.find((r) => r.kind === 'root-voltage')!;
    expect(root.text).toMatch(/raise the root voltage by/);
    const raised = async (share: number) =>
      (await solve({ ...c, rootVoltagePu: 1 + root.most * share }, { exactness: 'off' })).status;
    expect(await raised(1.02)).toBe('optimal');
    expect(await raised(0.9)).toBe('infeasible');
    const band = found.remedies!.find((r) => r.kind === 'voltage')!;
    const widened = async (share: number) =>
      (
        await solve(
          { ...c, buses: c.buses.map((b) => ({ ...b, vMinPu: b.vMinPu - band.most * share })) },
          { exactness: 'off' },
        )
      ).status;
    expect(await widened(1.02)).toBe('optimal');
  });

  it('says how short the supply is', async () => {
    const c = short((x) => ({
      ...x,
      batteries: [],
      generators: x.generators.map((g) => (g.id === 'substation' ? { ...g, pMinMw: -0.1, pMaxMw: 0.5 } : g)),
    }));
    const found = await diagnose(c);
    expect(found.status).toBe('infeasible');
    const supply = found.remedies!.find((r) => r.kind === 'supply')!;
    const given = (mw: number): Case => ({
      ...c,
      generators: c.generators.map((g) => (g.id === 'substation' ? { ...g, pMaxMw: g.pMaxMw + mw } : g)),
    });
    expect((await solve(given(supply.most * 1.02), { exactness: 'off' })).status).toBe('optimal');
    expect((await solve(given(supply.most * 0.9), { exactness: 'off' })).status).toBe('infeasible');
    const shed = found.remedies!.find((r) => r.kind === 'shed')!;
    expect(shed.text).toMatch(/^shed [\d.]+ MW/);
  });

  it('names a line that is too small', async () => {
    const c = short((x) => ({
      ...x,
      batteries: [],
      lines: x.lines.map((l, k) => (k === 0 ? { ...l, limitMva: 0.8 } : l)),
    }));
    const found = await diagnose(c);
    expect(found.status).toBe('infeasible');
    expect(found.clashes!.map((clash) => clash.id)).toContain(c.lines[0]!.id);
    expect(found.remedies!.map((r) => r.kind)).toEqual(expect.arrayContaining(['thermal', 'shed']));
  });

  it('is the reason of every answer without a schedule', async () => {
    const s = await solve(short(heavy(3)));
    expect(s.status).toBe('infeasible');
    expect(s.buses).toBeUndefined();
    expect(s.reason).toMatch(/infeasible: bus \S+, period \d+ \(\d\d:\d\d\).*raise the root voltage by .* pu, or shed/);
  });

  it('says what binds where there is a schedule', async () => {
    const tight = short((c) => ({ ...c, buses: c.buses.map((b) => ({ ...b, vMaxPu: 1.004 })) }));
    const found = await diagnose(tight);
    expect(found.status).toBe('optimal');
    expect(found.findings.join('\n')).toMatch(/voltage/);
    expect(found.binding!.some((b) => b.constraint === 'voltage-max' || b.constraint === 'solar-forecast')).toBe(true);
  });
});
