/**
 * Every error that leaves crowdwatt, in one table: a stable code, the exit status of the command
 * line and the HTTP status of the service. Codes are never renamed.
 */
export const ERROR_TABLE = {
  usage: { exit: 2, http: 400, summary: 'the call itself is wrong' },
  'input/unreadable': { exit: 2, http: 400, summary: 'a file cannot be read' },
  'input/not-json': { exit: 2, http: 400, summary: 'the text is not JSON' },
  'input/too-large': { exit: 2, http: 413, summary: 'the input is over a size limit' },
  'input/invalid': { exit: 2, http: 422, summary: 'a field has a wrong type, value or name' },
  'case/topology': { exit: 2, http: 422, summary: 'the closed lines do not form one tree' },
  'case/device': { exit: 2, http: 422, summary: 'a device cannot do what is asked of it on its own' },
  'lp/malformed': { exit: 2, http: 422, summary: 'an LP model file is malformed' },
  'not-built': { exit: 2, http: 501, summary: 'this part is not built yet' },
  cancelled: { exit: 130, http: 499, summary: 'the caller cancelled' },
  'solver/no-schedule': { exit: 3, http: 409, summary: 'no schedule was found' },
  'solver/inexact': { exit: 3, http: 409, summary: 'the relaxation is not exact and trading on it was not allowed' },
  'solver/numerical': { exit: 1, http: 500, summary: 'the numerics broke down' },
  'pool/worker-lost': { exit: 1, http: 500, summary: 'a worker thread ended in the middle of a solve' },
  'pool/closed': { exit: 1, http: 503, summary: 'the worker pool is closed' },
  'kernel/abi': { exit: 1, http: 500, summary: 'a kernel module does not match this build' },
  'memory/limit': { exit: 1, http: 507, summary: 'the problem needs more memory than WebAssembly can address' },
  'ledger/damaged': { exit: 4, http: 500, summary: 'the ledger is damaged' },
  'ledger/rolled-back': { exit: 4, http: 500, summary: 'the ledger has fewer blocks than it had' },
  'ledger/equivocation': { exit: 4, http: 500, summary: 'the ledger signed two heads of one height' },
  'ledger/audit': { exit: 4, http: 409, summary: 'an audit of the ledger failed' },
  'ledger/locked': { exit: 2, http: 409, summary: 'another process writes to this ledger' },
  'ledger/missing': { exit: 2, http: 404, summary: 'there is no such ledger' },
  'ledger/refused': { exit: 2, http: 409, summary: 'a transaction was refused by the rules' },
  'ledger/stopped': { exit: 1, http: 503, summary: 'the ledger stopped after a storage error' },
  'ledger/conflict': { exit: 1, http: 409, summary: 'concurrent transactions touched the same key' },
  'ledger/unknown-outcome': { exit: 1, http: 503, summary: 'whether a transaction committed is not known' },
  'ledger/unavailable': { exit: 1, http: 503, summary: 'the ledger network does not answer' },
  'fleet/unavailable': { exit: 1, http: 503, summary: 'the queue of the fleet does not answer' },
  'market/day-closed': { exit: 2, http: 409, summary: 'the day is closed' },
  'market/day-differs': { exit: 2, http: 409, summary: 'the open day was started from other inputs' },
  'auth/unauthenticated': { exit: 2, http: 401, summary: 'no valid credentials' },
  'auth/forbidden': { exit: 2, http: 403, summary: 'not allowed for this member' },
  'http/not-found': { exit: 2, http: 404, summary: 'nothing is there' },
  'http/conflict': { exit: 2, http: 409, summary: 'the request conflicts with the present state' },
  'http/unsupported': { exit: 2, http: 415, summary: 'the body is not of a type that is taken here' },
  'http/timeout': { exit: 1, http: 408, summary: 'the request took too long to arrive' },
  'http/busy': { exit: 1, http: 429, summary: 'too many requests' },
  'http/overloaded': { exit: 1, http: 503, summary: 'the queue is full' },
  'io/write': { exit: 1, http: 500, summary: 'a file cannot be written' },
  internal: { exit: 1, http: 500, summary: 'a fault of crowdwatt itself' },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** Where and what; every field is plain data, so that it survives a structured clone. */
export interface ErrorDetails {
  /** Path inside the input, for instance `batteries[3].powerMw`. */
  readonly path?: string;
  /** Id of the element concerned. */
  readonly id?: string;
  /** Anything else that a program may want, plain data only. */
  readonly [key: string]: unknown;
}

/**
 * The only error class that crowdwatt throws on purpose.
 *
 * `message` is one line for people. `code` is stable and for programs. A structured clone (across
 * threads or processes) loses the class of an error: send `toJSON()` and rebuild with `fromJSON`.
 */
export class CrowdwattError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CrowdwattError';
    this.code = code;
    this.details = details;
  }

  /** Exit status of the command line for this error. */
  get exitStatus(): number {
    return ERROR_TABLE[this.code].exit;
  }

  /** HTTP status of the service for this error. */
  get httpStatus(): number {
    return ERROR_TABLE[this.code].http;
  }

  toJSON(): SerializedError {
    return { name: 'CrowdwattError', code: this.code, message: this.message, details: this.details };
  }

  /** Rebuilds an error that crossed a thread, process or network border. */
  static fromJSON(value: SerializedError): CrowdwattError {
    return new CrowdwattError(value.code, value.message, value.details);
  }
}

export interface SerializedError {
  readonly name: 'CrowdwattError';
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** Gives back a CrowdwattError for anything that was thrown; unknown things become `internal`. */
export function asCrowdwattError(thrown: unknown): CrowdwattError {
  if (thrown instanceof CrowdwattError) return thrown;
  if (isSerializedError(thrown)) return CrowdwattError.fromJSON(thrown);
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new CrowdwattError('cancelled', 'cancelled', {}, { cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new CrowdwattError('internal', message, {}, { cause: thrown });
}

export function isSerializedError(value: unknown): value is SerializedError {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<SerializedError>;
  return candidate.name === 'CrowdwattError' && typeof candidate.code === 'string' && candidate.code in ERROR_TABLE;
}
