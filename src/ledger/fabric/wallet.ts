import { createPrivateKey } from 'node:crypto';
import { type Keyring, memberKeyName, type StoredKey } from '../identity/keyring.js';
import { keySigner } from '../identity/signature.js';
import type { Member, Role } from '../types.js';

/** Members' keys, in the same kind of keyring as the embedded ledger's. */
export class Wallet {
  constructor(private readonly keyring: Keyring) {}

  async load(id: string, role: Role): Promise<Member | undefined> {
    const stored = await this.keyring.load(memberKeyName(role, id));
    return stored && memberOf(stored, role);
  }

  async save(id: string, role: Role, mspId: string, certificate: string, privateKey: string): Promise<Member> {
    const stored: StoredKey = { id, role, mspId, certificate, privateKey };
    await this.keyring.save(memberKeyName(role, id), stored);
    return memberOf(stored, role);
  }

  /** Secret of an enrolment that was begun and not ended. */
  pendingSecret(id: string): Promise<string | undefined> {
    return this.keyring.loadNote(`fabric/${id}`);
  }

  keepPending(id: string, secret: string): Promise<void> {
    return this.keyring.saveNote(`fabric/${id}`, secret);
  }

  dropPending(id: string): Promise<void> {
    return this.keyring.saveNote(`fabric/${id}`, undefined);
  }
}

function memberOf({ id, mspId, certificate, privateKey }: StoredKey, role: Role): Member {
  return { id, role, mspId, certificate, signer: keySigner(createPrivateKey(privateKey)) };
}
