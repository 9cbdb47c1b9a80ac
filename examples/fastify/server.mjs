// A Fastify service that embeds crowdwatt: cases in, schedules and prices out.
//   node examples/fastify/server.mjs
//   curl -s localhost:3000/solve -H 'content-type: application/json' -d @examples/cases/sce56-single.json
import { pathToFileURL } from 'node:url';
import { CrowdwattError, parseCase, solve } from 'crowdwatt';
import Fastify from 'fastify';

/** `mostSolves`: solves at once, each takes a core; who comes beyond is asked to come back. */
export function buildServer(options = {}) {
  const mostSolves = options.mostSolves ?? 2;
  const server = Fastify({ logger: options.logger ?? false, bodyLimit: 16 * 2 ** 20 });
  let running = 0;

  // Every error of the library carries its HTTP status and a stable code.
  server.setErrorHandler((error, _request, reply) => {
    if (error instanceof CrowdwattError) return reply.code(error.httpStatus).send(error.toJSON());
    return reply.code(error.statusCode ?? 500).send({ code: error.code ?? 'internal', message: error.message });
  });

  server.post('/solve', async (request, reply) => {
    const source = await parseCase(request.body);
    if (running >= mostSolves) {
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ code: 'http/overloaded', message: 'come back in a second' });
    }
    const gone = new AbortController();
    // A client that hangs up no longer needs its answer.
    request.raw.on('close', () => request.raw.destroyed && !reply.sent && gone.abort());
    running++;
    try {
      return await solve(source, { ...request.query, signal: gone.signal, timeLimitSeconds: 60 });
    } finally {
      running--;
    }
  });

  server.get('/health', async () => ({ status: 'ok', running }));
  return server;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = buildServer({ logger: true });
  await server.listen({ port: Number(process.env.PORT ?? 3000) });
  process.once('SIGTERM', () => server.close());
}
