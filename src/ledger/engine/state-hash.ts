import { createHash } from 'node:crypto';
import { compositeKey } from '../../../chaincode/src/domain/index.js';
import type { StateStore } from './state.js';

/**
 * SHA-256 over all keys and values of the world state in key order. Operation records are left out:
 * they hold transaction ids, which are random, while everything else follows from the inputs.
 */
export async function stateHash(state: StateStore): Promise<string> {
  const hash = createHash('sha256');
  const operations = compositeKey('operation', []);
  const snapshot = state.snapshot();
  try {
    for await (const { key, value } of snapshot.range('\u0000')) {
      if (!key.startsWith(operations)) hash.update(`${key.length}:${key}${value.length}:${value}`);
    }
  } finally {
    await snapshot.close();
  }
  return hash.digest('hex');
}
