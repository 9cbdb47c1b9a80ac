import { parseArguments } from './arguments.js';
import { hashOf, type Json } from './canonical.js';
import { type LedgerContext, World } from './context.js';
import type { Definition } from './definition.js';
import { insist, Refusal } from './refusals.js';
import { TRANSACTIONS } from './transactions.js';

/** What stands under an operation id: the first outcome, given again to whoever repeats it. */
interface OperationRecord {
  readonly caller: string;
  readonly name: string;
  readonly argsHash: string;
  readonly txId: string;
  readonly result: Json;
}

const OPERATION_ID = /^[^\u0000-\u001f\u007f-\u009f\u{10FFFF}]{1,200}$/u;

export interface Outcome {
  readonly result: Json;
  /** The transaction that first carried this operation id; with it nothing was written now. */
  readonly repeatedTxId?: string;
}

function definitionOf(name: string, kind: Definition['kind']): Definition {
  const definition = TRANSACTIONS.get(name);
  if (!definition || definition.kind !== kind)
    throw new Refusal('unknown-transaction', `there is no ${kind === 'write' ? 'transaction' : 'query'} ${name}`);
  return definition;
}

async function admit(world: World, definition: Definition): Promise<void> {
  const { caller } = world;
  insist(
    definition.roles.includes(caller.role),
    'role',
    `${definition.name} is for ${definition.roles.join(', ')}; ${caller.id} is ${caller.role}`,
  );
  insist(!(await world.read('revoked', caller.fingerprint)), 'revoked', `the certificate of ${caller.id} is revoked`);
}

/** Runs one transaction of the table; throws a `Refusal` and has then written nothing that counts. */
export async function executeTransaction(
  context: LedgerContext,
  name: string,
  args: unknown,
  operationId: string,
): Promise<Outcome> {
  const world = new World(context);
  const definition = definitionOf(name, 'write');
  insist(
    OPERATION_ID.test(operationId),
    'arguments',
    'operationId: 1 to 200 characters, none of them a control character',
  );
  await admit(world, definition);
  const argsHash = hashOf(args);
  const before = await world.read<OperationRecord>('operation', operationId);
  if (before) {
    insist(
      before.caller === context.caller.id && before.name === name && before.argsHash === argsHash,
      'operation-reused',
      `operation id ${operationId} stands for another transaction`,
    );
    return { result: before.result, repeatedTxId: before.txId };
  }
  const result = ((await definition.run(world, parseArguments(definition.args, args))) ?? null) as Json;
  const record: OperationRecord = { caller: context.caller.id, name, argsHash, txId: context.txId, result };
  await world.write('operation', [operationId], record);
  return { result };
}

/** Runs one query of the table; writes nothing. */
export async function executeQuery(context: LedgerContext, name: string, args: unknown): Promise<Json> {
  const world = new World(context);
  const definition = definitionOf(name, 'query');
  await admit(world, definition);
  return ((await definition.run(world, parseArguments(definition.args, args))) ?? null) as Json;
}
