import { type Json, Refusal } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { Identity } from '../identity/certificate.js';
import { verifySignature } from '../identity/signature.js';
import type { Commit, Receipt } from '../types.js';
import { asLedgerError, type SignedCall } from '../wire.js';
import { type BlockHeader, entryText, proofOf, type SealedBlock, sealBlock } from './block.js';
import { effectsHash, execute, type TransientInput } from './executor.js';
import type { SignedHead } from './head.js';
import { PendingState } from './pending.js';
import type { PrivateStore, PrivateWrite } from './private.js';
import type { StateStore, StateWrite } from './state.js';

/** Transactions in one block at most: one write and one fdatasync for all of them. */
export const MAX_BLOCK_TRANSACTIONS = 500;
/** A block is closed once its entries hold this many characters, however few they are. */
const MAX_BLOCK_CHARACTERS = 8 * 1024 * 1024;

// Signature checks share libuv's threads with the disk: more of them in flight would make fdatasync queue behind them.
const CHECKS_IN_FLIGHT = 24;

/** A transaction on its way into a block. */
export interface Submission {
  readonly txId: string;
  /** What was signed, and the same as text. */
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly call: SignedCall;
  readonly identity: Identity;
  readonly signature: Uint8Array;
  readonly transient: TransientInput;
}

interface Waiting extends Submission {
  state: 'queued' | 'checking' | 'checked' | 'failed';
  resolve(commit: Commit<never>): void;
  reject(error: unknown): void;
}

interface Accepted {
  readonly waiting: Waiting;
  readonly entry: string;
  readonly writes: readonly StateWrite[];
  readonly result: Json;
}

interface OpenBlock {
  readonly number: number;
  readonly timestamp: number;
  readonly accepted: Accepted[];
  readonly certificates: Map<string, string>;
  readonly newest: Map<string, number>;
  readonly privateWrites: PrivateWrite[];
  readonly purged: string[];
  /** Told once everything up to this block is durable: repeats of an operation wait here. */
  readonly followers: (() => void)[];
  characters: number;
}

/** What the sequencer needs of the ledger around it. */
export interface SequencerHome {
  readonly ledgerId: string;
  readonly state: StateStore;
  readonly privates: PrivateStore;
  /** Durable when it resolves. */
  append(block: SealedBlock): Promise<void>;
  signHead(height: number, hash: string): Promise<SignedHead>;
  /** After the fsync and before anybody is told. */
  onDurable(block: SealedBlock, head: SignedHead, txIds: readonly string[]): void;
  /** After the state has it: from here on everybody may read it. */
  onApplied(): void;
  /** Clock of the ledger, which never runs backwards. */
  now(): number;
  /** Commit of a transaction that is on the chain already. */
  commitOf(txId: string, result: Json): Promise<Commit>;
  onStop(error: CrowdwattError): void;
}

/**
 * Orders transactions and commits them in groups. While one block is being written, the next is
 * already checked and executed; so the disk's latency sets the size of blocks, not the pace.
 */
export class Sequencer {
  private readonly pending: PendingState;
  private readonly queue: Waiting[] = [];
  private first = 0;
  private checking = 0;
  private nextToCheck = 0;
  private open: OpenBlock | undefined;
  private writing: OpenBlock | undefined;
  private stopped: CrowdwattError | undefined;
  private running = false;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(
    private readonly home: SequencerHome,
    private number: number,
    private previousHash: string,
  ) {
    this.pending = new PendingState(home.state);
  }

  submit(submission: Submission): Promise<Commit<never>> {
    if (this.stopped) return Promise.reject(this.stopped);
    return new Promise((resolve, reject) => {
      this.queue.push({ ...submission, state: 'queued', resolve, reject });
      this.pump();
    });
  }

  /** Resolves when nothing is queued, executed or being written. */
  async idle(): Promise<void> {
    while (this.first < this.queue.length || this.open || this.writing) {
      if (this.stopped) return;
      await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
    }
  }

  /** Refuses what comes from now on, and what has not begun. */
  stop(error: CrowdwattError): void {
    if (this.stopped) return;
    this.stopped = error;
    for (const waiting of this.queue.slice(this.first)) waiting.reject(error);
    this.queue.length = 0;
    this.first = 0;
    this.nextToCheck = 0;
    for (const { waiting } of this.open?.accepted ?? []) waiting.reject(error);
    const followers = this.open?.followers ?? [];
    this.open = undefined;
    for (const follower of followers) follower();
    this.wakeIdle();
    this.home.onStop(error);
  }

