import { createHash } from 'node:crypto';

/**
 * Text of a document that holds fractions (a case, a solution): keys sorted, numbers in their
 * shortest exact form, so that the same document always has the same hash. What goes on the chain
 * itself is canonical JSON with integers only.
 */
export function documentText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => documentText(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>;
    const fields = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${documentText(record[key])}`);
    return `{${fields.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} cannot be kept as JSON`);
  return JSON.stringify(Object.is(value, -0) ? 0 : (value ?? null));
}

/** SHA-256 (hex) by which a document is known. */
export function hashDocument(value: unknown): string {
  return createHash('sha256').update(documentText(value)).digest('hex');
}
