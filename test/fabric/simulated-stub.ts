import { compositeKey } from '../../chaincode/src/domain/index.js';
import type { Stub } from '../../chaincode/src/fabric/stub-context.js';

export interface Versioned {
  readonly value: Buffer;
  /** Block and place of the transaction that wrote it. */
  readonly version: string;
}

export type World = Map<string, Versioned>;

/** What an endorsement leaves: the versions it read, the ranges it saw, and what it would write. */
export interface ReadWriteSet {
  readonly reads: Map<string, string | undefined>;
  readonly ranges: { from: string; seen: [string, string][] }[];
  readonly writes: Map<string, Buffer | undefined>;
  readonly privateWrites: Map<string, Buffer | undefined>;
  event?: { name: string; payload: Buffer };
}

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

export function rangeOf(world: World, from: string): [string, Versioned][] {
  return [...world].filter(([key]) => key.startsWith(from)).sort(([a], [b]) => byBytes(a, b));
}

/** Fabric's stub over maps: reads see the committed state only, never the transaction's own writes. */
export class SimulatedStub implements Stub {
  readonly set: ReadWriteSet = { reads: new Map(), ranges: [], writes: new Map(), privateWrites: new Map() };
  private paged = false;

  constructor(
    private readonly world: World,
    private readonly privateWorld: ReadonlyMap<string, Buffer>,
    private readonly txId: string,
    private readonly proposedAt: number,
    private readonly transient: ReadonlyMap<string, Uint8Array>,
  ) {}

  getTxID(): string {
    return this.txId;
  }

  getTxTimestamp() {
    return { seconds: BigInt(Math.floor(this.proposedAt / 1000)), nanos: (this.proposedAt % 1000) * 1e6 };
  }

  async getState(key: string): Promise<Uint8Array> {
    const entry = this.world.get(key);
    this.set.reads.set(key, entry?.version);
    return entry?.value ?? Buffer.alloc(0);
  }

  async putState(key: string, value: Uint8Array): Promise<void> {
    this.mayWrite();
    if (value.length === 0) throw new Error('an empty value would be no value');
    this.set.writes.set(key, Buffer.from(value));
  }

  async deleteState(key: string): Promise<void> {
    this.mayWrite();
    this.set.writes.set(key, undefined);
  }

  async *getStateByPartialCompositeKey(type: string, parts: string[]) {
    const from = compositeKey(type as never, parts);
    const found = rangeOf(this.world, from);
    this.set.ranges.push({ from, seen: found.map(([key, { version }]) => [key, version]) });
    for (const [key, { value }] of found) yield { key, value };
  }

  async *getStateByPartialCompositeKeyWithPagination(
    type: string,
    parts: string[],
    pageSize: number,
    bookmark: string,
  ) {
    this.paged = true;
    const found = rangeOf(this.world, compositeKey(type as never, parts));
    const page = found.filter(([key]) => byBytes(key, bookmark) >= 0).slice(0, pageSize);
    for (const [key, { value }] of page) yield { key, value };
  }

  setEvent(name: string, payload: Uint8Array): void {
    if (this.set.event) throw new Error('Fabric keeps one event a transaction');
    this.set.event = { name, payload: Buffer.from(payload) };
  }

  getTransient(): ReadonlyMap<string, Uint8Array> {
    return this.transient;
  }

  async getPrivateData(_collection: string, key: string): Promise<Uint8Array> {
    return this.privateWorld.get(key) ?? Buffer.alloc(0);
  }

  async putPrivateData(_collection: string, key: string, value: Uint8Array): Promise<void> {
    this.mayWrite();
    this.set.privateWrites.set(key, Buffer.from(value));
  }

  async purgePrivateData(_collection: string, key: string): Promise<void> {
    this.mayWrite();
    this.set.privateWrites.set(key, undefined);
  }

  /** A peer refuses writes in a transaction that has paged through a range. */
  private mayWrite(): void {
    if (this.paged) throw new Error('writes are not allowed after a paged query');
  }
}
