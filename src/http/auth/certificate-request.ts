import { createPublicKey, verify } from 'node:crypto';
import { CrowdwattError } from '../../errors.js';
import { fromRaw, toLowS } from '../../ledger/identity/signature.js';

/** A PKCS#10 request (RFC 2986), cut in two: what the member signs, and what the CA gets. */
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');
const VERSION_0 = Buffer.from('020100', 'hex');
const NO_ATTRIBUTES = Buffer.from('a000', 'hex');

/** The part of a certificate request that its own key signs. */
export function requestInfo(id: string, publicKey: Buffer): Buffer {
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(id, 'utf8')))));
  return der(0x30, VERSION_0, name, publicKey, NO_ATTRIBUTES);
}

/** The whole request, PEM. */
export function requestPem(info: Buffer, signature: Uint8Array): string {
  const request = der(0x30, info, ECDSA_SHA256, der(0x03, Buffer.from([0]), Buffer.from(signature)));
  const lines = request.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}

/** @throws CrowdwattError `input/invalid` unless it is a P-256 key as SPKI */
export function readPublicKey(base64: string): Buffer {
  const wrong = () =>
    new CrowdwattError('input/invalid', 'publicKey: must be a P-256 public key, SPKI, base64', { path: 'publicKey' });
  const bytes = Buffer.from(base64, 'base64');
  try {
    const key = createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw wrong();
    // Written anew: nothing that came along behind the key gets into a certificate.
    return key.export({ format: 'der', type: 'spki' });
  } catch {
    throw wrong();
  }
}

/**
 * A signature as WebCrypto (r‖s) or others (DER) give it, as low-S DER.
 * @throws CrowdwattError `input/invalid`
 */
export function readSignature(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  try {
    return bytes.length === 64 ? fromRaw(bytes) : toLowS(bytes);
  } catch {
    const text = 'signature: must be an ECDSA P-256 signature, 64 bytes r‖s or DER, base64';
    throw new CrowdwattError('input/invalid', text, { path: 'signature' });
  }
}

/** True where the key behind an SPKI or a certificate made the signature. */
export function verifies(key: Buffer | string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const publicKey =
    typeof key === 'string' ? createPublicKey(key) : createPublicKey({ key, format: 'der', type: 'spki' });
  return verify('sha256', bytes, publicKey, signature);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}
