import { isUtf8 } from 'node:buffer';
import { type Json, merkleLeaf, merkleLevels, Refusal, sha256Hex } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import { fingerprintOf, type Identity, type IdentityBook } from '../identity/certificate.js';
import type { Members } from '../identity/members.js';
import { isLowS, readDer } from '../identity/signature.js';
import { documentText } from '../objects.js';
import type { SegmentStore } from '../storage/segments.js';
import type {
  BlockView,
  Commit,
  Creator,
  Enrolment,
  Head,
  Ledger,
  LedgerEvent,
  Member,
  OpenLedgerOptions,
  PreparedTransaction,
  Receipt,
  Role,
  Signer,
  TransactionCall,
} from '../types.js';
import { asLedgerError, MAX_TRANSACTION_BYTES, prepareCall, readCall, txIdOf } from '../wire.js';
import { type OpenedBlock, openBlock, type SealedBlock } from './block.js';
import { runQuery } from './executor.js';
import { type SignedHead, signHead } from './head.js';
import type { PrivateStore } from './private.js';
import { receiptOf, Sequencer } from './sequencer.js';
import type { HistoryEntry, StateStore } from './state.js';
import { stateHash } from './state-hash.js';
import { eventsOf, viewOf } from './views.js';

/** Documents by hash, beside the ledger. */
export interface ObjectStore {
  put(hash: string, text: string): Promise<void>;
  get(hash: string): Promise<string | undefined>;
}

export interface LocalParts {
  readonly kind: 'memory' | 'embedded';
  readonly id: string;
  readonly blocks: SegmentStore;
  readonly state: StateStore;
  readonly privates: PrivateStore;
  readonly objects: ObjectStore;
  readonly book: IdentityBook;
  readonly members: Members;
  readonly enrolment: Enrolment;
  readonly node: Signer;
  /** Timestamp of the last block. */
  readonly lastTimestamp: number;
  readonly onBlock?: OpenLedgerOptions['onBlock'];
  readonly onWarning?: (message: string) => void;
  /** Keeps the newest head; called after each durable block, and with `final` on close. */
  readonly keepHead?: (head: SignedHead, final: boolean) => Promise<void>;
  readonly release?: () => Promise<void>;
}

/** The ledger that runs in this process, in memory or over files: one engine for both. */
export class LocalLedger implements Ledger {
  private readonly sequencer: Sequencer;
  private clock: number;
  private closing: Promise<void> | undefined;
  private newestHead: SignedHead | undefined;
  private readonly listeners = new Set<() => void>();
  private warned = false;

  constructor(private readonly parts: LocalParts) {
    this.clock = parts.lastTimestamp;
    this.sequencer = new Sequencer(
      {
        ledgerId: parts.id,
        state: parts.state,
        privates: parts.privates,
        append: (block) => parts.blocks.append(block.payload),
        signHead: (height, hash) => signHead(parts.node, { ledgerId: parts.id, height, hash }),
        onDurable: (block, head, txIds) => this.onDurable(block, head, txIds),
        onApplied: () => this.wake(),
        now: () => this.now(),
        commitOf: (txId, result) => this.commitOf(txId, result),
        onStop: () => this.wake(),
      },
      parts.blocks.height,
      parts.state.lastHash,
    );
  }

  get kind(): 'memory' | 'embedded' {
    return this.parts.kind;
  }

  get enrolment(): Enrolment {
    return this.parts.enrolment;
  }

  get id(): string {
    return this.parts.id;
  }

  async transact<Result = unknown>(member: Member, call: TransactionCall): Promise<Commit<Result>> {
    const prepared = await this.prepare(member, call);
    return this.submit<Result>(prepared, await member.signer.sign(prepared.bytes));
  }

  async prepare(creator: Creator, call: TransactionCall): Promise<PreparedTransaction> {
    try {
      // Parsed here once: a certificate that this ledger does not know is refused before anything is signed.
      this.parts.book.add(creator.certificate);
      return prepareCall(this.id, creator, call, this.now());
    } catch (error) {
      throw asLedgerError(error);
    }
  }

  async submit<Result = unknown>(prepared: PreparedTransaction, signature: Uint8Array): Promise<Commit<Result>> {
    this.insistOpen();
    try {
      if (prepared.bytes.length > MAX_TRANSACTION_BYTES) {
        throw new Refusal(
          'huge',
          `a transaction has at most ${MAX_TRANSACTION_BYTES} bytes, not ${prepared.bytes.length}`,
        );
      }
      const { bytes } = prepared;
      // What is kept is text: bytes that are not text would verify now and never again.
      if (!isUtf8(bytes)) throw new Refusal('arguments', 'the signed transaction is not UTF-8');
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      const call = readCall(text);
      insistLowS(signature);
      const { certificate } = (prepared.handle ?? {}) as { certificate?: string };
      const identity = await this.identify(call.creator, certificate);
      const { txId } = prepared;
      const { transient } = prepared.call;
      return await this.sequencer.submit({
        txId: checkTxId(txId, call),
        bytes,
        text,
        call,
        identity,
        signature,
        transient,
      });
    } catch (error) {
      throw asLedgerError(error);
    }
  }

  private async identify(fingerprint: string, pem: string | undefined): Promise<Identity> {
    const known = this.parts.book.get(fingerprint);
    if (known) return known;
    const certificate = pem ?? (await this.parts.state.certificate(fingerprint));
    if (certificate === undefined)
      throw new Refusal('certificate', `certificate ${fingerprint} is not known here: hand it in`);
    const identity = this.parts.book.add(certificate);
    if (identity.fingerprint !== fingerprint)
      throw new Refusal('certificate', 'the transaction names another certificate as its creator');
    return identity;
  }

