import { canonicalJson } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { SignedHead } from '../engine/head.js';
import { type Disk, readWhole, replaceFile } from '../storage/disk.js';

const FORMAT = 'crowdwatt-head/1';
const NAME = 'head.json';

/** A checkpoint between closes costs three syncs: not more often than this, ms. */
const CHECKPOINT_MS = 500;

function textOf(head: SignedHead): string {
  const { ledgerId, height, hash, signature } = head;
  return `${canonicalJson({ format: FORMAT, ledgerId, height, hash, signature })}\n`;
}

/** What head.json says; undefined where there is none. Any byte that is not as it was written is damage. */
export async function readHeadFile(disk: Disk, folder: string): Promise<SignedHead | undefined> {
  const bytes = await readWhole(disk, `${folder}/${NAME}`);
  if (bytes === undefined) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8')) as SignedHead;
    if (Buffer.from(textOf(head), 'utf8').equals(bytes)) return head;
  } catch {
    // Not JSON, or JSON of something else: damaged, as below.
  }
  throw new CrowdwattError('ledger/damaged', `${NAME} is damaged: it is not as it was written`, {
    path: `${folder}/${NAME}`,
  });
}

/** Keeps head.json: whole or not at all, one write at a time, the newest wins. */
export class HeadFile {
  private wanted: SignedHead | undefined;
  private writing: Promise<void> | undefined;
  private last = 0;

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
  ) {}

  async keep(head: SignedHead, final: boolean): Promise<void> {
    this.wanted = head;
    if (final) {
      await this.writing?.catch(() => {});
      await this.write();
      return;
    }
    const now = Date.now();
    if (this.writing || (now >= this.last && now - this.last < CHECKPOINT_MS)) return;
    this.last = now;
    this.writing = this.write();
    try {
      await this.writing;
    } finally {
      this.writing = undefined;
    }
  }

  private async write(): Promise<void> {
    const head = this.wanted;
    if (!head) return;
    await replaceFile(this.disk, this.folder, NAME, Buffer.from(textOf(head), 'utf8'));
  }
}
