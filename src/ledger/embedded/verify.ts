import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compositeKey, type ParticipantRecord } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { RunHooks } from '../../hooks.js';
import type { SignedHead } from '../engine/head.js';
import { stateHash } from '../engine/state-hash.js';
import type { Identity } from '../identity/certificate.js';
import type { Receipt } from '../types.js';
import { LevelState } from './level-state.js';
import { checkHeight } from './open.js';
import { Expectations } from './proofs.js';
import { isFolder, readLedger, scanBlocks, scratchState } from './reader.js';
import { Replay } from './replay.js';
import { checkWitnessed, type WitnessedHead } from './witness.js';
import { WRITER_FILE } from './writer-file.js';

export interface VerifyOptions extends RunHooks {
  readonly receipts?: readonly Receipt[];
  /** Earlier heads, as members or auditors kept them: the ledger must extend each. */
  readonly since?: readonly SignedHead[];
  readonly witnessed?: readonly WitnessedHead[];
}

export interface VerifyReport {
  readonly ledgerId: string | null;
  readonly height: number;
  readonly hash: string | null;
  readonly transactions: number;
  readonly stateHash: string | null;
  /** Private documents that were erased: their commitments stand, and nobody can open them. */
  readonly erasedPayloads: number;
  /** `role id` of members under whose name more than one certificate has signed: each should know of all of its own. */
  readonly severalCertificates: readonly string[];
  /** Bytes of a last block that was not written whole; the next writer cuts them off. */
  readonly tornBytes: number;
  /** What the stored state was compared with, or why it was not. */
  readonly state: 'equal' | 'absent' | 'in use by a writer' | 'behind the blocks';
  readonly receipts: number;
  readonly heads: number;
  readonly witnesses: number;
}

/**
 * Checks everything that a ledger's files can prove: hash chains, certificates, every signature,
 * every transaction executed anew, the signed head, and the stored state against the replay.
 *
 * @throws CrowdwattError `ledger/missing`, `ledger/damaged`, `ledger/rolled-back`, `ledger/equivocation`, `ledger/audit`
 */
export async function verifyLedger(folder: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const files = await readLedger(folder);
  const expected = new Expectations();
  if (files.head) expected.head(files.head, 'head.json');
  for (const head of options.since ?? []) expected.head(head, `the head of height ${head.height}`);
  for (const receipt of options.receipts ?? []) expected.receipt(receipt);
  for (const witnessed of options.witnessed ?? []) {
    await checkWitnessed(witnessed);
    expected.head(witnessed.head, `the head witnessed at height ${witnessed.head.height}`);
  }
  const scratch = await scratchState();
  try {
    const replay = new Replay(scratch.state, { signatures: true });
    const { height, torn } = await scanBlocks(files, async (payload, number) => {
      options.signal?.throwIfAborted();
      const block = await replay.block(payload, number);
      await expected.block(block, files.head);
      if (number % 64 === 0)
        options.onProgress?.({
          stage: 'verify',
          message: `block ${number}`,
          fields: { transactions: replay.counts.transactions },
        });
    });
    expected.finish(height);
    checkHeight(height, files.head?.height, 0);
    const state = await compareState(folder, scratch.state);
    return {
      ledgerId: height === 0 ? null : replay.ledgerId,
      height,
      hash: height === 0 ? null : replay.lastHash,
      transactions: replay.counts.transactions,
      stateHash: height === 0 ? null : await stateHash(scratch.state),
      erasedPayloads: await countErased(scratch.state, replay.counts.privates),
      severalCertificates: severalCertificates(replay.book?.all() ?? []),
      tornBytes: torn?.bytes ?? 0,
      state,
      receipts: options.receipts?.length ?? 0,
      heads: options.since?.length ?? 0,
      witnesses: new Set(options.witnessed?.map(({ witness }) => witness)).size,
    };
  } finally {
    await scratch.release();
  }
}

async function countErased(state: LevelState, privates: ReadonlyMap<string, number>): Promise<number> {
  let erased = 0;
  for (const [owner, count] of privates) {
    const text = state.get(compositeKey('participant', [owner]));
    if (text !== undefined && (JSON.parse(text) as ParticipantRecord).status === 'erased') erased += count;
  }
  return erased;
}

function severalCertificates(identities: Iterable<Identity>): string[] {
  const counts = new Map<string, number>();
  for (const { id, role } of identities) counts.set(`${role} ${id}`, (counts.get(`${role} ${id}`) ?? 0) + 1);
  return [...counts].flatMap(([name, count]) => (count > 1 ? [name] : [])).sort();
}

/** Every key and value of state/ as read back, against the replay. A copy is read: LevelDB writes even to open. */
async function compareState(folder: string, replayed: LevelState): Promise<VerifyReport['state']> {
  const path = join(folder, 'state');
  if (!(await isFolder(path))) return 'absent';
  if (await hasWriter(folder)) return 'in use by a writer';
  const copy = await mkdtemp(join(tmpdir(), 'crowdwatt-state-'));
  try {
    await cp(path, join(copy, 'state'), { recursive: true });
    const stored = await LevelState.open(join(copy, 'state'), { passing: true }).catch((error: Error) => {
      throw stateDamaged(`it cannot be opened (${((error.cause as Error | undefined) ?? error).message})`);
    });
    try {
      if (stored.height < replayed.height) return 'behind the blocks';
      if (stored.height > replayed.height) {
        throw new CrowdwattError(
          'ledger/rolled-back',
          `the ledger has ${replayed.height} blocks, but the state knows ${stored.height}`,
        );
      }
      await compareAll(stored, replayed);
      return 'equal';
    } finally {
      await stored.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function compareAll(stored: LevelState, replayed: LevelState): Promise<void> {
  const left = stored.raw();
  const right = replayed.raw();
  for (;;) {
    const [a, b] = await Promise.all([
      left.next().catch((error: Error) => {
        throw stateDamaged(`it cannot be read (${((error.cause as Error | undefined) ?? error).message})`);
      }),
      right.next(),
    ]);
    if (a.done && b.done) return;
    const [key, value] = a.done ? [] : a.value;
    const [wantedKey, wantedValue] = b.done ? [] : b.value;
    if (key === wantedKey && value === wantedValue) continue;
    throw stateDamaged(`key ${JSON.stringify(wantedKey ?? key)} is not what the blocks come to`);
  }
}

function stateDamaged(what: string): CrowdwattError {
  return new CrowdwattError(
    'ledger/damaged',
    `state/: ${what}; it is derived: delete it, and it is rebuilt from the blocks`,
  );
}

/** A process that is alive and says that it writes here. */
async function hasWriter(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, WRITER_FILE), 'utf8').catch(() => undefined);
  const pid = Number(text);
  if (text === undefined || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
