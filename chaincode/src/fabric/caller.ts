import { createHash } from 'node:crypto';
import { type Caller, type CallerRole, CLOCK_SKEW_MS, Refusal } from '../domain/index.js';

/** The part of fabric-shim's `ClientIdentity` that is needed; the certificate was checked by the peer. */
export interface Identity {
  getMSPID(): string;
  getAttributeValue(name: string): string | null;
  /** The certificate, PEM. */
  getIDBytes(): Uint8Array;
}

/** Attribute of the certificate that names the role; the CA of the right organisation must have set it. */
export const ROLE_ATTRIBUTE = 'role';
/** Fabric-CA writes the enrolment id into every certificate that it issues. */
const ID_ATTRIBUTE = 'hf.EnrollmentID';

export interface Settings {
  /** Organisation whose CA alone may vouch for a role. */
  readonly roles: Readonly<Record<CallerRole, string>>;
  /**
   * `proposal`: the signed time must lie within 120 s of the proposal's, which peers hold against their
   * own clocks. `given`: the signed time alone counts, for days that are simulated.
   */
  readonly clock: 'proposal' | 'given';
}

const DEFAULT_ROLES: Settings['roles'] = {
  operator: 'OperatorMSP',
  participant: 'CommunityMSP',
  meter: 'CommunityMSP',
  auditor: 'AuditorMSP',
};

/** Settings of a chaincode service from its environment; what is not understood stops the service. */
export function settingsOf(environment: Readonly<Record<string, string | undefined>>): Settings {
  const roles = { ...DEFAULT_ROLES };
  const given: unknown = JSON.parse(environment.CROWDWATT_ROLES ?? '{}');
  if (typeof given !== 'object' || given === null) throw new Error('CROWDWATT_ROLES: an object of role to MSP id');
  for (const [role, mspId] of Object.entries(given)) {
    if (!(role in roles) || typeof mspId !== 'string' || mspId === '') {
      throw new Error(
        `CROWDWATT_ROLES: "${role}": a role is one of ${Object.keys(roles).join(', ')}, its value an MSP id`,
      );
    }
    roles[role as CallerRole] = mspId;
  }
  const clock = environment.CROWDWATT_CLOCK ?? 'proposal';
  if (clock !== 'proposal' && clock !== 'given') throw new Error('CROWDWATT_CLOCK is "proposal" or "given"');
  return { roles, clock };
}

/** Who calls. A role counts only where the organisation that vouches for it is the one that may. */
export function callerOf(identity: Identity, settings: Settings): Caller {
  const mspId = identity.getMSPID();
  const role = identity.getAttributeValue(ROLE_ATTRIBUTE);
  const id = identity.getAttributeValue(ID_ATTRIBUTE);
  if (role === null || id === null || !Object.hasOwn(settings.roles, role)) {
    throw new Refusal('role', `the certificate, of ${mspId}, names no role of crowdwatt`);
  }
  if (settings.roles[role as CallerRole] !== mspId) {
    throw new Refusal('role', `${mspId} may not vouch for the role ${role}`);
  }
  const body = Buffer.from(identity.getIDBytes())
    .toString('latin1')
    .replace(/-----[^-]+-----|\s/g, '');
  const fingerprint = createHash('sha256').update(Buffer.from(body, 'base64')).digest('hex');
  return { id, role: role as CallerRole, mspId, fingerprint };
}

/** The signed time, held against the proposal's where the settings say so. */
export function checkTime(timestamp: unknown, proposalMs: number, settings: Settings): number {
  if (!Number.isSafeInteger(timestamp) || (timestamp as number) < 0) {
    throw new Refusal('not-an-integer', 'timestamp: whole milliseconds since 1970');
  }
  if (settings.clock === 'proposal' && Math.abs((timestamp as number) - proposalMs) > CLOCK_SKEW_MS) {
    throw new Refusal(
      'backdated',
      `time ${timestamp} is more than ${CLOCK_SKEW_MS / 1000} s from the proposal's ${proposalMs}`,
    );
  }
  return timestamp as number;
}
