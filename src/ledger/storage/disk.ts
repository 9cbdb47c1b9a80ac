/**
 * The few things the block store asks of a disk. A seam, so that tests can put a disk under it that
 * loses what was not synced, tears writes, and fails.
 */
export interface Disk {
  exists(path: string): Promise<boolean>;
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** For appending (created where missing), or for reading only. */
  open(path: string, mode: 'append' | 'read'): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations and renames in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

export interface DiskFile {
  size(): Promise<number>;
  /** Fewer bytes than asked only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Returns when the bytes are on the disk (fdatasync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The whole of a small file; undefined where there is none. */
export async function readWhole(disk: Disk, path: string): Promise<Buffer | undefined> {
  if (!(await disk.exists(path))) return undefined;
  const file = await disk.open(path, 'read');
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

/** Replaces a small file whole or not at all: write beside it, sync, rename, sync the folder. */
export async function replaceFile(disk: Disk, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${folder}/${name}.new`;
  if (await disk.exists(temporary)) await disk.remove(temporary);
  const file = await disk.open(temporary, 'append');
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, `${folder}/${name}`);
  await disk.syncFolder(folder);
}
