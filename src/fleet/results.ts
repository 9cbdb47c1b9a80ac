import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../errors.js';
import type { FleetResult } from './job.js';
import { type FleetQueue, recordedOrder, recordedResult } from './redis.js';

/** Results as files of a folder, `<hash>.json`: a result that is there is never solved or written again. */
export class ResultFolder {
  private constructor(readonly folder: string) {}

  static async open(folder: string): Promise<ResultFolder> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw new CrowdwattError('io/write', `${folder} cannot be made: ${(cause as Error).message}`, {}, { cause });
    }
    return new ResultFolder(folder);
  }

  async get(hash: string): Promise<FleetResult | undefined> {
    try {
      return JSON.parse(await readFile(this.path(hash), 'utf8')) as FleetResult;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all, under a name of its own until it is complete. */
  async put(result: FleetResult): Promise<void> {
    const temporary = `${this.path(result.hash)}.${process.pid}.tmp`;
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(`${JSON.stringify(result)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path(result.hash));
    } catch (cause) {
      await rm(temporary, { force: true });
      throw new CrowdwattError('io/write', `${this.path(result.hash)}: ${(cause as Error).message}`, {}, { cause });
    }
  }

  private path(hash: string): string {
    return join(this.folder, `${hash}.json`);
  }
}

/** Copies recorded results into a folder; gives how many were new there. */
export async function collectResults(queue: FleetQueue, folder: ResultFolder): Promise<number> {
  let written = 0;
  for (const hash of await recordedOrder(queue)) {
    if ((await folder.get(hash)) !== undefined) continue;
    const result = await recordedResult(queue, hash);
    if (result === undefined) continue;
    await folder.put(result);
    written++;
  }
  return written;
}
