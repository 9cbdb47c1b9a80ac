import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import { attributesOf } from '../identity/certificate.js';
import { keySigner } from '../identity/signature.js';
import type { Member, Role } from '../types.js';

/** One member as fabric-network's file wallet keeps it, so that other Fabric tools can read it too. */
interface WalletEntry {
  readonly credentials: { readonly certificate: string; readonly privateKey: string };
  readonly mspId: string;
  readonly type: 'X.509';
  readonly version: 1;
}

/** Folder of members' keys: 0700, each file 0600. */
export class Wallet {
  constructor(private readonly folder: string) {}

  private path(id: string): string {
    return join(this.folder, `${encodeURIComponent(id)}.id`);
  }

  async load(id: string, role: Role): Promise<Member | undefined> {
    const path = this.path(id);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new CrowdwattError('input/unreadable', `${path}: ${(error as Error).message}`, { path }, { cause: error });
    }
    let entry: WalletEntry;
    try {
      entry = JSON.parse(text) as WalletEntry;
    } catch (error) {
      throw new CrowdwattError('input/not-json', `${path}: ${(error as Error).message}`, { path }, { cause: error });
    }
    const held = attributesOf(new X509Certificate(entry.credentials.certificate).raw).role;
    if (held !== role) {
      throw new CrowdwattError('auth/forbidden', `${id} is enrolled as ${held ?? 'no role'}, not as ${role}`, { id });
    }
    return memberOf(id, role, entry);
  }

  private pendingPath(id: string): string {
    return `${this.path(id)}.pending`;
  }

  /** Secret of an enrolment that was begun and not ended. */
  async pendingSecret(id: string): Promise<string | undefined> {
    try {
      return await readFile(this.pendingPath(id), 'utf8');
    } catch {
      return undefined;
    }
  }

  async keepPending(id: string, secret: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(this.pendingPath(id), secret, { mode: 0o600 });
  }

  async dropPending(id: string): Promise<void> {
    await rm(this.pendingPath(id), { force: true });
  }

  /** Written whole or not at all. */
  async save(id: string, role: Role, mspId: string, certificate: string, privateKey: string): Promise<Member> {
    const entry: WalletEntry = { credentials: { certificate, privateKey }, mspId, type: 'X.509', version: 1 };
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = this.path(id);
    await writeFile(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
    await rename(`${path}.new`, path);
    return memberOf(id, role, entry);
  }
}

function memberOf(id: string, role: Role, entry: WalletEntry): Member {
  const { certificate, privateKey } = entry.credentials;
  return { id, role, mspId: entry.mspId, certificate, signer: keySigner(createPrivateKey(privateKey)) };
}
