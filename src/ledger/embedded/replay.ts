import { canonicalJson, ERASED } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import { type Genesis, ledgerIdOf, type OpenedBlock, openBlock, ZERO_HASH } from '../engine/block.js';
import { effectsHash, execute } from '../engine/executor.js';
import { PendingState } from '../engine/pending.js';
import type { StateStore, StateWrite } from '../engine/state.js';
import { type Identity, IdentityBook } from '../identity/certificate.js';
import { verifySignature } from '../identity/signature.js';

export interface ReplayOptions {
  /** Check every signature too: for verify. A rebuild of the state trusts the hash chain, which opening checked. */
  readonly signatures: boolean;
}

export interface ReplayCounts {
  transactions: number;
  /** Transactions with a private document, by its owner. */
  readonly privates: Map<string, number>;
}

/**
 * Executes blocks anew, in order, on a state: what they come to must be what they say. The state
 * follows from the blocks alone, so this is also how it is rebuilt.
 */
export class Replay {
  readonly counts: ReplayCounts = { transactions: 0, privates: new Map() };
  ledgerId = '';
  genesis: Genesis | undefined;
  book: IdentityBook | undefined;
  lastHash = ZERO_HASH;
  lastTimestamp = 0;

  constructor(
    private readonly state: StateStore,
    private readonly options: ReplayOptions,
  ) {}

  /** Goes on after a block that the state holds already. */
  resume(genesis: OpenedBlock, last: OpenedBlock): void {
    this.begin(genesis);
    this.lastHash = last.hash;
    this.lastTimestamp = last.header.timestamp;
  }

  /** The next block. */
  async block(payload: Uint8Array, height: number): Promise<OpenedBlock> {
    let block: OpenedBlock;
    try {
      block = openBlock(payload);
    } catch (error) {
      throw damaged(height, (error as Error).message, error);
    }
    this.checkChain(block, height);
    if (height === 0) this.begin(block);
    for (const pem of block.certificates) this.certificate(pem, height);
    await this.execute(block, height);
    this.lastHash = block.hash;
    this.lastTimestamp = block.header.timestamp;
    return block;
  }

  private checkChain({ header, genesis }: OpenedBlock, height: number): void {
    if (header.number !== height) throw damaged(height, `the block calls itself ${header.number}`);
    if ((genesis !== null) !== (height === 0)) throw damaged(height, 'a genesis stands in block 0 and only there');
    const previous = height === 0 ? ZERO_HASH : this.lastHash;
    if (header.previousHash !== previous) throw damaged(height, `previousHash must be ${previous}`);
    if (header.timestamp < this.lastTimestamp) throw damaged(height, 'the clock of the block runs backwards');
    if (height > 0 && header.ledgerId !== this.ledgerId)
      throw damaged(height, `the block is of ledger ${header.ledgerId}`);
  }

  private begin(block: OpenedBlock): void {
    this.genesis = block.genesis!;
    this.ledgerId = ledgerIdOf(this.genesis);
    if (block.header.ledgerId !== this.ledgerId) throw damaged(0, 'the ledger id does not follow from the genesis');
    this.book = new IdentityBook(this.genesis.authority);
  }

  private async identify(fingerprint: string, height: number): Promise<Identity | undefined> {
    const known = this.book!.get(fingerprint);
    if (known) return known;
    const pem = await this.state.certificate(fingerprint);
    return pem === undefined ? undefined : this.certificate(pem, height);
  }

  private certificate(pem: string, height: number): Identity {
    try {
      return this.book!.add(pem);
    } catch (error) {
      throw damaged(
        height,
        `it holds a certificate that the CA of the ledger did not issue: ${(error as Error).message}`,
        error,
      );
    }
  }

  private async execute(block: OpenedBlock, height: number): Promise<void> {
    const pending = new PendingState(this.state);
    const checks = this.options.signatures ? this.checkSignatures(block, height) : undefined;
    // A failure below must not leave this one unheard.
    checks?.catch(() => {});
    const transactions: { txId: string; writes: readonly StateWrite[] }[] = [];
    const newest = new Map<string, number>();
    for (const [index, entry] of block.transactions.entries()) {
      const txId = block.txIds[index]!;
      const { tx } = entry;
      const where = `transaction ${index} (${txId})`;
      const identity = await this.identify(tx.creator, height);
      if (!identity) throw damaged(height, `${where}: its creator's certificate is not on the ledger`);
      const done = await execute(pending, tx, txId, identity, ERASED).catch((error: Error) => {
        throw damaged(height, `${where}: the rules refuse it: ${error.message}`, error);
      });
      if (done.repeatedTxId !== undefined) throw damaged(height, `${where}: it repeats operation ${tx.operationId}`);
      if (pending.hasTransaction(txId) || (await this.state.locate(txId)))
        throw damaged(height, `${where}: it is on the ledger twice`);
      if (effectsHash(done.writes, done.event) !== entry.effects)
        throw damaged(height, `${where}: a replay comes to other effects`);
      let time = 0;
      if (done.day !== undefined) {
        time = Math.max(tx.timestamp, (await pending.newest(done.day)) ?? 0);
        newest.set(done.day, time);
      }
      if (tx.function === 'SubmitPreferences') {
        this.counts.privates.set(identity.id, (this.counts.privates.get(identity.id) ?? 0) + 1);
      }
      pending.add(height, txId, done.writes, done.day, time);
      transactions.push({ txId, writes: done.writes });
    }
    await checks;
    const certificates = new Map(block.certificates.map((pem) => [this.book!.add(pem).fingerprint, pem]));
    await this.state.apply({ block: height, hash: block.hash, transactions, newest, certificates });
    this.counts.transactions += transactions.length;
  }

  private async checkSignatures(block: OpenedBlock, height: number): Promise<void> {
    const results = await Promise.all(
      block.transactions.map(async ({ signature }, index) => {
        const tx = block.transactions[index]!.tx;
        const identity = await this.identify(tx.creator, height);
        if (!identity || tx.ledgerId !== this.ledgerId) return false;
        const { timestamp } = block.header;
        if (timestamp < identity.notBefore || timestamp > identity.notAfter) return false;
        const bytes = Buffer.from(signature, 'base64');
        // The one base64 form, so that no bit of the payload is free.
        return (
          bytes.toString('base64') === signature &&
          verifySignature(identity.publicKey, signedBytes(block, index), bytes)
        );
      }),
    );
    const index = results.indexOf(false);
    if (index >= 0)
      throw damaged(height, `transaction ${index} (${block.txIds[index]}): its signature does not verify`);
  }
}

/** Canonical JSON has one form, so that writing it again gives what was signed. */
function signedBytes(block: OpenedBlock, index: number): Buffer {
  return Buffer.from(canonicalJson(block.transactions[index]!.tx), 'utf8');
}

function damaged(block: number, message: string, cause?: unknown): CrowdwattError {
  return new CrowdwattError(
    'ledger/damaged',
    `block ${block}: ${message}`,
    { block },
    cause === undefined ? {} : { cause },
  );
}
