import type { Logger } from 'pino';
import { asCrowdwattError } from '../errors.js';
import type { BlockView, Ledger } from '../ledger/types.js';
import type { Hub } from './hub.js';

export interface IndexedTransaction {
  readonly txId: string;
  readonly block: number;
  readonly name: string;
  readonly timestamp: number;
}

/** Follows the ledger: tells the hub of every new block, once and in order, and remembers where transactions are. */
export class LedgerWatch {
  readonly #abort = new AbortController();
  readonly #blockOf = new Map<string, number>();
  readonly #byCreator = new Map<string, IndexedTransaction[]>();
  #work: Promise<void> = Promise.resolve();
  /** Resolves when what was on the ledger at the start is indexed. */
  ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: Ledger,
    private readonly hub: Hub,
    private readonly log?: Logger,
  ) {}

  start(): void {
    let isReady = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.#work = this.#follow(isReady).catch((thrown) => {
      isReady();
      if (!this.#abort.signal.aborted) {
        this.log?.error({ code: asCrowdwattError(thrown).code }, 'the ledger is not followed any more');
      }
    });
  }

  /** Block of a transaction; undefined where there is none. */
  blockOf(txId: string): number | undefined {
    return this.#blockOf.get(txId);
  }

  /** Transactions of certificates, oldest first. */
  madeBy(fingerprints: readonly string[]): IndexedTransaction[] {
    const found = fingerprints.flatMap((fingerprint) => this.#byCreator.get(fingerprint) ?? []);
    return found.sort((a, b) => a.block - b.block);
  }

  async #follow(isReady: () => void): Promise<void> {
    const { signal } = this.#abort;
    let next = (await this.ledger.head()).height;
    for await (const block of this.ledger.blocks(0, next)) {
      if (signal.aborted) return;
      this.#index(block);
    }
    isReady();
    for await (const event of this.ledger.events({ fromBlock: next, signal })) {
      // Several events of one block: it is told of once.
      if (event.block < next) continue;
      for await (const block of this.ledger.blocks(next, event.block + 1)) {
        this.#index(block);
        this.hub.emit('blocks', { event: 'block', data: block, id: String(block.number) });
      }
      next = event.block + 1;
    }
  }

  #index({ number, transactions }: BlockView): void {
    for (const { txId, name, timestamp, creator } of transactions) {
      this.#blockOf.set(txId, number);
      const entry = { txId, block: number, name, timestamp };
      const made = this.#byCreator.get(creator);
      if (made) made.push(entry);
      else this.#byCreator.set(creator, [entry]);
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#work;
  }
}
