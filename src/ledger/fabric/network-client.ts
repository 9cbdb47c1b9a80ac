import { readFile } from 'node:fs/promises';
import { common, peer as peerProtos } from '@hyperledger/fabric-protos';
import type { Endorsement, Endorser, IdentityContext, ProposalResponse, Query, User } from 'fabric-common';
import { Gateway, type Network } from 'fabric-network';
import type { Creator, Signer } from '../types.js';
import { chainHeight } from './blocks.js';
import type { CommitOutcome, EndorsedTransaction, FabricClient, Proposal, Question, RawEvent } from './client.js';
import { type Endpoint, Endpoints } from './endpoints.js';
import { classify, FabricFault } from './faults.js';
import { serializedIdentity } from './gateway-client.js';
import { Heights } from './heights.js';
import { contractEvents } from './network-events.js';
import { connectionProfile } from './network-profile.js';
import { type Deadlines, deadlinesOf, type FabricProfile } from './profile.js';

/** After so long without an event from any peer, the peers are asked for the transaction itself. */
const ASK_AFTER_ROUNDS = 3;
const OUTCOMES_KEPT = 20_000;

/**
 * `fabric-network` 2.2, no longer developed: this program itself gathers endorsements, hands over to one
 * orderer and listens for the block. Its own `submitTransaction` signs with a key that it holds; so that a
 * key may be elsewhere, the same steps are made here one by one.
 */
export class NetworkClient implements FabricClient {
  private readonly endpoints: Endpoints;
  private readonly heights: Heights;
  private readonly deadlines: Deadlines;
  private readonly outcomes = new Map<string, Promise<CommitOutcome>>();

  constructor(
    private readonly profile: FabricProfile,
    private readonly gatewayObject: Gateway,
    private readonly network: Network,
    private readonly service: Creator & { readonly signer: Signer },
  ) {
    this.endpoints = new Endpoints(profile);
    this.heights = new Heights(this.endpoints, (endpoint) => this.heightOf(endpoint));
    this.deadlines = deadlinesOf(profile);
  }

  propose(creator: Creator, name: string, call: string, transient?: Readonly<Record<string, string>>): Proposal {
    const endorsement = this.network.getChannel().newEndorsement(this.profile.chaincode);
    const identity = this.identity(creator);
    const transientMap =
      transient && Object.fromEntries(Object.entries(transient).map(([key, value]) => [key, Buffer.from(value)]));
    const bytes = endorsement.build(identity, {
      fcn: name,
      args: [call],
      ...(transientMap && { transientMap }),
    } as never);
    return {
      txId: endorsement.getTransactionId()!,
      bytes,
      endorse: (signature) => this.endorse(creator, identity, endorsement, signature),
    };
  }

  private async endorse(
    creator: Creator,
    identity: IdentityContext,
    endorsement: Endorsement,
    signature: Uint8Array,
  ): Promise<EndorsedTransaction> {
    await this.heights.all();
    const handler = await this.discovery();
    let result: Uint8Array;
    try {
      endorsement.sign(Buffer.from(signature));
      result = endorsedPayload(await endorsement.send({ handler, requestTimeout: this.deadlines.endorse } as never));
    } catch (error) {
      throw classify('endorse', error);
    }
    const commit = endorsement.newCommit();
    const bytes = commit.build(identity);
    const txId = endorsement.getTransactionId()!;
    return {
      txId,
      bytes,
      result,
      submit: async (again) => {
        await this.listen(creator, txId);
        try {
          commit.sign(Buffer.from(again));
          const answer = await commit.send({ handler, requestTimeout: this.deadlines.submit } as never);
          if (answer.status !== 'SUCCESS')
            throw new Error(`the orderer answered ${answer.status}: ${answer.info ?? ''}`);
        } catch (error) {
          throw classify('submit', error);
        }
      },
    };
  }

  private async discovery() {
    try {
      const contract = this.network.getContract(this.profile.chaincode) as unknown as {
        getDiscoveryHandler(): Promise<object>;
      };
      return await contract.getDiscoveryHandler();
    } catch (error) {
      throw classify('endorse', error);
    }
  }

  ask(creator: Creator, chaincode: string, name: string, args: readonly string[], near = creator.mspId): Question {
    const query = this.network.getChannel().newQuery(chaincode);
    const bytes = query.build(this.identity(creator), { fcn: name, args: [...args] });
    return {
      bytes,
      evaluate: async (signature) => {
        query.sign(Buffer.from(signature));
        let fault: FabricFault | undefined;
        for (const endpoint of this.endpoints.for(near)) {
          await this.heights.of(endpoint);
          try {
            return await this.askPeer(endpoint, query, this.deadlines.evaluate);
          } catch (error) {
            fault = classify('evaluate', error);
            if (fault.kind !== 'unavailable' && fault.kind !== 'timeout') throw fault;
            this.endpoints.failed(endpoint);
          }
        }
        throw fault!;
      },
    };
  }

  private async askPeer(endpoint: Endpoint, query: Query, requestTimeout: number): Promise<Uint8Array> {
    const target = this.peer(endpoint);
    if (!(await target.checkConnection())) {
      throw new FabricFault('unavailable', 'evaluate', `${endpoint.node.name} is not connected`);
    }
    return endorsedPayload(await query.send({ targets: [target], requestTimeout }));
  }

  private async heightOf(endpoint: Endpoint): Promise<number> {
    try {
      const query = this.network.getChannel().newQuery('qscc');
      const bytes = query.build(this.identity(this.service), { fcn: 'GetChainInfo', args: [this.profile.channel] });
      query.sign(Buffer.from(await this.service.signer.sign(bytes)));
      return chainHeight(await this.askPeer(endpoint, query, 1_000));
    } catch (error) {
      this.endpoints.failed(endpoint);
      throw classify('evaluate', error);
    }
  }

