import { readFile } from 'node:fs/promises';
import * as grpc from '@grpc/grpc-js';
import {
  type ChaincodeEvent,
  type CloseableAsyncIterable,
  connect,
  type Gateway,
  type Proposal as GatewayProposal,
  hash,
} from '@hyperledger/fabric-gateway';
import { gateway as gatewayProtos, msp } from '@hyperledger/fabric-protos';
import type { Creator, Signer } from '../types.js';
import { chainHeight } from './blocks.js';
import type { CommitOutcome, EndorsedTransaction, FabricClient, Proposal, Question, RawEvent } from './client.js';
import { type Endpoint, Endpoints } from './endpoints.js';
import { classify, FabricFault, type Stage } from './faults.js';
import { Heights } from './heights.js';
import { type Deadlines, deadlinesOf, type FabricProfile } from './profile.js';

const CHANNEL_OPTIONS: grpc.ChannelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // A peer that comes back is noticed within a second, not after two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 120_000,
};

/** `@hyperledger/fabric-gateway`: each organisation's peer does the work of finding endorsers and orderers. */
export class GatewayClient implements FabricClient {
  private readonly endpoints: Endpoints;
  private readonly deadlines: Deadlines;
  private readonly clients = new Map<Endpoint, grpc.Client>();
  private readonly gateways = new Map<string, Gateway>();
  private readonly heights: Heights;

  constructor(
    private readonly profile: FabricProfile,
    private readonly roots: ReadonlyMap<string, Buffer>,
    private readonly service: Creator & { readonly signer: Signer },
  ) {
    this.endpoints = new Endpoints(profile);
    this.heights = new Heights(this.endpoints, (endpoint) => this.heightOf(endpoint));
    this.deadlines = deadlinesOf(profile);
  }

  propose(creator: Creator, name: string, call: string, transient?: Readonly<Record<string, string>>): Proposal {
    const offline = this.gateway(this.endpoints.all[0]!, creator);
    const proposal = offline
      .getNetwork(this.profile.channel)
      .getContract(this.profile.chaincode)
      .newProposal(name, { arguments: [call], ...(transient && { transientData: { ...transient } }) });
    return {
      txId: proposal.getTransactionId(),
      bytes: proposal.getDigest(),
      endorse: (signature) => this.endorse(creator, proposal, signature),
    };
  }

  private async endorse(
    creator: Creator,
    proposal: GatewayProposal,
    signature: Uint8Array,
  ): Promise<EndorsedTransaction> {
    const bytes = proposal.getBytes();
    const transaction = await this.tryPeers('endorse', creator, creator.mspId, (gateway) =>
      gateway.newSignedProposal(bytes, signature).endorse({ deadline: Date.now() + this.deadlines.endorse }),
    );
    const envelope = transaction.getBytes();
    return {
      txId: transaction.getTransactionId(),
      bytes: transaction.getDigest(),
      result: transaction.getResult(),
      submit: async (again) => {
        // No other peer is tried: where this one is lost in the middle, the outcome has to be looked up first.
        const endpoint = this.endpoints.for(creator.mspId)[0]!;
        try {
          const options = { deadline: Date.now() + this.deadlines.submit };
          await this.gateway(endpoint, creator).newSignedTransaction(envelope, again).submit(options);
        } catch (error) {
          throw this.faultAt(endpoint, 'submit', error);
        }
      },
    };
  }

  ask(creator: Creator, chaincode: string, name: string, args: readonly string[], near = creator.mspId): Question {
    const proposal = this.gateway(this.endpoints.all[0]!, creator)
      .getNetwork(this.profile.channel)
      .getContract(chaincode)
      .newProposal(name, { arguments: [...args] });
    const bytes = proposal.getBytes();
    return {
      bytes: proposal.getDigest(),
      evaluate: (signature) =>
        this.tryPeers('evaluate', creator, near, (gateway) =>
          gateway.newSignedProposal(bytes, signature).evaluate({ deadline: Date.now() + this.deadlines.evaluate }),
        ),
    };
  }

