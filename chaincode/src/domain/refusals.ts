/** Every reason for which the rules refuse a transaction. Codes are never renamed. */
export const REFUSALS = {
  arguments: 'an argument has a wrong type or form',
  'not-an-integer': 'a number is not a safe integer (NaN, infinite, fractional or past 2^53)',
  negative: 'a number lies below its lower limit',
  huge: 'a number, text or list lies above its upper limit',
  'unknown-field': 'an argument has a field that the transaction does not know',
  'unknown-transaction': 'there is no such transaction or query',
  role: 'the role of the caller may not do this',
  'wrong-owner': 'only the participant itself may do this',
  revoked: 'the certificate of the caller is revoked',
  'operation-reused': 'the operation id was used for something else',
  replay: 'the transaction id is on the ledger already',
  'wrong-ledger': 'the transaction was signed for another ledger or contract',
  signature: 'the signature does not verify',
  'high-s': 'the signature is not in low-S form',
  certificate: 'the certificate was not issued by the CA of this ledger, or is out of date',
  backdated: 'the time lies more than 120 s before the newest transaction of the day',
  exists: 'the key exists already',
  'unknown-participant': 'there is no such participant',
  'unknown-day': 'the day is not open on the ledger',
  'unknown-offer': 'there is no such offer',
  'unknown-delivery': 'there is no such metered value',
  'unknown-span': 'the span of days was not reconciled',
  suspended: 'the participant is suspended',
  erased: 'the personal data of the participant was erased',
  'wrong-type': 'the participant is of the other type',
  'opted-out': 'the participant opted out of the day',
  'gate-closed': 'the gate of the day is closed',
  'gate-open': 'the gate of the day is still open',
  'gate-early': 'the gate time has not come',
  'not-priced': 'the equilibrium of the day is not published',
  'already-priced': 'the equilibrium of the day is published already',
  'wrong-root': 'the Merkle root is not the one on the ledger',
  'private-missing': 'the private document was not handed in',
  commitment: 'the private document does not match its commitment',
  'over-nameplate': 'more than the nameplate allows',
  'outside-day': 'a period or list does not fit the periods of the day',
  'wrong-round': 'the round is not the one that is open',
  'round-open': 'the round before is still open',
  'round-early': 'the offers of the round have not expired',
  'round-closed': 'the round is closed',
  expired: 'the offer has expired',
  answered: 'the offer has an answer already',
  withdrawn: 'the offer was withdrawn',
  'terms-differ': 'the terms hash is not that of the offer on the ledger',
  'over-budget': 'the offers of the period exceed its budget',
  'already-sold': 'the energy of the participant and period is sold already',
  'no-task': 'the participant has neither an accepted offer nor a contract in the period',
  early: 'the time for this has not come',
  'day-unfinished': 'a day of the span is not priced, or a round of it is open',
  'day-settled': 'the day is in a closed span',
  'span-overlap': 'the span overlaps one that is closed',
  'span-closed': 'the span is closed',
  'meters-missing': 'metered values are missing and their deadline has not passed',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

const WIRE = /\[refused:([a-z-]+)\] (.*)$/s;

/** A transaction that the rules do not allow. It has changed nothing. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }

  /** One line that carries the code through homes which only pass on text (Fabric's chaincode errors). */
  toWire(): string {
    return `[refused:${this.code}] ${this.message}`;
  }

  /** Finds a refusal in a text that `toWire` went into, whatever was put before it. */
  static fromWire(text: string): Refusal | undefined {
    const found = WIRE.exec(text);
    const code = found?.[1];
    if (!found || code === undefined || !(code in REFUSALS)) return undefined;
    return new Refusal(code as RefusalCode, found[2] ?? '');
  }
}

/** Throws the refusal unless the condition holds. */
export function insist(condition: unknown, code: RefusalCode, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message);
}
