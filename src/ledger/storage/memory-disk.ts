import type { Disk, DiskFile } from './disk.js';

/** A disk that is gone with the process: what a ledger in memory stands on. */
export class MemoryDisk implements Disk {
  private readonly files = new Map<string, MemoryFile>();

  async exists(path: string): Promise<boolean> {
    return this.files.has(path);
  }

  async makeFolder(): Promise<void> {}

  async list(folder: string): Promise<string[]> {
    const prefix = `${folder}/`;
    const names: string[] = [];
    for (const path of this.files.keys()) {
      if (path.startsWith(prefix) && !path.slice(prefix.length).includes('/')) names.push(path.slice(prefix.length));
    }
    return names.sort();
  }

  async open(path: string): Promise<DiskFile> {
    const file = this.files.get(path) ?? new MemoryFile();
    this.files.set(path, file);
    return file;
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.files.get(from);
    if (!file) throw new Error(`there is no ${from}`);
    this.files.delete(from);
    this.files.set(to, file);
  }

  async remove(path: string): Promise<void> {
    this.files.delete(path);
  }

  async syncFolder(): Promise<void> {}
}

class MemoryFile implements DiskFile {
  private bytes = Buffer.alloc(0);
  private length = 0;

  async size(): Promise<number> {
    return this.length;
  }

  async read(position: number, length: number): Promise<Buffer> {
    return Buffer.from(this.bytes.subarray(position, Math.min(position + length, this.length)));
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    const end = position + bytes.length;
    if (end > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(end, this.bytes.length * 2, 4096));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    this.bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  async truncate(length: number): Promise<void> {
    this.length = Math.min(this.length, length);
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}