  async query<Result = unknown>(member: Member, name: string, args: unknown): Promise<Result> {
    this.insistOpen();
    const snapshot = this.parts.state.snapshot();
    try {
      const identity = await this.identify(fingerprintOf(member.certificate), member.certificate);
      return (await runQuery(snapshot, this.parts.privates, identity, this.now(), name, args)) as Result;
    } catch (error) {
      throw asLedgerError(error);
    } finally {
      await snapshot.close();
    }
  }

  async head(): Promise<Head> {
    this.newestHead ??= await signHead(this.parts.node, {
      ledgerId: this.id,
      height: this.parts.state.height,
      hash: this.parts.state.lastHash,
    });
    return this.newestHead;
  }

  async *blocks(from = 0, to = this.parts.state.height): AsyncGenerator<BlockView> {
    for (let number = from; number < Math.min(to, this.parts.state.height); number++)
      yield viewOf(await this.block(number));
  }

  async *events(options: { fromBlock?: number; signal?: AbortSignal } = {}): AsyncGenerator<LedgerEvent> {
    const { signal } = options;
    let next = options.fromBlock ?? this.parts.state.height;
    while (!signal?.aborted) {
      while (next < this.parts.state.height) {
        for (const event of eventsOf(await this.block(next))) {
          if (signal?.aborted) return;
          yield event;
        }
        next++;
      }
      if (this.closing || signal?.aborted) return;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.listeners.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.listeners.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
  }

  member(id: string, role: Role, options?: { heldForMember?: boolean }): Promise<Member> {
    return this.parts.members.member(id, role, options?.heldForMember);
  }

  certify(request: string, id: string, role: Role): Promise<Creator> {
    return this.parts.members.certify(request, id, role);
  }

  async putObject(document: unknown): Promise<string> {
    const text = documentText(document);
    const hash = sha256Hex(text);
    await this.parts.objects.put(hash, text);
    return hash;
  }

  getObject(hash: string): Promise<unknown> {
    return objectIn(this.parts.objects, hash);
  }

  stateHash(): Promise<string> {
    return stateHash(this.parts.state);
  }

  /** Every value that a key had, oldest first. */
  history(key: string): AsyncIterable<HistoryEntry> {
    return this.parts.state.history(key);
  }

  async nodeCertificate(): Promise<string> {
    return (await this.block(0)).genesis!.node;
  }

  /** The receipt of a transaction, made anew from its block. */
  async receipt(txId: string): Promise<Receipt> {
    const at = await this.parts.state.locate(txId);
    if (!at) throw new CrowdwattError('ledger/missing', `transaction ${txId} is not on the ledger`, { id: txId });
    const block = await this.block(at.block);
    const head = await signHead(this.parts.node, { ledgerId: this.id, height: at.block + 1, hash: block.hash });
    return receiptOf(
      { levels: merkleLevels(block.texts.map(merkleLeaf)), header: block.header, hash: block.hash },
      head,
      txId,
      at.index,
    );
  }

  private async commitOf(txId: string, result: Json): Promise<Commit> {
    const receipt = await this.receipt(txId);
    return { txId, block: receipt.block, blockHash: receipt.blockHash, result, receipt };
  }

  private async block(number: number): Promise<OpenedBlock> {
    return openBlock(await this.parts.blocks.read(number));
  }

  /** Never runs backwards: a system clock that does is warned of once, and the last block's time kept. */
  private now(): number {
    const wall = Date.now();
    if (wall < this.clock - 1000 && !this.warned) {
      this.warned = true;
      this.parts.onWarning?.(`the system clock is ${this.clock - wall} ms behind the last block: its time is kept`);
    }
    this.clock = Math.max(this.clock, wall);
    return this.clock;
  }

  private onDurable(block: SealedBlock, head: SignedHead, txIds: readonly string[]): void {
    this.newestHead = head;
    this.parts.onBlock?.({ block: block.header.number, hash: block.hash, transactions: txIds });
    void this.parts
      .keepHead?.(head, false)
      .catch((error) => this.parts.onWarning?.(`head.json was not written: ${error.message}`));
  }

  private wake(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private insistOpen(): void {
    if (this.closing) throw new CrowdwattError('ledger/stopped', 'the ledger is closed');
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    await this.sequencer.idle();
    this.sequencer.stop(new CrowdwattError('ledger/stopped', 'the ledger is closed'));
    this.wake();
    try {
      await this.parts.keepHead?.((await this.head()) as SignedHead, true);
    } finally {
      await this.parts.blocks.close();
      await this.parts.privates.close();
      await this.parts.state.close();
      await this.parts.release?.();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One form of a signature only, or anybody could make a second transaction out of somebody's first. */
function insistLowS(signature: Uint8Array): void {
  if (!readDer(signature)) throw new Refusal('signature', 'the signature is not in the strict DER form of ECDSA');
  if (!isLowS(signature)) throw new Refusal('high-s', 'the signature is not in low-S form: normalise it');
}

function checkTxId(claimed: string, call: { nonce: string; creator: string }): string {
  const txId = txIdOf(call.nonce, call.creator);
  if (claimed !== txId) throw new Refusal('arguments', 'the transaction id does not follow from nonce and creator');
  return txId;
}

/** A kept document, checked against the hash that it is known by. */
export async function objectIn(objects: ObjectStore, hash: string): Promise<unknown> {
  const text = await objects.get(hash);
  if (text === undefined) return undefined;
  if (sha256Hex(text) !== hash) {
    throw new CrowdwattError('ledger/damaged', `object ${hash} does not match its hash`, { id: hash });
  }
  return JSON.parse(text);
}
