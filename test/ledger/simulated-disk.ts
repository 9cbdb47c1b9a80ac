import type { Disk, DiskFile } from '../../src/ledger/storage/disk.js';

/** Thrown by every operation once the simulated machine is down. */
export class PowerLoss extends Error {
  constructor() {
    super('power loss');
  }
}

export interface Faults {
  /** The machine goes down at the n-th disk operation (0: never). */
  readonly crashAt?: number;
  /** This write (counted from 1) gets a part of its bytes down and fails. */
  readonly noSpaceAtWrite?: number;
  /** This sync (counted from 1) fails, and nobody knows what it wrote. */
  readonly syncErrorAt?: number;
}

interface Inode {
  /** What the running system sees. */
  bytes: Buffer;
  /** What is on the platter for certain. */
  durable: Buffer;
}

/**
 * A disk as bad as the rules allow: what was not synced may be lost, whole or from any 512-byte
 * border on; a name that its folder was not synced for may be gone or old.
 */
export class SimulatedDisk implements Disk {
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private readonly folders = new Set<string>();
  private operations = 0;
  private writes = 0;
  private syncs = 0;
  down = false;
  faults: Faults = {};

  constructor(private readonly random: () => number) {}

  /** The disk after the machine comes up again: a new one, with what chance let survive. */
  afterCrash(random: () => number = this.random): SimulatedDisk {
    const next = new SimulatedDisk(random);
    for (const folder of this.folders) next.folders.add(folder);
    const survivors = new Map<string, Inode>();
    for (const path of new Set([...this.names.keys(), ...this.durableNames.keys()])) {
      const now = this.names.get(path);
      const before = this.durableNames.get(path);
      const survivor = now === before || random() < 0.5 ? now : before;
      if (survivor) survivors.set(path, survivor);
    }
    for (const [path, inode] of survivors) {
      const bytes = tear(inode, random);
      const copy: Inode = { bytes, durable: Buffer.from(bytes) };
      next.names.set(path, copy);
      next.durableNames.set(path, copy);
    }
    return next;
  }

  /** An exact copy with everything durable. */
  clone(random: () => number): SimulatedDisk {
    const next = new SimulatedDisk(random);
    for (const folder of this.folders) next.folders.add(folder);
    for (const [path, { bytes }] of this.names) {
      const copy: Inode = { bytes: Buffer.from(bytes), durable: Buffer.from(bytes) };
      next.names.set(path, copy);
      next.durableNames.set(path, copy);
    }
    return next;
  }

  /** Direct access for tests that damage files. */
  contents(path: string): Buffer {
    return this.names.get(path)!.bytes;
  }

  replace(path: string, bytes: Buffer): void {
    this.names.set(path, { bytes, durable: Buffer.from(bytes) });
  }

  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  private step(): void {
    if (this.down) throw new PowerLoss();
    if (++this.operations === this.faults.crashAt) {
      this.down = true;
      throw new PowerLoss();
    }
  }

  async exists(path: string): Promise<boolean> {
    this.step();
    return this.names.has(path) || this.folders.has(path);
  }

  async makeFolder(path: string): Promise<void> {
    this.step();
    this.folders.add(path);
  }

  async list(folder: string): Promise<string[]> {
    this.step();
    const prefix = `${folder}/`;
    return [...this.names.keys()]
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
      .sort();
  }

  async open(path: string, mode: 'append' | 'read'): Promise<DiskFile> {
    this.step();
    let inode = this.names.get(path);
    if (!inode) {
      if (mode === 'read') throw Object.assign(new Error(`ENOENT ${path}`), { code: 'ENOENT' });
      inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) };
      this.names.set(path, inode);
    }
    const file = inode;
    return {
      size: async () => {
        this.step();
        return file.bytes.length;
      },
      read: async (position, length) => {
        this.step();
        return Buffer.from(file.bytes.subarray(position, position + length));
      },
      write: async (bytes, position) => {
        if (!this.down && this.operations + 1 === this.faults.crashAt) put(file, part(bytes, this.random), position);
        this.step();
        if (++this.writes === this.faults.noSpaceAtWrite) {
          put(file, part(bytes, this.random), position);
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        put(file, bytes, position);
      },
      truncate: async (length) => {
        this.step();
        file.bytes = Buffer.from(file.bytes.subarray(0, length));
      },
      sync: async () => {
        // A machine that goes down inside a sync may have done all of it.
        if (!this.down && this.operations + 1 === this.faults.crashAt && this.random() < 0.5)
          file.durable = Buffer.from(file.bytes);
        this.step();
        if (++this.syncs === this.faults.syncErrorAt) {
          if (this.random() < 0.5) file.durable = Buffer.from(file.bytes);
          throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
        }
        file.durable = Buffer.from(file.bytes);
      },
      close: async () => {},
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.step();
    const inode = this.names.get(from)!;
    this.names.delete(from);
    this.names.set(to, inode);
  }

  async remove(path: string): Promise<void> {
    this.step();
    this.names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    this.step();
    const prefix = `${folder}/`;
    for (const path of [...this.durableNames.keys()]) {
      if (path.startsWith(prefix) && !this.names.has(path)) this.durableNames.delete(path);
    }
    for (const [path, inode] of this.names) if (path.startsWith(prefix)) this.durableNames.set(path, inode);
  }
}

function put(file: Inode, bytes: Uint8Array, position: number): void {
  const grown = Buffer.alloc(Math.max(file.bytes.length, position + bytes.length));
  file.bytes.copy(grown);
  grown.set(bytes, position);
  file.bytes = grown;
}

function part(bytes: Uint8Array, random: () => number): Uint8Array {
  return bytes.subarray(0, Math.floor(random() * (bytes.length + 1)));
}

/** Appended bytes survive up to some 512-byte border; a truncation that was not synced may not have happened. */
function tear({ bytes, durable }: Inode, random: () => number): Buffer {
  if (bytes.equals(durable)) return Buffer.from(bytes);
  if (bytes.length < durable.length) return Buffer.from(random() < 0.5 ? bytes : durable);
  let kept = durable.length;
  if (random() < 0.2) kept = bytes.length;
  else if (random() < 0.6) {
    const from = Math.floor(durable.length / 512);
    const borders = Math.floor(bytes.length / 512) - from;
    kept = Math.max(durable.length, (from + Math.floor(random() * (borders + 1))) * 512);
  }
  return Buffer.from(bytes.subarray(0, kept));
}
