// An Express application with crowdwatt inside: prices of a feeder as one resource, recomputed when its case changes.
//   npm install express crowdwatt && node server.mjs
import { pathToFileURL } from 'node:url';
import { CrowdwattError, parseCase, solve } from 'crowdwatt';
import express from 'express';

export function buildApp() {
  const app = express();
  app.use(express.json({ limit: '16mb' }));
  /** Feeder name → its newest solution, or the promise of it. */
  const solutions = new Map();

  app.put('/feeders/:name', async (request, response) => {
    const source = await parseCase(request.body);
    const pending = solve(source);
    solutions.set(request.params.name, pending);
    const { status, objective, seconds } = await pending;
    response.json({ status, objective, seconds });
  });

  app.get('/feeders/:name/prices/:bus', async (request, response) => {
    const { name, bus } = request.params;
    const solution = await solutions.get(name);
    const found = solution?.buses?.find((entry) => entry.id === bus);
    if (!found)
      return response.status(404).json({ code: 'http/not-found', message: `no feeder ${name} with bus ${bus}` });
    response.json({ bus, dlmpPerMwh: found.dlmpPerMwh, verdict: solution.certificate.verdict });
  });

  // Express 5 hands on what an async handler throws.
  app.use((error, _request, response, _next) => {
    if (error instanceof CrowdwattError) response.status(error.httpStatus).json(error.toJSON());
    else response.status(error.status ?? 500).json({ code: 'internal', message: error.message });
  });
  return app;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildApp().listen(Number(process.env.PORT ?? 3000));
}
