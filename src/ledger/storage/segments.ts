import { CrowdwattError } from '../../errors.js';
import type { Disk, DiskFile } from './disk.js';
import { decodeHeader, encodeRecord, FIRST_PREVIOUS, HASH_BYTES, HEADER_BYTES, recordHash } from './record.js';

/** A new segment begins once the last one is this large, bytes. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const NAME = /^(\d{8})\.seg$/;
const WINDOW = 1024 * 1024;

interface Segment {
  readonly name: string;
  readonly firstHeight: number;
  /** Start of each record. */
  readonly offsets: number[];
  /** End of the last whole record. */
  end: number;
}

export interface TornTail {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
  readonly height: number;
}

export interface SegmentOptions {
  readonly segmentBytes?: number;
  /** Readers change nothing: a torn tail is left where it is. */
  readonly readOnly?: boolean;
}

/**
 * Append-only block records in numbered files. Opening reads every byte and checks the hash chain:
 * a tail that is shorter than its checked header says is torn and cut off; anything else that is
 * wrong is damage, and refused.
 */
export class SegmentStore {
  private readonly segments: Segment[] = [];
  private previous: Buffer = FIRST_PREVIOUS;
  private writer: DiskFile | undefined;
  private readonly readers = new Map<string, DiskFile>();
  private height_ = 0;
  torn: TornTail | undefined;

