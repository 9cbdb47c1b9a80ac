import { compareText } from '../../../chaincode/src/domain/index.js';
import type { BlockChanges, HistoryEntry, StateSnapshot, StateStore, Version } from './state.js';

interface Versioned extends Version {
  readonly value: string | undefined;
}

/** World state in memory: every version of every key is kept, so that a reader can stay at its height. */
export class MemoryState implements StateStore {
  height = 0;
  lastHash = '';
  private readonly values = new Map<string, Versioned[]>();
  private readonly transactions = new Map<string, Version>();
  private readonly days = new Map<string, number>();
  private readonly certificates = new Map<string, string>();
  private sorted: string[] = [];
  private unsorted: string[] = [];

  get(key: string): string | undefined {
    return this.values.get(key)?.at(-1)?.value;
  }

  newest(day: string): number | undefined {
    return this.days.get(day);
  }

  range(prefix: string, after?: string): AsyncGenerator<{ key: string; value: string }> {
    return this.rangeAt(this.height, prefix, after);
  }

  private getAt(height: number, key: string): string | undefined {
    const versions = this.values.get(key);
    if (!versions) return undefined;
    for (let index = versions.length - 1; index >= 0; index--) {
      if (versions[index]!.block < height) return versions[index]!.value;
    }
    return undefined;
  }

  private async *rangeAt(
    height: number,
    prefix: string,
    after?: string,
  ): AsyncGenerator<{ key: string; value: string }> {
    const keys = this.keys();
    // `keys` is never changed in place: a merge makes a new array.
    let at = firstFrom(keys, after !== undefined && compareText(after, prefix) > 0 ? after : prefix);
    for (; at < keys.length; at++) {
      const key = keys[at]!;
      if (!key.startsWith(prefix)) return;
      if (key === after) continue;
      const value = this.getAt(height, key);
      if (value !== undefined) yield { key, value };
    }
  }

  private keys(): readonly string[] {
    if (this.unsorted.length > 0) {
      const added = this.unsorted.sort(compareText);
      this.unsorted = [];
      const merged: string[] = [];
      let a = 0;
      let b = 0;
      while (a < this.sorted.length && b < added.length) {
        merged.push(compareText(this.sorted[a]!, added[b]!) < 0 ? this.sorted[a++]! : added[b++]!);
      }
      this.sorted = merged.concat(this.sorted.slice(a), added.slice(b));
    }
    return this.sorted;
  }

  async apply(changes: BlockChanges): Promise<void> {
    for (const [index, { txId, writes }] of changes.transactions.entries()) {
      this.transactions.set(txId, { block: changes.block, index });
      for (const { key, value } of writes) {
        const versions = this.values.get(key);
        const version: Versioned = { block: changes.block, index, value };
        if (versions) versions.push(version);
        else {
          this.values.set(key, [version]);
          this.unsorted.push(key);
        }
      }
    }
    for (const [day, time] of changes.newest) this.days.set(day, time);
    for (const [fingerprint, pem] of changes.certificates) this.certificates.set(fingerprint, pem);
    this.height = changes.block + 1;
    this.lastHash = changes.hash;
  }

  snapshot(): StateSnapshot {
    const { height } = this;
    return {
      height,
      get: (key) => this.getAt(height, key),
      range: (prefix, after) => this.rangeAt(height, prefix, after),
      newest: (day) => this.days.get(day),
      close: async () => {},
    };
  }

  locate(txId: string): Version | undefined {
    return this.transactions.get(txId);
  }

  certificate(fingerprint: string): string | undefined {
    return this.certificates.get(fingerprint);
  }

  async *history(key: string): AsyncGenerator<HistoryEntry> {
    for (const { block, index, value } of this.values.get(key) ?? []) yield { block, index, value: value ?? null };
  }

  async clear(): Promise<void> {
    this.values.clear();
    this.transactions.clear();
    this.days.clear();
    this.certificates.clear();
    this.sorted = [];
    this.unsorted = [];
    this.height = 0;
    this.lastHash = '';
  }

  async close(): Promise<void> {}
}

function firstFrom(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(keys[middle]!, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
