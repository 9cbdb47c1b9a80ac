import {
  canonicalJson,
  EMPTY_ROOT,
  hashOf,
  type Json,
  type MerkleStep,
  merkleLeaf,
  merkleLevels,
  merklePath,
  sha256Hex,
} from '../../../chaincode/src/domain/index.js';
import { readCall, type SignedCall, txIdOf } from '../wire.js';

/** What the hash of a block is over. */
export interface BlockHeader {
  readonly ledgerId: string;
  readonly number: number;
  readonly previousHash: string;
  /** Clock of the writer, ms; never runs backwards. */
  readonly timestamp: number;
  readonly count: number;
  /** Merkle root of the entries. */
  readonly transactionsRoot: string;
  /** Hash of {certificates, genesis}. */
  readonly contents: string;
}

/** Block 0 says who the ledger is; its hash is the ledger's id. */
export interface Genesis {
  readonly format: 'crowdwatt-ledger/1';
  readonly contract: string;
  readonly createdAt: number;
  readonly nonce: string;
  /** CA certificate, PEM. */
  readonly authority: string;
  /** Certificate of the node that signs heads, PEM. */
  readonly node: string;
}

/** A transaction in a block. */
export interface Entry {
  readonly tx: SignedCall;
  /** DER, base64. */
  readonly signature: string;
  readonly event: { readonly name: string; readonly payload: Json } | null;
  /** `effectsHash` of its writes and event. */
  readonly effects: string;
}

export interface Block {
  readonly header: BlockHeader;
  readonly certificates: readonly string[];
  readonly genesis: Genesis | null;
  readonly transactions: readonly Entry[];
}

export interface SealedBlock {
  readonly header: BlockHeader;
  readonly hash: string;
  readonly payload: Buffer;
  readonly levels: readonly (readonly Buffer[])[];
}

export const ZERO_HASH = '0'.repeat(64);

export function ledgerIdOf(genesis: Genesis): string {
  return hashOf(genesis).slice(0, 32);
}

/** Canonical JSON of an entry, from the signed text as it came: nothing is written twice. */
export function entryText(signedText: string, signature: Uint8Array, event: Entry['event'], effects: string): string {
  const base64 = Buffer.from(signature).toString('base64');
  return `{"effects":"${effects}","event":${canonicalJson(event)},"signature":"${base64}","tx":${signedText}}`;
}

export function sealBlock(
  base: Pick<BlockHeader, 'ledgerId' | 'number' | 'previousHash' | 'timestamp'>,
  entries: readonly string[],
  certificates: readonly string[],
  genesis: Genesis | null,
): SealedBlock {
  const levels = merkleLevels(entries.map(merkleLeaf));
  const header: BlockHeader = {
    ...base,
    count: entries.length,
    transactionsRoot: entries.length === 0 ? EMPTY_ROOT : levels.at(-1)![0]!.toString('hex'),
    contents: hashOf({ certificates, genesis }),
  };
  const headerText = canonicalJson(header);
  const head = `{"certificates":${canonicalJson(certificates)},"genesis":${canonicalJson(genesis)}`;
  const text = `${head},"header":${headerText},"transactions":[${entries.join(',')}]}`;
  return {
    header,
    hash: sha256Hex(headerText),
    payload: Buffer.from(text, 'utf8'),
    levels,
  };
}

export function headerHash(header: BlockHeader): string {
  return hashOf(header);
}

export interface OpenedBlock extends Block {
  readonly hash: string;
  /** Canonical texts of the entries, as hashed. */
  readonly texts: readonly string[];
  readonly txIds: readonly string[];
}

/**
 * Reads a payload and checks everything that follows from it alone: canonical form, fields, Merkle
 * root, contents. Throws an Error that says what is wrong.
 */
export function openBlock(payload: Uint8Array): OpenedBlock {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  const block = JSON.parse(text) as Block;
  if (canonicalJson(block) !== text) throw new Error('the payload is not canonical JSON');
  const texts = block.transactions.map((entry) => canonicalJson(entry));
  const resealed = sealBlock(block.header, texts, block.certificates, block.genesis);
  if (canonicalJson(resealed.header) !== canonicalJson(block.header)) {
    throw new Error('the header does not match what the block holds');
  }
  const txIds = block.transactions.map((entry) => {
    readCall('', entry.tx);
    return txIdOf(entry.tx.nonce, entry.tx.creator);
  });
  return { ...block, hash: resealed.hash, texts, txIds };
}

/** What links a transaction to the hash of its block. */
export interface InclusionProof {
  readonly entryHash: string;
  readonly path: readonly MerkleStep[];
  readonly header: BlockHeader;
}

export function proofOf(levels: SealedBlock['levels'], header: BlockHeader, index: number): InclusionProof {
  return { entryHash: levels[0]![index]!.toString('hex'), path: merklePath(levels, index), header };
}
