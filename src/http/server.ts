import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { Logger } from 'pino';
import { CrowdwattError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import { guard } from './auth/guard.js';
import { asHttpError, statusOf, wireError } from './errors.js';
import { idempotency } from './idempotency.js';
import { metrics } from './metrics.js';
import { openApi } from './openapi.js';
import { useSchemas } from './route.js';
import { dayRoutes } from './routes/days.js';
import { enrolRoutes } from './routes/enrol.js';
import { eventRoutes } from './routes/events.js';
import { healthRoutes } from './routes/health.js';
import { ledgerRoutes } from './routes/ledger.js';
import { meRoutes } from './routes/me.js';
import { solveRoutes } from './routes/solves.js';
import type { Service } from './service.js';
import { webApplication } from './web.js';

export interface ServerOptions {
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Origins whose pages may call the API with bearer tokens; none by default. */
  readonly allowOrigins?: readonly string[];
  /** Requests per minute of one caller; default 1200. */
  readonly perMinute?: number;
  /** Attempts to enrol or log in per minute of one address; default 60. */
  readonly attemptsPerMinute?: number;
  /** Time in which a request must have arrived, ms; default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Largest body where a route says nothing else, bytes; default 1 MiB. */
  readonly bodyLimit?: number;
  /** Whether /metrics may be read without a session: on loopback. Default true. */
  readonly openMetrics?: boolean;
  /** Folder of the ledger, where it is embedded: for verify. */
  readonly ledgerFolder?: string;
  /** Folder of the built web application; default dist/web of this package. */
  readonly webFolder?: string;
  readonly log?: Logger;
}

/** The HTTP server over an open service; it listens when its `listen` is called. */
export async function buildServer(service: Service, options: ServerOptions = {}): Promise<FastifyInstance> {
  const version = (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string })
    .version;
  const app = Fastify({
    ...(options.log ? { loggerInstance: options.log as never } : {}),
    // Bodies and headers are never logged; paths hold ids only.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? 2 ** 20,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    genReqId: () => crypto.randomUUID(),
    ...(options.tls ? { https: options.tls } : {}),
  }) as unknown as FastifyInstance;
  app.removeContentTypeParser('text/plain');
  useSchemas(app);
  errorsOf(app, service);
  await security(app, options);
  await app.register(import('@fastify/cookie'));
  guard(app, service);
  await limits(app, options);
  idempotency(app);
  logging(app);
  const registry = metrics(app, service);
  await openApi(app, version);
  // In a plugin of their own, so that the documentation has seen the hooks it needs before the routes come.
  await app.register(async (scope) => {
    healthRoutes(scope, service, registry, { version, openMetrics: options.openMetrics ?? true });
    enrolRoutes(scope, service, {
      secureCookie: options.tls !== undefined,
      attemptsPerMinute: options.attemptsPerMinute,
    });
    solveRoutes(scope, service);
    dayRoutes(scope, service);
    meRoutes(scope, service);
    ledgerRoutes(scope, service, options.ledgerFolder);
    eventRoutes(scope, service);
    scope.get('/openapi.json', { config: { roles: 'public' }, schema: { hide: true } as never }, async () =>
      app.swagger(),
    );
  });
  await webApplication(app, options.webFolder);
  return app;
}

/** Headers against what pages of others, or injected ones, could do. The own page runs without inline script. */
async function security(app: FastifyInstance, options: ServerOptions): Promise<void> {
  await app.register(import('@fastify/helmet'), {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // Only where there is TLS: a browser would otherwise refuse plain loopback later on.
    hsts: options.tls !== undefined,
  });
  if (options.allowOrigins && options.allowOrigins.length > 0) {
    await app.register(import('@fastify/cors'), {
      origin: [...options.allowOrigins],
      // Bearer tokens only: cookies of this origin are not for pages of others.
      credentials: false,
      methods: ['GET', 'POST', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'],
      exposedHeaders: ['retry-after'],
      maxAge: 600,
    });
  }
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    return payload;
  });
}

async function limits(app: FastifyInstance, options: ServerOptions): Promise<void> {
  await app.register(import('@fastify/rate-limit'), {
    global: true,
    hook: 'onRequest',
    max: options.perMinute ?? 1200,
    timeWindow: 60_000,
    // After the guard: a member has its own count wherever it comes from.
    keyGenerator: (request) => request.caller?.id ?? request.ip,
    errorResponseBuilder: (_, { after }) => new CrowdwattError('http/busy', `too many requests; come back in ${after}`),
  });
}

function errorsOf(app: FastifyInstance, service: Service): void {
  const send = (thrown: unknown, reply: FastifyReply) => {
    const error = asHttpError(thrown);
    const status = statusOf(error);
    if (status >= 500 && error.code === 'internal') {
      reply.log.error({ err: { message: error.message, stack: (error.cause as Error | undefined)?.stack } }, 'fault');
    }
    const { retryAfter } = error.details;
    if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter));
    else if ((status === 503 || status === 429) && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="crowdwatt"');
    service.hub.emit('errors', { event: 'error', data: error.code });
    return reply
      .code(status)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(wireError(error)));
  };
  app.setErrorHandler((error, _, reply) => send(error, reply));
  app.setNotFoundHandler((request, reply) =>
    send(new CrowdwattError('http/not-found', `there is no ${request.method} ${request.url.split('?')[0]}`), reply),
  );
}

/** One line per request: who, what, how long. Neither headers nor bodies nor query strings. */
function logging(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    const fields = {
      method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      member: request.caller?.id,
    };
    request.log.info(fields, 'request');
  });
}
