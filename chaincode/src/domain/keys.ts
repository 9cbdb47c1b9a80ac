/**
 * Keys of the world state: the twin of Fabric's `createCompositeKey`, so that both homes hold the
 * same keys in the same order. Numbers are zero-padded, because keys sort as text.
 */
const SEPARATOR = '\u0000';

/** Kinds of records in the world state. */
export type RecordType =
  | 'participant'
  | 'latest'
  | 'day'
  | 'preferences'
  | 'equilibrium'
  | 'contract'
  | 'spent'
  | 'offer'
  | 'round'
  | 'supplement'
  | 'delivery'
  | 'open-carry'
  | 'carry'
  | 'span'
  | 'statement'
  | 'dispute'
  | 'revoked'
  | 'operation';

export function compositeKey(type: RecordType, parts: readonly string[]): string {
  let key = SEPARATOR + type + SEPARATOR;
  for (const part of parts) key += part + SEPARATOR;
  return key;
}

export function splitCompositeKey(key: string): { type: RecordType; parts: string[] } {
  const pieces = key.split(SEPARATOR);
  return { type: pieces[1] as RecordType, parts: pieces.slice(2, -1) };
}

export const periodPart = (period: number): string => String(period).padStart(4, '0');
export const roundPart = (round: number): string => String(round).padStart(2, '0');
export const versionPart = (version: number): string => String(version).padStart(6, '0');
