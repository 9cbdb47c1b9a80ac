import { CrowdwattError } from '../../errors.js';
import { fingerprintOf } from '../../ledger/identity/certificate.js';
import type { Creator, Ledger, Member, Role } from '../../ledger/types.js';
import type { Store } from '../store.js';
import { readPublicKey, readSignature, requestInfo, requestPem, verifies } from './certificate-request.js';
import { Challenges } from './challenges.js';
import { hashSecret, matches, newSecret } from './secrets.js';

/** What the service keeps of a member; secrets as hashes only. */
export interface Account {
  readonly id: string;
  readonly role: Role;
  readonly status: 'invited' | 'enrolled' | 'revoked';
  /** True where the service keeps the member's key. */
  readonly held: boolean;
  readonly secretHash?: string;
  readonly secretExpiresAt?: number;
  readonly loginHash?: string;
  readonly creator?: Creator;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint?: string;
  /** Those of before: what was done with them stays the member's own. */
  readonly former?: readonly string[];
}

export interface Enrolled {
  readonly account: Account;
  /** Shown once, to members whose key is held. */
  readonly loginSecret?: string;
}

const FOLDER = 'members';
const WEEK = 7 * 86_400_000;
const refused = (text = 'the id or the secret is wrong, used or out of date') =>
  new CrowdwattError('auth/unauthenticated', text);

/** Members of this service: invited with a one-time secret, enrolled with a key, revoked. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #challenges: Challenges;
  /** Ids whose enrolment is under way: a one-time secret works once, also at the same moment. */
  readonly #enrolling = new Set<string>();

  private constructor(
    private readonly store: Store,
    private readonly ledger: Ledger,
    private readonly now: () => number,
  ) {
    this.#challenges = new Challenges(ledger.id, now);
  }

  static async load(store: Store, ledger: Ledger, now: () => number = Date.now): Promise<Accounts> {
    const accounts = new Accounts(store, ledger, now);
    for (const id of await store.names(FOLDER)) {
      const account = await store.get<Account>(FOLDER, id);
      if (account) accounts.#accounts.set(account.id, account);
    }
    return accounts;
  }

  get(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  list(): Account[] {
    return [...this.#accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** True for a participant that has enrolled: nobody else speaks for it then. */
  actsForItself(id: string): boolean {
    const account = this.#accounts.get(id);
    return account?.role === 'participant' && account.status === 'enrolled';
  }

  /** A new one-time secret; an older one of the same member is void from here on. */
  async invite(id: string, role: Role): Promise<{ secret: string; expiresAt: number }> {
    const before = this.#accounts.get(id);
    if (before && before.role !== role) {
      throw new CrowdwattError('http/conflict', `${id} is a member already, as ${before.role}`, { id });
    }
    const secret = newSecret();
    const expiresAt = this.now() + WEEK;
    const base: Account = before ?? { id, role, status: 'invited', held: false };
    const status = base.status === 'revoked' ? 'invited' : base.status;
    await this.#save({ ...base, status, secretHash: hashSecret(secret), secretExpiresAt: expiresAt });
    return { secret, expiresAt };
  }

  /** What a member with a key of its own signs to enrol. */
  prepare(id: string, secret: string, publicKey: string): Buffer {
    const account = this.#invited(id, secret);
    if (account.role !== 'participant') throw mustBeHeld(account);
    return requestInfo(id, readPublicKey(publicKey));
  }

  async enrolOwnKey(id: string, secret: string, publicKey: string, signature: string): Promise<Enrolled> {
    const info = this.prepare(id, secret, publicKey);
    const bytes = readSignature(signature);
    if (!verifies(readPublicKey(publicKey), info, bytes)) {
      throw new CrowdwattError('input/invalid', 'signature: is not the key’s over the prepared bytes', {
        path: 'signature',
      });
    }
    return this.#once(id, secret, async (account) => {
      if (!this.ledger.certify) throw new CrowdwattError('not-built', 'this ledger certifies held keys only');
      const creator = await this.ledger.certify(requestPem(info, bytes), id, account.role);
      return { account: { ...account, held: false, loginHash: undefined, creator } };
    });
  }

  enrolHeld(id: string, secret: string): Promise<Enrolled> {
    return this.#once(id, secret, async (account) => {
      // Service, meter and auditor keys are the installation's own; only a participant's is kept for somebody else.
      const heldForMember = account.role === 'participant';
      const { mspId, certificate } = await this.ledger.member(id, account.role, { heldForMember });
      const loginSecret = newSecret();
      const loginHash = hashSecret(loginSecret);
      return { account: { ...account, held: true, loginHash, creator: { id, mspId, certificate } }, loginSecret };
    });
  }

  async #once(
    id: string,
    secret: string,
    work: (account: Account) => Promise<{ account: Account; loginSecret?: string }>,
  ): Promise<Enrolled> {
    const before = this.#invited(id, secret);
    this.#enrolling.add(id);
    try {
      const { account, loginSecret } = await work(before);
      const { secretHash: _h, secretExpiresAt: _e, ...rest } = account;
      const fingerprint = fingerprintOf(account.creator!.certificate);
      const former = before.fingerprint === undefined ? before.former : [...(before.former ?? []), before.fingerprint];
      const enrolled: Account = { ...rest, status: 'enrolled', fingerprint, ...(former ? { former } : {}) };
      await this.#save(enrolled);
      return loginSecret === undefined ? { account: enrolled } : { account: enrolled, loginSecret };
    } finally {
      this.#enrolling.delete(id);
    }
  }

  #invited(id: string, secret: string): Account {
    const account = this.#accounts.get(id);
    const fits = matches(secret, account?.secretHash);
    if (!account || !fits || this.#enrolling.has(id) || (account.secretExpiresAt ?? 0) <= this.now()) throw refused();
    return account;
  }

  challenge(id: string): { challenge: string; bytes: Buffer; expiresAt: number } {
    return this.#challenges.issue(id);
  }

  loginWithKey(id: string, challenge: string, signature: string): Account {
    const bytes = this.#challenges.take(id, challenge);
    const account = this.#accounts.get(id);
    const certificate = account?.status === 'enrolled' && !account.held ? account.creator?.certificate : undefined;
    const given = readSignature(signature);
    if (!bytes || !account || !certificate || !verifies(certificate, bytes, given)) {
      throw refused('the id, the challenge or its signature is wrong or out of date');
    }
    return account;
  }

  loginWithSecret(id: string, loginSecret: string): Account {
    const account = this.#accounts.get(id);
    const fits = matches(loginSecret, account?.loginHash);
    if (!account || !fits || account.status !== 'enrolled') throw refused();
    return account;
  }

  /** The member with its key, where the service holds it. */
  async held(account: Account): Promise<Member | undefined> {
    if (!account.held) return undefined;
    return this.ledger.member(account.id, account.role);
  }

  async revoke(id: string): Promise<Account> {
    const account = this.#accounts.get(id);
    if (!account) throw new CrowdwattError('http/not-found', `there is no member ${id}`, { id });
    const { secretHash: _s, secretExpiresAt: _e, loginHash: _l, ...rest } = account;
    await this.#save({ ...rest, status: 'revoked' });
    return account;
  }

  async #save(account: Account): Promise<void> {
    await this.store.put(FOLDER, account.id, account);
    this.#accounts.set(account.id, account);
  }
}

function mustBeHeld(account: Account): CrowdwattError {
  return new CrowdwattError(
    'input/invalid',
    `held: the key of a member in the role ${account.role} is held here: give held: true`,
    {
      path: 'held',
      id: account.id,
    },
  );
}
