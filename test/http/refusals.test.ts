import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, newKeys, publicKeyOf, signWith, Town } from './kit.js';

describe('who may do what', () => {
  let town: Town;
  let anna: Client;
  let bert: Client;
  let meter: Client;
  let auditor: Client;
  let day: string;

  beforeAll(async () => {
    town = await Town.open();
    anna = await town.own('c-3');
    bert = await town.held('c-4');
    meter = await town.held('meter', 'meter');
    auditor = await town.held('auditor', 'auditor');
    day = await town.beginDay();
    await town.advance(day, 'offers');
  });
  afterAll(() => town.close());

  it('every route but the public ones wants a session, writes before their body is looked at', async () => {
    const paths = (await town.nobody.get('/openapi.json')).body.paths as Record<
      string,
      Record<string, { security?: unknown[] }>
    >;
    const open: string[] = [];
    let closed = 0;
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        const url = path.replaceAll(/\{\w+\}/g, 'x');
        if (security?.length === 0) {
          open.push(`${method} ${path}`);
          continue;
        }
        const answer = await town.nobody.call(
          method.toUpperCase() as 'GET',
          url,
          method === 'post' ? { nonsense: true } : undefined,
        );
        expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'auth/unauthenticated']);
        closed++;
      }
    }
    expect(open.sort()).toEqual([
      'get /api/health',
      'get /health',
      'get /metrics',
      'get /ready',
      'post /api/enrol',
      'post /api/enrol/prepare',
      'post /api/sessions',
      'post /api/sessions/challenge',
    ]);
    expect(closed).toBeGreaterThan(45);
  });

  it('no role does what is another’s', async () => {
    const asked: [Client[], 'GET' | 'POST' | 'DELETE', string][] = [
      [[anna, meter, auditor], 'POST', '/api/days'],
      [[anna, meter, auditor], 'POST', '/api/cases'],
      [[anna, meter, auditor], 'POST', '/api/solves'],
      [[anna, meter, auditor], 'POST', '/api/members'],
      [[anna, meter, auditor], 'DELETE', '/api/members/c-4'],
      [[anna, meter, auditor], 'POST', `/api/days/${day}/advance`],
      [[anna, town.operator, auditor], 'POST', `/api/days/${day}/deliveries`],
      [[anna, meter], 'GET', '/api/members'],
      [[anna, meter], 'GET', '/api/cases'],
      [[anna, meter], 'GET', `/api/days/${day}/offers`],
      [[anna, meter], 'GET', `/api/days/${day}/preferences`],
      [[anna, meter], 'GET', `/api/days/${day}/equilibrium`],
      [[anna, meter], 'GET', `/api/days/${day}/statements`],
      [[anna, meter], 'GET', '/api/ledger/verify'],
      [[anna, meter], 'GET', '/api/ledger/export'],
      [[town.operator, meter, auditor], 'GET', `/api/me/offers?day=${day}`],
      [[town.operator, meter, auditor], 'POST', '/api/me/answers'],
      [[town.operator, meter, auditor], 'POST', '/api/me/preferences'],
    ];
    for (const [clients, method, url] of asked) {
      for (const client of clients) {
        const answer = await client.call(method, url, method === 'POST' ? {} : undefined);
        expect([client.id, method, url, answer.status, answer.body.code]).toEqual([
          client.id,
          method,
          url,
          403,
          'auth/forbidden',
        ]);
      }
    }
  });

  it('a participant neither sees nor touches what is another’s', async () => {
    expect((await anna.get(`/api/me/offers?day=${day}&participant=c-4`)).status).toBe(422);
    const hers = (await anna.get(`/api/me/offers?day=${day}`)).body.items[0];
    // Bert answers with Anna's terms: the offer of the same period is his own, or there is none.
    const stolen = { day, period: hers.period, round: 1, termsHash: hers.termsHash, answer: 'accept' };
    const answer = await bert.post('/api/me/answers', stolen);
    expect([404, 409]).toContain(answer.status);
    // Bert sends what Anna has prepared, with whatever signature.
    const prepared = (await anna.post('/api/me/answers/prepare', stolen)).body;
    const signature = await anna.sign(prepared.bytes);
    expect((await bert.post('/api/transactions/submit', { prepared: prepared.prepared, signature })).status).toBe(404);
    // Somebody else's key under Anna's prepared transaction.
    const other = await signWith(await newKeys(), prepared.bytes);
    const forged = await anna.post('/api/transactions/submit', { prepared: prepared.prepared, signature: other });
    expect([forged.status, forged.body.details.refusal]).toEqual([422, 'signature']);
    expect((await anna.get(`/api/me/offers?day=${day}`)).body.items[0].outcome).toBe('open');
    // Whose key is her own is never signed for, and the other way round.
    expect((await anna.post('/api/me/answers', stolen)).body.code).toBe('http/conflict');
    expect((await bert.post('/api/me/answers/prepare', stolen)).body.code).toBe('http/conflict');
    // Blocks show her own transactions only.
    const blocks = (await bert.get('/api/ledger/blocks')).body.items as { transactions: unknown[]; others: number }[];
    expect(JSON.stringify(blocks)).not.toContain('c-3');
    expect(blocks.reduce((sum, block) => sum + block.others, 0)).toBeGreaterThan(0);
  });

  it('one-time secrets are good once, and only while they are the newest', async () => {
    const first = await town.invite('eve', 'auditor');
    const second = await town.invite('eve', 'auditor');
    const enrol = (secret: string) => town.nobody.post('/api/enrol', { id: 'eve', secret, held: true });
    expect((await enrol(first)).status).toBe(401);
    const both = await Promise.all([enrol(second), enrol(second)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([201, 401]);
    expect((await enrol(second)).status).toBe(401);
    expect((await town.operator.post('/api/members', { id: 'eve', role: 'operator' })).status).toBe(409);
  });

  it('enrolment takes a signature of the key itself only; held keys say so in the certificate', async () => {
    const secret = await town.invite('c-9');
    const [mine, others] = [await newKeys(), await newKeys()];
    const publicKey = await publicKeyOf(mine);
    const { bytes } = (await town.nobody.post('/api/enrol/prepare', { id: 'c-9', secret, publicKey })).body;
    const enrol = async (keys: typeof mine) =>
      town.nobody.post('/api/enrol', { id: 'c-9', secret, publicKey, signature: await signWith(keys, bytes) });
    expect((await enrol(others)).status).toBe(422);
    expect((await enrol(mine)).status).toBe(201);
    const der = (pem: string) => Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString('latin1');
    expect(der((await bert.get('/api/me')).body.certificate)).toContain('"held":"true"');
    expect(der((await anna.get('/api/me')).body.certificate)).not.toContain('"held"');
  });

  it('sessions end: by log-out, by revocation; log-in by key wants a fresh challenge', async () => {
    const dora = await town.own('dora');
    const { challenge, bytes } = (await town.nobody.post('/api/sessions/challenge', { id: 'dora' })).body;
    const login = { id: 'dora', challenge, signature: await dora.sign(bytes) };
    const session = await town.nobody.post('/api/sessions', login);
    expect(session.status).toBe(201);
    expect((await town.nobody.post('/api/sessions', login)).status).toBe(401);
    expect((await dora.call('DELETE', '/api/sessions/current')).status).toBe(204);
    expect((await dora.get('/api/me')).status).toBe(401);
    const bearer = { authorization: `Bearer ${session.body.token}` };
    expect((await town.nobody.call('GET', '/api/me', undefined, bearer)).status).toBe(200);
    expect((await town.operator.call('DELETE', '/api/members/dora')).status).toBe(204);
    expect((await town.nobody.call('GET', '/api/me', undefined, bearer)).status).toBe(401);
  });

  it('a cookie changes things from the own origin only; a header goes before it', async () => {
    const secret = await town.invite('carl', 'auditor');
    const answer = await town.nobody.post('/api/enrol', { id: 'carl', secret, held: true, cookie: true });
    expect(answer.body.token).toBeUndefined();
    const set = String(answer.headers['set-cookie']);
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    const cookie = set.split(';')[0]!;
    const host = 'crowd.example:8080';
    const leave = (headers: object) =>
      town.nobody.call('DELETE', '/api/sessions/current', undefined, { cookie, host, ...headers });
    expect((await town.nobody.call('GET', '/api/me', undefined, { cookie })).status).toBe(200);
    expect((await leave({})).body.details.reason).toBe('origin');
    expect((await leave({ origin: 'http://evil.example' })).status).toBe(403);
    expect((await leave({ origin: 'null' })).status).toBe(403);
    expect((await leave({ origin: `http://${host}`, authorization: 'Bearer wrong-wrong-wrong-wrong' })).status).toBe(
      401,
    );
    expect((await leave({ origin: `http://${host}` })).status).toBe(204);
  });

  it('bad input gets one line that names the field', async () => {
    const bad = await town.operator.post('/api/days', { case: 'x', mode: 'fast' });
    expect([bad.status, bad.body]).toEqual([
      422,
      { code: 'input/invalid', message: 'mode: must be steps or run', details: { path: 'mode' } },
    ]);
    const unknown = await town.operator.post('/api/solves', { case: 'x', speed: 1 });
    expect(unknown.body.message).toContain('speed');
    const broken = await town.app.inject({
      method: 'POST',
      url: '/api/solves',
      headers: { authorization: `Bearer ${town.operator.token}`, 'content-type': 'application/json' },
      payload: '{"case":',
    });
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'input/not-json']);
    const text = await town.app.inject({
      method: 'POST',
      url: '/api/solves',
      headers: { authorization: `Bearer ${town.operator.token}`, 'content-type': 'text/plain' },
      payload: 'case',
    });
    expect([text.statusCode, text.json().code]).toEqual([415, 'http/unsupported']);
  });
});
