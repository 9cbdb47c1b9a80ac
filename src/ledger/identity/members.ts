import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CrowdwattError } from '../../errors.js';
import type { Creator, Member, Role } from '../types.js';
import { Authority, createAuthority } from './authority.js';
import { attributesOf, mspOf } from './certificate.js';
import { AUTHORITY_KEY, type Keyring, memberKeyName, NODE_KEY, type StoredKey } from './keyring.js';
import { keySigner } from './signature.js';

export function memberOf(key: StoredKey): Member {
  return {
    id: key.id,
    role: key.role as Role,
    mspId: key.mspId,
    certificate: key.certificate,
    signer: keySigner(createPrivateKey(key.privateKey)),
  };
}

function heldHere(key: StoredKey): Member {
  if (key.privateKey === '') {
    throw new CrowdwattError('auth/forbidden', `the key of ${key.role} ${key.id} is its own: it is not kept here`, {
      id: key.id,
    });
  }
  return memberOf(key);
}

/** The ledger's own keys: its CA and its node; made for a new ledger, loaded for one that is there. */
export async function ownKeys(keyring: Keyring, create: boolean): Promise<{ authority: StoredKey; node: StoredKey }> {
  let authority = await keyring.load(AUTHORITY_KEY);
  let node = await keyring.load(NODE_KEY);
  if (authority && node) return { authority, node };
  if (!create) {
    throw new CrowdwattError(
      'ledger/missing',
      'the keys of this ledger (its CA and node) are not in the key folder: give it with --keys',
    );
  }
  const ca = await createAuthority('crowdwatt ledger CA');
  authority = { id: 'authority', role: 'authority', mspId: 'OperatorMSP', ...ca };
  const issued = await (await Authority.open(ca)).issue({ id: 'node', role: 'node' });
  node = { id: 'node', role: 'node', mspId: 'OperatorMSP', ...issued };
  await keyring.save(AUTHORITY_KEY, authority);
  await keyring.save(NODE_KEY, node);
  return { authority, node };
}

/** Loads members, and enrols the new ones with the ledger's CA. */
export class Members {
  private authority: Promise<Authority> | undefined;
  private readonly cached = new Map<string, Promise<Member>>();

  constructor(
    private readonly keyring: Keyring,
    private readonly authorityKey: StoredKey,
  ) {}

  member(id: string, role: Role, heldForMember = false): Promise<Member> {
    const name = memberKeyName(role, id);
    const known = this.cached.get(name);
    // A key that was made without saying that it is held is never passed off as one that does.
    if (known && !heldForMember) return known;
    const member = this.loadOrEnrol(name, id, role, heldForMember);
    this.cached.set(name, member);
    member.catch(() => this.cached.delete(name));
    return member;
  }

  /** Certifies a key that the member keeps itself. */
  async certify(request: string, id: string, role: Role): Promise<Creator> {
    const certificate = await (await this.open()).issueFor(request, { id, role });
    const name = memberKeyName(role, id);
    // Noted, so that it can be listed and revoked; a key that is kept here is not given up for it.
    if (!(await this.keyring.load(name))?.privateKey) {
      await this.keyring.save(name, { id, role, mspId: mspOf(role), certificate, privateKey: '' });
    }
    return { id, mspId: mspOf(role), certificate };
  }

  private async loadOrEnrol(name: string, id: string, role: Role, heldForMember: boolean): Promise<Member> {
    const stored = await this.keyring.load(name);
    if (stored && (!heldForMember || isHeld(stored.certificate))) return heldHere(stored);
    const authority = await this.open();
    const issued = await authority.issue({ id, role, heldForMember });
    const key: StoredKey = { id, role, mspId: mspOf(role), ...issued };
    await this.keyring.save(name, key);
    return memberOf(key);
  }

  /** The CA, opened once. */
  open(): Promise<Authority> {
    this.authority ??= Authority.open(this.authorityKey);
    return this.authority;
  }
}

function isHeld(certificate: string): boolean {
  return attributesOf(new X509Certificate(certificate).raw).held === 'true';
}
