import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger } from '../../src/ledger/types.js';
import { type RunDayOptions, runDay } from '../../src/market/index.js';
import type { Case } from '../../src/model/case.js';
import { lasting } from './day-helpers.js';
import { tinyCase } from './tiny-case.js';

/** Stops the day after so many durable blocks have been written, wherever it then is. */
async function stopAfter(blocks: number, feeder: Case): Promise<{ ledger: Ledger; stopped: boolean }> {
  const abort = new AbortController();
  let left = blocks;
  const ledger = await openLedger({
    onBlock: () => {
      left -= 1;
      if (left === 0) abort.abort();
    },
  });
  try {
    await runDay(feeder, { ledger, signal: abort.signal });
    return { ledger, stopped: false };
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'cancelled' });
    return { ledger, stopped: true };
  }
}

async function offersMade(ledger: Ledger): Promise<string[]> {
  const made: string[] = [];
  for await (const block of ledger.blocks(0)) {
    for (const transaction of block.transactions) {
      if (transaction.name !== 'MakeOffer' || !transaction.valid) continue;
      const { round, offers } = transaction.args as {
        round: number;
        offers: { participant: string; period: number }[];
      };
      made.push(...offers.map((offer) => `${offer.period}/${round}/${offer.participant}`));
    }
  }
  return made;
}

describe('a day that was stopped', () => {
  it('goes on to the same end from wherever it stood, with nothing offered twice', async () => {
    await using whole = await openLedger();
    const report = await runDay(tinyCase(), { ledger: whole });
    const state = await whole.stateHash!();
    const { height } = await whole.head();
    let resumed = 0;
    for (let blocks = 1; blocks < height; blocks++) {
      const { ledger, stopped } = await stopAfter(blocks, tinyCase());
      if (stopped) {
        resumed += 1;
        const again = await runDay(tinyCase(), { ledger });
        expect(lasting(again)).toEqual(lasting(report));
        expect(await ledger.stateHash!()).toBe(state);
        const made = await offersMade(ledger);
        expect(new Set(made).size).toBe(made.length);
      }
      await ledger.close();
    }
    expect(resumed).toBeGreaterThan(5);
  }, 60_000);

  it.each<[string, Case, RunDayOptions]>([
    ['feeder', tinyCase({ rootVoltagePu: 1.01 }), {}],
    ['rules', tinyCase({ incentives: { floorPerMwh: 1, capPerMwh: 60, stepPerMwh: 6 } }), {}],
    ['rules', tinyCase(), { tolerance: 1e-7 }],
    ['crowd', tinyCase(), { crowd: 'accept' }],
    ['seed', tinyCase(), { seed: 9 }],
  ])('does not go on from another %s', async (what, feeder, options) => {
    const { ledger } = await stopAfter(2, tinyCase());
    await expect(runDay(feeder, { ledger, ...options })).rejects.toMatchObject({
      code: 'market/day-differs',
      message: expect.stringContaining(`from another ${what};`),
      details: { differing: [what] },
    });
    await ledger.close();
  });

  it('takes a change of what people would accept for another crowd', async () => {
    const { ledger } = await stopAfter(2, tinyCase());
    const feeder = tinyCase();
    const crowdsourcees = feeder.crowdsourcees.map((person) => ({ ...person, reservationPrice: 50 }));
    await expect(runDay({ ...feeder, crowdsourcees }, { ledger })).rejects.toMatchObject({
      details: { differing: ['crowd'] },
    });
    await ledger.close();
  });
});

describe('days on one ledger', () => {
  it('follow one another; a closed one stays closed', async () => {
    await using ledger = await openLedger();
    expect((await runDay(tinyCase(), { ledger })).day).toBe('2018-08-05');
    expect((await runDay(tinyCase(), { ledger })).day).toBe('2018-08-06');
    expect((await runDay(tinyCase(), { ledger, day: '2018-12-31' })).day).toBe('2018-12-31');
    expect((await runDay(tinyCase(), { ledger })).day).toBe('2019-01-01');
    await expect(runDay(tinyCase(), { ledger, day: '2018-08-05' })).rejects.toMatchObject({
      code: 'market/day-closed',
    });
  });

  it('take what changed on the nameplates', async () => {
    await using ledger = await openLedger();
    await runDay(tinyCase(), { ledger });
    const feeder = tinyCase();
    const batteries = feeder.batteries.map((battery) => ({ ...battery, powerMw: 0.3 }));
    await runDay({ ...feeder, batteries }, { ledger });
    const operator = await ledger.member('operator', 'operator');
    const { items } = await ledger.query<{ items: { devices: { kind: string; powerW: number }[] }[] }>(
      operator,
      'ListParticipants',
      { participant: 'c-3' },
    );
    expect(items[0]!.devices.find((device) => device.kind === 'battery')!.powerW).toBe(300_000);
  });

  it.each(['2018-02-30', '5 August', '', '1969-12-31', '2018-8-5'])('refuse "%s" for a date', async (day) => {
    await expect(runDay(tinyCase(), { day })).rejects.toMatchObject({ code: 'usage' });
  });
});
