import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { common } from '@hyperledger/fabric-protos';
import type { Settings } from '../../chaincode/src/fabric/caller.js';
import { invoke } from '../../chaincode/src/fabric/invoke.js';
import { headerHash } from '../../src/ledger/fabric/blocks.js';
import type {
  CommitOutcome,
  EndorsedTransaction,
  FabricClient,
  Proposal,
  Question,
  RawEvent,
} from '../../src/ledger/fabric/client.js';
import { classify, FabricFault } from '../../src/ledger/fabric/faults.js';
import { attributesOf } from '../../src/ledger/identity/certificate.js';
import { verifySignature } from '../../src/ledger/identity/signature.js';
import type { Creator } from '../../src/ledger/types.js';
import { type BlockEntry, blockOf } from './simulated-block.js';
import { type ReadWriteSet, rangeOf, SimulatedStub, type World } from './simulated-stub.js';

/** What may go wrong at each point; each returns how the step shall fail, or nothing. */
export interface Faults {
  endorse?(txId: string): Error | undefined;
  /** `before`: the orderers never get it; `after`: they have it, only the answer is lost. */
  submit?(txId: string): { when: 'before' | 'after'; error: Error } | undefined;
  /** Accepted, and then lost with the leader that held it. */
  vanish?(txId: string): boolean;
  outcome?(txId: string): Error | undefined;
  /** Ends an event stream before this event. */
  events?(event: RawEvent): Error | undefined;
}

type Ordered = Omit<BlockEntry, 'code'> & { readonly set: ReadWriteSet };

const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;
const DUPLICATE_TXID = 9;

/**
 * A Fabric network of one peer in memory: execute, order, validate. The contract runs on a stub that
 * keeps Fabric's rules; blocks are cut at a steady pace; reads are checked again at commit.
 */
export class SimulatedFabric implements FabricClient {
  readonly world: World = new Map();
  readonly privateWorld = new Map<string, Buffer>();
  readonly codes = new Map<string, CommitOutcome>();
  readonly told: RawEvent[] = [];
  /** Transaction ids in the order in which the orderers got them. */
  readonly handedOver: string[] = [];
  faults: Faults = {};
  /** False: nothing is ordered until it is true again; what was handed over waits. */
  ordering = true;
  /** An older state, as the peer of another organisation may have it, until `caughtUp`. */
  lag: World | undefined;
  private queue: Ordered[] = [];
  private readonly chain = [blockOf(0, Buffer.alloc(0), 'crowdwatt', [])];
  private readonly timer: NodeJS.Timeout;

  constructor(
    roundMs: number,
    private readonly settings: Settings,
  ) {
    this.timer = setInterval(() => this.cutBlock(), roundMs);
  }

  propose(creator: Creator, name: string, call: string, transient: Readonly<Record<string, string>> = {}): Proposal {
    const txId = createHash('sha256').update(randomBytes(24)).update(creator.certificate).digest('hex');
    const bytes = Buffer.from(JSON.stringify([txId, name, call]));
    return {
      txId,
      bytes,
      endorse: async (signature) => {
        await verify(creator, bytes, signature);
        fail('endorse', this.faults.endorse?.(txId));
        return this.execute(creator, txId, name, call, transient);
      },
    };
  }

  private async execute(
    creator: Creator,
    txId: string,
    name: string,
    call: string,
    transient: Readonly<Record<string, string>>,
  ): Promise<EndorsedTransaction> {
    const map = new Map(Object.entries(transient).map(([key, value]) => [key, Buffer.from(value)]));
    const stub = new SimulatedStub(this.lag ?? this.world, this.privateWorld, txId, Date.now(), map);
    const result = Buffer.from(await this.run(stub, creator, name, call));
    const bytes = Buffer.from(`commit ${txId} ${result}`);
    return {
      txId,
      bytes,
      result,
      submit: async (signature) => {
        await verify(creator, bytes, signature);
        const fault = this.faults.submit?.(txId);
        if (fault?.when === 'before') throw fault.error;
        this.handedOver.push(txId);
        if (!this.faults.vanish?.(txId)) {
          this.queue.push({ txId, creator, name, call, set: stub.set });
        }
        if (fault) throw fault.error;
      },
    };
  }

