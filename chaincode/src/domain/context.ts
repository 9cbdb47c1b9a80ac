import { canonicalJson, type Json } from './canonical.js';
import { compositeKey, type RecordType } from './keys.js';

export type CallerRole = 'operator' | 'participant' | 'meter' | 'auditor';

/** Who calls, as its certificate says. */
export interface Caller {
  readonly id: string;
  readonly role: CallerRole;
  readonly mspId: string;
  /** SHA-256 of the certificate (DER), hex. */
  readonly fingerprint: string;
}

/** A private document whose home has erased it: on a replay its checks are left out. */
export const ERASED: unique symbol = Symbol('erased');

export interface RangeEntry {
  readonly key: string;
  readonly value: string;
}

/**
 * What a home gives to the rules. Reads see the state before this transaction, never its own writes
 * (as on Fabric), so a rule never reads what it wrote. Keys come from `compositeKey`, values are
 * canonical JSON.
 */
export interface LedgerContext {
  readonly caller: Caller;
  /** Milliseconds since 1970, signed by the caller; the only clock that rules may see. */
  readonly time: number;
  readonly txId: string;
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Entries whose key begins with the partial composite key, in key order; `after` is a key, exclusive. */
  range(
    type: RecordType,
    parts: readonly string[],
    page?: { readonly after?: string; readonly limit?: number },
  ): AsyncIterable<RangeEntry>;
  /** At most one a transaction. Ids and hashes only. */
  event(name: string, payload: Json): void;
  /** Private input that travels beside the signed arguments and is never on the chain. */
  transient(name: string): Json | typeof ERASED | undefined;
  putPrivate(owner: string, key: string, value: string): Promise<void>;
  getPrivate(owner: string, key: string): Promise<string | undefined>;
  /** Destroys all private documents of an owner, for good. */
  purgePrivate(owner: string): Promise<void>;
  /**
   * Time of the newest transaction of a day, where the home orders all of them itself. Fabric leaves
   * it out: one shared key would conflict with itself, and its peers check the time window.
   */
  newestTime?(day: string): Promise<number | undefined>;
}

/** Typed reads and writes over a context; the only place where records become text. */
export class World {
  constructor(readonly context: LedgerContext) {}

  get caller(): Caller {
    return this.context.caller;
  }

  get time(): number {
    return this.context.time;
  }

  async read<Value>(type: RecordType, ...parts: string[]): Promise<Value | undefined> {
    const text = await this.context.get(compositeKey(type, parts));
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  }

  write(type: RecordType, parts: readonly string[], value: unknown): Promise<void> {
    return this.context.put(compositeKey(type, parts), canonicalJson(value));
  }

  remove(type: RecordType, parts: readonly string[]): Promise<void> {
    return this.context.delete(compositeKey(type, parts));
  }

  async *list<Value>(
    type: RecordType,
    parts: readonly string[],
    page?: { readonly after?: string; readonly limit?: number },
  ): AsyncGenerator<{ key: string; value: Value }> {
    for await (const entry of this.context.range(type, parts, page)) {
      yield { key: entry.key, value: JSON.parse(entry.value) as Value };
    }
  }
}
