import { type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import type { Signer } from '../types.js';

/** Order n of P-256; a signature (r, s) and (r, n − s) are both valid, so only s ≤ n/2 is admitted. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = Buffer.from((ORDER >> 1n).toString(16).padStart(64, '0'), 'hex');

const signAsync = promisify<string, Uint8Array, KeyObject, Buffer>(sign);
const verifyAsync = promisify<string, Uint8Array, KeyObject, Uint8Array, boolean>(verify);

/** r and s as 32 bytes each; undefined where the DER is not the one short form of two positive integers. */
export function readDer(signature: Uint8Array): { r: Buffer; s: Buffer } | undefined {
  const bytes = Buffer.from(signature.buffer, signature.byteOffset, signature.byteLength);
  if (bytes.length < 8 || bytes.length > 72 || bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return undefined;
  const r = readInteger(bytes, 2);
  if (!r) return undefined;
  const s = readInteger(bytes, r.end);
  if (!s || s.end !== bytes.length) return undefined;
  return { r: r.value, s: s.value };
}

function readInteger(bytes: Buffer, at: number): { value: Buffer; end: number } | undefined {
  const size = bytes[at + 1];
  if (bytes[at] !== 0x02 || size === undefined || size < 1 || size > 33) return undefined;
  const start = at + 2;
  const end = start + size;
  if (end > bytes.length) return undefined;
  const first = bytes[start]!;
  if (first >= 0x80) return undefined;
  if (first === 0 && (size === 1 || bytes[start + 1]! < 0x80)) return undefined;
  if (size === 33 && first !== 0) return undefined;
  const value = Buffer.alloc(32);
  const digits = bytes.subarray(first === 0 ? start + 1 : start, end);
  digits.copy(value, 32 - digits.length);
  return { value, end };
}

export function writeDer(r: Uint8Array, s: Uint8Array): Buffer {
  const body = Buffer.concat([writeInteger(r), writeInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function writeInteger(value: Uint8Array): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const digits = value.subarray(start);
  const padded = digits[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : Buffer.from(digits);
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
}

/** True for the one strict DER form with s ≤ n/2. */
export function isLowS(signature: Uint8Array): boolean {
  const parts = readDer(signature);
  return parts !== undefined && parts.s.compare(HALF_ORDER) <= 0;
}

/** The same signature with s ≤ n/2: half of what Node and WebCrypto produce is not. */
export function toLowS(signature: Uint8Array): Uint8Array {
  const parts = readDer(signature);
  if (!parts) throw new Error('not a DER signature');
  if (parts.s.compare(HALF_ORDER) <= 0) return signature;
  const flipped = (ORDER - BigInt(`0x${parts.s.toString('hex')}`)).toString(16).padStart(64, '0');
  return writeDer(parts.r, Buffer.from(flipped, 'hex'));
}

/** WebCrypto gives r‖s: 64 bytes to low-S DER. */
export function fromRaw(raw: Uint8Array): Uint8Array {
  if (raw.length !== 64) throw new Error(`a raw P-256 signature has 64 bytes, not ${raw.length}`);
  return toLowS(writeDer(raw.subarray(0, 32), raw.subarray(32)));
}

/** Signs off the main thread. */
export function keySigner(privateKey: KeyObject): Signer {
  return {
    sign: async (bytes) => toLowS(await signAsync('sha256', bytes, privateKey)),
  };
}

/** ECDSA P-256 with SHA-256 over the bytes, on the thread pool; refuses what is not low-S. */
export async function verifySignature(
  publicKey: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return isLowS(signature) && verifyAsync('sha256', bytes, publicKey, signature);
}