  private async run(stub: SimulatedStub, creator: Creator, name: string, call: string): Promise<string> {
    const attributes = attributesOf(new X509Certificate(creator.certificate).raw);
    const identity = {
      getMSPID: () => creator.mspId,
      getAttributeValue: (key: string) => attributes[key] ?? null,
      getIDBytes: () => Buffer.from(creator.certificate),
    };
    try {
      return await invoke(stub, identity, name, call, this.settings);
    } catch (error) {
      throw new Error(`chaincode response 500, ${(error as Error).message}`);
    }
  }

  ask(creator: Creator, chaincode: string, name: string, args: readonly string[]): Question {
    const bytes = Buffer.from(JSON.stringify([chaincode, name, args]));
    return {
      bytes,
      evaluate: async (signature) => {
        await verify(creator, bytes, signature);
        if (chaincode === 'qscc') return this.system(name, args);
        const stub = new SimulatedStub(this.world, this.privateWorld, 'query', Date.now(), new Map());
        const answer = await this.run(stub, creator, name, args[0]!);
        if (stub.set.writes.size > 0) throw new Error('a query wrote');
        return Buffer.from(answer);
      },
    };
  }

  private system(name: string, args: readonly string[]): Uint8Array {
    if (name === 'GetBlockByNumber') return this.chain[Number(args[1])]!.serializeBinary();
    const info = new common.BlockchainInfo();
    info.setHeight(this.chain.length);
    info.setCurrentblockhash(this.headHash());
    return info.serializeBinary();
  }

  private headHash(): Buffer {
    return Buffer.from(headerHash(this.chain.at(-1)!.getHeader()!), 'hex');
  }

  async outcome(_creator: Creator, txId: string, waitMs: number): Promise<CommitOutcome> {
    const until = Date.now() + waitMs;
    const fault = this.faults.outcome?.(txId);
    if (fault) await sleep(waitMs);
    fail('commit', fault);
    for (;;) {
      const found = this.codes.get(txId);
      if (found) return found;
      if (Date.now() >= until) throw new FabricFault('timeout', 'commit', 'deadline exceeded');
      await sleep(1);
    }
  }

  async caughtUp(): Promise<void> {
    this.lag = undefined;
  }

  async *events(fromBlock = this.chain.length, signal: AbortSignal): AsyncIterable<RawEvent> {
    let next = 0;
    while (!signal.aborted) {
      const event = this.told[next];
      if (!event) {
        await sleep(1);
        continue;
      }
      next++;
      if (event.block < fromBlock) continue;
      fail('events', this.faults.events?.(event));
      yield event;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
  }

  /** Order and validate: each transaction's reads must still hold when its turn comes. */
  private cutBlock(): void {
    if (!this.ordering || this.queue.length === 0) return;
    const block = this.chain.length;
    const transactions = this.queue;
    this.queue = [];
    const entries = transactions.map((ordered, index) => {
      const code = this.codes.has(ordered.txId) ? DUPLICATE_TXID : this.validate(ordered.set);
      if (code !== DUPLICATE_TXID) this.codes.set(ordered.txId, { code, block });
      if (code === 0) this.apply(ordered, block, index);
      return { ...ordered, code };
    });
    this.chain.push(blockOf(block, this.headHash(), 'crowdwatt', entries));
  }

  private apply({ txId, set }: Ordered, block: number, index: number): void {
    for (const [key, value] of set.writes) {
      if (value) this.world.set(key, { value, version: `${block}.${index}` });
      else this.world.delete(key);
    }
    for (const [key, value] of set.privateWrites) {
      if (value) this.privateWorld.set(key, value);
      else this.privateWorld.delete(key);
    }
    if (set.event) this.told.push({ block, txId, ...set.event });
  }

  private validate(set: ReadWriteSet): number {
    for (const [key, version] of set.reads) if (this.world.get(key)?.version !== version) return MVCC_READ_CONFLICT;
    for (const { from, seen } of set.ranges) {
      const now = rangeOf(this.world, from).map(([key, { version }]) => [key, version]);
      if (JSON.stringify(now) !== JSON.stringify(seen)) return PHANTOM_READ_CONFLICT;
    }
    return 0;
  }
}

async function verify(creator: Creator, bytes: Uint8Array, signature: Uint8Array): Promise<void> {
  const { publicKey } = new X509Certificate(creator.certificate);
  if (!(await verifySignature(publicKey, bytes, signature))) {
    throw new Error('access denied: the signature does not verify');
  }
}

function fail(stage: 'endorse' | 'commit' | 'events', error: Error | undefined): void {
  if (error) throw classify(stage, error);
}
