import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CrowdwattError } from '../errors.js';

const LIFE_MS = 24 * 3_600_000;
const MOST = 20_000;
const KEY = /^[\x21-\x7e]{1,200}$/;
/** Longer answers are not kept. */
const LARGEST = 256 * 1024;

interface Answer {
  readonly status: number;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Entry {
  readonly fingerprint: string;
  readonly startedAt: number;
  answer: Promise<Answer | undefined>;
  settle: (answer: Answer | undefined) => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    idempotent?: Entry | undefined;
  }
}

/**
 * `Idempotency-Key` on POST: the first answer is given again, also to a repetition that comes while the first is
 * under way; the same key with another body is a conflict. Faults (5xx, 429) are not kept: they may be tried again.
 */
export function idempotency(app: FastifyInstance): void {
  const entries = new Map<string, Entry>();
  app.decorateRequest('idempotent', undefined);

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined || !request.caller) return;
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new CrowdwattError('usage', 'Idempotency-Key: must be 1 to 200 printable characters');
    }
    forget(entries);
    const place = `${request.caller.id}\n${key}`;
    const fingerprint = fingerprintOf(request);
    const before = entries.get(place);
    if (before) {
      if (before.fingerprint !== fingerprint) {
        throw new CrowdwattError('http/conflict', 'Idempotency-Key: was used for another request', { key });
      }
      const answer = await before.answer;
      if (answer) {
        await reply
          .code(answer.status)
          .headers({ ...answer.headers, 'idempotency-replayed': 'true' })
          .send(answer.payload);
        return reply;
      }
      // The first one failed: this one takes its place, unless another repetition was quicker.
      if (entries.get(place) !== undefined && entries.get(place) !== before) {
        throw new CrowdwattError('http/conflict', 'Idempotency-Key: the request is under way', { key });
      }
    }
    if (entries.size >= MOST)
      throw new CrowdwattError('http/overloaded', 'too many repeatable requests are remembered');
    let settle: Entry['settle'] = () => {};
    const answer = new Promise<Answer | undefined>((resolve) => {
      settle = resolve;
    });
    const entry: Entry = { fingerprint, startedAt: Date.now(), answer, settle };
    entries.set(place, entry);
    request.idempotent = entry;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const entry = request.idempotent;
    if (!entry) return payload;
    const repeatable = reply.statusCode < 500 && reply.statusCode !== 429 && reply.statusCode !== 408;
    const text = typeof payload === 'string' ? payload : '';
    if (repeatable && text.length <= LARGEST) {
      const type = String(reply.getHeader('content-type') ?? 'application/json; charset=utf-8');
      entry.settle({ status: reply.statusCode, payload: text, headers: { 'content-type': type } });
    } else entry.settle(undefined);
    return payload;
  });

  // A connection that breaks before the answer was ready must not block its repetition for ever.
  app.addHook('onResponse', async (request) => request.idempotent?.settle(undefined));
}

function fingerprintOf(request: FastifyRequest): string {
  const hash = createHash('sha256').update(`${request.method} ${request.url}\n`);
  return hash.update(JSON.stringify(request.body ?? null)).digest('hex');
}

function forget(entries: Map<string, Entry>): void {
  const oldest = Date.now() - LIFE_MS;
  for (const [place, { startedAt }] of entries) {
    if (startedAt > oldest) return;
    entries.delete(place);
  }
}
