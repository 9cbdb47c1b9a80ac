import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createServer } from '../../src/http/index.js';
import { exampleCase } from '../market/day-helpers.js';
import { tinyCase } from '../market/tiny-case.js';
import { Client, Town, twoNeighbours, until } from './kit.js';

describe('solves as jobs', () => {
  it('are queued, watched, answered, cancelled; a full queue says when to come back', async () => {
    const town = await Town.open({ queueLimit: 2 });
    try {
      const big = await town.case(exampleCase('sce56'));
      const submit = () => town.operator.post('/api/solves', { case: big });
      const [one, two] = [await submit(), await submit()];
      expect([one.status, two.status]).toEqual([202, 202]);
      const full = await submit();
      expect([full.status, full.body.code, Number(full.headers['retry-after']) > 0]).toEqual([
        503,
        'http/overloaded',
        true,
      ]);
      expect((await town.operator.call('DELETE', `/api/solves/${two.body.id}`)).status).toBe(202);
      const state = async (id: string) => (await town.operator.get(`/api/solves/${id}`)).body.state;
      await until(async () => (await state(one.body.id)) === 'done');
      await until(async () => (await state(two.body.id)) === 'cancelled');
      const solution = (await town.operator.get(`/api/solves/${one.body.id}/result`)).body;
      expect(solution.status).toBe('optimal');
      expect(solution.buses).toHaveLength(56);
      const events = await town.operator.get(`/api/solves/${one.body.id}/events`);
      expect(events.text).toContain('event: state');
      expect(events.text).toContain('"state":"done"');
      expect((await town.operator.post('/api/solves', { case: 'nothing' })).status).toBe(404);
    } finally {
      await town.close();
    }
  });
});

describe('Idempotency-Key', () => {
  it('gives the first answer again, also to a repetition at the same moment; another body is a conflict', async () => {
    const town = await Town.open();
    try {
      const id = await town.case();
      const key = { 'idempotency-key': 'abc-1' };
      const ask = (body: object) => town.operator.post('/api/solves', body, key);
      const [first, second] = await Promise.all([ask({ case: id }), ask({ case: id })]);
      expect(second.body.id).toBe(first.body.id);
      expect([first, second].filter((answer) => answer.headers['idempotency-replayed'])).toHaveLength(1);
      expect((await ask({ case: id, workers: 1 })).body.code).toBe('http/conflict');
      expect((await town.operator.get('/api/solves')).body.items).toHaveLength(1);
    } finally {
      await town.close();
    }
  });
});

describe('limits', () => {
  it('too many requests get 429 with a code and Retry-After, too long a body 413', async () => {
    const town = await Town.open({ perMinute: 30, bodyLimit: 2000 });
    try {
      const long = await town.operator.post('/api/members', { id: 'x'.repeat(3000), role: 'auditor' });
      expect([long.status, long.body.code]).toEqual([413, 'input/too-large']);
      let last = long;
      for (let k = 0; k < 40; k++) last = await town.operator.get('/api/me');
      expect([last.status, last.body.code, Number(last.headers['retry-after']) > 0]).toEqual([429, 'http/busy', true]);
    } finally {
      await town.close();
    }
  });
});

describe('headers', () => {
  it('CORS is off unless an origin is named, and never with cookies; the page runs no inline script', async () => {
    const [plain, named] = [await Town.open(), await Town.open({ allowOrigins: ['https://ui.example'] })];
    try {
      const ask = (town: Town, origin: string) => town.nobody.call('GET', '/api/health', undefined, { origin });
      expect((await ask(plain, 'https://ui.example')).headers['access-control-allow-origin']).toBeUndefined();
      const allowed = await ask(named, 'https://ui.example');
      expect(allowed.headers['access-control-allow-origin']).toBe('https://ui.example');
      expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
      expect((await ask(named, 'https://evil.example')).headers['access-control-allow-origin']).not.toBe(
        'https://evil.example',
      );
      const policy = String((await plain.nobody.get('/')).headers['content-security-policy']);
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
      expect(policy).not.toContain('unsafe-inline');
      expect((await plain.nobody.get('/openapi.json')).body.openapi).toBe('3.1.0');
      expect((await plain.nobody.get('/docs/')).text).toContain('swagger-ui-bundle.js');
      expect((await plain.nobody.get('/metrics')).text).toContain('crowdwatt_http_request_seconds');
    } finally {
      await plain.close();
      await named.close();
    }
  });
});

