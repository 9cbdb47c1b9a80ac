import * as crypto from 'node:crypto';
import { Refusal } from './refusals.js';

/** What canonical JSON can hold: integers are the only numbers. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const MAX_DEPTH = 32;

/**
 * The one way in which anything is written, hashed or signed: keys sorted by UTF-16 code unit, no
 * spaces, safe integers only, well-formed strings. A number with a fraction, NaN, an infinity, a
 * function or a cycle is refused, so that two programs can never disagree about the bytes.
 */
export function canonicalJson(value: unknown): string {
  try {
    return write(value, 0);
  } catch (error) {
    // Paths are only made where something is wrong: this runs several times for every transaction.
    if (error instanceof Refusal)
      throw new Refusal(error.code, `${pathOfFault(value, 0) || 'value'}: ${error.message}`);
    throw error;
  }
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new Refusal('not-an-integer', `${value} is not a safe integer`);
      return value === 0 ? '0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      break;
    default:
      throw new Refusal('arguments', `a ${typeof value} cannot be written as JSON`);
  }
  if (value === null) return 'null';
  if (depth >= MAX_DEPTH) throw new Refusal('arguments', `nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    let text = '[';
    for (let index = 0; index < value.length; index++) text += (index > 0 ? ',' : '') + write(value[index], depth + 1);
    return `${text}]`;
  }
  const record = value as Record<string, unknown>;
  let text = '';
  for (const key of sortedKeys(record)) {
    const item = record[key];
    if (item === undefined) continue;
    text += `${text === '' ? '{' : ','}${writeText(key)}:${write(item, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** What was read from canonical JSON is in order already. */
function sortedKeys(record: Record<string, unknown>): string[] {
  const keys = Object.keys(record);
  for (let index = 1; index < keys.length; index++) if (keys[index - 1]! > keys[index]!) return keys.sort();
  return keys;
}

function writeText(text: string): string {
  const quoted = JSON.stringify(text);
  // A lone surrogate is the only thing that JSON.stringify writes as an escape beginning with \\ud.
  if (quoted.includes('\\ud') && !isWellFormed(text))
    throw new Refusal('arguments', 'the text is not well-formed Unicode');
  return quoted;
}

function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/.test(text);
}

/** Where in a value the first thing stands that cannot be written. */
function pathOfFault(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return '';
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    try {
      write(item, depth + 1);
    } catch {
      const rest = pathOfFault(item, depth + 1);
      const here = Array.isArray(value) ? `[${key}]` : key;
      return rest === '' || rest.startsWith('[') ? here + rest : `${here}.${rest}`;
    }
  }
  return '';
}

type OneShot = (algorithm: string, data: string | Uint8Array, encoding: 'hex' | 'buffer') => string | Buffer;

// Node 20.12 on has a one-shot digest: a Hash object costs several times the digest of what is hashed here.
const oneShot = (crypto as unknown as { readonly hash?: OneShot }).hash;

/** SHA-256; text is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): Buffer {
  return oneShot ? (oneShot('sha256', data, 'buffer') as Buffer) : crypto.createHash('sha256').update(data).digest();
}

/** SHA-256 as lower-case hex; text is hashed as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return oneShot ? (oneShot('sha256', data, 'hex') as string) : crypto.createHash('sha256').update(data).digest('hex');
}

/** Hash of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** Salted hash that stands on the chain for a private document. */
export function commitmentOf(salt: string, document: unknown): string {
  return hashOf({ document, salt });
}

/** Order of strings by Unicode code point, which is also the order of their UTF-8 bytes. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    // Surrogates sort below U+E000..U+FFFF as code units but above them as code points.
    const high = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return high(a) - high(b);
  }
  return left.length - right.length;
}