  private peer(endpoint: Endpoint): Endorser {
    return this.network.getChannel().client.getEndorser(endpoint.node.name);
  }

  /** Listening starts before the transaction is handed over, so that its block cannot pass unseen. */
  private async listen(creator: Creator, txId: string): Promise<void> {
    if (this.outcomes.has(txId)) return;
    const peers = this.endpoints.for(creator.mspId).filter((endpoint) => endpoint.restsUntil < Date.now());
    let told: (outcome: CommitOutcome) => void = () => undefined;
    const outcome = new Promise<CommitOutcome>((resolve) => {
      told = resolve;
    });
    this.outcomes.set(txId, outcome);
    if (this.outcomes.size > OUTCOMES_KEPT) this.outcomes.delete(this.outcomes.keys().next().value!);
    const listener = await this.network
      .addCommitListener(
        (error, event) => {
          if (error || !event) return;
          const block = event.getBlockEvent().blockNumber.toNumber();
          this.heights.saw(block);
          told({ code: codeOf(event.status), block });
        },
        peers.map((endpoint) => this.peer(endpoint)),
        txId,
      )
      // Without listeners the peers are asked instead.
      .catch(() => undefined);
    if (listener) void outcome.then(() => this.network.removeCommitListener(listener));
  }

  async outcome(creator: Creator, txId: string, waitMs: number): Promise<CommitOutcome> {
    const until = Date.now() + waitMs;
    const heard = this.outcomes.get(txId);
    const first = Math.min(waitMs, heard ? ASK_AFTER_ROUNDS * this.profile.roundTimeMs : 0);
    let pause = first;
    for (;;) {
      const outcome = await Promise.race([
        heard ?? new Promise<never>(() => undefined),
        new Promise<undefined>((resolve) => setTimeout(resolve, pause, undefined)),
      ]);
      const known = outcome ?? (await this.askOutcome(creator, txId));
      if (known) {
        this.heights.saw(known.block);
        return known;
      }
      if (Date.now() >= until) throw new FabricFault('timeout', 'commit', `${txId} is in no block after ${waitMs} ms`);
      pause = Math.min(Math.max(pause, this.profile.roundTimeMs), until - Date.now());
    }
  }

  /** The transaction and its block, where a peer has it; undefined where none says so. */
  private async askOutcome(creator: Creator, txId: string): Promise<CommitOutcome | undefined> {
    try {
      const read = async (name: string) => {
        const question = this.ask({ ...this.service, mspId: this.service.mspId }, 'qscc', name, [
          this.profile.channel,
          txId,
        ]);
        return question.evaluate(await this.service.signer.sign(question.bytes));
      };
      const code = peerProtos.ProcessedTransaction.deserializeBinary(
        await read('GetTransactionByID'),
      ).getValidationcode();
      const block = common.Block.deserializeBinary(await read('GetBlockByTxID'));
      return { code, block: Number(block.getHeader()!.getNumber()) };
    } catch (error) {
      const fault = classify('commit', error);
      if (fault.kind === 'denied') throw new FabricFault('denied', 'commit', `${creator.id}: ${fault.message}`);
      return undefined;
    }
  }

  caughtUp(): Promise<void> {
    return this.heights.all();
  }

  events(fromBlock: number | undefined, signal: AbortSignal): AsyncIterable<RawEvent> {
    return contractEvents(this.network.getContract(this.profile.chaincode), fromBlock, signal);
  }

  async close(): Promise<void> {
    this.gatewayObject.disconnect();
  }

  /** Only its certificate is known here: signatures come from outside. */
  private identity(creator: Creator): IdentityContext {
    const serialized = Buffer.from(serializedIdentity(creator));
    const user = {
      getName: () => creator.id,
      getMspid: () => creator.mspId,
      getIdentity: () => ({ serialize: () => serialized }),
    };
    return this.network.getChannel().client.newIdentityContext(user as unknown as User);
  }
}

function codeOf(status: string): number {
  return (peerProtos.TxValidationCode as unknown as Record<string, number>)[status] ?? 255;
}

/** The chaincode's answer, the same from all who endorsed; else an error that carries what each of them said. */
function endorsedPayload({ errors, responses }: ProposalResponse): Uint8Array {
  const good = responses.filter((each) => each.response.status < 400 && each.endorsement);
  if (good.length === 0 || good.length < responses.length || errors.length > 0) {
    // Only their words: the objects hold connections and certificates.
    const details = [...responses.map((each) => each.response), ...errors].map(({ message }) => ({ message }));
    throw Object.assign(new Error('not every peer that was asked endorsed'), { details });
  }
  return good[0]!.response.payload;
}

/** Connects as the service identity, by discovery from its organisation's peer. */
export async function openNetworkClient(
  profile: FabricProfile,
  service: Creator & { readonly signer: Signer },
): Promise<FabricClient> {
  const gateway = new Gateway();
  try {
    const privateKey = await readFile(profile.service.key, 'utf8');
    await gateway.connect(await connectionProfile(profile), {
      identity: {
        type: 'X.509',
        mspId: service.mspId,
        credentials: { certificate: service.certificate, privateKey },
      } as never,
      discovery: { enabled: true, asLocalhost: false },
    });
    const network = await gateway.getNetwork(profile.channel);
    return new NetworkClient(profile, gateway, network, service);
  } catch (error) {
    gateway.disconnect();
    throw classify('evaluate', error);
  }
}
