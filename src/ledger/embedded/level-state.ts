import type { AbstractBatchOperation } from 'abstract-level';
import type { ClassicLevel } from 'classic-level';
import { CrowdwattError } from '../../errors.js';
import type { BlockChanges, HistoryEntry, StateSnapshot, StateStore, Version } from '../engine/state.js';

/**
 * World state in LevelDB. First letter of a key says what it is:
 *   w key                       value as `block.index|value`
 *   h key U+0001 block index    what the key became there (empty: deleted)
 *   t txId                      block.index
 *   d day                       newest transaction time
 *   c fingerprint               certificate, PEM
 *   m                           height and hash of the last block applied, in the same batch
 */
export class LevelState implements StateStore {
  height = 0;
  lastHash = '';

  private constructor(private readonly db: ClassicLevel<string, string>) {}

  /** LevelDB's own lock is the ledger's: the kernel gives it back however the process ends. */
  static async open(folder: string, options: { readonly passing?: boolean } = {}): Promise<LevelState> {
    const { ClassicLevel } = await import('classic-level');
    const db = new ClassicLevel<string, string>(folder, {
      keyEncoding: 'utf8',
      valueEncoding: 'utf8',
      cacheSize: 32 * 1024 * 1024,
      writeBufferSize: 16 * 1024 * 1024,
      // Open tables are mapped into memory, 2 MB each: what is gone through once need not stay there.
      maxOpenFiles: options.passing ? 100 : 1000,
    });
    try {
      await db.open();
    } catch (error) {
      const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
      if (cause?.code === 'LEVEL_LOCKED') {
        throw new CrowdwattError(
          'ledger/locked',
          `another process writes to this ledger (${folder} is locked)`,
          {},
          { cause: error },
        );
      }
      throw error;
    }
    const state = new LevelState(db);
    const meta = db.getSync('m');
    if (meta !== undefined) {
      const [height, hash] = meta.split('|') as [string, string];
      state.height = Number(height);
      state.lastHash = hash;
    }
    return state;
  }

  get(key: string): string | undefined {
    return textIn(this.db.getSync(`w${key}`));
  }

  newest(day: string): number | undefined {
    const text = this.db.getSync(`d${day}`);
    return text === undefined ? undefined : Number(text);
  }

  async *range(prefix: string, after?: string): AsyncGenerator<{ key: string; value: string }> {
    for await (const [key, value] of this.db.iterator(bounds(prefix, after))) {
      yield { key: key.slice(1), value: textIn(value)! };
    }
  }

  async apply(changes: BlockChanges): Promise<void> {
    const operations: AbstractBatchOperation<ClassicLevel<string, string>, string, string>[] = [];
    const put = (key: string, value: string) => operations.push({ type: 'put', key, value });
    const block = String(changes.block).padStart(10, '0');
    for (const [index, { txId, writes }] of changes.transactions.entries()) {
      const at = `${changes.block}.${index}`;
      const suffix = `\u0001${block}${String(index).padStart(5, '0')}`;
      put(`t${txId}`, at);
      for (const { key, value } of writes) {
        if (value === undefined) operations.push({ type: 'del', key: `w${key}` });
        else put(`w${key}`, `${at}|${value}`);
        put(`h${key}${suffix}`, value ?? '');
      }
    }
    for (const [day, time] of changes.newest) put(`d${day}`, String(time));
    for (const [fingerprint, pem] of changes.certificates) put(`c${fingerprint}`, pem);
    put('m', `${changes.block + 1}|${changes.hash}`);
    await this.db.batch(operations);
    this.height = changes.block + 1;
    this.lastHash = changes.hash;
  }

  snapshot(): StateSnapshot {
    const { db, height } = this;
    const snapshot = db.snapshot();
    return {
      height,
      get: (key) => textIn(db.getSync(`w${key}`, { snapshot })),
      async *range(prefix, after) {
        for await (const [key, value] of db.iterator({ ...bounds(prefix, after), snapshot })) {
          yield { key: key.slice(1), value: textIn(value)! };
        }
      },
      newest: (day) => this.newest(day),
      close: () => snapshot.close(),
    };
  }

  locate(txId: string): Version | undefined {
    const at = this.db.getSync(`t${txId}`);
    if (at === undefined) return undefined;
    const [block, index] = at.split('.') as [string, string];
    return { block: Number(block), index: Number(index) };
  }

  certificate(fingerprint: string): string | undefined {
    return this.db.getSync(`c${fingerprint}`);
  }

  async *history(key: string): AsyncGenerator<HistoryEntry> {
    const prefix = `h${key}\u0001`;
    for await (const [at, value] of this.db.iterator({ gte: prefix, lt: `h${key}\u0002` })) {
      const digits = at.slice(prefix.length);
      yield { block: Number(digits.slice(0, 10)), index: Number(digits.slice(10)), value: value === '' ? null : value };
    }
  }

  /** Everything that is stored, as it is stored: for comparing two states. */
  async *raw(): AsyncGenerator<readonly [string, string]> {
    yield* this.db.iterator();
  }

  async clear(): Promise<void> {
    await this.db.clear();
    this.height = 0;
    this.lastHash = '';
  }

  close(): Promise<void> {
    return this.db.close();
  }
}

function textIn(stored: string | undefined): string | undefined {
  return stored === undefined ? undefined : stored.slice(stored.indexOf('|') + 1);
}

/** Ids hold no U+10FFFF, so it ends every range of keys with one prefix. */
function bounds(prefix: string, after: string | undefined) {
  const lt = `w${prefix}\u{10FFFF}`;
  return after !== undefined && after > prefix ? { gt: `w${after}`, lt } : { gte: `w${prefix}`, lt };
}
