// What the ledger adapters need to know, in one file: fabric-profile.json.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { caCertificatePath, enrol, writeMsp } from './ca.mjs';
import { genesisPath } from './channel.mjs';
import { NAME } from './layout.mjs';
import { nodeDir } from './nodes.mjs';

export const profilePath = (dir) => join(dir, 'fabric-profile.json');

/** Enrols the identity that reads blocks and events, one of the last organisation (the auditor where there is one). */
export async function writeProfile(dir, state, cas) {
  const reader = state.organisations.at(-1);
  const ca = cas.get(reader.mspId);
  const { sign } = await enrol(ca, { id: `service-${reader.name}`, type: 'client', profiles: ['sign'] });
  const serviceDir = join(dir, reader.name, 'service');
  await writeMsp(serviceDir, ca.root, sign);
  for (const org of state.organisations) {
    await writeMsp(join(dir, org.name, 'registrar'), cas.get(org.mspId).root, cas.get(org.mspId).registrar);
  }

  const local = (path) => relative(dir, path);
  const identity = (folder) => ({
    certificate: local(join(folder, 'signcerts', 'cert.pem')),
    key: local(join(folder, 'keystore', 'key_sk')),
  });
  const tlsRoot = (org) => local(join(nodeDir(dir, org, org.peer.name), 'tls', 'ca.pem'));
  const genesis = createHash('sha256')
    .update(await readFile(genesisPath(dir)))
    .digest('hex');
  const profile = {
    format: 'crowdwatt-fabric/1',
    ledgerId: `fabric:${state.channel}:${genesis.slice(0, 16)}`,
    client: 'gateway',
    channel: state.channel,
    chaincode: state.chaincode,
    roundTimeMs: 200,
    wallet: 'wallet',
    roles: state.roles,
    service: { mspId: reader.mspId, ...identity(serviceDir) },
    organisations: state.organisations.map((org) => ({
      mspId: org.mspId,
      peers: [{ name: org.peer.name, url: `grpcs://${NAME}:${org.peer.port}`, tlsRoot: tlsRoot(org) }],
      orderers: org.orderers.map((orderer) => ({
        name: orderer.name,
        url: `grpcs://${NAME}:${orderer.port}`,
        tlsRoot: tlsRoot(org),
      })),
      ca: {
        name: org.ca.name,
        url: `https://${NAME}:${org.ca.port}`,
        tlsRoot: local(caCertificatePath(dir, org)),
        registrar: { id: 'registrar', ...identity(join(dir, org.name, 'registrar')) },
      },
    })),
  };
  await writeFile(profilePath(dir), `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
}
