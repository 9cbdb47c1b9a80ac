import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type { PrivateStore, PrivateWrite } from '../engine/private.js';
import type { Keyring } from '../identity/keyring.js';
import { type Disk, type DiskFile, readWhole, replaceFile } from '../storage/disk.js';

const NAME = 'rows.jsonl';

interface Row {
  readonly owner: string;
  readonly key: string;
  readonly iv: string;
  /** Ciphertext and tag, base64. */
  readonly data: string;
}

/**
 * Private documents in one append-only file, each encrypted (AES-256-GCM) with the key of its
 * participant. The keys are in the keyring, apart from the ledger: destroying one erases its rows in
 * every copy of the file; the file is rewritten without them besides.
 */
export class PrivateRows implements PrivateStore {
  private readonly rows = new Map<string, Map<string, Row>>();
  private readonly secrets = new Map<string, Uint8Array>();
  private file: DiskFile | undefined;
  private end = 0;
  private turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly keyring: Keyring,
  ) {}

  static async open(disk: Disk, folder: string, keyring: Keyring): Promise<PrivateRows> {
    const store = new PrivateRows(disk, folder, keyring);
    const bytes = (await readWhole(disk, `${folder}/${NAME}`)) ?? Buffer.alloc(0);
    // A last line without its end was never acknowledged: the next write goes over it.
    store.end = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.subarray(0, store.end).toString('utf8').split('\n')) {
      if (line !== '') store.remember(parseRow(line, `${folder}/${NAME}`));
    }
    return store;
  }

  private remember(row: Row): void {
    const rows = this.rows.get(row.owner) ?? new Map<string, Row>();
    this.rows.set(row.owner, rows.set(row.key, row));
  }

  put(writes: readonly PrivateWrite[]): Promise<void> {
    return this.exclusive(async () => {
      const rows: Row[] = [];
      for (const { owner, key, value } of writes)
        rows.push(encrypt(await this.secretOf(owner, true), owner, key, value));
      const bytes = Buffer.from(rows.map((row) => `${canonicalJson(row)}\n`).join(''), 'utf8');
      this.file ??= await this.begin();
      await this.file.truncate(this.end);
      await this.file.write(bytes, this.end);
      await this.file.sync();
      this.end += bytes.length;
      for (const row of rows) this.remember(row);
    });
  }

  private async begin(): Promise<DiskFile> {
    const file = await this.disk.open(`${this.folder}/${NAME}`, 'append');
    await this.disk.syncFolder(this.folder);
    return file;
  }

  async get(owner: string, key: string): Promise<string | undefined> {
    const row = this.rows.get(owner)?.get(key);
    const secret = row && (await this.secretOf(owner, false));
    return row && secret ? decrypt(secret, row) : undefined;
  }

  purge(owner: string): Promise<void> {
    return this.exclusive(async () => {
      await this.keyring.destroySecret(owner);
      this.secrets.delete(owner);
      if (!this.rows.delete(owner)) return;
      const kept = [...this.rows.values()].flatMap((rows) => [...rows.values()]);
      const bytes = Buffer.from(kept.map((row) => `${canonicalJson(row)}\n`).join(''), 'utf8');
      await this.file?.close();
      this.file = undefined;
      await replaceFile(this.disk, this.folder, NAME, bytes);
      this.end = bytes.length;
    });
  }

  owners(): Iterable<string> {
    return [...this.rows.keys()];
  }

  async close(): Promise<void> {
    await this.turn;
    await this.file?.close();
    this.file = undefined;
  }

  private async secretOf(owner: string, create: true): Promise<Uint8Array>;
  private async secretOf(owner: string, create: false): Promise<Uint8Array | undefined>;
  private async secretOf(owner: string, create: boolean): Promise<Uint8Array | undefined> {
    let secret = this.secrets.get(owner) ?? (await this.keyring.loadSecret(owner));
    if (!secret && create) {
      secret = randomBytes(32);
      await this.keyring.saveSecret(owner, secret);
    }
    if (secret) this.secrets.set(owner, secret);
    return secret;
  }

  private exclusive(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }
}

function encrypt(secret: Uint8Array, owner: string, key: string, value: string): Row {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, iv);
  cipher.setAAD(Buffer.from(canonicalJson([owner, key]), 'utf8'));
  const data = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { owner, key, iv: iv.toString('base64'), data: data.toString('base64') };
}

function decrypt(secret: Uint8Array, row: Row): string {
  const data = Buffer.from(row.data, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(row.iv, 'base64'));
    decipher.setAAD(Buffer.from(canonicalJson([row.owner, row.key]), 'utf8'));
    decipher.setAuthTag(data.subarray(-16));
    return decipher.update(data.subarray(0, -16)).toString('utf8') + decipher.final('utf8');
  } catch (error) {
    throw new CrowdwattError(
      'ledger/damaged',
      `private row ${row.key} of ${row.owner} cannot be decrypted`,
      { id: row.owner },
      { cause: error },
    );
  }
}

function parseRow(line: string, path: string): Row {
  try {
    const row = JSON.parse(line) as Row;
    if (canonicalJson(row) === line && typeof row.owner === 'string' && typeof row.key === 'string') return row;
  } catch {
    // Damaged, as below.
  }
  throw new CrowdwattError('ledger/damaged', `${path} holds a line that is not as it was written`, { path });
}
