import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { callText } from '../../src/ledger/fabric/blocks.js';
import type { Member } from '../../src/ledger/types.js';

/** Sends to the orderers what one organisation alone has endorsed; gives the code that its block holds. */
export async function soleEndorsement(dir: string, member: Member, mspId: string): Promise<{ code: number }> {
  const profile = JSON.parse(await readFile(join(dir, 'fabric-profile.json'), 'utf8'));
  const { peers } = profile.organisations.find((each: { mspId: string }) => each.mspId === mspId);
  const root = await readFile(join(dir, peers[0].tlsRoot));
  const client = new grpc.Client(new URL(peers[0].url).host, grpc.credentials.createSsl(root));
  const gateway = connect({
    client,
    identity: { mspId: member.mspId, credentials: Buffer.from(member.certificate) },
    hash: hash.none,
    signer: (bytes) => member.signer.sign(bytes),
  });
  try {
    const entry = { id: 'sole', bus: '2', type: 2, role: 'crowdsourcee', devices: [] };
    const text = callText({ participants: [entry] }, 'sole endorsement', Date.now());
    const proposal = gateway
      .getNetwork(profile.channel)
      .getContract(profile.chaincode)
      .newProposal('RegisterParticipant', { arguments: [text], endorsingOrganizations: [mspId] });
    const commit = await (await proposal.endorse()).submit();
    return await commit.getStatus();
  } finally {
    gateway.close();
    client.close();
  }
}
