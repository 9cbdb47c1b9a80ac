/** The world state as the engine needs it: derived from the blocks, and rebuilt from them when in doubt. */

export interface StateWrite {
  readonly key: string;
  /** Undefined: the key is deleted. */
  readonly value: string | undefined;
}

/** Where a value was written: block number and place of the transaction in it. */
export interface Version {
  readonly block: number;
  readonly index: number;
}

export interface BlockChanges {
  readonly block: number;
  readonly hash: string;
  readonly transactions: readonly { readonly txId: string; readonly writes: readonly StateWrite[] }[];
  /** Newest transaction time by day, where this block moved it. */
  readonly newest: ReadonlyMap<string, number>;
  /** Certificates that the block brought, PEM by fingerprint. */
  readonly certificates: ReadonlyMap<string, string>;
}

export type Maybe<Value> = Value | undefined | Promise<Value | undefined>;

/** Reads at one height. */
export interface StateReader {
  get(key: string): Maybe<string>;
  /** Keys that begin with `prefix`, by code point; `after` is exclusive. */
  range(prefix: string, after?: string): AsyncIterable<{ key: string; value: string }>;
  newest(day: string): Maybe<number>;
}

/** A reader that stays at its height while blocks go on; close it. */
export interface StateSnapshot extends StateReader {
  readonly height: number;
  close(): Promise<void>;
}

export interface HistoryEntry extends Version {
  /** Null: deleted. */
  readonly value: string | null;
}

export interface StateStore extends StateReader {
  /** Blocks applied so far, and the hash of the last. */
  readonly height: number;
  readonly lastHash: string;
  apply(changes: BlockChanges): Promise<void>;
  snapshot(): StateSnapshot;
  locate(txId: string): Maybe<Version>;
  /** A certificate that stands on the chain, PEM. */
  certificate(fingerprint: string): Maybe<string>;
  history(key: string): AsyncIterable<HistoryEntry>;
  /** Forgets everything, to be rebuilt from block 0. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
