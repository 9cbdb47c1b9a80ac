import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { CrowdwattError } from '../../errors.js';
import { createRequest } from '../identity/authority.js';
import type { Member, Role } from '../types.js';
import type { FabricProfile } from './profile.js';
import { Turns } from './turns.js';
import type { Wallet } from './wallet.js';

/** Fabric-CA's own codes. */
const AUTHENTICATION = 20;
const NOT_A_REGISTRAR = 71;
const REGISTERED_ALREADY = 74;

/** Tries with one secret: an enrolment whose answer was lost counts at the CA. */
const MOST_ENROLMENTS = 3;
/** A CA spends about 0.1 s of a core on each enrolment (bcrypt): more at once only wait longer. */
const AT_ONCE = 4;
/** The library's own 3 s are too few for a CA that is busy. */
const CA_TIMEOUT_MS = 30_000;

type CaServices = InstanceType<typeof import('fabric-ca-client')>;
type Registrar = Parameters<CaServices['register']>[1];

interface OpenCa {
  readonly mspId: string;
  readonly service: CaServices;
  readonly registrar: Registrar;
}

/** Enrols members with the CA of the organisation that vouches for their role. */
export class Enrolment {
  private readonly cas = new Map<string, Promise<OpenCa>>();
  private readonly agent = new Agent({ keepAlive: false });
  private readonly turns = new Turns(AT_ONCE);
  private readonly underWay = new Map<string, Promise<Member>>();

  constructor(
    private readonly profile: FabricProfile,
    private readonly wallet: Wallet,
  ) {}

  /** The member, with its key: from the wallet, or newly enrolled and then in the wallet. */
  member(id: string, role: Role): Promise<Member> {
    const key = `${role}\n${id}`;
    let member = this.underWay.get(key);
    if (!member) {
      member = this.loadOrEnrol(id, role).finally(() => this.underWay.delete(key));
      this.underWay.set(key, member);
    }
    return member;
  }

  private async loadOrEnrol(id: string, role: Role): Promise<Member> {
    const known = await this.wallet.load(id, role);
    if (known) return known;
    const { mspId, service, registrar } = await this.ca(role);
    try {
      return await this.turns.take(() => this.enrol(id, role, mspId, service, registrar));
    } catch (error) {
      throw enrolmentError(id, mspId, error);
    }
  }

  /**
   * The secret is made here and written down first: where the CA's answer is lost after the registration,
   * the next try goes on with it instead of finding the id taken for good.
   */
  private async enrol(
    id: string,
    role: Role,
    mspId: string,
    service: CaServices,
    registrar: Registrar,
  ): Promise<Member> {
    const begun = await this.wallet.pendingSecret(id);
    const secret = begun ?? randomBytes(18).toString('base64url');
    if (begun === undefined) await this.wallet.keepPending(id, secret);
    try {
      await service.register(
        {
          enrollmentID: id,
          enrollmentSecret: secret,
          affiliation: '',
          role: 'client',
          maxEnrollments: MOST_ENROLMENTS,
          // Without `ecert` the attribute would be known to the CA but not stand in the certificate.
          attrs: [{ name: 'role', value: role, ecert: true }],
        },
        registrar,
      );
    } catch (error) {
      const registered = codeOf(error) === REGISTERED_ALREADY;
      if (!registered || begun === undefined) {
        if (registered) await this.wallet.dropPending(id);
        throw error;
      }
    }
    const { request: csr, privateKey } = await createRequest(id);
    const { certificate } = await service.enroll({ enrollmentID: id, enrollmentSecret: secret, csr });
    const member = await this.wallet.save(id, role, mspId, certificate, privateKey);
    await this.wallet.dropPending(id);
    return member;
  }

  private ca(role: Role): Promise<OpenCa> {
    const mspId = this.profile.roles[role];
    let ca = this.cas.get(mspId);
    if (!ca) {
      ca = this.openCa(mspId);
      ca.catch(() => this.cas.delete(mspId));
      this.cas.set(mspId, ca);
    }
    return ca;
  }

  private async openCa(mspId: string): Promise<OpenCa> {
    const ca = this.profile.organisations.find((organisation) => organisation.mspId === mspId)?.ca;
    if (!ca)
      throw new CrowdwattError('input/invalid', `the profile names no CA for ${mspId}`, { path: 'organisations' });
    quietLogs();
    const [{ default: FabricCAServices }, { User, Utils }] = await Promise.all([
      import('fabric-ca-client'),
      import('fabric-common'),
    ]);
    (Utils as unknown as { setConfigSetting(name: string, value: number): void }).setConfigSetting(
      'connection-timeout',
      CA_TIMEOUT_MS,
    );
    const [root, certificate, key] = await Promise.all(
      [ca.tlsRoot, ca.registrar.certificate, ca.registrar.key].map((path) => readFile(path, 'utf8')),
    );
    const service = new FabricCAServices(ca.url, { trustedRoots: [root!], verify: true }, ca.name);
    // The library leaves a listener on the socket with every request: each gets a socket of its own.
    const inner = service as unknown as { _fabricCAClient: { _httpClient: object } };
    inner._fabricCAClient._httpClient = {
      request: (options: RequestOptions, done: (response: IncomingMessage) => void) =>
        request({ ...options, agent: this.agent }, done),
    };
    const user = User.createUser(ca.registrar.id, '', mspId, certificate!, key!);
    return { mspId, service, registrar: user as unknown as Registrar };
  }

  close(): void {
    this.agent.destroy();
  }
}

interface CaError {
  readonly errors?: readonly { readonly code?: number; readonly message?: string }[];
}

const codeOf = (error: unknown): number | undefined => (error as CaError).errors?.[0]?.code;

function enrolmentError(id: string, mspId: string, error: unknown): CrowdwattError {
  if (error instanceof CrowdwattError) return error;
  const { errors } = error as CaError;
  const code = codeOf(error);
  const options = { cause: error };
  if (code === REGISTERED_ALREADY) {
    return new CrowdwattError(
      'ledger/refused',
      `${id} is enrolled with ${mspId} already, and its key is not in this wallet`,
      { id, refusal: 'exists' },
      options,
    );
  }
  if (code === AUTHENTICATION || code === NOT_A_REGISTRAR) {
    return new CrowdwattError(
      'auth/forbidden',
      `the CA of ${mspId} does not accept the registrar of the profile`,
      { id },
      options,
    );
  }
  const message = errors?.map((each) => each.message).join('; ') || (error as Error).message;
  return new CrowdwattError(
    'ledger/unavailable',
    `${id} could not be enrolled with ${mspId}: ${message}`,
    { id },
    options,
  );
}

/** Fabric's older libraries write to the console unless told otherwise; an empty setting makes them slower. */
export function quietLogs(): void {
  process.env.HFC_LOGGING ??= '{"error":"console"}';
}
