import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LocalLedger } from '../engine/local.js';
import { NodeDisk } from '../storage/node-disk.js';
import type { OpenLedgerOptions } from '../types.js';
import { FolderKeyring } from './folder-keyring.js';
import { openEmbedded, openState } from './open.js';
import { announceWriter } from './writer-file.js';

/** Keys live beside the ledger, never in it. */
export function keysFolder(folder: string, keys: string | undefined): string {
  return keys === undefined ? `${folder}.keys` : resolve(keys);
}

/** Opens the ledger in a folder for writing; creates it where there is none. */
export async function openFolderLedger(at: string, options: OpenLedgerOptions): Promise<LocalLedger> {
  const folder = resolve(at);
  await mkdir(folder, { recursive: true });
  const state = await openState(`${folder}/state`, options.onWarning ?? (() => {}));
  try {
    const release = await announceWriter(folder);
    const keyring = await FolderKeyring.open(keysFolder(folder, options.keys), options.passphrase, true);
    return await openEmbedded({ disk: new NodeDisk(), folder, keyring, state, release }, options);
  } catch (error) {
    await state.close();
    throw error;
  }
}
