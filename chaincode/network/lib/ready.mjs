// "Up" means that a client can do its work: every peer knows the others and gets endorsements from them.
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { retry } from './channel.mjs';
import { NAME } from './layout.mjs';
import { nodeDir } from './nodes.mjs';
import { profilePath } from './profile.mjs';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Asks, through each peer's gateway, for an endorsement that the policy is content with. Nothing is ordered. */
export async function ready(dir, state) {
  const [grpc, gateways] = await Promise.all([import('@grpc/grpc-js'), import('@hyperledger/fabric-gateway')]);
  const { service } = JSON.parse(await readFile(profilePath(dir), 'utf8'));
  const credentials = await readFile(join(dir, service.certificate));
  const key = createPrivateKey(await readFile(join(dir, service.key)));
  await Promise.all(
    state.organisations.map(async (org) => {
      const root = await readFile(join(nodeDir(dir, org, org.peer.name), 'tls', 'ca.pem'));
      const client = new grpc.Client(`${NAME}:${org.peer.port}`, grpc.credentials.createSsl(root));
      const gateway = gateways.connect({
        client,
        identity: { mspId: service.mspId, credentials },
        hash: gateways.hash.none,
        signer: async (bytes) => lowS(sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })),
      });
      try {
        const contract = gateway.getNetwork(state.channel).getContract(state.chaincode, 'org.hyperledger.fabric');
        await retry(`${org.peer.name} gets no endorsements`, () =>
          contract.newProposal('GetMetadata').endorse({ deadline: Date.now() + 5000 }),
        );
      } finally {
        gateway.close();
        client.close();
      }
    }),
  );
}

/** DER of r‖s with s in the lower half, the only form that Fabric takes. */
function lowS(raw) {
  const number = (bytes) => BigInt(`0x${bytes.toString('hex')}`);
  const r = number(raw.subarray(0, 32));
  const s = number(raw.subarray(32));
  const integer = (value) => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
    const body = bytes[0] >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    return Buffer.concat([Buffer.from([0x02, body.length]), body]);
  };
  const body = Buffer.concat([integer(r), integer(s > ORDER / 2n ? ORDER - s : s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
