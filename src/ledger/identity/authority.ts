import { createPrivateKey, KeyObject, randomBytes } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import type { Role } from '../types.js';
import { ATTRIBUTES_OID, mspOf } from './certificate.js';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR = 365 * 86_400_000;
const CA_YEARS = 20;
const MEMBER_YEARS = 5;

export interface IssuedKey {
  readonly certificate: string;
  /** PKCS#8, PEM. */
  readonly privateKey: string;
}

// Loaded on first use: the library needs a global polyfill that importing crowdwatt must not install.
async function library(): Promise<typeof X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])) as CryptoKeyPair;
}

function pemOf(key: CryptoKey): string {
  return KeyObject.from(key as Parameters<typeof KeyObject.from>[0])
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

async function importSigningKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', new Uint8Array(der), CURVE, false, ['sign']);
}

function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x01;
  return bytes.toString('hex');
}

/** A self-signed P-256 CA for one ledger. */
export async function createAuthority(name: string): Promise<IssuedKey> {
  const x509 = await library();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ O: ['crowdwatt'] }, { CN: [name] }],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + CA_YEARS * YEAR),
    signingAlgorithm: CURVE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: pemOf(keys.privateKey) };
}

export interface Attributes {
  readonly id: string;
  readonly role: Role | 'node';
  /** Set where a service keeps the key for the member: whoever reads the certificate shall know. */
  readonly heldForMember?: boolean;
}

/** Issues certificates in the name of one CA. */
export class Authority {
  private constructor(
    private readonly x509: typeof X509,
    readonly certificate: string,
    private readonly signingKey: CryptoKey,
    private readonly issuer: X509.X509Certificate,
  ) {}

  static async open(ca: IssuedKey): Promise<Authority> {
    const x509 = await library();
    return new Authority(
      x509,
      ca.certificate,
      await importSigningKey(ca.privateKey),
      new x509.X509Certificate(ca.certificate),
    );
  }

  /** A new key and its certificate. */
  async issue(attributes: Attributes): Promise<IssuedKey> {
    const keys = await newKeys();
    return { certificate: await this.certify(keys.publicKey, attributes), privateKey: pemOf(keys.privateKey) };
  }

  /** A certificate for a key made elsewhere, from its PKCS#10 request (whose own signature is checked). */
  async issueFor(requestPem: string, attributes: Attributes): Promise<string> {
    const request = new this.x509.Pkcs10CertificateRequest(requestPem);
    if (!(await request.verify())) throw new Error('the certificate request is not signed by its own key');
    return this.certify(await request.publicKey.export(CURVE, ['verify']), attributes);
  }

  private async certify(publicKey: CryptoKey, { id, role, heldForMember }: Attributes): Promise<string> {
    const { x509 } = this;
    const organisation = role === 'node' ? 'OperatorMSP' : mspOf(role);
    // Byte for byte what Fabric-CA writes for attributes registered with ecert: true.
    const attrs = {
      'hf.Affiliation': '',
      'hf.EnrollmentID': id,
      'hf.Type': role === 'node' ? 'peer' : 'client',
      ...(heldForMember ? { held: 'true' } : {}),
      role,
    };
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: [{ O: [organisation] }, { OU: [role] }, { CN: [id] }],
      issuer: this.issuer.subjectName.toJSON(),
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + MEMBER_YEARS * YEAR),
      signingAlgorithm: CURVE,
      publicKey,
      signingKey: this.signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.Extension(ATTRIBUTES_OID, false, new TextEncoder().encode(JSON.stringify({ attrs }))),
      ],
    });
    return certificate.toString('pem');
  }
}

/** A PKCS#10 request for a fresh key: what a member sends instead of its key. */
export async function createRequest(id: string): Promise<{ request: string; privateKey: string }> {
  const x509 = await library();
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [id] }],
    keys,
    signingAlgorithm: CURVE,
  });
  return { request: request.toString('pem'), privateKey: pemOf(keys.privateKey) };
}
