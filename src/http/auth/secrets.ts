import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret of 160 bits, in letters that are easily typed. */
export function newSecret(): string {
  return randomBytes(20)
    .toString('hex')
    .replace(/(.{8})(?=.)/g, '$1-');
}

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret. They are random and long, so that a plain hash cannot be reversed by guessing. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function matches(secret: string, hash: string | undefined): boolean {
  const given = Buffer.from(hashSecret(secret), 'hex');
  const kept = Buffer.from(hash ?? '0'.repeat(64), 'hex');
  return given.length === kept.length && timingSafeEqual(given, kept) && hash !== undefined;
}
