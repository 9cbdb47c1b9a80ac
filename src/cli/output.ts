import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CrowdwattError } from '../errors.js';

/**
 * Refuses an output path that cannot work, before the long part of a command.
 * @throws CrowdwattError `usage`
 */
export async function checkOutput(path: string | undefined): Promise<void> {
  if (path === undefined || path === '-') return;
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new CrowdwattError('usage', `--out ${path}: its folder does not exist; create it first`);
  const target = await stat(path).catch(() => undefined);
  if (target?.isDirectory()) throw new CrowdwattError('usage', `--out ${path}: is a folder; give a file name`);
}

/**
 * Writes text to a file whole or not at all: a temporary file in the same folder, synced, then renamed
 * over the target. Devices and pipes are written directly (renaming would replace them).
 * @throws CrowdwattError `io/write`
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  // A link is kept: what it points to is replaced.
  const target = existing === undefined ? path : await realpath(path);
  const special = existing !== undefined && !existing.isFile();
  const temporary = special
    ? target
    : join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, special ? 'w' : 'wx');
    await file.writeFile(text);
    if (special) return;
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (thrown) {
    if (!special) await rm(temporary, { force: true }).catch(() => undefined);
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new CrowdwattError('io/write', `${path}: cannot be written (${why})`, { path }, { cause: thrown });
  } finally {
    await file?.close().catch(() => undefined);
  }
}

/** Makes the rename itself durable; not every file system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
