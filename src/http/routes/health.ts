import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { CrowdwattError } from '../../errors.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';

export function healthRoutes(
  app: FastifyInstance,
  service: Service,
  registry: Registry,
  options: { version: string; openMetrics: boolean },
): void {
  const tag = 'service';
  route(
    app,
    { method: 'GET', url: '/health', tag, summary: 'The process lives', roles: 'public', answers: { 200: s.anything } },
    async () => ({ status: 'ok', version: options.version }),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/ready',
      tag,
      summary: 'Requests can be answered',
      roles: 'public',
      answers: { 200: s.anything },
    },
    async () => {
      if (service.stopping) throw new CrowdwattError('http/overloaded', 'the service is stopping', { retryAfter: 5 });
      const { height } = await service.ledger.head();
      return { status: 'ready', ledger: service.ledger.kind, height };
    },
  );
  route(
    app,
    {
      method: 'GET',
      url: '/metrics',
      tag,
      summary: 'Prometheus figures',
      roles: options.openMetrics ? 'public' : ['operator', 'auditor'],
    },
    async ({ reply }) => reply.type(registry.contentType).send(await registry.metrics()),
  );
  route(
    app,
    {
      method: 'GET',
      url: '/api/health',
      tag,
      summary: 'How the service stands',
      roles: 'public',
      answers: { 200: s.anything },
    },
    async () => {
      const { ledger, jobs, days, startedAt, stopping } = service;
      const { height } = await ledger.head();
      const active = days.active();
      return {
        status: stopping ? 'stopping' : 'ok',
        ledger: { kind: ledger.kind, id: ledger.id, height },
        solves: jobs.counts,
        day: active ? await days.view(active.settings.day, false) : null,
        uptimeSeconds: (Date.now() - startedAt) / 1000,
      };
    },
  );
}
