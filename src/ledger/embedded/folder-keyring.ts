import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CrowdwattError } from '../../errors.js';
import type { Keyring, StoredKey } from '../identity/keyring.js';

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);
const COST = { N: 1 << 15, r: 8, p: 1 } as const;
const KEYRING = 'keyring.json';
const CHECK = 'crowdwatt keyring';

interface KeyringFile {
  readonly format: 'crowdwatt-keyring/1';
  /** Absent where the keys are not encrypted. */
  readonly scrypt?: { readonly N: number; readonly r: number; readonly p: number; readonly salt: string };
  /** `CHECK`, encrypted: tells a wrong passphrase from a damaged key. */
  readonly check?: string;
}

/** Keys as files of mode 0600 in folders of mode 0700, encrypted if there is a passphrase. */
export class FolderKeyring implements Keyring {
  private constructor(
    private readonly folder: string,
    private readonly secret: Buffer | undefined,
  ) {}

  static async open(folder: string, passphrase: string | undefined, create: boolean): Promise<FolderKeyring> {
    const path = join(folder, KEYRING);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) {
      if (!create)
        throw new CrowdwattError('ledger/missing', `${folder} holds no keys (${KEYRING} is missing)`, { path: folder });
      return FolderKeyring.create(folder, passphrase);
    }
    const { mode } = await stat(folder);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CrowdwattError(
        'usage',
        `${folder} may be read by others (mode ${(mode & 0o777).toString(8)}): chmod 700 it`,
        { path: folder },
      );
    }
    const file = JSON.parse(text) as KeyringFile;
    if (!file.scrypt) {
      if (passphrase !== undefined)
        throw new CrowdwattError('usage', `the keys in ${folder} have no passphrase`, { path: folder });
      return new FolderKeyring(folder, undefined);
    }
    if (passphrase === undefined)
      throw new CrowdwattError('usage', `the keys in ${folder} want a passphrase`, { path: folder });
    const { N, r, p, salt } = file.scrypt;
    const secret = await derive(passphrase, Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 256 * N * r });
    const keyring = new FolderKeyring(folder, secret);
    if (keyring.open(file.check ?? '')?.toString('utf8') !== CHECK) {
      throw new CrowdwattError('usage', `the passphrase does not open the keys in ${folder}`, { path: folder });
    }
    return keyring;
  }

  private static async create(folder: string, passphrase: string | undefined): Promise<FolderKeyring> {
    for (const each of [folder, ...['members', 'pending', 'secrets'].map((name) => join(folder, name))]) {
      await mkdir(each, { recursive: true, mode: 0o700 });
      await chmod(each, 0o700);
    }
    let file: KeyringFile = { format: 'crowdwatt-keyring/1' };
    let keyring = new FolderKeyring(folder, undefined);
    if (passphrase !== undefined) {
      const salt = randomBytes(16);
      const secret = await derive(passphrase, salt, 32, { ...COST, maxmem: 256 * COST.N * COST.r });
      keyring = new FolderKeyring(folder, secret);
      file = { ...file, scrypt: { ...COST, salt: salt.toString('base64') }, check: keyring.seal(Buffer.from(CHECK)) };
    }
    await writePrivate(join(folder, KEYRING), Buffer.from(`${JSON.stringify(file)}\n`));
    return keyring;
  }

  async load(name: string): Promise<StoredKey | undefined> {
    const bytes = await this.read(this.pathOf(name));
    return bytes && (JSON.parse(bytes.toString('utf8')) as StoredKey);
  }

  async save(name: string, key: StoredKey): Promise<void> {
    await this.write(this.pathOf(name), Buffer.from(JSON.stringify(key)));
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for (const file of await readdir(join(this.folder, 'members'))) {
      const bytes = file.endsWith('.key') ? await this.read(join(this.folder, 'members', file)) : undefined;
      if (!bytes) continue;
      const key = JSON.parse(bytes.toString('utf8')) as StoredKey;
      names.push(`${key.role}/${key.id}`);
    }
    return names.sort();
  }

  async loadNote(name: string): Promise<string | undefined> {
    const bytes = await this.read(join(this.folder, 'pending', fileName(name)));
    return bytes && (JSON.parse(bytes.toString('utf8')) as { text: string }).text;
  }

  async saveNote(name: string, text: string | undefined): Promise<void> {
    const path = join(this.folder, 'pending', fileName(name));
    if (text === undefined) await rm(path, { force: true });
    else await this.write(path, Buffer.from(JSON.stringify({ name, text })));
  }

  async noteNames(): Promise<string[]> {
    const names: string[] = [];
    for (const file of await readdir(join(this.folder, 'pending'))) {
      const bytes = file.endsWith('.key') ? await this.read(join(this.folder, 'pending', file)) : undefined;
      if (bytes) names.push((JSON.parse(bytes.toString('utf8')) as { name: string }).name);
    }
    return names.sort();
  }

  async loadSecret(owner: string): Promise<Uint8Array | undefined> {
    return this.read(join(this.folder, 'secrets', fileName(owner)));
  }

  async saveSecret(owner: string, secret: Uint8Array): Promise<void> {
    await this.write(join(this.folder, 'secrets', fileName(owner)), secret);
  }

  async destroySecret(owner: string): Promise<void> {
    await rm(join(this.folder, 'secrets', fileName(owner)), { force: true });
  }

  private pathOf(name: string): string {
    return name.includes('/') ? join(this.folder, 'members', fileName(name)) : join(this.folder, `${name}.key`);
  }

  private async read(path: string): Promise<Buffer | undefined> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const bytes = this.open(text);
    if (!bytes) throw new CrowdwattError('ledger/damaged', `${path} cannot be decrypted`, { path });
    return bytes;
  }

  private write(path: string, bytes: Uint8Array): Promise<void> {
    return writePrivate(path, Buffer.from(this.seal(bytes)));
  }

  private seal(bytes: Uint8Array): string {
    if (!this.secret) return Buffer.from(bytes).toString('base64');
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.secret, iv);
    return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64');
  }

  private open(text: string): Buffer | undefined {
    const bytes = Buffer.from(text, 'base64');
    if (!this.secret) return bytes;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.secret, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** Readable where it can be, and always a safe file name; the hash keeps names apart. */
function fileName(name: string): string {
  const readable = name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 40);
  return `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 24)}.key`;
}

async function writePrivate(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
