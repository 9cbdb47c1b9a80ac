import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CrowdwattError } from '../../errors.js';
import type { Role } from '../../ledger/types.js';
import type { Service } from '../service.js';
import type { Account } from './accounts.js';

/** Who asks, once that is known. */
export interface Caller {
  readonly id: string;
  readonly role: Role;
  readonly account: Account;
  readonly token: string;
  readonly expiresAt: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
  }
  interface FastifyContextConfig {
    /** Roles that may call the route; `public`: anybody, without a session. */
    roles?: readonly Role[] | 'public';
  }
}

export const COOKIE = 'crowdwatt_session';
export const ALL_ROLES: readonly Role[] = ['operator', 'participant', 'meter', 'auditor'];
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Looks at every request before its body is read. What no route has opened to somebody is closed to everybody. */
export function guard(app: FastifyInstance, service: Service): void {
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request) => {
    const { roles } = request.routeOptions.config;
    if (roles === 'public') return;
    const isApi = request.url.startsWith('/api/');
    // Files of the web application and the documentation page are for everybody to read.
    if (roles === undefined && !isApi && SAFE.has(request.method)) return;
    request.caller = authenticate(request, service);
    if (roles !== undefined && !roles.includes(request.caller.role)) {
      throw new CrowdwattError('auth/forbidden', `this is for ${roles.join(', ')}; you are ${request.caller.role}`);
    }
  });
}

function authenticate(request: FastifyRequest, service: Service): Caller {
  const { token, fromCookie } = tokenOf(request);
  const session = token === undefined ? undefined : service.sessions.find(token);
  const account = session ? service.accounts.get(session.member) : undefined;
  if (token === undefined || !session || account?.status !== 'enrolled') {
    throw new CrowdwattError(
      'auth/unauthenticated',
      token === undefined ? 'log in first' : 'the session is over or unknown',
    );
  }
  if (fromCookie && !SAFE.has(request.method)) insistSameOrigin(request);
  return { id: account.id, role: account.role, account, token, expiresAt: session.expiresAt };
}

function tokenOf(request: FastifyRequest): { token: string | undefined; fromCookie: boolean } {
  const header = request.headers.authorization;
  // A header decides alone: a page cannot make a browser send one of its own choosing to another origin.
  if (header !== undefined) return { token: /^Bearer ([\w-]{20,200})$/.exec(header)?.[1], fromCookie: false };
  return { token: request.cookies[COOKIE], fromCookie: true };
}

/** Cookies come along with whatever a browser sends here; the Origin says whose page made it. */
export function insistSameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const own = `${request.protocol}://${host}`;
  if (origin !== own) {
    throw new CrowdwattError(
      'auth/forbidden',
      'a change by cookie must come from this origin; use a bearer token elsewhere',
      {
        reason: 'origin',
      },
    );
  }
}
