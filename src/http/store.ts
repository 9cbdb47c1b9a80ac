import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../errors.js';

/** Named JSON documents in named folders: what the service keeps beside the ledger. */
export interface Store {
  /** False where everything ends with the process. */
  readonly durable: boolean;
  get<T>(folder: string, name: string): Promise<T | undefined>;
  put(folder: string, name: string, value: unknown): Promise<void>;
  delete(folder: string, name: string): Promise<void>;
  names(folder: string): Promise<string[]>;
}

export class MemoryStore implements Store {
  readonly durable = false;
  readonly #texts = new Map<string, string>();

  async get<T>(folder: string, name: string): Promise<T | undefined> {
    const text = this.#texts.get(`${folder}/${name}`);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async put(folder: string, name: string, value: unknown): Promise<void> {
    this.#texts.set(`${folder}/${name}`, JSON.stringify(value));
  }

  async delete(folder: string, name: string): Promise<void> {
    this.#texts.delete(`${folder}/${name}`);
  }

  async names(folder: string): Promise<string[]> {
    const start = `${folder}/`;
    return [...this.#texts.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }
}

/** Files of mode 0600 in folders of mode 0700, each written whole or not at all. */
export class FolderStore implements Store {
  readonly durable = true;
  /** Writes to one file go one after the other, so that the last one wins. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor(private readonly root: string) {}

  async get<T>(folder: string, name: string): Promise<T | undefined> {
    const path = this.#path(folder, name);
    await this.#writes.get(path)?.catch(() => undefined);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new CrowdwattError('input/unreadable', `${path}: cannot be read`, { path }, { cause: error });
    }
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new CrowdwattError(
        'input/not-json',
        `${path}: is damaged; remove it or restore it`,
        { path },
        { cause: error },
      );
    }
  }

  put(folder: string, name: string, value: unknown): Promise<void> {
    const path = this.#path(folder, name);
    const text = JSON.stringify(value);
    return this.#after(path, () => this.#write(folder, path, text));
  }

  delete(folder: string, name: string): Promise<void> {
    const path = this.#path(folder, name);
    return this.#after(path, () => rm(path, { force: true }));
  }

  async names(folder: string): Promise<string[]> {
    const files = await readdir(join(this.root, folder)).catch(() => []);
    return files.filter((file) => file.endsWith('.json')).map((file) => decodeURIComponent(file.slice(0, -5)));
  }

  #path(folder: string, name: string): string {
    // encodeURIComponent leaves dots alone: no name may climb out of its folder.
    return join(this.root, folder, `${encodeURIComponent(name).replaceAll('.', '%2E')}.json`);
  }

  #after(path: string, work: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(path) ?? Promise.resolve();
    const next = before.catch(() => undefined).then(work);
    this.#writes.set(path, next);
    const clear = () => {
      if (this.#writes.get(path) === next) this.#writes.delete(path);
    };
    next.then(clear, clear);
    return next;
  }

  async #write(folder: string, path: string, text: string): Promise<void> {
    await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new CrowdwattError('io/write', `${path}: cannot be written`, { path }, { cause: error });
    }
  }
}
