import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { feedFrom, runRealtime, simulatedFeed } from '../../src/realtime/index.js';
import { buildScenario, generateFeeder } from '../../src/scenario/index.js';

const small = buildScenario(generateFeeder({ buses: 8, seed: 'rt' }), { seed: 'rt', periods: 8, type2: 0.7 });
const STEPS = 16;
const options = { stepMinutes: 90, seed: 3 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crowdwatt-realtime-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('realtime', () => {
  it('serves the shapable loads, keeps the limits, settles to zero', async () => {
    const run = await runRealtime(small, { ...options, feed: simulatedFeed(STEPS, '3') });
    expect(run.steps).toHaveLength(STEPS);
    const wanted = small.shapables.reduce((sum, s) => sum + s.energyMwh, 0);
    expect(run.unmetMwh).toBeLessThan(0.01 * wanted);
    for (const step of run.steps) {
      expect(step.violationPu).toBeLessThan(1e-3);
      expect(step.shortfallMw).toBeLessThan(1e-6);
      expect(step.accepted).toBeLessThanOrEqual(step.offers);
    }
    expect(run.steps.some((step) => step.offers > 0)).toBe(true);
    expect(run.statements.reduce((sum, s) => sum + s.totalMicro, 0)).toBe(0);
  });

  it('follows what is measured: more load makes the substation give more', async () => {
    const feed = async function* (factor: number) {
      for (let step = 0; step < STEPS; step++) yield { step, loadFactor: factor };
    };
    const low = await runRealtime(small, { ...options, feed: feed(0.8) });
    const high = await runRealtime(small, { ...options, feed: feed(1.2) });
    const energy = (r: typeof low) => r.steps.reduce((sum, s) => sum + s.substationMw, 0);
    expect(energy(high)).toBeGreaterThan(energy(low));
  });

  it('stopped anywhere it goes on from the ledger, to the same end, with nothing offered twice', async () => {
    const whole = await runRealtime(small, {
      ...options,
      feed: simulatedFeed(STEPS, '3'),
      ledger: join(folder, 'whole'),
    });
    const at = join(folder, 'parts');
    for (const stopAfter of [2, 9]) {
      const stop = new AbortController();
      await expect(
        runRealtime(small, {
          ...options,
          feed: simulatedFeed(STEPS, '3'),
          ledger: at,
          signal: stop.signal,
          onStep: (s) => s.step === stopAfter && stop.abort(),
        }),
      ).rejects.toMatchObject({ code: 'cancelled' });
    }
    const resumed = await runRealtime(small, { ...options, feed: simulatedFeed(STEPS, '3'), ledger: at });
    const facts = (r: typeof whole) => r.steps.map(({ seconds: _, ...step }) => step);
    expect(facts(resumed)).toEqual(facts(whole));
    expect(resumed.statements).toEqual(whole.statements);
    await using ledger = await openLedger({ at });
    const offers = new Set<string>();
    for await (const block of ledger.blocks()) {
      for (const tx of block.transactions) {
        if (tx.name !== 'MakeOffer' || !tx.valid) continue;
        for (const offer of (tx.args as { offers: { participant: string; period: number }[] }).offers) {
          const key = `${offer.period}/${offer.participant}`;
          expect(offers.has(key), key).toBe(false);
          offers.add(key);
        }
      }
    }
    expect(offers.size).toBe(whole.steps.reduce((sum, s) => sum + s.offers, 0));
  });

  it('reads a feed line by line and says what is wrong with one', async () => {
    const read = async (text: string) => {
      const records = [];
      for await (const record of feedFrom(Readable.from([text]), small)) records.push(record);
      return records;
    };
    expect(await read('{"step":0,"loadFactor":1.1}\n\n{"step":2}\n')).toEqual([
      { step: 0, loadFactor: 1.1 },
      { step: 2 },
    ]);
    await expect(read('{"step":0}\nnope')).rejects.toThrow(/line 2 is not JSON/);
    await expect(read('{"step":-1}')).rejects.toThrow(/line 1: step/);
    await expect(read('{"step":0,"solar":{"x":1}}')).rejects.toThrow(/no solar plant 'x'/);
    await expect(runRealtime(small, { ...options, stepMinutes: 7, feed: simulatedFeed(1, '1') })).rejects.toThrow(
      /does not divide/,
    );
  });
});
