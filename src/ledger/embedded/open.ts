import { createPrivateKey, X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { compositeKey, type ParticipantRecord } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import { type OpenedBlock, openBlock } from '../engine/block.js';
import { createGenesis } from '../engine/genesis.js';
import { signHead, verifyHead } from '../engine/head.js';
import { LocalLedger } from '../engine/local.js';
import type { PrivateStore } from '../engine/private.js';
import type { StateStore } from '../engine/state.js';
import { IdentityBook } from '../identity/certificate.js';
import { Desk } from '../identity/desk.js';
import type { Keyring } from '../identity/keyring.js';
import { Members, ownKeys } from '../identity/members.js';
import { keySigner } from '../identity/signature.js';
import type { Disk } from '../storage/disk.js';
import { SegmentStore } from '../storage/segments.js';
import type { OpenLedgerOptions } from '../types.js';
import { HeadFile, readHeadFile } from './head-file.js';
import { LevelState } from './level-state.js';
import { ObjectFiles } from './object-files.js';
import { PrivateRows } from './private-rows.js';
import { Replay } from './replay.js';

/** What an embedded ledger stands on; tests put a simulated disk and a state in memory here. */
export interface EmbeddedParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly keyring: Keyring;
  readonly state: StateStore;
  readonly segmentBytes?: number;
  readonly release?: () => Promise<void>;
}

/** Opens the state first: its lock is what keeps a second writer out. */
export async function openState(folder: string, warn: (message: string) => void): Promise<LevelState> {
  try {
    return await LevelState.open(folder);
  } catch (error) {
    if (error instanceof CrowdwattError) throw error;
    warn(`${folder} cannot be opened (${causeOf(error)}): it is rebuilt from the blocks`);
    await rm(folder, { recursive: true, force: true });
    return LevelState.open(folder);
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return (cause as Error | undefined)?.message ?? message;
}

/** Opens or creates the ledger whose files are on this disk, once its lock is held. */
export async function openEmbedded(parts: EmbeddedParts, options: OpenLedgerOptions): Promise<LocalLedger> {
  const { disk, folder, keyring, state } = parts;
  const warn = options.onWarning ?? (() => {});
  for (const name of ['', '/blocks', '/private']) await disk.makeFolder(`${folder}${name}`);
  await disk.syncFolder(folder);
  const stated = await readHeadFile(disk, folder);
  let first: Buffer | undefined;
  let last: Buffer | undefined;
  const blocks = await SegmentStore.open(
    disk,
    `${folder}/blocks`,
    { segmentBytes: parts.segmentBytes },
    (payload, height) => {
      last = payload;
      if (height === 0) first = Buffer.from(payload);
    },
  );
  try {
    if (blocks.torn) {
      const { segment, offset, bytes, height } = blocks.torn;
      warn(`block ${height} was not written whole: ${bytes} bytes cut off ${segment} at ${offset}`);
    }
    checkHeight(blocks.height, stated?.height, state.height);
    const { authority, node } = await ownKeys(keyring, blocks.height === 0);
    const signer = keySigner(createPrivateKey(node.privateKey));
    const headFile = new HeadFile(disk, folder);
    if (blocks.height === 0) {
      const created = createGenesis(authority, node, Date.now());
      await blocks.append(created.block.payload);
      await headFile.keep(await signHead(signer, { ledgerId: created.id, height: 1, hash: created.block.hash }), true);
      first = created.block.payload;
      last = first;
    }
    const genesis = openOrRefuse(first!, 0);
    const top = openOrRefuse(last!, blocks.height - 1);
    if (genesis.genesis?.authority !== authority.certificate || genesis.genesis.node !== node.certificate) {
      throw new CrowdwattError('ledger/missing', 'the keys are of another ledger: give the right folder with --keys');
    }
    const id = genesis.header.ledgerId;
    if (stated) await checkHead(stated, blocks, genesis);
    await catchUp(blocks, state, top.hash, warn);
    const privates = await PrivateRows.open(disk, `${folder}/private`, keyring);
    await finishErasures(privates, state);
    const members = new Members(keyring, authority);
    return new LocalLedger({
      kind: 'embedded',
      id,
      blocks,
      state,
      privates,
      objects: new ObjectFiles(disk, `${folder}/objects`),
      book: new IdentityBook(authority.certificate),
      members,
      enrolment: new Desk(keyring, members),
      node: signer,
      lastTimestamp: top.header.timestamp,
      onBlock: options.onBlock,
      onWarning: warn,
      keepHead: (head, final) => headFile.keep(head, final),
      release: parts.release,
    });
  } catch (error) {
    await blocks.close();
    throw error;
  }
}

function openOrRefuse(payload: Uint8Array, height: number): OpenedBlock {
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

/** Fewer blocks than were there is no crash: the disk had acknowledged them. */
export function checkHeight(blocks: number, stated: number | undefined, applied: number): void {
  const known = Math.max(stated ?? 0, applied);
  if (blocks < known) {
    const witness = (stated ?? 0) >= applied ? 'head.json' : 'the state';
    throw new CrowdwattError('ledger/rolled-back', `the ledger has ${blocks} blocks, but ${witness} knows ${known}`, {
      block: blocks,
    });
  }
  // head.json is written right after the genesis: past it, only somebody's hand takes it away.
  if (stated === undefined && blocks > 1)
    throw new CrowdwattError('ledger/damaged', 'head.json is missing', { block: blocks - 1 });
}

export async function checkHead(
  stated: { ledgerId: string; height: number; hash: string; signature: string },
  blocks: SegmentStore,
  genesis: OpenedBlock,
): Promise<void> {
  const { ledgerId } = genesis.header;
  const { publicKey } = new X509Certificate(genesis.genesis!.node);
  if (stated.ledgerId !== ledgerId || stated.height < 1 || !(await verifyHead(publicKey, stated, stated.signature))) {
    throw new CrowdwattError('ledger/damaged', 'head.json is not signed by the key of this ledger');
  }
  const block = openOrRefuse(await blocks.read(stated.height - 1), stated.height - 1);
  if (block.hash !== stated.hash) {
    throw new CrowdwattError(
      'ledger/damaged',
      `block ${stated.height - 1} is not the one that head.json was signed for`,
      { block: stated.height - 1 },
    );
  }
}

/** Brings the derived state up to the blocks; one that does not belong to them is made anew. */
async function catchUp(
  blocks: SegmentStore,
  state: StateStore,
  topHash: string,
  warn: (message: string) => void,
): Promise<void> {
  if (state.height === blocks.height && state.lastHash === topHash) return;
  const replay = new Replay(state, { signatures: false });
  if (state.height > 0) {
    const last = openOrRefuse(await blocks.read(state.height - 1), state.height - 1);
    if (last.hash === state.lastHash) replay.resume(openOrRefuse(await blocks.read(0), 0), last);
    else {
      warn('the state is not of these blocks: it is rebuilt');
      await state.clear();
    }
  }
  for (let height = state.height; height < blocks.height; height++)
    await replay.block(await blocks.read(height), height);
}

/** A crash between the erasing transaction and the erasing itself is made good here. */
async function finishErasures(privates: PrivateStore, state: StateStore): Promise<void> {
  for (const owner of privates.owners()) {
    const text = await state.get(compositeKey('participant', [owner]));
    if (text !== undefined && (JSON.parse(text) as ParticipantRecord).status === 'erased') await privates.purge(owner);
  }
}
