import { createPrivateKey } from 'node:crypto';
import {
  compositeKey,
  type Json,
  merkleLeaf,
  merkleLevels,
  type RecordType,
} from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { OpenedBlock } from '../engine/block.js';
import { runQuery } from '../engine/executor.js';
import { signHead } from '../engine/head.js';
import { MemoryPrivate, type PrivateStore } from '../engine/private.js';
import { receiptOf } from '../engine/sequencer.js';
import type { HistoryEntry } from '../engine/state.js';
import { viewOf } from '../engine/views.js';
import { type Keyring, NODE_KEY } from '../identity/keyring.js';
import { keySigner } from '../identity/signature.js';
import type { BlockView, Receipt, TransactionView } from '../types.js';
import { asLedgerError } from '../wire.js';
import type { LevelState } from './level-state.js';
import { type LedgerFiles, openPayload, readLedger, scanBlocks, scratchState } from './reader.js';
import { Replay } from './replay.js';

export interface TransactionFilter {
  readonly name?: string;
  readonly participant?: string;
  readonly day?: string;
  readonly fromBlock?: number;
  readonly toBlock?: number;
}

export interface Found extends TransactionView {
  readonly block: number;
  readonly creatorId: string;
}

/**
 * A ledger's files as a reader sees them: the state is replayed into a place of its own, so that
 * neither a lock is taken nor anything changed, and a writer may go on.
 */
export class Explorer {
  private constructor(
    private readonly files: LedgerFiles,
    private readonly state: LevelState,
    private readonly replay: Replay,
    private readonly release: () => Promise<void>,
    private readonly privates: PrivateStore,
  ) {}

  /** `privates`: private rows, where the reader holds their keys. */
  static async open(folder: string, privates: PrivateStore = new MemoryPrivate()): Promise<Explorer> {
    const files = await readLedger(folder);
    const scratch = await scratchState();
    try {
      const replay = new Replay(scratch.state, { signatures: false });
      await scanBlocks(files, async (payload, height) => {
        await replay.block(payload, height);
      });
      return new Explorer(files, scratch.state, replay, scratch.release, privates);
    } catch (error) {
      await scratch.release();
      throw error;
    }
  }

  get height(): number {
    return this.state.height;
  }

  get ledgerId(): string {
    return this.replay.ledgerId;
  }

  get lastHash(): string {
    return this.state.lastHash;
  }

  get transactions(): number {
    return this.replay.counts.transactions;
  }

  /** Any query of the table, with an auditor's eyes: who may read the files may read all of them. */
  async query<Result = Json>(name: string, args: unknown): Promise<Result> {
    const caller = { id: 'reader', role: 'auditor', mspId: 'AuditorMSP', fingerprint: '' } as const;
    const snapshot = this.state.snapshot();
    try {
      return (await runQuery(snapshot, this.privates, caller, this.replay.lastTimestamp, name, args)) as Result;
    } catch (error) {
      throw asLedgerError(error);
    } finally {
      await snapshot.close();
    }
  }

  async *blocks(from = 0, to = this.height): AsyncGenerator<BlockView> {
    for (const block of await this.opened(from, to)) yield viewOf(block);
  }

  // The scan reads in order and cannot be paused: so the blocks wanted are collected.
  private async opened(from: number, to: number): Promise<OpenedBlock[]> {
    const found: OpenedBlock[] = [];
    await scanBlocks(this.files, (payload, height) => {
      if (height >= from && height < Math.min(to, this.height)) found.push(openPayload(payload, height));
    });
    return found;
  }

  async find(filter: TransactionFilter, limit: number): Promise<Found[]> {
    const found: Found[] = [];
    await scanBlocks(this.files, (payload, height) => {
      if (found.length >= limit || height < (filter.fromBlock ?? 0) || height >= (filter.toBlock ?? this.height))
        return;
      for (const view of viewOf(openPayload(payload, height)).transactions) {
        const creatorId = this.replay.book?.get(view.creator)?.id ?? view.creator;
        if (matches(view, creatorId, filter) && found.length < limit) found.push({ ...view, block: height, creatorId });
      }
    });
    return found;
  }

  async transaction(txId: string): Promise<Found> {
    const at = this.state.locate(txId);
    if (!at) throw new CrowdwattError('ledger/missing', `transaction ${txId} is not on the ledger`, { id: txId });
    const [block] = await this.opened(at.block, at.block + 1);
    const view = viewOf(block!).transactions[at.index]!;
    return { ...view, block: at.block, creatorId: this.replay.book?.get(view.creator)?.id ?? view.creator };
  }

  history(type: RecordType, parts: readonly string[]): AsyncIterable<HistoryEntry> {
    return this.state.history(compositeKey(type, parts));
  }

  /** A receipt made anew; signing its head needs the ledger's own key. */
  async receipt(txId: string, keyring: Keyring): Promise<Receipt> {
    const at = this.state.locate(txId);
    if (!at) throw new CrowdwattError('ledger/missing', `transaction ${txId} is not on the ledger`, { id: txId });
    const node = await keyring.load(NODE_KEY);
    if (!node)
      throw new CrowdwattError(
        'ledger/missing',
        'the key of this ledger is not in the key folder: give it with --keys',
      );
    const [block] = await this.opened(at.block, at.block + 1);
    const { hash, header, texts } = block!;
    const signer = keySigner(createPrivateKey(node.privateKey));
    const head = await signHead(signer, { ledgerId: this.ledgerId, height: at.block + 1, hash });
    return receiptOf({ levels: merkleLevels(texts.map(merkleLeaf)), header, hash }, head, txId, at.index);
  }

  close(): Promise<void> {
    return this.release();
  }
}

function matches(view: TransactionView, creatorId: string, filter: TransactionFilter): boolean {
  if (filter.name !== undefined && view.name !== filter.name) return false;
  const args = view.args as { day?: string };
  if (filter.day !== undefined && args.day !== filter.day) return false;
  if (filter.participant === undefined) return true;
  return creatorId === filter.participant || JSON.stringify(view.args).includes(JSON.stringify(filter.participant));
}
