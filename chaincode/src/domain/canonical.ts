import { createHash } from 'node:crypto';
import { Refusal } from './refusals.js';

/** What canonical JSON can hold: integers are the only numbers. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/;

/**
 * The one way in which anything is written, hashed or signed: keys sorted by UTF-16 code unit, no
 * spaces, safe integers only, well-formed strings. A number with a fraction, NaN, an infinity, a
 * function or a cycle is refused, so that two programs can never disagree about the bytes.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '', 0);
}

function write(value: unknown, path: string, depth: number): string {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new Refusal('not-an-integer', `${path || 'value'}: ${value} is not a safe integer`);
    return value === 0 ? '0' : String(value);
  }
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value))
      throw new Refusal('arguments', `${path || 'value'}: the text is not well-formed Unicode`);
    return JSON.stringify(value);
  }
  if (depth > 32) throw new Refusal('arguments', `${path}: nested deeper than 32 levels`);
  if (Array.isArray(value)) {
    let text = '[';
    for (let index = 0; index < value.length; index++) {
      if (index > 0) text += ',';
      text += write(value[index], `${path}[${index}]`, depth + 1);
    }
    return `${text}]`;
  }
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    let text = '{';
    for (const key of Object.keys(record).sort()) {
      const item = record[key];
      if (item === undefined) continue;
      if (text.length > 1) text += ',';
      text += `${JSON.stringify(key)}:${write(item, path ? `${path}.${key}` : key, depth + 1)}`;
    }
    return `${text}}`;
  }
  throw new Refusal('arguments', `${path || 'value'}: a ${typeof value} cannot be written as JSON`);
}

/** SHA-256 as lower-case hex; text is hashed as UTF-8. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
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
