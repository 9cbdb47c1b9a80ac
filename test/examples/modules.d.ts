// The examples are plain JavaScript, as a user may write them; their tests see them through this.
declare module '*/fastify/server.mjs' {
  import type { FastifyInstance } from 'fastify';
  export function buildServer(options?: { logger?: boolean; mostSolves?: number }): FastifyInstance;
}
declare module '*/express/server.mjs' {
  import type { Server } from 'node:http';
  export function buildApp(): { listen(port: number, host: string, done: () => void): Server };
}
