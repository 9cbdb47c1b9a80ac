/**
 * The ledger as the rest of the program sees it: one interface, several homes (in memory, block
 * files, Hyperledger Fabric). Nothing above this file knows which.
 */

/** Roles a member's certificate may carry. */
export type Role = 'operator' | 'participant' | 'meter' | 'auditor';

/** Signs exact bytes (never a digest) with ECDSA P-256/SHA-256; gives a low-S DER signature. */
export interface Signer {
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Who acts: a certificate and the means to sign with its key. */
export interface Member {
  /** Enrolment id; a participant's is its crowdsourcee id. */
  readonly id: string;
  readonly role: Role;
  readonly mspId: string;
  /** X.509 certificate, PEM. */
  readonly certificate: string;
  readonly signer: Signer;
}

/** The public half of a member: enough to prepare what it will sign elsewhere (a browser, a phone). */
export type Creator = Pick<Member, 'id' | 'mspId' | 'certificate'>;

export interface TransactionCall {
  /** Name in the transaction table, for instance `AcceptOffer`. */
  readonly name: string;
  /** Plain data; canonical JSON of it is what is signed. */
  readonly args: unknown;
  /** The same id submitted twice, even at once, returns the first result. Default: random. */
  readonly operationId?: string;
  /** Milliseconds since 1970; default: now. Simulated days give their own time. */
  readonly timestamp?: number;
  /** Private input: travels beside the signed arguments, is stored off the chain, and its commitment is in `args`. */
  readonly transient?: Readonly<Record<string, unknown>>;
}

export interface PreparedTransaction {
  readonly txId: string;
  readonly call: Required<Omit<TransactionCall, 'transient'>> & Pick<TransactionCall, 'transient'>;
  /** What the member signs. */
  readonly bytes: Uint8Array;
  /** Adapter's own state (Fabric: proposal). */
  readonly handle?: unknown;
}

/** What a member keeps: proof that its transaction is in a block whose hash the ledger signed. */
export interface Receipt {
  readonly format: 'crowdwatt-receipt/1';
  readonly ledgerId: string;
  readonly txId: string;
  readonly block: number;
  readonly blockHash: string;
  /** Hash of the transaction's entry, hex: the leaf. */
  readonly entryHash: string;
  /** Merkle path of the transaction in its block, hex, leaf to root. */
  readonly path: readonly { readonly hash: string; readonly side: 'left' | 'right' }[];
  /** The block's header; its canonical hash is `blockHash`, and it holds the root. */
  readonly header: Readonly<Record<string, unknown>>;
  /** The ledger's signature (base64) over the head {hash, height, ledgerId} with this block as the last. */
  readonly headSignature: string;
}

/** A transaction that is durable and valid. */
export interface Commit<Result = unknown> {
  readonly txId: string;
  readonly block: number;
  readonly blockHash: string;
  readonly result: Result;
  readonly receipt?: Receipt;
  /** True where this operation id had been committed before. */
  readonly repeated?: boolean;
}

export interface LedgerEvent {
  readonly block: number;
  readonly txId: string;
  readonly name: string;
  /** Ids and hashes only. */
  readonly payload: unknown;
}

export interface Head {
  readonly ledgerId: string;
  /** Number of blocks. */
  readonly height: number;
  /** Hash of the last block. */
  readonly hash: string;
  /** By the ledger's own key, base64; not on Fabric. */
  readonly signature?: string;
}

export interface BlockView {
  readonly number: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly timestamp: number;
  readonly transactions: readonly TransactionView[];
}

export interface TransactionView {
  readonly txId: string;
  readonly name: string;
  readonly args: unknown;
  readonly operationId: string;
  readonly creator: string;
  readonly timestamp: number;
  readonly valid: boolean;
  /** Code of the refusal where not valid. */
  readonly code?: string;
}

/** How members come by a certificate without giving their key away: a one-time secret, then a PKCS#10 request. */
export interface Enrolment {
  /** Registers a member; gives the secret, which is not kept and cannot be shown again. */
  add(id: string, role: Role, options?: { readonly again?: boolean }): Promise<string>;
  /** Certifies the key of a PKCS#10 request (PEM), once, for whoever has the secret. `held`: a service keeps the key. */
  enroll(id: string, secret: string, request: string, options?: { readonly held?: boolean }): Promise<Enrolled>;
  list(): Promise<readonly EnrolmentEntry[]>;
}

export interface Enrolled extends Creator {
  readonly role: Role;
}

export interface EnrolmentEntry {
  readonly id: string;
  readonly role: Role;
  readonly status: 'waiting' | 'enrolled';
  /** SHA-256 of the certificate, hex: what RevokeMember names. */
  readonly fingerprint?: string;
  /** True where the key folder holds the member's private key. */
  readonly keyHere?: boolean;
}

/** Refusals reject with `CrowdwattError` code `ledger/refused`, `details.refusal` holding the rule's own code. */
export interface Ledger extends AsyncDisposable {
  readonly kind: 'memory' | 'embedded' | 'fabric';
  readonly id: string;
  /** Prepares, signs and submits; resolves once durable. Many may be in flight at once. */
  transact<Result = unknown>(member: Member, call: TransactionCall): Promise<Commit<Result>>;
  /** The two halves of `transact`, for keys that live elsewhere. */
  prepare(creator: Creator, call: TransactionCall): Promise<PreparedTransaction>;
  /**
   * Present where a transaction is signed twice (Fabric: the proposal, then the endorsed transaction).
   * Takes the signed proposal and gives back what is to be signed next and then goes to `submit`.
   */
  endorse?(prepared: PreparedTransaction, signature: Uint8Array): Promise<PreparedTransaction>;
  submit<Result = unknown>(prepared: PreparedTransaction, signature: Uint8Array): Promise<Commit<Result>>;
  /** A read-only call of the transaction table. */
  query<Result = unknown>(member: Member, name: string, args: unknown): Promise<Result>;
  head(): Promise<Head>;
  /** Blocks from (inclusive) to (exclusive; default: the head). */
  blocks(from?: number, to?: number): AsyncIterable<BlockView>;
  /** Events from a block on, then live until the signal. */
  events(options?: { readonly fromBlock?: number; readonly signal?: AbortSignal }): AsyncIterable<LedgerEvent>;
  /**
   * Enrols a member and gives it back with its key (embedded CA, or Fabric CA); an existing one is loaded.
   * With `heldForMember` a new certificate says that this program keeps the key for somebody else.
   */
  member(id: string, role: Role, options?: { readonly heldForMember?: boolean }): Promise<Member>;
  /**
   * Certifies a key that is made and kept elsewhere, from its PKCS#10 request (PEM), whose own signature is checked.
   * Not where the CA cannot be reached from here.
   */
  certify?(request: string, id: string, role: Role): Promise<Creator>;
  /** The receipt of a transaction made anew, where this home can. */
  receipt?(txId: string): Promise<Receipt>;
  /** Certificate (PEM) of the key that signs heads and receipts; not on Fabric. */
  nodeCertificate?(): Promise<string>;
  /** The CA's desk, where this home has one. */
  readonly enrolment?: Enrolment;
  /**
   * Keeps a document that the chain refers to by hash (the assembled case, the solution), beside the
   * ledger. Gives the SHA-256 of its JSON with sorted keys: what PublishEquilibrium puts on the chain.
   */
  putObject(document: unknown): Promise<string>;
  /** The document with that hash; undefined where it is not kept here. Checked against the hash on every read. */
  getObject(hash: string): Promise<unknown>;
  /** Hash over the whole world state; the same inputs on an empty ledger give the same one. Not on Fabric. */
  stateHash?(): Promise<string>;
  close(): Promise<void>;
}

export interface OpenLedgerOptions {
  /** `memory` (default), a folder, or `fabric:PROFILE`. */
  readonly at?: string;
  /** Folder of keys, apart from the ledger; default: beside it, `<folder>.keys`. */
  readonly keys?: string;
  readonly passphrase?: string;
  /** Told after each durable block. */
  readonly onBlock?: (block: {
    readonly block: number;
    readonly hash: string;
    readonly transactions: readonly string[];
  }) => void;
  /** One line for people: a torn tail cut off, a clock that ran backwards. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}
