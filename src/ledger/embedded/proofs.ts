import { X509Certificate } from 'node:crypto';
import { merkleClimb, merkleLeaf } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import { type BlockHeader, headerHash, type OpenedBlock } from '../engine/block.js';
import { type SignedHead, verifyHead } from '../engine/head.js';
import type { Receipt } from '../types.js';

/** Two heads of one height that one key signed: nobody can explain that away. */
export interface Equivocation {
  readonly format: 'crowdwatt-equivocation/1';
  /** Certificate of the key that signed both, PEM. */
  readonly node: string;
  readonly heads: readonly [SignedHead, SignedHead];
}

/** True where the two heads contradict each other and both are signed by the node's key. */
export async function provesEquivocation({ node, heads: [first, second] }: Equivocation): Promise<boolean> {
  if (first.ledgerId !== second.ledgerId || first.height !== second.height || first.hash === second.hash) return false;
  const { publicKey } = new X509Certificate(node);
  return (
    (await verifyHead(publicKey, first, first.signature)) && (await verifyHead(publicKey, second, second.signature))
  );
}

/** The head that a receipt was signed over. */
export function headOfReceipt(receipt: Receipt): SignedHead {
  return {
    ledgerId: receipt.ledgerId,
    height: receipt.block + 1,
    hash: receipt.blockHash,
    signature: receipt.headSignature,
  };
}

/** What a receipt proves by itself, with the node's certificate: that its block was signed with the entry in it. */
export async function checkReceipt(receipt: Receipt, nodePem: string): Promise<void> {
  const fail = (what: string) =>
    new CrowdwattError('ledger/audit', `receipt of ${receipt.txId}: ${what}`, { id: receipt.txId });
  const header = receipt.header as unknown as BlockHeader;
  if (headerHash(header) !== receipt.blockHash) throw fail('its header does not have its block hash');
  if (header.number !== receipt.block || header.ledgerId !== receipt.ledgerId)
    throw fail('its header is of another block or ledger');
  if (merkleClimb(Buffer.from(receipt.entryHash, 'hex'), receipt.path) !== header.transactionsRoot) {
    throw fail('its Merkle path does not lead to the root');
  }
  const { publicKey } = new X509Certificate(nodePem);
  if (!(await verifyHead(publicKey, headOfReceipt(receipt), receipt.headSignature))) {
    throw fail('its head signature is not by the key of this ledger');
  }
}

/** Heads and receipts that a scan of the blocks must agree with. */
export class Expectations {
  private readonly heads = new Map<number, { head: SignedHead; from: string }[]>();
  private readonly receipts = new Map<number, Receipt[]>();
  private node = '';

  head(head: SignedHead, from: string): void {
    this.heads.set(head.height, [...(this.heads.get(head.height) ?? []), { head, from }]);
  }

  receipt(receipt: Receipt): void {
    this.receipts.set(receipt.block, [...(this.receipts.get(receipt.block) ?? []), receipt]);
    this.head(headOfReceipt(receipt), `the receipt of ${receipt.txId}`);
  }

  /** Given each block as it is scanned. */
  async block(block: OpenedBlock, sign: SignedHead | undefined): Promise<void> {
    const { number, ledgerId } = block.header;
    if (block.genesis) this.node = block.genesis.node;
    for (const { head, from } of this.heads.get(number + 1) ?? []) {
      await this.checkSigned(head, from);
      if (head.ledgerId !== ledgerId)
        throw new CrowdwattError('ledger/audit', `${from} is of ledger ${head.ledgerId}, not ${ledgerId}`);
      if (head.hash !== block.hash) throw this.contradiction(head, from, block, sign);
    }
    for (const receipt of this.receipts.get(number) ?? []) {
      await checkReceipt(receipt, this.node);
      const index = block.txIds.indexOf(receipt.txId);
      if (index < 0 || merkleLeaf(block.texts[index]!).toString('hex') !== receipt.entryHash) {
        throw new CrowdwattError(
          'ledger/audit',
          `block ${number} does not hold transaction ${receipt.txId} as its receipt says`,
          { id: receipt.txId },
        );
      }
    }
  }

  private async checkSigned(head: SignedHead, from: string): Promise<void> {
    const { publicKey } = new X509Certificate(this.node);
    if (!(await verifyHead(publicKey, head, head.signature))) {
      throw new CrowdwattError('ledger/audit', `${from} is not signed by the key of this ledger`);
    }
  }

  /** The block differs from a head that was signed: with a signed head of this chain too, that is the proof. */
  private contradiction(
    head: SignedHead,
    from: string,
    block: OpenedBlock,
    signed: SignedHead | undefined,
  ): CrowdwattError {
    const { number, ledgerId } = block.header;
    const proof =
      signed && signed.height === head.height && signed.hash !== head.hash
        ? { equivocation: { format: 'crowdwatt-equivocation/1', node: this.node, heads: [head, signed] } }
        : {};
    return new CrowdwattError(
      'ledger/equivocation',
      `block ${number} is not the one in ${from}: this ledger signed ${head.hash} for height ${head.height} and now shows ${block.hash}`,
      { block: number, ledgerId, signed: { ...head }, shown: block.hash, ...proof },
    );
  }

  /** After the scan: everything that is known of must have been there. */
  finish(height: number): void {
    for (const [wanted, entries] of this.heads) {
      if (wanted > height) {
        throw new CrowdwattError(
          'ledger/rolled-back',
          `the ledger has ${height} blocks, but ${entries[0]!.from} proves ${wanted}`,
          { block: height },
        );
      }
    }
  }
}
