import { createHash } from 'node:crypto';

/**
 * One block on disk:
 *   0  magic "CWB1"          4 bytes
 *   4  payload length        u32, little-endian
 *   8  height                u64
 *  16  CRC-32 of bytes 0–15  u32
 *  20  payload               canonical JSON of the block
 *   …  SHA-256 over payload and the 32 hash bytes of the record before (zeros for the first)
 */
export const HEADER_BYTES = 20;
export const HASH_BYTES = 32;
export const FIRST_PREVIOUS = Buffer.alloc(HASH_BYTES);
const MAGIC = Buffer.from('CWB1', 'latin1');
/** Largest payload, bytes. */
export const MAX_PAYLOAD = 1 << 30;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export function recordHash(payload: Uint8Array, previous: Uint8Array): Buffer {
  return createHash('sha256').update(payload).update(previous).digest();
}

export function encodeRecord(height: number, payload: Uint8Array, hash: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(payload.length, 4);
  header.writeBigUInt64LE(BigInt(height), 8);
  header.writeUInt32LE(crc32(header.subarray(0, 16)), 16);
  return Buffer.concat([header, payload, hash]);
}

/** Length and height of a complete header; undefined where it is not what was written. */
export function decodeHeader(header: Buffer): { length: number; height: number } | undefined {
  if (!header.subarray(0, 4).equals(MAGIC)) return undefined;
  if (header.readUInt32LE(16) !== crc32(header.subarray(0, 16))) return undefined;
  return { length: header.readUInt32LE(4), height: Number(header.readBigUInt64LE(8)) };
}