  private constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly segmentBytes: number,
  ) {}

  get height(): number {
    return this.height_;
  }

  /** `onBlock` is given each payload in order, while its bytes are at hand. */
  static async open(
    disk: Disk,
    folder: string,
    options: SegmentOptions = {},
    onBlock?: (payload: Buffer, height: number, at: { segment: string; offset: number }) => Promise<void> | void,
  ): Promise<SegmentStore> {
    const store = new SegmentStore(disk, folder, options.segmentBytes ?? SEGMENT_BYTES);
    const names = (await disk.list(folder)).filter((name) => NAME.test(name)).sort();
    try {
      for (const [index, name] of names.entries()) {
        if (Number(NAME.exec(name)![1]) !== index) {
          throw damaged(`${folder}/${String(index).padStart(8, '0')}.seg is missing`, { block: store.height_ });
        }
        await store.scan(name, index === names.length - 1, onBlock);
      }
      if (!options.readOnly && store.torn) await store.cut(store.torn);
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }

  private async scan(
    name: string,
    last: boolean,
    onBlock?: (payload: Buffer, height: number, at: { segment: string; offset: number }) => Promise<void> | void,
  ): Promise<void> {
    const file = await this.disk.open(`${this.folder}/${name}`, 'read');
    const segment: Segment = { name, firstHeight: this.height_, offsets: [], end: 0 };
    this.segments.push(segment);
    try {
      // The size at the start: what another process appends meanwhile is not looked at.
      const size = await file.size();
      const window = new Window(file, size);
      while (segment.end < size) {
        const offset = segment.end;
        const where = { block: this.height_, segment: name, offset };
        const header = await window.read(offset, HEADER_BYTES);
        if (header.length < HEADER_BYTES) {
          this.tear(last, segment, size, 'its header is incomplete');
          return;
        }
        const decoded = decodeHeader(header);
        if (!decoded) throw damaged(`block ${this.height_} (${name}, offset ${offset}): its header is damaged`, where);
        if (decoded.height !== this.height_) {
          throw damaged(
            `block ${this.height_} (${name}, offset ${offset}): the record there is of block ${decoded.height}`,
            where,
          );
        }
        const total = HEADER_BYTES + decoded.length + HASH_BYTES;
        if (size - offset < total) {
          this.tear(last, segment, size, `it is shorter than its header says`);
          return;
        }
        const record = await window.read(offset, total);
        const payload = record.subarray(HEADER_BYTES, HEADER_BYTES + decoded.length);
        const hash = recordHash(payload, this.previous);
        if (!hash.equals(record.subarray(total - HASH_BYTES))) {
          throw damaged(`block ${this.height_} (${name}, offset ${offset}): its bytes do not match its hash`, where);
        }
        await onBlock?.(payload, this.height_, { segment: name, offset });
        this.previous = hash;
        segment.offsets.push(offset);
        segment.end = offset + total;
        this.height_++;
      }
    } finally {
      await file.close();
    }
  }

  private tear(last: boolean, segment: Segment, size: number, how: string): void {
    const where = { block: this.height_, segment: segment.name, offset: segment.end };
    if (!last)
      throw damaged(
        `block ${this.height_} (${segment.name}, offset ${segment.end}): ${how}, and a segment follows`,
        where,
      );
    this.torn = { segment: segment.name, offset: segment.end, bytes: size - segment.end, height: this.height_ };
  }

  private async cut(torn: TornTail): Promise<void> {
    const file = await this.disk.open(`${this.folder}/${torn.segment}`, 'append');
    try {
      await file.truncate(torn.offset);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Writes one record and waits for the disk. After an error the store must not be written again. */
  async append(payload: Uint8Array): Promise<void> {
    const hash = recordHash(payload, this.previous);
    const record = encodeRecord(this.height_, payload, hash);
    let segment = this.segments.at(-1);
    if (!segment || segment.end >= this.segmentBytes) segment = await this.begin();
    this.writer ??= await this.disk.open(`${this.folder}/${segment.name}`, 'append');
    // A second writer would have moved the end: stop before anything is overwritten.
    const size = await this.writer.size();
    if (size !== segment.end) {
      throw new CrowdwattError(
        'ledger/locked',
        `${segment.name} has ${size} bytes instead of ${segment.end}: another process wrote to it`,
      );
    }
    await this.writer.write(record, segment.end);
    await this.writer.sync();
    segment.offsets.push(segment.end);
    segment.end += record.length;
    this.previous = hash;
    this.height_++;
  }

  private async begin(): Promise<Segment> {
    await this.writer?.close();
    const name = `${String(this.segments.length).padStart(8, '0')}.seg`;
    this.writer = await this.disk.open(`${this.folder}/${name}`, 'append');
    await this.writer.sync();
    await this.disk.syncFolder(this.folder);
    const segment: Segment = { name, firstHeight: this.height_, offsets: [], end: 0 };
    this.segments.push(segment);
    return segment;
  }

  /** Payload of one block; its hash was checked on opening or writing, and is checked by whoever reads it for proof. */
  async read(height: number): Promise<Buffer> {
    const segment = this.segmentOf(height);
    const index = height - segment.firstHeight;
    const start = segment.offsets[index]!;
    const end = segment.offsets[index + 1] ?? segment.end;
    const reader = this.readers.get(segment.name) ?? (await this.disk.open(`${this.folder}/${segment.name}`, 'read'));
    this.readers.set(segment.name, reader);
    return reader.read(start + HEADER_BYTES, end - start - HEADER_BYTES - HASH_BYTES);
  }

  private segmentOf(height: number): Segment {
    if (height < 0 || height >= this.height_)
      throw new RangeError(`there is no block ${height}: the height is ${this.height_}`);
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segments[middle]!.firstHeight <= height) low = middle;
      else high = middle - 1;
    }
    return this.segments[low]!;
  }

  async close(): Promise<void> {
    await this.writer?.close();
    this.writer = undefined;
    for (const reader of this.readers.values()) await reader.close();
    this.readers.clear();
  }
}

/** Reads a file from front to back in large pieces. */
class Window {
  private start = 0;
  private bytes: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: DiskFile,
    private readonly size: number,
  ) {}

  async read(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.size);
    if (position < this.start || end > this.start + this.bytes.length) {
      this.start = position;
      this.bytes = await this.file.read(position, Math.min(Math.max(end - position, WINDOW), this.size - position));
    }
    return this.bytes.subarray(position - this.start, end - this.start);
  }
}

function damaged(message: string, details: Record<string, unknown>): CrowdwattError {
  return new CrowdwattError('ledger/damaged', message, details);
}
