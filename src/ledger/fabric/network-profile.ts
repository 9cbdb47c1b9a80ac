import { readFile } from 'node:fs/promises';
import type { FabricNode, FabricProfile } from './profile.js';

/** The same network in the form that fabric-network reads, Fabric's "common connection profile". */
export async function connectionProfile(profile: FabricProfile): Promise<Record<string, unknown>> {
  const entry = async ({ name, url, tlsRoot }: FabricNode) =>
    [name, { url, tlsCACerts: { pem: await readFile(tlsRoot, 'utf8') } }] as const;
  const named = async (nodes: readonly FabricNode[]) => Object.fromEntries(await Promise.all(nodes.map(entry)));
  const organisations = profile.organisations;
  const service = profile.service.mspId;
  return {
    name: profile.ledgerId,
    version: '1.0.0',
    client: { organization: service },
    organizations: Object.fromEntries(
      organisations.map(({ mspId, peers }) => [mspId, { mspid: mspId, peers: peers.map(({ name }) => name) }]),
    ),
    peers: await named(organisations.flatMap(({ peers }) => peers)),
    orderers: await named(organisations.flatMap(({ orderers }) => orderers)),
    channels: {
      [profile.channel]: {
        orderers: organisations.flatMap(({ orderers }) => orderers.map(({ name }) => name)),
        peers: Object.fromEntries(organisations.flatMap(({ peers }) => peers.map(({ name }) => [name, {}]))),
      },
    },
  };
}
