import type { Role } from '../types.js';

/** A key and what goes with it, as the keyring keeps it. */
export interface StoredKey {
  readonly id: string;
  readonly role: Role | 'authority' | 'node';
  readonly mspId: string;
  /** Certificate, PEM. */
  readonly certificate: string;
  /** PKCS#8, PEM; empty where the member alone has its key. */
  readonly privateKey: string;
}

/** Where private keys live: apart from the ledger, never in a backup or an export of it. */
export interface Keyring {
  load(name: string): Promise<StoredKey | undefined>;
  save(name: string, key: StoredKey): Promise<void>;
  /** Names of members' keys. */
  names(): Promise<string[]>;
  /** Small records of the CA: enrolments that wait for their secret. */
  loadNote(name: string): Promise<string | undefined>;
  /** Undefined takes it away. */
  saveNote(name: string, text: string | undefined): Promise<void>;
  noteNames(): Promise<string[]>;
  /** Symmetric keys of private rows, one a participant. */
  loadSecret(owner: string): Promise<Uint8Array | undefined>;
  saveSecret(owner: string, secret: Uint8Array): Promise<void>;
  destroySecret(owner: string): Promise<void>;
}

/** Names of the keys that are the ledger's own. */
export const AUTHORITY_KEY = 'authority';
export const NODE_KEY = 'node';

export function memberKeyName(role: Role, id: string): string {
  return `${role}/${id}`;
}

export class MemoryKeyring implements Keyring {
  private readonly keys = new Map<string, StoredKey>();
  private readonly notes = new Map<string, string>();
  private readonly secrets = new Map<string, Uint8Array>();

  async load(name: string): Promise<StoredKey | undefined> {
    return this.keys.get(name);
  }

  async save(name: string, key: StoredKey): Promise<void> {
    this.keys.set(name, key);
  }

  async names(): Promise<string[]> {
    return [...this.keys.keys()].filter((name) => name.includes('/')).sort();
  }

  async loadNote(name: string): Promise<string | undefined> {
    return this.notes.get(name);
  }

  async saveNote(name: string, text: string | undefined): Promise<void> {
    if (text === undefined) this.notes.delete(name);
    else this.notes.set(name, text);
  }

  async noteNames(): Promise<string[]> {
    return [...this.notes.keys()].sort();
  }

  async loadSecret(owner: string): Promise<Uint8Array | undefined> {
    return this.secrets.get(owner);
  }

  async saveSecret(owner: string, secret: Uint8Array): Promise<void> {
    this.secrets.set(owner, secret);
  }

  async destroySecret(owner: string): Promise<void> {
    this.secrets.delete(owner);
  }
}
