import { webcrypto } from 'node:crypto';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createServer, type RunningServer, type ServerOptions, type ServiceOptions } from '../../src/http/index.js';
import type { Case, Crowdsourcee } from '../../src/model/case.js';
import { tinyCase } from '../market/tiny-case.js';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Two Type-2 households on the tiny feeder, so that one can pry into the other's affairs. */
export function twoNeighbours(): Case {
  const base = tinyCase();
  const neighbour: Crowdsourcee = { id: 'c-4', bus: '3', type: 2, willingness: 0.8, reservationPrice: 5.123457 };
  const battery = { ...base.batteries[1]!, id: 'bat-4', owner: 'c-4' };
  return {
    ...base,
    name: 'neighbours',
    loads: base.loads.map((load) => (load.bus === '3' ? { ...load, owner: 'c-3' } : load)),
    batteries: [...base.batteries, battery],
    crowdsourcees: [...base.crowdsourcees, neighbour],
  };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests of every kind
  readonly body: any;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

/** Somebody with a session: calls the API by `inject`, as its own client would over the wire. */
export class Client {
  constructor(
    private readonly app: FastifyInstance,
    readonly id: string,
    readonly token: string | undefined,
    private readonly keys?: webcrypto.CryptoKeyPair,
  ) {}

  async call(method: InjectOptions['method'], url: string, payload?: unknown, headers: object = {}): Promise<Answer> {
    const answer = await this.app.inject({
      method,
      url,
      headers: { ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...headers },
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
    const json = String(answer.headers['content-type'] ?? '').startsWith('application/json');
    return {
      status: answer.statusCode,
      body: json ? answer.json() : undefined,
      headers: answer.headers,
      text: answer.body,
    };
  }

  get(url: string): Promise<Answer> {
    return this.call('GET', url);
  }

  post(url: string, payload: unknown = {}, headers: object = {}): Promise<Answer> {
    return this.call('POST', url, payload, headers);
  }

  async sign(base64: string): Promise<string> {
    return signWith(this.keys!, base64);
  }

  /** Prepares, signs with the own key as a browser does, and sends. */
  async signed(url: string, payload: unknown): Promise<Answer> {
    const prepared = await this.post(`${url}/prepare`, payload);
    if (prepared.status !== 200) return prepared;
    const signature = await this.sign(prepared.body.bytes);
    return this.post('/api/transactions/submit', { prepared: prepared.body.prepared, signature });
  }
}

export async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(CURVE, false, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

export async function publicKeyOf(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return Buffer.from(await webcrypto.subtle.exportKey('spki', keys.publicKey)).toString('base64');
}

export async function signWith(keys: webcrypto.CryptoKeyPair, base64: string): Promise<string> {
  const signature = await webcrypto.subtle.sign(CURVE, keys.privateKey, Buffer.from(base64, 'base64'));
  return Buffer.from(signature).toString('base64');
}

export class Town {
  private constructor(
    readonly server: RunningServer,
    readonly operator: Client,
  ) {}

  get app(): FastifyInstance {
    return this.server.app;
  }

  get nobody(): Client {
    return new Client(this.app, 'nobody', undefined);
  }

  static async open(options: ServiceOptions & ServerOptions = {}): Promise<Town> {
    const server = await createServer({ perMinute: 1_000_000, attemptsPerMinute: 1_000_000, ...options });
    await server.app.ready();
    const nobody = new Client(server.app, 'nobody', undefined);
    const { body } = await nobody.post('/api/enrol', {
      id: 'operator',
      secret: server.service.operatorSecret,
      held: true,
    });
    return new Town(server, new Client(server.app, 'operator', body.token));
  }

  async invite(id: string, role = 'participant'): Promise<string> {
    return (await this.operator.post('/api/members', { id, role })).body.secret;
  }

  /** A member whose key is held by the service. */
  async held(id: string, role = 'participant'): Promise<Client> {
    const { body } = await this.nobody.post('/api/enrol', { id, secret: await this.invite(id, role), held: true });
    return new Client(this.app, id, body.token);
  }

  /** A participant with a key of its own, made as in a browser: not extractable. */
  async own(id: string): Promise<Client> {
    const secret = await this.invite(id);
    const keys = await newKeys();
    const publicKey = await publicKeyOf(keys);
    const { body } = await this.nobody.post('/api/enrol/prepare', { id, secret, publicKey });
    const signature = await signWith(keys, body.bytes);
    const enrolled = await this.nobody.post('/api/enrol', { id, secret, publicKey, signature });
    return new Client(this.app, id, enrolled.body.token, keys);
  }

  async case(source: Case = twoNeighbours()): Promise<string> {
    return (await this.operator.post('/api/cases', source)).body.id;
  }

  /** Permits steps up to `to` and waits until they are done. */
  async advance(day: string, to?: string): Promise<Answer> {
    return this.operator.post(`/api/days/${day}/advance`, { ...(to ? { to } : {}), wait: 60 });
  }

  /** A day that waits for its gate. */
  async beginDay(options: object = {}): Promise<string> {
    const { body } = await this.operator.post('/api/days', { case: await this.case(), ...options });
    await this.waiting(body.day);
    return body.day;
  }

  /** Until the day waits for its operator; a day that ends instead says why. */
  async waiting(day: string): Promise<void> {
    await until(async () => {
      const { body } = await this.operator.get(`/api/days/${day}`);
      if (body.state === 'failed') throw new Error(JSON.stringify(body.error));
      return body.state === 'waiting';
    });
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export async function until(done: () => Promise<boolean>, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await done())) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
