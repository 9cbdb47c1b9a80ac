import type { Role } from '../../ledger/types.js';
import type { Store } from '../store.js';
import { hashSecret, newToken } from './secrets.js';

export interface Session {
  readonly member: string;
  readonly role: Role;
  /** ms since 1970. */
  readonly expiresAt: number;
}

const FOLDER = 'sessions';
/** Sessions one member may have at once; the oldest goes. */
const MOST = 16;

/** Sessions by the hash of their token; the token itself is known to its holder only. */
export class Sessions {
  readonly #open = new Map<string, Session>();

  private constructor(
    private readonly store: Store,
    private readonly lifeMs: number,
    private readonly now: () => number,
  ) {}

  static async load(store: Store, lifeMs: number, now: () => number = Date.now): Promise<Sessions> {
    const sessions = new Sessions(store, lifeMs, now);
    for (const name of await store.names(FOLDER)) {
      const session = await store.get<Session>(FOLDER, name);
      if (session && session.expiresAt > now()) sessions.#open.set(name, session);
      else await store.delete(FOLDER, name);
    }
    return sessions;
  }

  async start(member: string, role: Role): Promise<{ token: string; session: Session }> {
    const token = newToken();
    const session = { member, role, expiresAt: this.now() + this.lifeMs };
    const own = [...this.#open].filter(([, other]) => other.member === member);
    if (own.length >= MOST) await this.#end(own.sort((a, b) => a[1].expiresAt - b[1].expiresAt)[0]![0]);
    this.#open.set(hashSecret(token), session);
    await this.store.put(FOLDER, hashSecret(token), session);
    return { token, session };
  }

  find(token: string): Session | undefined {
    const name = hashSecret(token);
    const session = this.#open.get(name);
    if (!session) return undefined;
    if (session.expiresAt > this.now()) return session;
    void this.#end(name);
    return undefined;
  }

  end(token: string): Promise<void> {
    return this.#end(hashSecret(token));
  }

  async endAll(member: string): Promise<void> {
    for (const [name, session] of [...this.#open]) if (session.member === member) await this.#end(name);
  }

  async #end(name: string): Promise<void> {
    this.#open.delete(name);
    await this.store.delete(FOLDER, name);
  }
}
