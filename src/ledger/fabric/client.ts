import type { Creator } from '../types.js';

/**
 * What the two client libraries have in common, as small as it can be: the ledger above it decides what
 * to try again, the library below only carries. Every method rejects with a `FabricFault`.
 * What is signed are bytes, never a digest, and the signature is low-S DER.
 */
export interface FabricClient {
  /** A transaction proposal; its signature lets it be run by the endorsing peers. */
  propose(creator: Creator, name: string, call: string, transient?: Readonly<Record<string, string>>): Proposal;
  /** A read-only call of a chaincode, `qscc` included; `near`: the organisation whose peer is asked first. */
  ask(creator: Creator, chaincode: string, name: string, args: readonly string[], near?: string): Question;
  /** Waits for a transaction to be in a block; rejects with `timeout` after `waitMs`. */
  outcome(creator: Creator, txId: string, waitMs: number): Promise<CommitOutcome>;
  /** Resolves once every peer that answers has the newest block whose commit was seen here. */
  caughtUp(): Promise<void>;
  /** Chaincode events from a block on, then live; ends with a fault where the stream breaks. */
  events(fromBlock: number | undefined, signal: AbortSignal): AsyncIterable<RawEvent>;
  close(): Promise<void>;
}

export interface Proposal {
  readonly txId: string;
  /** To be signed by the creator. */
  readonly bytes: Uint8Array;
  endorse(signature: Uint8Array): Promise<EndorsedTransaction>;
}

export interface EndorsedTransaction {
  readonly txId: string;
  /** To be signed by the creator again. */
  readonly bytes: Uint8Array;
  /** What the chaincode answered. */
  readonly result: Uint8Array;
  /** Hands it to the ordering service. May be called again: the transaction id stays the same. */
  submit(signature: Uint8Array): Promise<void>;
}

export interface Question {
  readonly bytes: Uint8Array;
  evaluate(signature: Uint8Array): Promise<Uint8Array>;
}

export interface CommitOutcome {
  /** Fabric's validation code; 0 is valid. */
  readonly code: number;
  readonly block: number;
}

export interface RawEvent {
  readonly block: number;
  readonly txId: string;
  readonly name: string;
  readonly payload: Uint8Array;
}
