import {
  type Caller,
  canonicalJson,
  compositeKey,
  ERASED,
  executeQuery,
  executeTransaction,
  type Json,
  type LedgerContext,
  type RangeEntry,
  sha256Hex,
} from '../../../chaincode/src/domain/index.js';
import type { SignedCall } from '../wire.js';
import type { PrivateStore, PrivateWrite } from './private.js';
import type { StateReader, StateWrite } from './state.js';

/** Private input of one transaction; on a replay what is not kept any more counts as erased. */
export type TransientInput = Readonly<Record<string, unknown>> | typeof ERASED | undefined;

export interface Execution {
  readonly result: Json;
  readonly repeatedTxId?: string;
  readonly writes: readonly StateWrite[];
  readonly event: { readonly name: string; readonly payload: Json } | null;
  readonly privateWrites: readonly PrivateWrite[];
  readonly purged: readonly string[];
  /** Day that the transaction names, for the newest-time rule. */
  readonly day: string | undefined;
}

/** Runs one transaction of the table on a state, without changing it. */
export async function execute(
  state: StateReader,
  call: SignedCall,
  txId: string,
  caller: Caller,
  transient: TransientInput,
): Promise<Execution> {
  const context = new EngineContext(state, caller, call.timestamp, txId, transient);
  const outcome = await executeTransaction(context, call.function, call.args, call.operationId);
  const { day } = call.args as { day?: unknown };
  return {
    result: outcome.result,
    ...(outcome.repeatedTxId === undefined ? {} : { repeatedTxId: outcome.repeatedTxId }),
    writes: [...context.writes].map(([key, value]) => ({ key, value })),
    event: context.emitted,
    privateWrites: context.privateWrites,
    purged: context.purged,
    day: typeof day === 'string' ? day : undefined,
  };
}

export function runQuery(
  state: StateReader,
  privates: PrivateStore,
  caller: Caller,
  time: number,
  name: string,
  args: unknown,
) {
  return executeQuery(new EngineContext(state, caller, time, '', undefined, privates), name, args);
}

/** Hash of everything that a transaction did: what a replay must come to again. */
export function effectsHash(writes: readonly StateWrite[], event: Execution['event']): string {
  let text = '';
  for (const { key, value } of writes) {
    text += value === undefined ? `-${key.length}:${key}` : `+${key.length}:${key}${value.length}:${value}`;
  }
  return sha256Hex(text + canonicalJson(event));
}

class EngineContext implements LedgerContext {
  readonly writes = new Map<string, string | undefined>();
  readonly privateWrites: PrivateWrite[] = [];
  readonly purged: string[] = [];
  emitted: Execution['event'] = null;

  constructor(
    private readonly state: StateReader,
    readonly caller: Caller,
    readonly time: number,
    readonly txId: string,
    private readonly input: TransientInput,
    private readonly privates?: PrivateStore,
  ) {}

  async get(key: string): Promise<string | undefined> {
    return this.state.get(key);
  }

  async put(key: string, value: string): Promise<void> {
    this.writes.set(key, value);
  }

  async delete(key: string): Promise<void> {
    this.writes.set(key, undefined);
  }

  async *range(
    type: Parameters<LedgerContext['range']>[0],
    parts: readonly string[],
    page?: { after?: string; limit?: number },
  ): AsyncGenerator<RangeEntry> {
    let left = page?.limit ?? Number.POSITIVE_INFINITY;
    for await (const entry of this.state.range(compositeKey(type, parts), page?.after)) {
      if (left-- <= 0) return;
      yield entry;
    }
  }

  event(name: string, payload: Json): void {
    if (this.emitted) throw new Error(`a transaction has one event: ${this.emitted.name}, then ${name}`);
    this.emitted = { name, payload };
  }

  transient(name: string): Json | typeof ERASED | undefined {
    if (this.input === ERASED) return ERASED;
    return this.input?.[name] as Json | undefined;
  }

  async putPrivate(owner: string, key: string, value: string): Promise<void> {
    this.privateWrites.push({ owner, key, value });
  }

  async getPrivate(owner: string, key: string): Promise<string | undefined> {
    return this.privates?.get(owner, key);
  }

  async purgePrivate(owner: string): Promise<void> {
    this.purged.push(owner);
  }

  async newestTime(day: string): Promise<number | undefined> {
    return this.state.newest(day);
  }
}
