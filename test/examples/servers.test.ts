import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const source = readFileSync('examples/cases/sce56-single.json', 'utf8');
const json = { 'content-type': 'application/json' };

describe('crowdwatt inside Fastify', () => {
  // The examples are plain modules that import the built package by its name, as a user's would.
  const open = async () => (await import('../../examples/fastify/server.mjs')).buildServer();

  it('solves a posted case', async () => {
    const server = await open();
    const answer = await server.inject({ method: 'POST', url: '/solve', headers: json, payload: source });
    expect(answer.statusCode).toBe(200);
    const solution = answer.json();
    expect(solution.status).toBe('optimal');
    expect(solution.objective).toBeCloseTo(-54.0946, 2);
    expect(solution.buses).toHaveLength(56);
    expect((await server.inject('/health')).json()).toEqual({ status: 'ok', running: 0 });
    await server.close();
  });

  it('answers bad input with a code and a path, and too many with 503', async () => {
    const server = await open();
    const broken = JSON.stringify({ ...JSON.parse(source), baseMva: -1 });
    const bad = await server.inject({ method: 'POST', url: '/solve', headers: json, payload: broken });
    expect(bad.statusCode).toBe(422);
    expect(bad.json()).toMatchObject({ code: 'input/invalid' });
    expect(bad.json().message).toContain('baseMva');
    const notJson = await server.inject({ method: 'POST', url: '/solve', headers: json, payload: '{' });
    expect(notJson.statusCode).toBe(400);
    await server.close();
    const full = (await import('../../examples/fastify/server.mjs')).buildServer({ mostSolves: 0 });
    const later = await full.inject({ method: 'POST', url: '/solve', headers: json, payload: source });
    expect([later.statusCode, later.headers['retry-after']]).toEqual([503, '1']);
    await full.close();
  });
});

describe('crowdwatt inside Express', () => {
  let server: Server;
  let base: string;
  beforeAll(async () => {
    const { buildApp } = await import('../../examples/express/server.mjs');
    server = await new Promise<Server>((done) => {
      const listening = buildApp().listen(0, '127.0.0.1', () => done(listening));
    });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  it('keeps the prices of a feeder', async () => {
    const put = await fetch(`${base}/feeders/sce`, { method: 'PUT', headers: json, body: source });
    expect(await put.json()).toMatchObject({ status: 'optimal' });
    const answer = await fetch(`${base}/feeders/sce/prices/5`);
    const price = (await answer.json()) as { dlmpPerMwh: number[]; verdict: string };
    expect(price.verdict).toBe('exact');
    expect(price.dlmpPerMwh).toHaveLength(1);
    expect((await fetch(`${base}/feeders/sce/prices/nowhere`)).status).toBe(404);
    expect((await fetch(`${base}/feeders/other/prices/5`)).status).toBe(404);
  });

  it('turns bad input into a coded answer', async () => {
    const bad = await fetch(`${base}/feeders/bad`, { method: 'PUT', headers: json, body: '{"format":"x"}' });
    expect(bad.status).toBe(422);
    expect(await bad.json()).toMatchObject({ code: 'input/invalid' });
  });
});
