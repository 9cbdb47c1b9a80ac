/**
 * The transaction table as a Fabric contract. Loaded by fabric-shim alone (`fabric-chaincode-node
 * server`): it and fabric-contract-api hook into the process that loads them.
 *
 * Every transaction and query takes one argument, the canonical JSON of `{args, operationId, timestamp}`
 * (a query: `{args, timestamp}`), and gives canonical JSON back: `{result}`, with `repeatedTxId` where the operation id
 * stands on the ledger already. A refusal is an error whose text `Refusal.fromWire` reads.
 */
import { type Context, Contract } from 'fabric-contract-api';
import { Refusal, TRANSACTIONS } from './domain/index.js';
import { type Identity, settingsOf } from './fabric/caller.js';
import { invoke } from './fabric/invoke.js';
import type { Stub } from './fabric/stub-context.js';

const settings = settingsOf(process.env);

interface CallContext {
  readonly stub: unknown;
  readonly clientIdentity: unknown;
}

export class CrowdwattContract extends Contract {
  constructor() {
    super('crowdwatt');
  }

  override async unknownTransaction(context: Context): Promise<void> {
    const name = context.stub.getFunctionAndParameters().fcn;
    throw new Error(new Refusal('unknown-transaction', `there is no transaction or query ${name}`).toWire());
  }
}

for (const name of TRANSACTIONS.keys()) {
  Object.defineProperty(CrowdwattContract.prototype, name, {
    value: (context: CallContext, call: string) =>
      invoke(context.stub as Stub, context.clientIdentity as Identity, name, call, settings),
  });
}

// What decorators would leave behind, made from the table: the shim builds its metadata from it.
const reflect = Reflect as unknown as { defineMetadata(key: string, value: unknown, target: object): void };
reflect.defineMetadata(
  'fabric:transactions',
  [...TRANSACTIONS.values()].map(({ name, kind }) => ({
    name,
    tag: kind === 'write' ? ['SUBMIT', 'submitTx'] : [],
    parameters: [{ name: 'call', description: 'canonical JSON', schema: { type: 'string' } }],
    returns: { type: 'string' },
  })),
  CrowdwattContract.prototype,
);

/** Texts as they are. The library's own serializer calls a function that its newer dependency no longer has. */
class TextSerializer {
  toBuffer(result: unknown): Buffer {
    return Buffer.from(typeof result === 'string' ? result : JSON.stringify(result ?? null));
  }

  fromBuffer(data: Uint8Array): { value: string } {
    return { value: Buffer.from(data).toString('utf8') };
  }
}

export const contracts = [CrowdwattContract];
export const serializers = { transaction: 'text', serializers: { text: TextSerializer } };
