import { createPrivateKey } from 'node:crypto';
import { createGenesis } from './engine/genesis.js';
import { LocalLedger } from './engine/local.js';
import { MemoryState } from './engine/memory-state.js';
import { MemoryPrivate } from './engine/private.js';
import { IdentityBook } from './identity/certificate.js';
import { Desk } from './identity/desk.js';
import { MemoryKeyring } from './identity/keyring.js';
import { Members, ownKeys } from './identity/members.js';
import { keySigner } from './identity/signature.js';
import { MemoryDisk } from './storage/memory-disk.js';
import { SegmentStore } from './storage/segments.js';
import type { OpenLedgerOptions } from './types.js';

/** A ledger that is gone with the process: the same engine, signatures and blocks, on a disk of memory. */
export async function openMemoryLedger(options: OpenLedgerOptions = {}): Promise<LocalLedger> {
  const keyring = new MemoryKeyring();
  const { authority, node } = await ownKeys(keyring, true);
  const now = Date.now();
  const { id, block } = createGenesis(authority, node, now);
  const blocks = await SegmentStore.open(new MemoryDisk(), 'blocks');
  await blocks.append(block.payload);
  const state = new MemoryState();
  await state.apply({ block: 0, hash: block.hash, transactions: [], newest: new Map(), certificates: new Map() });
  const objects = new Map<string, string>();
  const members = new Members(keyring, authority);
  return new LocalLedger({
    kind: 'memory',
    id,
    blocks,
    state,
    privates: new MemoryPrivate(),
    objects: {
      put: async (hash, text) => {
        objects.set(hash, text);
      },
      get: async (hash) => objects.get(hash),
    },
    book: new IdentityBook(authority.certificate),
    members,
    enrolment: new Desk(keyring, members),
    node: keySigner(createPrivateKey(node.privateKey)),
    lastTimestamp: now,
    onBlock: options.onBlock,
    onWarning: options.onWarning,
  });
}
