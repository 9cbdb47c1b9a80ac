/** Documents that never stand on the chain: encrypted per participant, and erasable. */
export interface PrivateWrite {
  readonly owner: string;
  readonly key: string;
  readonly value: string;
}

export interface PrivateStore {
  /** Durable when it resolves. */
  put(writes: readonly PrivateWrite[]): Promise<void>;
  get(owner: string, key: string): Promise<string | undefined>;
  /** Destroys the owner's key and rows. */
  purge(owner: string): Promise<void>;
  owners(): Iterable<string>;
  close(): Promise<void>;
}

export class MemoryPrivate implements PrivateStore {
  private readonly rows = new Map<string, Map<string, string>>();

  async put(writes: readonly PrivateWrite[]): Promise<void> {
    for (const { owner, key, value } of writes) {
      const rows = this.rows.get(owner) ?? new Map<string, string>();
      this.rows.set(owner, rows.set(key, value));
    }
  }

  async get(owner: string, key: string): Promise<string | undefined> {
    return this.rows.get(owner)?.get(key);
  }

  async purge(owner: string): Promise<void> {
    this.rows.delete(owner);
  }

  owners(): Iterable<string> {
    return this.rows.keys();
  }

  async close(): Promise<void> {
    this.rows.clear();
  }
}
