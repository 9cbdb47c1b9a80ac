import { randomUUID } from 'node:crypto';
import { CrowdwattError } from '../errors.js';
import type { Commit, Ledger, PreparedTransaction } from '../ledger/types.js';

const LIFE_MS = 300_000;
/** Transactions that one member may have prepared and not sent. */
const MOST = 256;

export interface PreparedView {
  readonly prepared: string;
  readonly txId: string;
  /** Base64; what the member signs. */
  readonly bytes: string;
  readonly expiresAt: number;
}

interface Kept {
  readonly owner: string;
  readonly transaction: PreparedTransaction;
  readonly endorsed: boolean;
  readonly expiresAt: number;
}

/** Transactions that wait for a signature made elsewhere. */
export class PreparedShelf {
  readonly #kept = new Map<string, Kept>();

  constructor(
    private readonly ledger: Ledger,
    private readonly now: () => number = Date.now,
  ) {}

  keep(owner: string, transaction: PreparedTransaction, endorsed = false): PreparedView {
    this.#forget();
    const own = [...this.#kept].filter(([, kept]) => kept.owner === owner);
    if (own.length >= MOST) this.#kept.delete(own[0]![0]);
    const prepared = randomUUID();
    const expiresAt = this.now() + LIFE_MS;
    this.#kept.set(prepared, { owner, transaction, endorsed, expiresAt });
    const bytes = Buffer.from(transaction.bytes).toString('base64');
    return { prepared, txId: transaction.txId, bytes, expiresAt };
  }

  /**
   * Sends a prepared transaction with its signature. Where the ledger is signed for twice the first time
   * gives back what is to be signed next.
   * @throws CrowdwattError `http/not-found` also for what somebody else prepared
   */
  async submit(
    owner: string,
    prepared: string,
    signature: Uint8Array,
  ): Promise<{ commit: Commit } | { again: PreparedView }> {
    const kept = this.#kept.get(prepared);
    if (!kept || kept.owner !== owner || kept.expiresAt <= this.now()) {
      throw new CrowdwattError(
        'http/not-found',
        `there is no prepared transaction ${prepared} of yours; prepare it again`,
      );
    }
    if (this.ledger.endorse && !kept.endorsed) {
      const next = await this.ledger.endorse(kept.transaction, signature);
      this.#kept.delete(prepared);
      return { again: this.keep(owner, next, true) };
    }
    const commit = await this.ledger.submit(kept.transaction, signature);
    this.#kept.delete(prepared);
    return { commit };
  }

  #forget(): void {
    for (const [id, { expiresAt }] of this.#kept) {
      if (expiresAt > this.now()) return;
      this.#kept.delete(id);
    }
  }
}
