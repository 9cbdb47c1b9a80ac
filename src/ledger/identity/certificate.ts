import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { type Caller, Refusal } from '../../../chaincode/src/domain/index.js';
import type { Role } from '../types.js';

/** What a checked certificate says, parsed once: a parse costs three times a signature check. */
export interface Identity extends Caller {
  readonly role: Role;
  readonly publicKey: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly pem: string;
}

/** Object id under which Fabric-CA puts a member's attributes, as JSON {"attrs": {…}}; and its DER form. */
export const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';
const ATTRIBUTES_DER = Buffer.from('06082a03040506070801', 'hex');

const ROLES: readonly string[] = ['operator', 'participant', 'meter', 'auditor'];

/** Organisation of each role, as in the Fabric network of three. */
export function mspOf(role: Role): string {
  if (role === 'operator') return 'OperatorMSP';
  return role === 'auditor' ? 'AuditorMSP' : 'CommunityMSP';
}

export function fingerprintOf(pem: string): string {
  return createHash('sha256').update(derOf(pem)).digest('hex');
}

function derOf(pem: string): Buffer {
  const body = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/.exec(pem)?.[1];
  if (!body) throw new Refusal('certificate', 'that is not a PEM certificate');
  return Buffer.from(body, 'base64');
}

/** Attributes of a certificate as Fabric-CA writes them. */
export function attributesOf(der: Uint8Array): Record<string, string> {
  const bytes = Buffer.from(der);
  const at = bytes.indexOf(ATTRIBUTES_DER);
  if (at < 0) return {};
  const start = at + ATTRIBUTES_DER.length;
  const long = bytes[start + 1]! >= 0x80 ? bytes[start + 1]! - 0x80 : 0;
  if (bytes[start] !== 0x04 || long > 2) return {};
  const size = long === 0 ? bytes[start + 1]! : bytes.readUIntBE(start + 2, long);
  const text = bytes.toString('utf8', start + 2 + long, start + 2 + long + size);
  try {
    const parsed = JSON.parse(text) as { attrs?: Record<string, string> };
    return parsed.attrs ?? {};
  } catch {
    return {};
  }
}

/** Parses and checks certificates against one CA, each only once. */
export class IdentityBook {
  private readonly authority: X509Certificate;
  private readonly known = new Map<string, Identity>();

  constructor(authorityPem: string) {
    this.authority = new X509Certificate(authorityPem);
  }

  /** All that were seen so far. */
  all(): IterableIterator<Identity> {
    return this.known.values();
  }

  get(fingerprint: string): Identity | undefined {
    return this.known.get(fingerprint);
  }

  /** Throws a refusal `certificate` for what this ledger's CA did not issue. */
  add(pem: string): Identity {
    const fingerprint = fingerprintOf(pem);
    const before = this.known.get(fingerprint);
    if (before) return before;
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch (error) {
      throw new Refusal('certificate', `the certificate cannot be read: ${(error as Error).message}`);
    }
    const { publicKey } = certificate;
    const curve = publicKey.asymmetricKeyDetails?.namedCurve;
    if (curve !== 'prime256v1')
      throw new Refusal('certificate', `the key must be of P-256, not ${curve ?? publicKey.asymmetricKeyType}`);
    if (certificate.ca || !certificate.checkIssued(this.authority) || !certificate.verify(this.authority.publicKey)) {
      throw new Refusal('certificate', 'the certificate was not issued by the CA of this ledger');
    }
    const attributes = attributesOf(certificate.raw);
    const id = attributes['hf.EnrollmentID'];
    const { role } = attributes;
    if (id === undefined || role === undefined || !ROLES.includes(role)) {
      throw new Refusal('certificate', 'the certificate names no enrolment id or role');
    }
    const identity: Identity = {
      id,
      role: role as Role,
      mspId: mspOf(role as Role),
      fingerprint,
      publicKey,
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
      pem,
    };
    this.known.set(fingerprint, identity);
    return identity;
  }
}
