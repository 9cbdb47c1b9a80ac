import { randomBytes, randomUUID } from 'node:crypto';
import { canonicalJson, Refusal, sha256Hex } from '../../chaincode/src/domain/index.js';
import { asCrowdwattError, CrowdwattError } from '../errors.js';
import { fingerprintOf } from './identity/certificate.js';
import type { Creator, PreparedTransaction, TransactionCall } from './types.js';

/** Name and version of the rules that a transaction is signed for. */
export const CONTRACT = 'crowdwatt/1';

/** What a member signs, as canonical JSON. */
export interface SignedCall {
  readonly ledgerId: string;
  readonly contract: string;
  readonly function: string;
  readonly args: unknown;
  readonly operationId: string;
  readonly timestamp: number;
  /** SHA-256 of the creator's certificate (DER), hex. */
  readonly creator: string;
  /** 24 random bytes, hex. */
  readonly nonce: string;
}

export function txIdOf(nonce: string, creator: string): string {
  return sha256Hex(Buffer.from(nonce + creator, 'hex'));
}

/** Builds what is to be signed; arguments that canonical JSON cannot hold are refused here. */
export function prepareCall(
  ledgerId: string,
  creator: Creator,
  call: TransactionCall,
  now: number,
): PreparedTransaction {
  const fingerprint = fingerprintOf(creator.certificate);
  const nonce = randomBytes(24).toString('hex');
  const signed: SignedCall = {
    ledgerId,
    contract: CONTRACT,
    function: call.name,
    args: call.args,
    operationId: call.operationId ?? randomUUID(),
    timestamp: call.timestamp ?? now,
    creator: fingerprint,
    nonce,
  };
  const bytes = Buffer.from(canonicalJson(signed), 'utf8');
  return {
    txId: txIdOf(nonce, fingerprint),
    call: {
      name: call.name,
      args: call.args,
      operationId: signed.operationId,
      timestamp: signed.timestamp,
      ...(call.transient === undefined ? {} : { transient: call.transient }),
    },
    bytes,
    handle: { certificate: creator.certificate },
  };
}

const HEX_48 = /^[0-9a-f]{48}$/;
const HEX_64 = /^[0-9a-f]{64}$/;
const FIELDS = 'args,contract,creator,function,ledgerId,nonce,operationId,timestamp';

/** Largest signed transaction, bytes. */
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

/** Reads signed bytes back; anything but the one canonical form of the right fields is refused. */
export function readCall(text: string, parsed?: unknown): SignedCall {
  let value = parsed;
  if (value === undefined) {
    try {
      value = JSON.parse(text);
    } catch {
      throw new Refusal('arguments', 'the signed transaction is not JSON');
    }
    if (canonicalJson(value) !== text) throw new Refusal('arguments', 'the signed transaction is not canonical JSON');
  }
  const call = value as SignedCall;
  if (typeof call !== 'object' || call === null || Object.keys(call).sort().join() !== FIELDS) {
    throw new Refusal('arguments', `a signed transaction has exactly the fields ${FIELDS}`);
  }
  const fine =
    call.contract === CONTRACT &&
    typeof call.ledgerId === 'string' &&
    typeof call.function === 'string' &&
    typeof call.operationId === 'string' &&
    call.operationId.length >= 1 &&
    call.operationId.length <= 200 &&
    Number.isSafeInteger(call.timestamp) &&
    call.timestamp >= 0 &&
    HEX_64.test(call.creator) &&
    HEX_48.test(call.nonce);
  if (!fine) throw new Refusal('arguments', 'the signed transaction has a field of a wrong form');
  return call;
}

/** Turns what the rules throw into the one error class that leaves the program. */
export function asLedgerError(thrown: unknown): CrowdwattError {
  if (thrown instanceof Refusal) {
    return new CrowdwattError(
      'ledger/refused',
      `${thrown.message} (${thrown.code})`,
      { refusal: thrown.code },
      { cause: thrown },
    );
  }
  return asCrowdwattError(thrown);
}
