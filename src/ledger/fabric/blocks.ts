import { createHash } from 'node:crypto';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { canonicalJson } from '../../../chaincode/src/domain/index.js';
import { fingerprintOf } from '../identity/certificate.js';
import type { BlockView, TransactionView } from '../types.js';

/** Number of blocks, from qscc's GetChainInfo. */
export function chainHeight(bytes: Uint8Array): number {
  return Number(common.BlockchainInfo.deserializeBinary(bytes).getHeight());
}

export function chainHead(bytes: Uint8Array): { height: number; hash: string } {
  const info = common.BlockchainInfo.deserializeBinary(bytes);
  return { height: Number(info.getHeight()), hash: hex(info.getCurrentblockhash_asU8()) };
}

/** Hash of a block's header: SHA-256 over the DER of number, previous hash and data hash. */
export function headerHash(header: common.BlockHeader): string {
  const digits = BigInt(header.getNumber()).toString(16);
  let number: Buffer = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex');
  if (number[0]! >= 0x80) number = Buffer.concat([Buffer.from([0]), number]);
  const octets = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x04, bytes.length]), bytes]);
  const body = Buffer.concat([
    Buffer.from([0x02, number.length]),
    number,
    octets(header.getPreviousHash_asU8()),
    octets(header.getDataHash_asU8()),
  ]);
  return createHash('sha256')
    .update(Buffer.concat([Buffer.from([0x30, body.length]), body]))
    .digest('hex');
}

/** A block as the rest of the program sees it; transactions of other chaincodes and configuration are left out. */
export function blockView(bytes: Uint8Array, chaincode: string): BlockView {
  const block = common.Block.deserializeBinary(bytes);
  const header = block.getHeader()!;
  const codes = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? [];
  const transactions: TransactionView[] = [];
  let timestamp = 0;
  block
    .getData()!
    .getDataList_asU8()
    .forEach((envelope, index) => {
      const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
      const channel = common.ChannelHeader.deserializeBinary(payload.getHeader()!.getChannelHeader_asU8());
      const time = channel.getTimestamp();
      if (time) timestamp = Math.max(timestamp, time.getSeconds() * 1000 + Math.floor(time.getNanos() / 1e6));
      if (channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return;
      const view = transactionView(payload, channel, chaincode, codes[index] ?? 255);
      if (view) transactions.push(view);
    });
  return {
    number: Number(header.getNumber()),
    hash: headerHash(header),
    previousHash: hex(header.getPreviousHash_asU8()),
    timestamp,
    transactions,
  };
}

function transactionView(
  payload: common.Payload,
  channel: common.ChannelHeader,
  chaincode: string,
  validation: number,
): TransactionView | undefined {
  const action = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()[0];
  if (!action) return undefined;
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(
    peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getChaincodeProposalPayload_asU8(),
  );
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8()).getChaincodeSpec();
  if (spec?.getChaincodeId()?.getName() !== chaincode) return undefined;
  const [name, text] = spec.getInput()!.getArgsList_asU8().map(utf8);
  const call = callOf(text ?? '');
  const valid = validation === 0;
  return {
    txId: channel.getTxId(),
    name: name ?? '',
    args: call.args,
    operationId: call.operationId ?? '',
    creator: creatorOf(payload),
    timestamp: call.timestamp ?? 0,
    valid,
    ...(valid ? {} : { code: `fabric-${validation}` }),
  };
}

/** The one argument of every call, in canonical form. */
export function callText(args: unknown, operationId: string | undefined, timestamp: number): string {
  return canonicalJson({ args, operationId, timestamp });
}

/** What is not ours is shown as nothing. */
function callOf(text: string): { args?: unknown; operationId?: string; timestamp?: number } {
  try {
    return (JSON.parse(text) as object) ?? {};
  } catch {
    return {};
  }
}

/** Fingerprint of the certificate that signed, as the embedded ledger has it. */
function creatorOf(payload: common.Payload): string {
  const creator = common.SignatureHeader.deserializeBinary(
    payload.getHeader()!.getSignatureHeader_asU8(),
  ).getCreator_asU8();
  const pem = utf8(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8());
  try {
    return fingerprintOf(pem);
  } catch {
    return '';
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