  async outcome(creator: Creator, txId: string, waitMs: number): Promise<CommitOutcome> {
    const until = Date.now() + waitMs;
    const request = new gatewayProtos.CommitStatusRequest();
    request.setChannelId(this.profile.channel);
    request.setTransactionId(txId);
    request.setIdentity(serializedIdentity(this.service));
    const signed = new gatewayProtos.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    const bytes = signed.serializeBinary();
    const signature = await this.service.signer.sign(request.serializeBinary());
    for (;;) {
      // The creator's own peer first: it is the one that will answer its next question.
      const endpoint = this.endpoints.for(creator.mspId)[0]!;
      try {
        const commit = this.gateway(endpoint, this.service).newSignedCommit(bytes, signature);
        const status = await commit.getStatus({ deadline: until });
        const block = Number(status.blockNumber);
        this.heights.saw(block, endpoint);
        return { code: status.code, block };
      } catch (error) {
        const fault = this.faultAt(endpoint, 'commit', error);
        if (fault.kind !== 'unavailable' || Date.now() >= until) throw fault;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  caughtUp(): Promise<void> {
    return this.heights.all();
  }

  private async heightOf(endpoint: Endpoint): Promise<number> {
    try {
      const gateway = this.gateway(endpoint, this.service);
      const proposal = gateway
        .getNetwork(this.profile.channel)
        .getContract('qscc')
        // Only the peer itself knows how far it is: without this the gateway may ask another one.
        .newProposal('GetChainInfo', { arguments: [this.profile.channel], endorsingOrganizations: [endpoint.mspId] });
      const signature = await this.service.signer.sign(proposal.getDigest());
      const signed = gateway.newSignedProposal(proposal.getBytes(), signature);
      return chainHeight(await signed.evaluate({ deadline: Date.now() + 1_000 }));
    } catch (error) {
      throw this.faultAt(endpoint, 'evaluate', error);
    }
  }

  async *events(fromBlock: number | undefined, signal: AbortSignal): AsyncIterable<RawEvent> {
    const endpoint = this.endpoints.for(this.service.mspId)[0]!;
    const request = this.gateway(endpoint, this.service)
      .getNetwork(this.profile.channel)
      .newChaincodeEventsRequest(
        this.profile.chaincode,
        fromBlock === undefined ? {} : { startBlock: BigInt(fromBlock) },
      );
    let stream: CloseableAsyncIterable<ChaincodeEvent> | undefined;
    const stop = () => stream?.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const signature = await this.service.signer.sign(request.getDigest());
      stream = await this.gateway(endpoint, this.service)
        .newSignedChaincodeEventsRequest(request.getBytes(), signature)
        .getEvents();
      if (signal.aborted) return;
      for await (const event of stream) {
        yield {
          block: Number(event.blockNumber),
          txId: event.transactionId,
          name: event.eventName,
          payload: event.payload,
        };
      }
    } catch (error) {
      if (!signal.aborted) throw this.faultAt(endpoint, 'events', error);
    } finally {
      signal.removeEventListener('abort', stop);
      stream?.close();
    }
  }

  /** For what changes nothing: where a peer does not answer, or the peers differ, the next organisation's is asked. */
  private async tryPeers<Answer>(
    stage: Stage,
    creator: Creator,
    near: string,
    attempt: (gateway: Gateway) => Promise<Answer>,
  ): Promise<Answer> {
    let fault: FabricFault | undefined;
    for (const endpoint of this.endpoints.for(near)) {
      await this.heights.of(endpoint);
      try {
        return await attempt(this.gateway(endpoint, creator));
      } catch (error) {
        fault = this.faultAt(endpoint, stage, error);
        if (fault.kind !== 'unavailable' && fault.kind !== 'mismatch') throw fault;
      }
    }
    throw fault ?? new FabricFault('unavailable', stage, 'the profile names no peer');
  }

  private faultAt(endpoint: Endpoint, stage: Stage, error: unknown): FabricFault {
    const fault = classify(stage, error);
    const details = (error as { details?: unknown }).details;
    // With details the peer itself has answered, for others that did not.
    if (fault.kind === 'unavailable' && !(Array.isArray(details) && details.length > 0))
      this.endpoints.failed(endpoint);
    return fault;
  }

  /** A light object over the peer's one connection; it holds no key. */
  private gateway(endpoint: Endpoint, creator: Creator): Gateway {
    const key = `${endpoint.node.name}\n${creator.mspId}\n${creator.certificate}`;
    let gateway = this.gateways.get(key);
    if (!gateway) {
      gateway = connect({
        client: this.client(endpoint),
        identity: { mspId: creator.mspId, credentials: Buffer.from(creator.certificate) },
        hash: hash.none,
      });
      if (this.gateways.size >= 20_000) this.gateways.clear();
      this.gateways.set(key, gateway);
    }
    return gateway;
  }

  private client(endpoint: Endpoint): grpc.Client {
    let client = this.clients.get(endpoint);
    if (!client) {
      const root = this.roots.get(endpoint.node.tlsRoot)!;
      client = new grpc.Client(new URL(endpoint.node.url).host, grpc.credentials.createSsl(root), CHANNEL_OPTIONS);
      this.clients.set(endpoint, client);
    }
    return client;
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways.values()) gateway.close();
    for (const client of this.clients.values()) client.close();
    this.gateways.clear();
    this.clients.clear();
  }
}

export function serializedIdentity(creator: Creator): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(creator.mspId);
  identity.setIdBytes(Buffer.from(creator.certificate));
  return identity.serializeBinary();
}

/** Reads the TLS roots of all nodes once. */
export async function readRoots(profile: FabricProfile): Promise<Map<string, Buffer>> {
  const paths = new Set(
    profile.organisations.flatMap(({ peers, orderers }) => [...peers, ...orderers].map((n) => n.tlsRoot)),
  );
  return new Map(await Promise.all([...paths].map(async (path) => [path, await readFile(path)] as const)));
}
