import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import { documentText, hashDocument } from '../objects.js';

/** Documents that the chain refers to by hash, one file each beside the profile: Fabric itself keeps none. */
export class ObjectFolder {
  constructor(private readonly folder: string) {}

  private path(hash: string): string {
    return join(this.folder, `${hash}.json`);
  }

  async put(document: unknown): Promise<string> {
    const hash = hashDocument(document);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = this.path(hash);
    await writeFile(`${path}.new`, documentText(document), { mode: 0o600 });
    await rename(`${path}.new`, path);
    return hash;
  }

  async get(hash: string): Promise<unknown> {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
    let text: string;
    try {
      text = await readFile(this.path(hash), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new CrowdwattError(
        'input/unreadable',
        `${this.path(hash)}: ${(error as Error).message}`,
        {},
        { cause: error },
      );
    }
    const damaged = () =>
      new CrowdwattError(
        'ledger/damaged',
        `${this.path(hash)}: the document does not have the hash that it is named by`,
      );
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      throw damaged();
    }
    if (hashDocument(document) !== hash) throw damaged();
    return document;
  }
}
