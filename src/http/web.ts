import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../package-root.js';

const PLAIN = `<!doctype html><html lang="en"><meta charset="utf-8"><title>crowdwatt</title>
<h1>crowdwatt</h1><p>The web application is not built here (<code>node scripts/build.mjs web</code>).
The service is at work: <a href="/docs">its documentation</a>, <a href="/health">health</a>.</p></html>`;

/** The web application at /, or a page that says that it is not built. */
export async function webApplication(app: FastifyInstance, folder = join(packageRoot(), 'dist', 'web')): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { config: { roles: 'public' }, schema: { hide: true } }, (_, reply) =>
      reply.type('text/html; charset=utf-8').send(PLAIN),
    );
    return;
  }
  const { default: files } = await import('@fastify/static');
  await app.register(files, {
    root: folder,
    // Names of built files carry their hash; the page that names them does not.
    setHeaders: (response, path) => {
      const kept = path.includes('/assets/');
      response.setHeader('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
