import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Service } from './service.js';

/** Prometheus figures of one service, in a registry of its own: several services may live in one process. */
export function metrics(app: FastifyInstance, service: Service): Registry {
  const registers = [new Registry()];
  const registry = registers[0]!;
  collectDefaultMetrics({ register: registry, prefix: 'crowdwatt_' });
  const seconds = new Histogram({
    name: 'crowdwatt_http_request_seconds',
    help: 'time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1, 3, 10, 60],
    registers,
  });
  const errors = new Counter({
    name: 'crowdwatt_http_errors_total',
    help: 'answers that were errors, by code',
    labelNames: ['code'],
    registers,
  });
  const blocks = new Counter({ name: 'crowdwatt_ledger_blocks_total', help: 'blocks seen since the start', registers });
  const transactions = new Counter({
    name: 'crowdwatt_ledger_transactions_total',
    help: 'transactions seen since the start, by name',
    labelNames: ['name'],
    registers,
  });
  new Gauge({
    name: 'crowdwatt_solves',
    help: 'solves by state',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, queued } = service.jobs.counts;
      this.set({ state: 'running' }, running);
      this.set({ state: 'queued' }, queued);
    },
  });
  service.hub.on('blocks', ({ data }) => {
    blocks.inc();
    for (const { name } of (data as { transactions: readonly { name: string }[] }).transactions)
      transactions.inc({ name });
  });
  service.hub.on('errors', ({ data }) => errors.inc({ code: String(data) }));
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
  return registry;
}
