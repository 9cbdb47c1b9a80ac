import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@grpc/grpc-js';
import type { Gateway } from '@hyperledger/fabric-gateway';
import { canonicalJson } from '../../chaincode/src/domain/index.js';
import type { Member, TransactionCall } from '../../src/ledger/types.js';

/** The peer to compare with: what the library does by itself, one `submitTransaction` after the other. */
export class BareGateway {
  private readonly gateways = new Map<string, Gateway>();

  private constructor(
    private readonly profile: { channel: string; chaincode: string },
    private readonly client: Client,
    private readonly library: typeof import('@hyperledger/fabric-gateway'),
  ) {}

  static async open(dir: string): Promise<BareGateway> {
    const [grpc, library] = await Promise.all([import('@grpc/grpc-js'), import('@hyperledger/fabric-gateway')]);
    const profile = JSON.parse(await readFile(join(dir, 'fabric-profile.json'), 'utf8'));
    const { peers } = profile.organisations.find((each: { mspId: string }) => each.mspId === 'CommunityMSP');
    const root = await readFile(join(dir, peers[0].tlsRoot));
    const client = new grpc.Client(new URL(peers[0].url).host, grpc.credentials.createSsl(root));
    return new BareGateway(profile, client, library);
  }

  async submit(member: Member, { name, args, timestamp }: TransactionCall): Promise<void> {
    let gateway = this.gateways.get(member.id);
    if (!gateway) {
      gateway = this.library.connect({
        client: this.client,
        identity: { mspId: member.mspId, credentials: Buffer.from(member.certificate) },
        hash: this.library.hash.none,
        signer: (bytes) => member.signer.sign(bytes),
      });
      this.gateways.set(member.id, gateway);
    }
    const contract = gateway.getNetwork(this.profile.channel).getContract(this.profile.chaincode);
    await contract.submitTransaction(name, canonicalJson({ args, operationId: randomUUID(), timestamp }));
  }

  close(): void {
    for (const gateway of this.gateways.values()) gateway.close();
    this.client.close();
  }
}
