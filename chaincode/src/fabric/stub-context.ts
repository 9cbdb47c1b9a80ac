import { type Caller, compositeKey, type Json, type LedgerContext, type RangeEntry } from '../domain/index.js';

/** The part of fabric-shim's `ChaincodeStub` that the rules need. */
export interface Stub {
  getTxID(): string;
  getTxTimestamp(): { readonly seconds: { toString(): string }; readonly nanos: number };
  getState(key: string): Promise<Uint8Array>;
  putState(key: string, value: Uint8Array): Promise<void>;
  deleteState(key: string): Promise<void>;
  getStateByPartialCompositeKey(type: string, parts: string[]): AsyncIterable<StubEntry>;
  getStateByPartialCompositeKeyWithPagination(
    type: string,
    parts: string[],
    pageSize: number,
    bookmark: string,
  ): AsyncIterable<StubEntry>;
  setEvent(name: string, payload: Uint8Array): void;
  getTransient(): ReadonlyMap<string, Uint8Array>;
  getPrivateData(collection: string, key: string): Promise<Uint8Array>;
  putPrivateData(collection: string, key: string, value: Uint8Array): Promise<void>;
  purgePrivateData(collection: string, key: string): Promise<void>;
}

interface StubEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Name of the private data collection; the network defines who holds it. */
export const PRIVATE_COLLECTION = 'private';

/** On the chain, one empty mark for each private document, so that all of an owner's can be found and purged. */
const MARK = 'private';
const PAGE = 500;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** The rules' view of a Fabric peer: keys and values go through unchanged, so both homes hold the same. */
export class StubContext implements LedgerContext {
  readonly txId: string;

  constructor(
    readonly stub: Stub,
    readonly caller: Caller,
    readonly time: number,
    /** Queries may page through ranges; a transaction may not, because its ranges are checked again at commit. */
    private readonly readOnly: boolean,
  ) {
    this.txId = stub.getTxID();
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.stub.getState(key);
    return value.length === 0 ? undefined : text(value);
  }

  put(key: string, value: string): Promise<void> {
    return this.stub.putState(key, Buffer.from(value));
  }

  delete(key: string): Promise<void> {
    return this.stub.deleteState(key);
  }

  async *range(
    type: string,
    parts: readonly string[],
    page: { readonly after?: string; readonly limit?: number } = {},
  ): AsyncIterable<RangeEntry> {
    const limit = page.limit ?? Number.POSITIVE_INFINITY;
    let given = 0;
    if (limit <= 0) return;
    for await (const { key, value } of this.readOnly ? this.pages(type, parts, page.after) : this.whole(type, parts)) {
      // Fabric orders keys by bytes, JavaScript by UTF-16 units: `after` is found, not compared with.
      if (page.after !== undefined && compareBytes(key, page.after) <= 0) continue;
      yield { key, value: text(value) };
      if (++given >= limit) return;
    }
  }

  private whole(type: string, parts: readonly string[]): AsyncIterable<StubEntry> {
    return this.stub.getStateByPartialCompositeKey(type, [...parts]);
  }

  /** The bookmark of a LevelDB state database is the key to begin with. */
  private async *pages(type: string, parts: readonly string[], after: string | undefined): AsyncIterable<StubEntry> {
    let bookmark = after ?? '';
    for (;;) {
      let count = 0;
      let last = bookmark;
      for await (const entry of this.stub.getStateByPartialCompositeKeyWithPagination(
        type,
        [...parts],
        PAGE,
        bookmark,
      )) {
        count++;
        if (entry.key !== bookmark) yield entry;
        last = entry.key;
      }
      if (count < PAGE) return;
      bookmark = last;
    }
  }

  event(name: string, payload: Json): void {
    this.stub.setEvent(name, Buffer.from(JSON.stringify(payload)));
  }

  transient(name: string): Json | undefined {
    const value = this.stub.getTransient().get(name);
    return value === undefined ? undefined : (JSON.parse(text(value)) as Json);
  }

  async putPrivate(owner: string, key: string, value: string): Promise<void> {
    const name = privateKey(owner, key);
    await this.stub.putPrivateData(PRIVATE_COLLECTION, name, Buffer.from(value));
    // Fabric drops a key whose value is empty.
    await this.stub.putState(name, Buffer.from('1'));
  }

  async getPrivate(owner: string, key: string): Promise<string | undefined> {
    const value = await this.stub.getPrivateData(PRIVATE_COLLECTION, privateKey(owner, key));
    return value.length === 0 ? undefined : text(value);
  }

  /** A transaction that ranges over private data may not write: the marks on the chain are ranged over instead. */
  async purgePrivate(owner: string): Promise<void> {
    for await (const { key } of this.whole(MARK, [owner])) {
      await this.stub.purgePrivateData(PRIVATE_COLLECTION, key);
      await this.stub.deleteState(key);
    }
  }
}

function privateKey(owner: string, key: string): string {
  return compositeKey(MARK as Parameters<typeof compositeKey>[0], [owner, key]);
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
