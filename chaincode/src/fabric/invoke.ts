import { canonicalJson, executeQuery, executeTransaction, Refusal, TRANSACTIONS } from '../domain/index.js';
import { callerOf, checkTime, type Identity, type Settings } from './caller.js';
import { type Stub, StubContext } from './stub-context.js';

/** One call of the chaincode: text in, text out; a refusal leaves as an error that carries its code. */
export async function invoke(
  stub: Stub,
  identity: Identity,
  name: string,
  text: string,
  settings: Settings,
): Promise<string> {
  try {
    const call = parseCall(text);
    const { seconds, nanos } = stub.getTxTimestamp();
    const proposalMs = Number(seconds.toString()) * 1000 + Math.floor(nanos / 1e6);
    const caller = callerOf(identity, settings);
    const readOnly = TRANSACTIONS.get(name)?.kind === 'query';
    const time = checkTime(call.timestamp, proposalMs, settings);
    const context = new StubContext(stub, caller, time, readOnly);
    if (readOnly) return canonicalJson({ result: await executeQuery(context, name, call.args) });
    if (typeof call.operationId !== 'string') throw new Refusal('arguments', 'operationId: a text');
    return canonicalJson(await executeTransaction(context, name, call.args, call.operationId));
  } catch (error) {
    if (error instanceof Refusal) throw new Error(error.toWire());
    throw error;
  }
}

/** Only the canonical form is taken, so that what was signed can be written in one way alone. */
function parseCall(text: string): { args: unknown; operationId?: unknown; timestamp?: unknown } {
  let call: unknown;
  try {
    call = JSON.parse(text);
  } catch {
    throw new Refusal('arguments', 'the call is not JSON');
  }
  if (typeof call !== 'object' || call === null || !('args' in call)) {
    throw new Refusal('arguments', 'the call is {args, operationId, timestamp}');
  }
  if (canonicalJson(call) !== text) throw new Refusal('arguments', 'the call is not in canonical form');
  return call;
}
