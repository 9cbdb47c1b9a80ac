import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../../../chaincode/src/domain/index.js';
import { verifySignature } from '../identity/signature.js';
import type { Head, Signer } from '../types.js';

/** A head and the ledger's word for it. Two of one height with different hashes prove equivocation. */
export interface SignedHead extends Head {
  readonly signature: string;
}

function headBytes({ ledgerId, height, hash }: Head): Buffer {
  return Buffer.from(canonicalJson({ hash, height, ledgerId }), 'utf8');
}

export async function signHead(signer: Signer, head: Head): Promise<SignedHead> {
  const signature = Buffer.from(await signer.sign(headBytes(head))).toString('base64');
  return { ledgerId: head.ledgerId, height: head.height, hash: head.hash, signature };
}

export async function verifyHead(publicKey: KeyObject, head: Head, signature: string): Promise<boolean> {
  const bytes = Buffer.from(signature, 'base64');
  // The one base64 form: spare bits may not carry anything.
  if (bytes.toString('base64') !== signature) return false;
  return verifySignature(publicKey, headBytes(head), bytes);
}
