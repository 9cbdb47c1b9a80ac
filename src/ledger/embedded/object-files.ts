import type { ObjectStore } from '../engine/local.js';
import { type Disk, readWhole, replaceFile } from '../storage/disk.js';

const HASH = /^[0-9a-f]{64}$/;

/** `objects/<sha256>.json`: the documents that the chain refers to by hash. */
export class ObjectFiles implements ObjectStore {
  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
  ) {}

  async put(hash: string, text: string): Promise<void> {
    if (await this.disk.exists(`${this.folder}/${hash}.json`)) return;
    await this.disk.makeFolder(this.folder);
    await replaceFile(this.disk, this.folder, `${hash}.json`, Buffer.from(text, 'utf8'));
  }

  async get(hash: string): Promise<string | undefined> {
    if (!HASH.test(hash)) return undefined;
    return (await readWhole(this.disk, `${this.folder}/${hash}.json`))?.toString('utf8');
  }
}
