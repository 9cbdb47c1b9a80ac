import { CrowdwattError } from '../../errors.js';
import { newToken } from './secrets.js';

const LIFE_MS = 120_000;
const MOST = 20_000;

/** What a member signs to show that it has its key: good once, for two minutes. */
export class Challenges {
  readonly #open = new Map<string, { id: string; expiresAt: number }>();

  constructor(
    private readonly ledgerId: string,
    private readonly now: () => number,
  ) {}

  issue(id: string): { challenge: string; bytes: Buffer; expiresAt: number } {
    for (const [challenge, { expiresAt }] of this.#open) {
      if (expiresAt > this.now()) break;
      this.#open.delete(challenge);
    }
    if (this.#open.size >= MOST) throw new CrowdwattError('http/overloaded', 'too many log-ins are under way');
    const challenge = newToken();
    const expiresAt = this.now() + LIFE_MS;
    this.#open.set(challenge, { id, expiresAt });
    return { challenge, bytes: this.#bytes(id, challenge), expiresAt };
  }

  /** The bytes that were to be signed; undefined where the challenge is another's, used or out of date. */
  take(id: string, challenge: string): Buffer | undefined {
    const open = this.#open.get(challenge);
    if (!open || open.id !== id) return undefined;
    this.#open.delete(challenge);
    return open.expiresAt > this.now() ? this.#bytes(id, challenge) : undefined;
  }

  /** Begins with words of its own, so that it can never be read as a transaction or a certificate request. */
  #bytes(id: string, challenge: string): Buffer {
    return Buffer.from(`crowdwatt-login/1\n${this.ledgerId}\n${id}\n${challenge}`, 'utf8');
  }
}
