import { CrowdwattError, type ErrorCode } from '../errors.js';

/** The least a named task can be: gives back what it got, or fails as told. The pool's tests call it. */
export default function echo(payload: { value?: unknown; fail?: ErrorCode }): unknown {
  if (payload.fail !== undefined) throw new CrowdwattError(payload.fail, 'failed as told');
  return payload.value;
}