describe('a restart', () => {
  it('keeps members, sessions, cases, results and the day that was under way', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-http-'));
    const where = { ledger: join(folder, 'ledger'), data: join(folder, 'data') };
    try {
      const before = await Town.open(where);
      const bert = await before.held('c-4');
      const id = await before.case();
      const job = (await before.operator.post('/api/solves', { case: id })).body.id;
      await until(async () => (await before.operator.get(`/api/solves/${job}`)).body.state === 'done');
      const day = await before.beginDay();
      await before.advance(day, 'offers');
      const [offer] = (await bert.get(`/api/me/offers?day=${day}`)).body.items;
      const { period, round, termsHash } = offer;
      expect((await bert.post('/api/me/answers', { day, period, round, termsHash, answer: 'accept' })).status).toBe(
        201,
      );
      await before.close();

      const server = await createServer({ ...where, perMinute: 1_000_000 });
      expect(server.service.operatorSecret).toBeUndefined();
      const operator = new Client(server.app, 'operator', before.operator.token);
      try {
        await until(async () => (await operator.get(`/api/days/${day}`)).body.next === 'close');
        expect((await operator.get(`/api/solves/${job}/result`)).body.status).toBe('optimal');
        const again = new Client(server.app, 'c-4', bert.token);
        const offers = (await again.get(`/api/me/offers?day=${day}`)).body.items;
        expect(offers.filter((each: { outcome: string }) => each.outcome === 'accepted')).toHaveLength(1);
        await operator.post(`/api/days/${day}/advance`, { to: 'end', wait: 60 });
        await until(async () => (await operator.get(`/api/days/${day}`)).body.state === 'done');
        expect((await operator.get('/api/ledger/verify')).body).toMatchObject({ ok: true, checked: 'everything' });
      } finally {
        await server.close();
      }
      await onlyForTheOwner(where.data);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Files of the service are nobody else's, and hold no secret in clear. */
async function onlyForTheOwner(folder: string): Promise<void> {
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    expect([path, (await stat(path)).mode & 0o077]).toEqual([path, 0]);
    expect(await readFile(path, 'utf8')).not.toMatch(/"(secret|token|loginSecret|privateKey)"/);
  }
}

describe('what nobody may read', () => {
  it('neither secrets nor tokens nor reservation prices are in logs or answers', async () => {
    const lines: string[] = [];
    const sink = new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) });
    const town = await Town.open({ log: pino({ level: 'trace' }, sink) });
    try {
      const secret = await town.invite('c-4');
      const enrolled = await town.nobody.post('/api/enrol', { id: 'c-4', secret, held: true });
      const id = await town.case(twoNeighbours());
      const seen = [await town.operator.get(`/api/cases/${id}`), await town.operator.get('/api/cases')];
      const day = await town.beginDay();
      await town.advance(day, 'end');
      for (const part of ['equilibrium', 'offers', 'statements', 'report', 'contracts', 'preferences']) {
        seen.push(await town.operator.get(`/api/days/${day}/${part}`));
      }
      seen.push(
        await town.operator.get('/api/ledger/export'),
        await town.operator.post('/api/cases', { ...tinyCase(), buses: [] }),
      );
      expect(lines.length).toBeGreaterThan(10);
      const log = lines.join('');
      for (const hidden of [
        secret,
        enrolled.body.token,
        enrolled.body.loginSecret,
        town.operator.token!,
        'BEGIN',
        'reservationPrice',
        '5.123457',
      ]) {
        expect(log).not.toContain(hidden);
      }
      for (const { text } of seen) {
        expect(text).not.toContain('reservationPrice');
        expect(text).not.toContain('5.123457');
      }
    } finally {
      await town.close();
    }
  });
});

describe('events over a real connection', () => {
  it('tell each listener what it may hear, and end with the service', async () => {
    const town = await Town.open();
    const bert = await town.held('c-4');
    await town.app.listen({ host: '127.0.0.1', port: 0 });
    const base = `http://127.0.0.1:${(town.app.server.address() as AddressInfo).port}`;
    expect((await fetch(`${base}/api/events`)).status).toBe(401);
    const listen = async (token: string) => {
      const answer = await fetch(`${base}/api/events`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      return answer.text();
    };
    const [overview, own] = [listen(town.operator.token!), listen(bert.token!)];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const day = await town.beginDay();
    await town.advance(day, 'offers');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const started = Date.now();
    await town.close();
    expect(Date.now() - started).toBeLessThan(10_000);
    const [all, mine] = await Promise.all([overview, own]);
    for (const event of ['block', 'day', 'progress', 'closing']) expect(all).toContain(`event: ${event}\n`);
    for (const event of ['block', 'day', 'offers', 'closing']) expect(mine).toContain(`event: ${event}\n`);
    expect(mine).not.toContain('event: progress');
    expect(mine).not.toContain('MakeOffer');
    expect(all).toContain('MakeOffer');
  });
});
