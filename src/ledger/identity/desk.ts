import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { CrowdwattError } from '../../errors.js';
import type { Enrolled, Enrolment, EnrolmentEntry, Role } from '../types.js';
import { fingerprintOf, mspOf } from './certificate.js';
import { type Keyring, memberKeyName, type StoredKey } from './keyring.js';
import type { Members } from './members.js';

/** A secret that nobody used is void after this, ms. */
const SECRET_LIFE_MS = 14 * 86_400_000;

interface Waiting {
  readonly role: Role;
  /** SHA-256 of the secret: it has 160 random bits, so that nothing slower is needed. */
  readonly secretHash: string;
  readonly until: number;
}

const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/** The embedded CA's desk: registers members, hands out one-time secrets, certifies keys made elsewhere. */
export class Desk implements Enrolment {
  // One request at a time: a secret must not serve two that come at once.
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly keyring: Keyring,
    private readonly members: Members,
  ) {}

  async add(id: string, role: Role, options: { again?: boolean } = {}): Promise<string> {
    if (id.length < 1 || id.length > 128 || /[\u0000-\u001f\u007f-\u009f]/.test(id)) {
      throw new CrowdwattError(
        'input/invalid',
        'id: a member id holds 1 to 128 characters, none of them a control character',
        { path: 'id' },
      );
    }
    if (!options.again && (await this.keyring.load(memberKeyName(role, id)))) {
      throw new CrowdwattError(
        'usage',
        `${role} ${id} is enrolled already; for a new certificate after a revocation ask for it again`,
        { id },
      );
    }
    const secret = randomBytes(20).toString('base64url');
    const waiting: Waiting = {
      role,
      secretHash: hashSecret(secret).toString('hex'),
      until: Date.now() + SECRET_LIFE_MS,
    };
    await this.keyring.saveNote(id, JSON.stringify(waiting));
    return secret;
  }

  enroll(id: string, secret: string, request: string, options: { held?: boolean } = {}): Promise<Enrolled> {
    const done = this.turn.then(() => this.certify(id, secret, request, options.held ?? false));
    this.turn = done.catch(() => {});
    return done;
  }

  private async certify(id: string, secret: string, request: string, held: boolean): Promise<Enrolled> {
    const text = await this.keyring.loadNote(id);
    const waiting = text === undefined ? undefined : (JSON.parse(text) as Waiting);
    // The same answer for an unknown id and a wrong secret: the desk tells nobody who its members are.
    const refused = new CrowdwattError(
      'auth/unauthenticated',
      `id or enrolment secret of ${id} is wrong, used or too old`,
      { id },
    );
    if (!waiting || Date.now() > waiting.until) throw refused;
    if (!timingSafeEqual(hashSecret(secret), Buffer.from(waiting.secretHash, 'hex'))) throw refused;
    const authority = await this.members.open();
    const certificate = await authority
      .issueFor(request, { id, role: waiting.role, heldForMember: held })
      .catch((error: Error) => {
        throw new CrowdwattError('input/invalid', `the certificate request of ${id} cannot be used: ${error.message}`, {
          path: 'request',
          id,
        });
      });
    await this.keyring.saveNote(id, undefined);
    const key: StoredKey = { id, role: waiting.role, mspId: mspOf(waiting.role), certificate, privateKey: '' };
    await this.keyring.save(memberKeyName(waiting.role, id), key);
    return { id, role: waiting.role, mspId: key.mspId, certificate };
  }

  list(): Promise<EnrolmentEntry[]> {
    return listEnrolments(this.keyring);
  }
}

/** Who is enrolled, and who still has a secret to use. */
export async function listEnrolments(keyring: Keyring): Promise<EnrolmentEntry[]> {
  const entries: EnrolmentEntry[] = [];
  for (const name of await keyring.names()) {
    const key = (await keyring.load(name))!;
    const fingerprint = fingerprintOf(key.certificate);
    entries.push({
      id: key.id,
      role: key.role as Role,
      status: 'enrolled',
      fingerprint,
      keyHere: key.privateKey !== '',
    });
  }
  for (const id of await keyring.noteNames()) {
    const { role } = JSON.parse((await keyring.loadNote(id))!) as Waiting;
    entries.push({ id, role, status: 'waiting' });
  }
  return entries;
}
