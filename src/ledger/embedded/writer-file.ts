import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Tells readers that state/ is being written. Only a courtesy: what keeps a second writer out is
 * the lock on state/, which the kernel releases however a process ends.
 */
export const WRITER_FILE = 'writer.pid';

export async function announceWriter(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, WRITER_FILE);
  await writeFile(path, `${process.pid}\n`);
  return () => rm(path, { force: true });
}
