import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, Town, until } from './kit.js';

describe('a day by HTTP alone', () => {
  let town: Town;
  let anna: Client;
  let bert: Client;
  let day: string;
  const operator = () => town.operator;

  beforeAll(async () => {
    town = await Town.open();
    anna = await town.own('c-3');
    bert = await town.held('c-4');
    day = await town.beginDay();
  });
  afterAll(() => town.close());

  it('opens, and waits for the gate', async () => {
    const { body } = await operator().get(`/api/days/${day}`);
    expect(body).toMatchObject({
      day,
      mode: 'steps',
      state: 'waiting',
      step: 'open',
      next: 'gate',
      record: { status: 'open' },
    });
    expect(body.live).toEqual(['c-3', 'c-4']);
    expect((await anna.get('/api/me/devices')).body.devices.map((device: { id: string }) => device.id)).toEqual([
      'pv-3',
      'bat-3',
      'ev-3',
    ]);
  });

  it('takes preferences before the gate and none after it', async () => {
    const halved = { day, devices: [{ id: 'bat-3', powerW: 100_000 }] };
    const first = await anna.signed('/api/me/preferences', halved);
    expect(first.status).toBe(201);
    expect(first.body.receipt).toMatchObject({ format: 'crowdwatt-receipt/1', txId: first.body.txId });
    const mine = (await anna.get(`/api/me/preferences?day=${day}`)).body.items;
    expect(mine).toHaveLength(1);
    expect(mine[0].document.devices).toEqual(halved.devices);
    expect((await operator().post(`/api/days/${day}/gate`, { wait: 60 })).status).toBe(200);
    const late = await anna.signed('/api/me/preferences', { day });
    expect([late.status, late.body.details.refusal]).toEqual([409, 'gate-closed']);
    const overview = (await operator().get(`/api/days/${day}/preferences`)).body.items;
    // c-2 is simulated; bert has said nothing, and nobody says it for him.
    expect(overview.map((entry: { participant: string }) => entry.participant)).toEqual(['c-2', 'c-3']);
    expect(JSON.stringify(overview)).not.toContain('bat-3');
  });

  it('refuses a step that is not the next', async () => {
    const answer = await operator().post(`/api/days/${day}/contracts`, {});
    expect([answer.status, answer.body.details.next]).toEqual([409, 'equilibrium']);
  });

  it('publishes an equilibrium that keeps to the preferences', async () => {
    expect((await anna.get(`/api/me/plan?day=${day}`)).status).toBe(409);
    expect((await operator().post(`/api/days/${day}/equilibrium`, { wait: 60 })).body.step).toBe('equilibrium');
    const { body } = await operator().get(`/api/days/${day}/equilibrium`);
    expect(body.solution.status).toBe('optimal');
    const battery = body.solution.batteries.find((each: { id: string }) => each.id === 'bat-3');
    expect(Math.max(...battery.chargeMw, ...battery.dischargeMw)).toBeLessThanOrEqual(0.1 + 1e-6);
    const plan = (await anna.get(`/api/me/plan?day=${day}`)).body;
    expect(plan.devices.map((device: { kind: string }) => device.kind)).toEqual(['solar', 'battery', 'shapable']);
    expect(plan.plannedMw).toHaveLength(4);
  });

  it('makes offers, and each participant answers its own', async () => {
    expect((await town.advance(day, 'offers')).body).toMatchObject({ step: 'offers', next: 'close', round: 1 });
    const mine = (await anna.get(`/api/me/offers?day=${day}`)).body.items;
    expect(mine.length).toBeGreaterThan(0);
    expect(
      mine.every(
        (offer: { participant: string; outcome: string }) => offer.participant === 'c-3' && offer.outcome === 'open',
      ),
    ).toBe(true);
    const [offer] = mine;
    const { period, round, termsHash } = offer;
    const accept = { day, period, round, termsHash, answer: 'accept' };
    expect((await anna.signed('/api/me/answers', accept)).status).toBe(201);
    const again = await anna.signed('/api/me/answers', accept);
    expect([again.status, again.body.repeated]).toEqual([201, true]);
    const change = await anna.signed('/api/me/answers', { ...accept, answer: 'refuse' });
    expect([change.status, change.body.details.refusal]).toEqual([409, 'answered']);
    for (const open of (await bert.get(`/api/me/offers?day=${day}`)).body.items) {
      const answer = { day, period: open.period, round: 1, termsHash: open.termsHash, answer: 'refuse' };
      expect((await bert.post('/api/me/answers', answer)).status).toBe(201);
    }
  });

  it('closes the round: silence has expired, and nobody spoke for the silent', async () => {
    expect((await town.advance(day, 'close')).body.step).toBe('close');
    const offers = (await operator().get(`/api/days/${day}/offers?limit=1000`)).body.items.filter(
      (o: { round: number }) => o.round === 1,
    );
    const of = (id: string) =>
      offers
        .filter((offer: { participant: string }) => offer.participant === id)
        .map((o: { outcome: string }) => o.outcome);
    expect(of('c-3').filter((outcome: string) => outcome === 'accepted')).toHaveLength(1);
    expect(new Set(of('c-3'))).toEqual(new Set(['accepted', 'expired']));
    expect(new Set(of('c-4'))).toEqual(new Set(['refused']));
  });

  it('goes on to statements that add up to zero', async () => {
    expect((await town.advance(day, 'end')).status).toBe(200);
    await until(async () => (await operator().get(`/api/days/${day}`)).body.state === 'done');
    const { items } = (await operator().get(`/api/days/${day}/statements`)).body;
    const total = items.reduce((sum: number, statement: { totalMicro: number }) => sum + statement.totalMicro, 0);
    expect(total).toBe(0);
    const mine = (await anna.get('/api/me/statements')).body.items;
    expect(mine).toHaveLength(1);
    expect(mine[0].participant).toBe('c-3');
    expect(mine[0].lines.reduce((sum: number, line: { microDollars: number }) => sum + line.microDollars, 0)).toBe(
      mine[0].totalMicro,
    );
    const report = (await operator().get(`/api/days/${day}/report`)).body;
    expect(report).toMatchObject({ format: 'crowdwatt-run/1', day });
    expect((await operator().get('/api/ledger/verify')).body).toMatchObject({ ok: true, problems: [] });
  });

  it('gives every participant the receipts of its own transactions', async () => {
    const { items } = (await anna.get('/api/me/transactions')).body;
    expect(items.map((entry: { name: string }) => entry.name).sort()).toEqual(['AcceptOffer', 'SubmitPreferences']);
    const receipt = (await anna.get(`/api/ledger/receipts/${items[0].txId}`)).body;
    expect(receipt.txId).toBe(items[0].txId);
    expect((await bert.get(`/api/ledger/receipts/${items[0].txId}`)).status).toBe(404);
  });

  it('runs the next day all at once, with real meters', async () => {
    const meter = await town.held('meter', 'meter');
    const begun = await operator().post('/api/days', { case: await town.case(), meters: 'live' });
    expect(begun.body.day).not.toBe(day);
    const next = begun.body.day;
    await until(async () => (await operator().get(`/api/days/${next}`)).body.state === 'waiting');
    await town.advance(next, 'offers');
    const [offer] = (await bert.get(`/api/me/offers?day=${next}`)).body.items;
    const { period, round, termsHash, wh } = offer;
    expect((await bert.post('/api/me/answers', { day: next, period, round, termsHash, answer: 'accept' })).status).toBe(
      201,
    );
    await town.advance(next, 'supplements');
    const readings = [{ participant: 'c-4', period, wh: wh - 1 }];
    expect((await meter.post(`/api/days/${next}/deliveries`, { readings })).status).toBe(201);
    expect((await operator().post(`/api/days/${next}/deliveries`, { readings })).status).toBe(403);
    await town.advance(next, 'end');
    await until(async () => (await operator().get(`/api/days/${next}`)).body.state === 'done');
    const plan = (await bert.get(`/api/me/plan?day=${next}`)).body;
    expect(Math.abs(plan.deliveredWh[period])).toBe(wh - 1);
  });
});
