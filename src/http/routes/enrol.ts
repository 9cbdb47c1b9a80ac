import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { CrowdwattError } from '../../errors.js';
import type { Account, Enrolled } from '../auth/accounts.js';
import { ALL_ROLES, COOKIE } from '../auth/guard.js';
import { route } from '../route.js';
import * as s from '../schemas.js';
import type { Service } from '../service.js';

/** Tries to guess a secret or a signature are slowed down far below the general limit. */
const PER_MINUTE = 60;

export interface EnrolOptions {
  /** Whether cookies may travel over TLS only. */
  readonly secureCookie: boolean;
  readonly attemptsPerMinute?: number;
}

/** Enrolment and sessions. */
export function enrolRoutes(app: FastifyInstance, service: Service, options: EnrolOptions): void {
  const { accounts, sessions } = service;
  const perMinute = options.attemptsPerMinute ?? PER_MINUTE;
  const tag = 'members';

  const begin = async (reply: FastifyReply, { account, loginSecret }: Enrolled, cookie: boolean) => {
    const { token, session } = await sessions.start(account.id, account.role);
    if (cookie) {
      const { secureCookie: secure } = options;
      const expires = new Date(session.expiresAt);
      reply.setCookie(COOKIE, token, { path: '/', httpOnly: true, sameSite: 'strict', secure, expires });
    }
    return reply.code(201).send({
      member: memberView(account),
      certificate: account.creator!.certificate,
      ...(cookie ? {} : { token }),
      expiresAt: session.expiresAt,
      ...(loginSecret === undefined ? {} : { loginSecret }),
    });
  };

  route(
    app,
    {
      method: 'POST',
      url: '/api/enrol/prepare',
      tag,
      summary: 'What a member with a key of its own signs to enrol',
      roles: 'public',
      perMinute,
      body: s.enrolPrepare,
      answers: { 200: z.object({ bytes: z.string() }) },
    },
    async ({ body }) => ({ bytes: accounts.prepare(body.id, body.secret, body.publicKey).toString('base64') }),
  );

  route(
    app,
    {
      method: 'POST',
      url: '/api/enrol',
      tag,
      summary: 'Enrol with a one-time secret, with a key of one’s own or one that is held here',
      roles: 'public',
      perMinute,
      body: s.enrol,
      answers: { 201: s.sessionAnswer },
    },
    async ({ body, reply }) => {
      const { id, secret } = body;
      const before = accounts.get(id);
      const enrolled =
        'held' in body
          ? await accounts.enrolHeld(id, secret)
          : await accounts.enrolOwnKey(id, secret, body.publicKey, body.signature);
      // Whoever held the sessions of before may not be who enrols now.
      if (before?.status === 'enrolled') await sessions.endAll(id);
      return begin(reply, enrolled, body.cookie);
    },
  );

  route(
    app,
    {
      method: 'POST',
      url: '/api/sessions/challenge',
      tag,
      summary: 'A challenge to log in with one’s own key',
      roles: 'public',
      perMinute,
      body: z.strictObject({ id: s.id }),
      answers: { 200: z.object({ challenge: z.string(), bytes: z.string(), expiresAt: z.number() }) },
    },
    async ({ body }) => {
      const { challenge, bytes, expiresAt } = accounts.challenge(body.id);
      return { challenge, bytes: bytes.toString('base64'), expiresAt };
    },
  );

  route(
    app,
    {
      method: 'POST',
      url: '/api/sessions',
      tag,
      summary: 'Log in',
      roles: 'public',
      perMinute,
      body: s.login,
      answers: { 201: s.sessionAnswer },
    },
    async ({ body, reply }) => {
      const account =
        'loginSecret' in body
          ? accounts.loginWithSecret(body.id, body.loginSecret)
          : accounts.loginWithKey(body.id, body.challenge, body.signature);
      return begin(reply, { account }, body.cookie);
    },
  );

  route(
    app,
    { method: 'DELETE', url: '/api/sessions/current', tag, summary: 'Log out', roles: ALL_ROLES },
    async ({ caller, reply }) => {
      await sessions.end(caller.token);
      return reply.clearCookie(COOKIE, { path: '/' }).code(204).send();
    },
  );

  route(
    app,
    {
      method: 'POST',
      url: '/api/members',
      tag,
      summary: 'A one-time secret for a new member, or a new one for a known member',
      roles: ['operator'],
      body: s.invite,
      answers: { 201: z.object({ id: z.string(), role: s.role, secret: z.string(), expiresAt: z.number() }) },
    },
    async ({ body, reply }) => {
      const reserved = ['operator', 'meter', 'auditor'].find((name) => name === body.id);
      if (reserved !== undefined && reserved !== body.role) {
        throw new CrowdwattError('input/invalid', `id: ${reserved} is kept for the role ${reserved}`, { path: 'id' });
      }
      return reply.code(201).send({ ...body, ...(await accounts.invite(body.id, body.role)) });
    },
  );

  route(
    app,
    {
      method: 'GET',
      url: '/api/members',
      tag,
      summary: 'All members of this service',
      roles: ['operator', 'auditor'],
      answers: { 200: s.items },
    },
    async () => ({
      items: accounts
        .list()
        .map(({ id, role, status, held, fingerprint }) => ({ id, role, status, held, fingerprint })),
    }),
  );

  route(
    app,
    {
      method: 'DELETE',
      url: '/api/members/:id',
      tag,
      summary: 'Revoke a member: its sessions end, its certificate is void on the ledger',
      roles: ['operator'],
      params: z.strictObject({ id: s.id }),
    },
    async ({ params, caller, reply }) => {
      if (params.id === caller.id) throw new CrowdwattError('http/conflict', 'you cannot revoke yourself');
      const account = await accounts.revoke(params.id);
      await sessions.endAll(params.id);
      if (account.fingerprint !== undefined && account.status === 'enrolled') {
        const args = { id: account.id, fingerprint: account.fingerprint };
        const operationId = `revoke/${account.fingerprint}`;
        await service.ledger.transact(await service.reading.operator(), { name: 'RevokeMember', args, operationId });
      }
      return reply.code(204).send();
    },
  );
}

export function memberView({ id, role, held }: Account): object {
  return { id, role, held };
}
