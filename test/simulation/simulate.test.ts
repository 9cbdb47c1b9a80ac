import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { buildScenario, generateFeeder } from '../../src/scenario/index.js';
import { simulate } from '../../src/simulation/index.js';

const small = buildScenario(generateFeeder({ buses: 8, seed: 'sim' }), { seed: 'sim', periods: 8, type2: 0.7 });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-simulation-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('simulate', () => {
  it('goes on where it was stopped, to the same end', async () => {
    const whole = await simulate(small, { days: 4, folder: join(folder, 'whole'), reconcileEvery: 2 });
    const stop = new AbortController();
    const parts = { folder: join(folder, 'parts'), reconcileEvery: 2 };
    await expect(
      simulate(small, {
        ...parts,
        days: 4,
        signal: stop.signal,
        onProgress: (p) => p.fraction === 0.5 && p.stage === 'simulate' && stop.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    const resumed = await simulate(small, { ...parts, days: 4 });
    const facts = (s: typeof whole) => s.days.map(({ seconds: _, ...day }) => day);
    expect(facts(resumed)).toEqual(facts(whole));
    expect(whole.reconciliations).toEqual([
      { from: '2018-08-06', to: '2018-08-07' },
      { from: '2018-08-08', to: '2018-08-09' },
    ]);
    await using ledger = await openLedger({ at: join(parts.folder, 'ledger') });
    const operator = await ledger.member('operator', 'operator');
    const days = await ledger.query<{ items: { day: string; status: string }[] }>(operator, 'ListDays', {});
    expect(days.items).toHaveLength(4);
    await expect(simulate(small, { ...parts, days: 4, seed: 'other' })).rejects.toMatchObject({
      code: 'market/day-differs',
    });
  });

  it('carries batteries over and draws each day from seed and date', async () => {
    const run = await simulate(small, { days: 3, folder: join(folder, 'carry') });
    const [first, second] = run.days;
    expect(first!.loadMwh).not.toBeCloseTo(second!.loadMwh, 6);
    for (const day of run.days) {
      expect(day.violationPu).toBeLessThan(1e-3);
      expect(day.solarMwh).toBeLessThanOrEqual(day.solarForecastMwh * (1 + 1e-6));
      for (const battery of small.batteries) {
        expect(day.stored[battery.id]).toBeGreaterThanOrEqual(0);
        expect(day.stored[battery.id]).toBeLessThanOrEqual(battery.energyMwh * (1 + 1e-9));
      }
    }
  });

  it('learns from the answers on the ledger: more is accepted, less is paid for each accepted MWh in the end', async () => {
    const fixed = await simulate(small, { days: 6, folder: join(folder, 'fixed') });
    const learnt = await simulate(small, { days: 6, folder: join(folder, 'learnt'), learn: true });
    const late = (s: typeof fixed) => s.days.slice(2);
    const accepted = (s: typeof fixed) => late(s).reduce((sum, d) => sum + d.accepted, 0);
    const supplements = (s: typeof fixed) => late(s).reduce((sum, d) => sum + d.supplementCost, 0);
    expect(learnt.days[0]).toMatchObject({ accepted: fixed.days[0]!.accepted });
    expect(accepted(learnt)).toBeGreaterThan(accepted(fixed));
    expect(supplements(learnt)).toBeLessThan(supplements(fixed));
  });
});
