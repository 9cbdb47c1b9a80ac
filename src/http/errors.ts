import type { FastifyError } from 'fastify';
import { z } from 'zod';
import { asCrowdwattError, CrowdwattError, type SerializedError } from '../errors.js';

/** Refusals of the ledger's rules that say more about the request than about the state it meets. */
const REFUSAL_STATUS: Readonly<Record<string, number>> = {
  role: 403,
  'wrong-owner': 403,
  revoked: 403,
  suspended: 403,
  certificate: 403,
  'unknown-participant': 404,
  'unknown-day': 404,
  'unknown-offer': 404,
  'unknown-delivery': 404,
  'unknown-span': 404,
  arguments: 422,
  'not-an-integer': 422,
  negative: 422,
  huge: 422,
  'unknown-field': 422,
  'over-nameplate': 422,
  'outside-day': 422,
  signature: 422,
  'high-s': 422,
};

/** What Fastify itself refuses, under our codes. */
const FASTIFY_CODES: Readonly<Record<string, ConstructorParameters<typeof CrowdwattError>[0]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'input/too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'http/unsupported',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'input/not-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'input/not-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'usage',
  FST_ERR_BAD_URL: 'usage',
  FST_ERR_ROUTE_NOT_FOUND: 'http/not-found',
};

/** The status of an error: its code's, but for refusals of the rules, which have one each. */
export function statusOf(error: CrowdwattError): number {
  const { refusal } = error.details;
  if (error.code === 'ledger/refused' && typeof refusal === 'string') return REFUSAL_STATUS[refusal] ?? 409;
  return error.httpStatus;
}

/** Whatever was thrown while a request was answered, as the one error class. */
export function asHttpError(thrown: unknown): CrowdwattError {
  if (thrown instanceof CrowdwattError) return thrown;
  if (thrown instanceof z.ZodError) return invalid(thrown);
  const { code, statusCode, message } = thrown as FastifyError;
  const known = code === undefined ? undefined : FASTIFY_CODES[code];
  if (known !== undefined) return new CrowdwattError(known, message);
  // A JSON body that does not parse comes as a plain SyntaxError with a status.
  if (statusCode === 400) return new CrowdwattError('input/not-json', message);
  if (statusCode === 413) return new CrowdwattError('input/too-large', message);
  if (statusCode === 429) return new CrowdwattError('http/busy', message);
  return asCrowdwattError(thrown);
}

/** One line that names the field, what is wrong and, from the schema, what would be right. */
export function invalid(error: z.ZodError, where = 'body'): CrowdwattError {
  const issue = error.issues[0]!;
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const at = path.replace(/^\./, '') || where;
  return new CrowdwattError('input/invalid', `${at}: ${issue.message}`, { path: at });
}

/**
 * What leaves the service. The inside of a fault of ours stays in the log, and what an error carries for the
 * program that embeds the library (whole solutions, reports) does not go over the wire.
 */
export function wireError(error: CrowdwattError): Omit<SerializedError, 'name'> {
  if (error.code === 'internal')
    return { code: error.code, message: 'a fault of the service; see its log', details: {} };
  const { solution: _s, report: _r, ...details } = error.details;
  return { code: error.code, message: error.message, details };
}
