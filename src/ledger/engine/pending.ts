import { compareText } from '../../../chaincode/src/domain/index.js';
import type { Maybe, StateReader, StateWrite } from './state.js';

/**
 * The state as the next transaction sees it: what is applied, and over it the writes of blocks that
 * are executed but not durable yet.
 */
export class PendingState implements StateReader {
  private readonly over = new Map<string, { value: string | undefined; block: number }>();
  private readonly days = new Map<string, { time: number; block: number }>();
  private readonly transactions = new Map<string, number>();

  constructor(private readonly base: StateReader) {}

  get(key: string): Maybe<string> {
    const pending = this.over.get(key);
    return pending ? pending.value : this.base.get(key);
  }

  newest(day: string): Maybe<number> {
    return this.days.get(day)?.time ?? this.base.newest(day);
  }

  hasTransaction(txId: string): boolean {
    return this.transactions.has(txId);
  }

  async *range(prefix: string, after?: string): AsyncGenerator<{ key: string; value: string }> {
    // Taken before the base's iterator begins: what is applied in between is then in both, never in neither.
    const over: { key: string; value: string | undefined }[] = [];
    for (const [key, { value }] of this.over) {
      if (key.startsWith(prefix) && (after === undefined || compareText(key, after) > 0)) over.push({ key, value });
    }
    over.sort((left, right) => compareText(left.key, right.key));
    let next = 0;
    for await (const entry of this.base.range(prefix, after)) {
      let order = -1;
      while (next < over.length) {
        const { key, value } = over[next]!;
        order = compareText(key, entry.key);
        if (order > 0) break;
        next++;
        if (value !== undefined) yield { key, value };
        if (order === 0) break;
      }
      if (order !== 0) yield entry;
    }
    for (; next < over.length; next++) {
      const { key, value } = over[next]!;
      if (value !== undefined) yield { key, value };
    }
  }

  add(block: number, txId: string, writes: readonly StateWrite[], day: string | undefined, time: number): void {
    this.transactions.set(txId, block);
    for (const { key, value } of writes) this.over.set(key, { value, block });
    if (day !== undefined) this.days.set(day, { time, block });
  }

  /** Forgets what belongs to a block that is applied to the base by now. */
  settle(
    block: number,
    changes: readonly { txId: string; writes: readonly StateWrite[] }[],
    days: Iterable<string>,
  ): void {
    for (const { txId, writes } of changes) {
      if (this.transactions.get(txId) === block) this.transactions.delete(txId);
      for (const { key } of writes) if (this.over.get(key)?.block === block) this.over.delete(key);
    }
    for (const day of days) if (this.days.get(day)?.block === block) this.days.delete(day);
  }
}
