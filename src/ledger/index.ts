import type { Ledger, OpenLedgerOptions } from './types.js';

export { documentText, hashDocument } from './objects.js';
export type * from './types.js';

/**
 * Opens a ledger: in memory (default), in a folder, or on Hyperledger Fabric (`fabric:PROFILE`).
 * Only what is asked for is loaded.
 *
 * @throws CrowdwattError `ledger/damaged`, `ledger/rolled-back`, `ledger/locked`, `ledger/missing`
 */
export async function openLedger(options: OpenLedgerOptions = {}): Promise<Ledger> {
  const at = options.at ?? 'memory';
  if (at === 'memory') return (await import('./memory.js')).openMemoryLedger(options);
  if (at.startsWith('fabric:')) {
    const { openFabricLedger } = await import('./fabric/index.js');
    return openFabricLedger(at.slice('fabric:'.length), options);
  }
  return (await import('./embedded/index.js')).openFolderLedger(at, options);
}