  private wakeIdle(): void {
    for (const wake of this.idleWaiters.splice(0)) wake();
  }

  private pump(): void {
    while (this.checking < CHECKS_IN_FLIGHT && this.nextToCheck < this.queue.length) {
      const waiting = this.queue[this.nextToCheck++]!;
      waiting.state = 'checking';
      this.checking++;
      void this.check(waiting);
    }
    void this.advance();
  }

  private async check(waiting: Waiting): Promise<void> {
    const fine = await verifySignature(waiting.identity.publicKey, waiting.bytes, waiting.signature).catch(() => false);
    this.checking--;
    waiting.state = fine ? 'checked' : 'failed';
    this.pump();
  }

  /** Executes what is checked, in the order in which it came, and writes whenever the disk is free. */
  private async advance(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while (!this.stopped) {
        const waiting = this.queue[this.first];
        const full = this.open !== undefined && isFull(this.open);
        if (waiting && !full && (waiting.state === 'checked' || waiting.state === 'failed')) {
          this.takeFirst();
          await this.process(waiting);
        } else if (this.open && !this.writing) {
          this.write(this.open);
        } else {
          break;
        }
      }
    } catch (error) {
      this.stop(stoppedBy(error));
    } finally {
      this.running = false;
    }
    if (this.first >= this.queue.length && !this.open && !this.writing) this.wakeIdle();
  }

  private takeFirst(): void {
    this.first++;
    // Drops the part that is done, seldom enough to cost nothing.
    if (this.first >= 1024) {
      this.queue.splice(0, this.first);
      this.nextToCheck -= this.first;
      this.first = 0;
    }
  }

  private async process(waiting: Waiting): Promise<void> {
    if (waiting.state === 'failed') {
      waiting.reject(asLedgerError(new Refusal('signature', 'the signature does not verify, or is not in low-S form')));
      return;
    }
    const block = this.open ?? this.newBlock();
    try {
      this.admit(waiting, block);
      const { txId, call, identity } = waiting;
      const done = await execute(this.pending, call, txId, identity, waiting.transient);
      if (done.repeatedTxId !== undefined) {
        this.afterDurable(() => this.answerRepeat(waiting, done.repeatedTxId!, done.result));
        return;
      }
      if (this.pending.hasTransaction(txId) || (await this.home.state.locate(txId))) {
        throw new Refusal('replay', `transaction ${txId} is on the ledger already`);
      }
      if (this.stopped) throw this.stopped;
      this.open = block;
      await this.keepCertificate(identity, block);
      const entry = entryText(waiting.text, waiting.signature, done.event, effectsHash(done.writes, done.event));
      block.characters += entry.length;
      block.accepted.push({ waiting, entry, writes: done.writes, result: done.result });
      block.privateWrites.push(...done.privateWrites);
      block.purged.push(...done.purged);
      let newest = 0;
      if (done.day !== undefined) {
        newest = Math.max(call.timestamp, (await this.pending.newest(done.day)) ?? 0);
        block.newest.set(done.day, newest);
      }
      this.pending.add(block.number, txId, done.writes, done.day, newest);
    } catch (error) {
      waiting.reject(asLedgerError(error));
      if (!(error instanceof Refusal) && !(error instanceof CrowdwattError)) throw error;
    }
  }

  private admit({ identity, call }: Waiting, block: OpenBlock): void {
    if (call.ledgerId !== this.home.ledgerId)
      throw new Refusal('wrong-ledger', `the transaction was signed for ledger ${call.ledgerId}`);
    if (block.timestamp < identity.notBefore || block.timestamp > identity.notAfter) {
      throw new Refusal('certificate', `the certificate of ${identity.id} is not valid at this time`);
    }
  }

  private newBlock(): OpenBlock {
    return {
      number: this.number,
      timestamp: this.home.now(),
      accepted: [],
      certificates: new Map(),
      newest: new Map(),
      privateWrites: [],
      purged: [],
      followers: [],
      characters: 0,
    };
  }

  private async keepCertificate(identity: Identity, block: OpenBlock): Promise<void> {
    const { fingerprint, pem } = identity;
    if (block.certificates.has(fingerprint) || this.writing?.certificates.has(fingerprint)) return;
    if (await this.home.state.certificate(fingerprint)) return;
    block.certificates.set(fingerprint, pem);
  }

  private afterDurable(then: () => void): void {
    const last = this.open ?? this.writing;
    if (last) last.followers.push(then);
    else then();
  }

  private answerRepeat(waiting: Waiting, txId: string, result: Json): void {
    if (this.stopped) {
      waiting.reject(this.stopped);
      return;
    }
    this.home.commitOf(txId, result).then(
      (commit) => waiting.resolve({ ...commit, repeated: true } as Commit<never>),
      (error) => waiting.reject(asLedgerError(error)),
    );
  }

  private write(block: OpenBlock): void {
    this.open = undefined;
    this.writing = block;
    const sealed = sealBlock(
      {
        ledgerId: this.home.ledgerId,
        number: block.number,
        previousHash: this.previousHash,
        timestamp: block.timestamp,
      },
      block.accepted.map(({ entry }) => entry),
      [...block.certificates.values()],
      null,
    );
    this.number++;
    this.previousHash = sealed.hash;
    this.persist(block, sealed).then(
      () => {
        this.writing = undefined;
        this.pump();
      },
      (error) => {
        this.writing = undefined;
        // Whether the block reached the disk is not known: say so, and never try again.
        for (const { waiting } of block.accepted) waiting.reject(unknownOutcome(error, waiting.txId));
        this.stop(stoppedBy(error));
        for (const follower of block.followers) follower();
      },
    );
  }

  private async persist(block: OpenBlock, sealed: SealedBlock): Promise<void> {
    const { home } = this;
    // Before the block: a row without a block is harmless, a commitment without its row is not.
    if (block.privateWrites.length > 0) await home.privates.put(block.privateWrites);
    const [head] = await Promise.all([home.signHead(block.number + 1, sealed.hash), home.append(sealed)]);
    for (const owner of block.purged) await home.privates.purge(owner);
    const transactions = block.accepted.map(({ waiting, writes }) => ({ txId: waiting.txId, writes }));
    home.onDurable(
      sealed,
      head,
      transactions.map(({ txId }) => txId),
    );
    const { newest, certificates } = block;
    await home.state.apply({ block: block.number, hash: sealed.hash, transactions, newest, certificates });
    this.pending.settle(block.number, transactions, newest.keys());
    home.onApplied();
    for (const [index, { waiting, result }] of block.accepted.entries()) {
      waiting.resolve({
        txId: waiting.txId,
        block: block.number,
        blockHash: sealed.hash,
        result: result as never,
        // Most are never looked at: the path is made when it is.
        get receipt() {
          return receiptOf(sealed, head, waiting.txId, index);
        },
      });
    }
    for (const follower of block.followers) follower();
  }
}

