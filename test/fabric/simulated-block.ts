import { createHash } from 'node:crypto';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { Creator } from '../../src/ledger/types.js';

export interface BlockEntry {
  readonly txId: string;
  readonly creator: Creator;
  readonly name: string;
  readonly call: string;
  readonly code: number;
}

/** A block as a peer gives it out, as far as it is read here: header, envelopes, validation codes. */
export function blockOf(number: number, previousHash: Uint8Array, chaincode: string, entries: readonly BlockEntry[]) {
  const envelopes = entries.map((entry) => envelopeOf(entry, chaincode));
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  header.setDataHash(hash.digest());
  const data = new common.BlockData();
  data.setDataList(envelopes);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([Buffer.alloc(0), Buffer.alloc(0), Buffer.from(entries.map(({ code }) => code))]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

function envelopeOf({ txId, creator, name, call }: BlockEntry, chaincode: string): Uint8Array {
  const channel = new common.ChannelHeader();
  channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channel.setTxId(txId);
  const identity = new msp.SerializedIdentity();
  identity.setMspid(creator.mspId);
  identity.setIdBytes(Buffer.from(creator.certificate));
  const signature = new common.SignatureHeader();
  signature.setCreator(identity.serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transactionOf(chaincode, name, call));
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

function transactionOf(chaincode: string, name: string, call: string): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from(name), Buffer.from(call)]);
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const proposal = new peer.ChaincodeProposalPayload();
  proposal.setInput(invocation.serializeBinary());
  const payload = new peer.ChaincodeActionPayload();
  payload.setChaincodeProposalPayload(proposal.serializeBinary());
  const action = new peer.TransactionAction();
  action.setPayload(payload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  return transaction.serializeBinary();
}
