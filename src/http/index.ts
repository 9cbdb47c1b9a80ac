/** The HTTP service. Loading this file loads Fastify: import it when a service is wanted, not before. */
import type { FastifyInstance } from 'fastify';
import { buildServer, type ServerOptions } from './server.js';
import { openService, type Service, type ServiceOptions } from './service.js';

export type { DayView } from './days.js';
export type { Job } from './jobs.js';
export { buildServer, openService, type ServerOptions, type Service, type ServiceOptions };

export interface RunningServer {
  readonly app: FastifyInstance;
  readonly service: Service;
  /** Takes no more requests, ends streams, lets answers out, then stops the service. */
  close(): Promise<void>;
}

/** A service with its server, not listening yet: `app.listen(…)`, or `app.inject(…)` in tests. */
export async function createServer(options: ServiceOptions & ServerOptions = {}): Promise<RunningServer> {
  const service = await openService(options);
  const at = typeof options.ledger === 'string' ? options.ledger : undefined;
  const ledgerFolder = at === undefined || at === 'memory' || at.startsWith('fabric:') ? undefined : at;
  const app = await buildServer(service, { ...options, ledgerFolder: options.ledgerFolder ?? ledgerFolder });
  return {
    app,
    service,
    close: async () => {
      // Streams first: a listening server waits for them otherwise.
      const stopped = service.stop();
      await app.close();
      await stopped;
    },
  };
}
