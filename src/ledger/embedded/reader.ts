import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import { type OpenedBlock, openBlock } from '../engine/block.js';
import type { SignedHead } from '../engine/head.js';
import type { Disk } from '../storage/disk.js';
import { NodeDisk } from '../storage/node-disk.js';
import { SegmentStore, type TornTail } from '../storage/segments.js';
import { readHeadFile } from './head-file.js';
import { LevelState } from './level-state.js';

/** Reads a ledger's files while another process may write to them; locks nothing and changes nothing. */
export interface LedgerFiles {
  readonly disk: Disk;
  readonly folder: string;
  /** Read before the blocks, so that it can never be ahead of what is seen of them. */
  readonly head: SignedHead | undefined;
}

/** @throws CrowdwattError `ledger/missing`, `ledger/damaged` */
export async function readLedger(folder: string, disk: Disk = new NodeDisk()): Promise<LedgerFiles> {
  if (!(await disk.exists(folder)))
    throw new CrowdwattError('ledger/missing', `there is no ledger at ${folder}`, { path: folder });
  return { disk, folder, head: await readHeadFile(disk, folder) };
}

/** Goes through the blocks in order; the files' own hash chain is checked on the way. */
export async function scanBlocks(
  files: LedgerFiles,
  onPayload: (payload: Buffer, height: number) => Promise<void> | void,
): Promise<{ height: number; torn: TornTail | undefined }> {
  const blocks = `${files.folder}/blocks`;
  if (!(await files.disk.exists(blocks))) return { height: 0, torn: undefined };
  const store = await SegmentStore.open(files.disk, blocks, { readOnly: true }, onPayload);
  await store.close();
  return { height: store.height, torn: store.torn };
}

export function openPayload(payload: Uint8Array, height: number): OpenedBlock {
  try {
    return openBlock(payload);
  } catch (error) {
    throw new CrowdwattError(
      'ledger/damaged',
      `block ${height}: ${(error as Error).message}`,
      { block: height },
      { cause: error },
    );
  }
}

/** A state outside the ledger's folder, for a replay of any length in little memory. */
export async function scratchState(): Promise<{ state: LevelState; release: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-replay-'));
  const state = await LevelState.open(join(folder, 'state'), { passing: true });
  return {
    state,
    release: async () => {
      await state.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
