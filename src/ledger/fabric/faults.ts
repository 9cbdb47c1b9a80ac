import { Refusal } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError, type ErrorDetails } from '../../errors.js';

/** How far a transaction had come. After `submit` has begun, an error no longer means "not committed". */
export type Stage = 'endorse' | 'submit' | 'commit' | 'evaluate' | 'events';

/**
 * What went wrong, in the same words for both libraries:
 * `refused` the rules said no; `denied` the network does not accept the identity; `mismatch` endorsers
 * answered differently; `conflict` a key was written in between; `invalid` committed as void for another
 * reason; `unavailable` nobody there to do it; `timeout` no answer in time; `failed` anything else.
 */
export type FaultKind =
  | 'refused'
  | 'denied'
  | 'mismatch'
  | 'conflict'
  | 'invalid'
  | 'unavailable'
  | 'timeout'
  | 'failed';

export class FabricFault extends Error {
  constructor(
    readonly kind: FaultKind,
    readonly stage: Stage,
    message: string,
    readonly refusal?: Refusal,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'FabricFault';
  }
}

/** gRPC status codes that are told apart. */
const GRPC = { cancelled: 1, deadline: 4, denied: 7, aborted: 10, unavailable: 14, unauthenticated: 16 } as const;

/** Validation codes of a transaction in a block (protos `TxValidationCode`). */
export const VALID = 0;
const DUPLICATE_TXID = 9;
const ENDORSEMENT_POLICY_FAILURE = 10;
const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

const MISMATCH =
  /ProposalResponsePayloads do not match|Peer endorsements do not match|payloads? .{0,40}(?:differ|do not match)/;
const DENIED =
  /access denied|creator.{0,40}(?:is not valid|malformed|revoked)|certificate.{0,40}(?:revoked|expired)|identity.{0,60}(?:revoked|expired|not valid)|Failed evaluating policy on signed data|ACL check failed/i;

/** Puts a library's error into the common words, from its texts and its gRPC code. */
export function classify(stage: Stage, error: unknown): FabricFault {
  if (error instanceof FabricFault) return error;
  if (error instanceof Refusal) return new FabricFault('refused', stage, error.message, error);
  const texts = textsOf(error);
  const message = texts.join('; ');
  const code = codeOf(error);
  const fault = (kind: FaultKind, refusal?: Refusal) =>
    new FabricFault(kind, stage, refusal?.message ?? message, refusal, { cause: error });
  const refusals = texts.map((text) => Refusal.fromWire(text)).filter((found) => found !== undefined);
  if (refusals.length > 0) return fault('refused', refusals[0]);
  if (texts.some((text) => MISMATCH.test(text))) return fault('mismatch');
  if (code === GRPC.denied || code === GRPC.unauthenticated || DENIED.test(message)) return fault('denied');
  if (code === GRPC.deadline || /timeout|timed out|deadline/i.test(message)) return fault('timeout');
  if (code === GRPC.unavailable || code === GRPC.cancelled || UNREACHABLE.test(message)) return fault('unavailable');
  return fault('failed');
}

const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|EPIPE|not connected|no connection|failed to connect|connection (?:refused|error|reset)|SERVICE_UNAVAILABLE|UNAVAILABLE|no (?:peers|endorsers|orderers?) (?:available|found)|unable to find any target|No (?:endorsement|committers|targets)|no combination of peers|transport is closing|stream (?:terminated|removed)/i;

function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** The message, and those that single peers or orderers sent with it. */
function textsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const texts = [error.message];
  const { details, errors, responses, endorsements } = error as Error & Record<string, unknown>;
  for (const list of [details, errors, responses, endorsements]) {
    if (!Array.isArray(list)) continue;
    for (const item of list as { message?: unknown; response?: { message?: unknown } }[]) {
      for (const text of [item?.message, item?.response?.message]) {
        if (typeof text === 'string' && text !== '' && !texts.includes(text)) texts.push(text);
      }
    }
  }
  return texts;
}

/** What a block says of a transaction that it holds as void. */
export function voidFault(code: number, txId: string): FabricFault {
  if (code === MVCC_READ_CONFLICT || code === PHANTOM_READ_CONFLICT) {
    return new FabricFault('conflict', 'commit', `${txId}: a key that it had read was written by another transaction`);
  }
  if (code === ENDORSEMENT_POLICY_FAILURE) {
    return new FabricFault('mismatch', 'commit', `${txId}: its endorsements do not fulfil the policy`);
  }
  const why = code === DUPLICATE_TXID ? 'its transaction id is on the ledger already' : `validation code ${code}`;
  return new FabricFault('invalid', 'commit', `${txId}: in a block, but void: ${why}`);
}

/** The coded outcome that leaves the ledger. */
export function outcomeError(fault: FabricFault, details: ErrorDetails = {}): CrowdwattError {
  const options = { cause: fault };
  const more = { ...details, stage: fault.stage };
  switch (fault.kind) {
    case 'refused':
      return new CrowdwattError('ledger/refused', fault.message, { ...more, refusal: fault.refusal?.code }, options);
    case 'denied':
      return new CrowdwattError(
        'ledger/refused',
        `the network does not accept the identity: ${fault.message}`,
        { ...more, refusal: 'certificate' },
        options,
      );
    case 'mismatch':
      return new CrowdwattError(
        'ledger/refused',
        `the peers do not agree on the outcome, so nothing was committed: ${fault.message}`,
        { ...more, refusal: 'endorsement' },
        options,
      );
    case 'conflict':
      return new CrowdwattError('ledger/conflict', fault.message, more, options);
    case 'invalid':
      return new CrowdwattError('ledger/refused', fault.message, { ...more, refusal: 'void' }, options);
    default:
      break;
  }
  if (fault.stage === 'submit' || fault.stage === 'commit') {
    const message = `handed to the orderers, but no commit was seen in time; try again with the same operation id (${fault.message})`;
    return new CrowdwattError('ledger/unknown-outcome', message, more, options);
  }
  const silent = fault.kind === 'timeout' || fault.kind === 'unavailable';
  const message = `the network ${silent ? 'does not answer' : 'answered with an error'}: ${fault.message}`;
  return new CrowdwattError('ledger/unavailable', message, more, options);
}
