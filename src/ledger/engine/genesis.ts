import { randomBytes } from 'node:crypto';
import type { StoredKey } from '../identity/keyring.js';
import { CONTRACT } from '../wire.js';
import { type Genesis, ledgerIdOf, type SealedBlock, sealBlock, ZERO_HASH } from './block.js';

/** Block 0: the CA that vouches for members, and the node that signs heads. Its hash gives the ledger its id. */
export function createGenesis(
  authority: StoredKey,
  node: StoredKey,
  now: number,
): { id: string; genesis: Genesis; block: SealedBlock } {
  const genesis: Genesis = {
    format: 'crowdwatt-ledger/1',
    contract: CONTRACT,
    createdAt: now,
    nonce: randomBytes(16).toString('hex'),
    authority: authority.certificate,
    node: node.certificate,
  };
  const id = ledgerIdOf(genesis);
  const block = sealBlock({ ledgerId: id, number: 0, previousHash: ZERO_HASH, timestamp: now }, [], [], genesis);
  return { id, genesis, block };
}
