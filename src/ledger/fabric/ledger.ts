import { randomUUID } from 'node:crypto';
import { canonicalJson, type Json } from '../../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../errors.js';
import type {
  BlockView,
  Commit,
  Creator,
  Head,
  Ledger,
  LedgerEvent,
  Member,
  OpenLedgerOptions,
  PreparedTransaction,
  Role,
  Signer,
  TransactionCall,
} from '../types.js';
import { BlockReader } from './block-reader.js';
import { callText } from './blocks.js';
import type { EndorsedTransaction, FabricClient, Proposal } from './client.js';
import { eventsOf } from './events.js';
import { classify, FabricFault, outcomeError, VALID, voidFault } from './faults.js';
import type { ObjectFolder } from './object-folder.js';
import { type Deadlines, deadlinesOf, type FabricProfile } from './profile.js';
import { Retries } from './retries.js';

/** What the chaincode answers: a result, or the result of the transaction that first had this operation id. */
interface Answer {
  readonly result: Json;
  readonly repeatedTxId?: string;
}

type Call = PreparedTransaction['call'];

/** What a prepared transaction carries between its signatures. */
interface Stage {
  readonly creator: Creator;
  readonly proposal?: Proposal;
  readonly endorsed?: EndorsedTransaction;
}

export interface FabricParts {
  readonly profile: FabricProfile;
  readonly client: FabricClient;
  /** Reads blocks, events and commit status. */
  readonly service: Creator & { readonly signer: Signer };
  readonly enrol: (id: string, role: Role) => Promise<Member>;
  readonly objects: ObjectFolder;
  readonly onBlock?: OpenLedgerOptions['onBlock'];
}

/** The ledger on a Fabric network. What it does about each kind of fault is one table: `Retries`. */
export class FabricLedger implements Ledger {
  readonly kind = 'fabric';
  readonly id: string;
  private readonly deadlines: Deadlines;
  private readonly reader: BlockReader;
  private readonly closing = new AbortController();

  constructor(private readonly parts: FabricParts) {
    this.id = parts.profile.ledgerId;
    this.deadlines = deadlinesOf(parts.profile);
    this.reader = new BlockReader(parts.profile, parts.client, parts.service, parts.onBlock);
  }

  /**
   * Errors: `ledger/refused` (`details.refusal`), `ledger/conflict`, `ledger/unavailable` (nothing was
   * sent), `ledger/unknown-outcome` (it was: the same operation id again gives the answer).
   */
  async transact<Result = unknown>(member: Member, call: TransactionCall): Promise<Commit<Result>> {
    const whole = complete(call);
    const retries = new Retries(this.parts.profile.roundTimeMs, this.deadlines.commit);
    for (;;) {
      try {
        const proposal = this.propose(member, whole);
        const endorsed = await proposal.endorse(await member.signer.sign(proposal.bytes));
        const answer = answerOf(endorsed);
        if (answer.repeatedTxId !== undefined) return await this.repeated<Result>(member, answer);
        if (retries.resolving && !retries.sendAgain()) {
          throw outcomeError(retries.final!, { operationId: whole.operationId });
        }
        await this.handOver(member, endorsed, await member.signer.sign(endorsed.bytes));
        return await this.committed<Result>(member, endorsed.txId, answer);
      } catch (error) {
        const fault = faultOf(error);
        const pause = retries.after(fault);
        if (pause === undefined) throw outcomeError(retries.final ?? fault, { operationId: whole.operationId });
        await Promise.all([this.parts.client.caughtUp(), delay(pause)]);
      }
    }
  }

  async prepare(creator: Creator, call: TransactionCall): Promise<PreparedTransaction> {
    const whole = complete(call);
    const proposal = this.propose(creator, whole);
    const handle: Stage = { creator, proposal };
    return { txId: proposal.txId, call: whole, bytes: proposal.bytes, handle };
  }

  async endorse(prepared: PreparedTransaction, signature: Uint8Array): Promise<PreparedTransaction> {
    const { creator, proposal } = prepared.handle as Stage;
    if (!proposal) throw new CrowdwattError('usage', 'this transaction is endorsed already: sign it and submit it');
    try {
      const endorsed = await proposal.endorse(signature);
      const handle: Stage = { creator, endorsed };
      return { ...prepared, bytes: endorsed.bytes, handle };
    } catch (error) {
      throw outcomeError(faultOf(error), { operationId: prepared.call.operationId });
    }
  }

