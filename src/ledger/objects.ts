import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys, for documents that hold fractions (cases, solutions) and are known by
 * their hash. What goes on the chain itself is canonical JSON with integers only.
 */
export function documentText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) throw new RangeError(`${item} cannot be kept as JSON`);
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    const typed = ArrayBuffer.isView(item) ? Array.from(item as Float64Array) : undefined;
    if (typed) return typed;
    const record = item as Record<string, unknown>;
    return Object.fromEntries(
      Object.keys(record)
        .sort()
        .map((key) => [key, record[key]]),
    );
  });
}

/** SHA-256 (hex) by which a document is known. */
export function hashDocument(value: unknown): string {
  return createHash('sha256').update(documentText(value)).digest('hex');
}