function isFull(block: OpenBlock): boolean {
  return block.accepted.length >= MAX_BLOCK_TRANSACTIONS || block.characters >= MAX_BLOCK_CHARACTERS;
}

export function receiptOf(
  sealed: { readonly levels: SealedBlock['levels']; readonly header: BlockHeader; readonly hash: string },
  head: SignedHead,
  txId: string,
  index: number,
): Receipt {
  const { entryHash, path } = proofOf(sealed.levels, sealed.header, index);
  return {
    format: 'crowdwatt-receipt/1',
    ledgerId: sealed.header.ledgerId,
    txId,
    block: sealed.header.number,
    blockHash: sealed.hash,
    entryHash,
    path,
    header: { ...sealed.header },
    headSignature: head.signature,
  };
}

function stoppedBy(error: unknown): CrowdwattError {
  if (error instanceof CrowdwattError && error.code === 'ledger/locked') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CrowdwattError(
    'ledger/stopped',
    `the ledger stopped: ${reason}; open it again to go on`,
    {},
    { cause: error },
  );
}

function unknownOutcome(error: unknown, txId: string): CrowdwattError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CrowdwattError(
    'ledger/unknown-outcome',
    `whether transaction ${txId} reached the disk is not known: ${reason}; submit its operation id again once the ledger is open again`,
    { id: txId },
    { cause: error },
  );
}