  async submit<Result = unknown>(prepared: PreparedTransaction, signature: Uint8Array): Promise<Commit<Result>> {
    const { creator, endorsed } = prepared.handle as Stage;
    if (!endorsed) {
      throw new CrowdwattError(
        'usage',
        'on Fabric a transaction is signed twice: endorse it, sign what that gives back, then submit',
      );
    }
    try {
      const answer = answerOf(endorsed);
      if (answer.repeatedTxId !== undefined) return await this.repeated<Result>(creator, answer);
      await this.handOver(creator, endorsed, signature);
      return await this.committed<Result>(creator, endorsed.txId, answer);
    } catch (error) {
      throw outcomeError(faultOf(error), { operationId: prepared.call.operationId, txId: prepared.txId });
    }
  }

  async query<Result = unknown>(member: Member, name: string, args: unknown): Promise<Result> {
    const text = callText(args, undefined, Date.now());
    try {
      const question = this.parts.client.ask(member, this.parts.profile.chaincode, name, [text]);
      const bytes = await question.evaluate(await member.signer.sign(question.bytes));
      return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { result: Result }).result;
    } catch (error) {
      throw outcomeError(classify('evaluate', error));
    }
  }

  async head(): Promise<Head> {
    const { height, hash } = await this.reader.head();
    return { ledgerId: this.id, height, hash };
  }

  blocks(from = 0, to?: number): AsyncIterable<BlockView> {
    return this.reader.range(from, to);
  }

  events(options: { readonly fromBlock?: number; readonly signal?: AbortSignal } = {}): AsyncIterable<LedgerEvent> {
    const signal = options.signal ? AbortSignal.any([options.signal, this.closing.signal]) : this.closing.signal;
    return eventsOf(this.parts.client, options.fromBlock, signal);
  }

  member(id: string, role: Role): Promise<Member> {
    return this.parts.enrol(id, role);
  }

  putObject(document: unknown): Promise<string> {
    return this.parts.objects.put(document);
  }

  getObject(hash: string): Promise<unknown> {
    return this.parts.objects.get(hash);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.parts.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private propose(creator: Creator, call: Call): Proposal {
    const transient =
      call.transient &&
      Object.fromEntries(Object.entries(call.transient).map(([name, value]) => [name, canonicalJson(value)]));
    return this.parts.client.propose(
      creator,
      call.name,
      callText(call.args, call.operationId, call.timestamp),
      transient,
    );
  }

  /**
   * An error from here is not "not committed": thousands of submits answered UNAVAILABLE were in the
   * ledger later. So the block decides; only a short while, where the orderers said they cannot.
   */
  private async handOver(creator: Creator, endorsed: EndorsedTransaction, signature: Uint8Array): Promise<void> {
    try {
      await endorsed.submit(signature);
    } catch (error) {
      const fault = classify('submit', error);
      if (fault.kind === 'denied') throw fault;
      const wait = Math.min(this.deadlines.commit, 2_000 + 5 * this.parts.profile.roundTimeMs);
      await this.parts.client.outcome(creator, endorsed.txId, wait).catch(() => {
        throw new FabricFault(
          fault.kind === 'timeout' ? 'timeout' : 'unavailable',
          'submit',
          fault.message,
          undefined,
          {
            cause: error,
          },
        );
      });
    }
  }

  private async committed<Result>(creator: Creator, txId: string, answer: Answer): Promise<Commit<Result>> {
    const { code, block } = await this.parts.client.outcome(creator, txId, this.deadlines.commit);
    if (code !== VALID) throw voidFault(code, txId);
    const blockHash = await this.reader.hashOf(block, creator.mspId);
    return { txId, block, blockHash, result: answer.result as Result };
  }

  private async repeated<Result>(creator: Creator, answer: Answer): Promise<Commit<Result>> {
    return { ...(await this.committed<Result>(creator, answer.repeatedTxId!, answer)), repeated: true };
  }
}

function complete(call: TransactionCall): Call {
  return { ...call, operationId: call.operationId ?? randomUUID(), timestamp: call.timestamp ?? Date.now() };
}

function answerOf(endorsed: EndorsedTransaction): Answer {
  return JSON.parse(Buffer.from(endorsed.result).toString('utf8')) as Answer;
}

/** Coded errors of our own pass; anything else that was not put into words yet counts as a failed endorsement. */
function faultOf(error: unknown): FabricFault {
  if (error instanceof CrowdwattError) throw error;
  return classify('endorse', error);
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
