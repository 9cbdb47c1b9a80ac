// Who runs what: organisations, their CA, peer, orderers and chaincode service, with a port each.
import { createServer } from 'node:net';

export const CHANNEL = 'crowdwatt';
export const CHAINCODE = 'crowdwatt';
export const HOST = '127.0.0.1';
/** What clients call it: TLS has names for names, not for addresses. */
export const NAME = 'localhost';

const THREE = [
  { mspId: 'OperatorMSP', name: 'operator', orderers: 1 },
  { mspId: 'CommunityMSP', name: 'community', orderers: 1 },
  // 3f+1 = 4 over three organisations gives one of them two; the auditor trades nothing.
  { mspId: 'AuditorMSP', name: 'auditor', orderers: 2 },
];
const RAFT_THREE = THREE.map((org) => ({ ...org, orderers: 1 }));

/** Which organisation's CA may vouch for which role. One organisation alone vouches for all. */
export function rolesOf(small) {
  return small
    ? { operator: 'OperatorMSP', participant: 'OperatorMSP', meter: 'OperatorMSP', auditor: 'OperatorMSP' }
    : { operator: 'OperatorMSP', participant: 'CommunityMSP', meter: 'CommunityMSP', auditor: 'AuditorMSP' };
}

/**
 * The whole network as plain data, saved as state.json: nothing else is remembered between calls.
 * @param {{ small: boolean, raft: boolean, realTime: boolean }} choice
 */
export async function planNetwork(choice) {
  const shapes = choice.small
    ? [{ mspId: 'OperatorMSP', name: 'operator', orderers: choice.raft ? 1 : 4 }]
    : choice.raft
      ? RAFT_THREE
      : THREE;
  const ports = await freePorts(shapes.reduce((sum, shape) => sum + 5 + 2 * shape.orderers, 0));
  let next = 0;
  const port = () => ports[next++];
  let ordererNumber = 0;
  const organisations = shapes.map((shape) => ({
    mspId: shape.mspId,
    name: shape.name,
    ca: { name: `ca-${shape.name}`, port: port() },
    peer: { name: `peer-${shape.name}`, port: port(), chaincodePort: port(), operationsPort: port() },
    chaincode: { name: `chaincode-${shape.name}`, port: port() },
    orderers: Array.from({ length: shape.orderers }, () => ({
      name: `orderer-${++ordererNumber}`,
      port: port(),
      adminPort: port(),
    })),
  }));
  return {
    format: 'crowdwatt-fabric-network/1',
    small: choice.small,
    consensus: choice.raft ? 'etcdraft' : 'BFT',
    channel: CHANNEL,
    chaincode: CHAINCODE,
    roles: rolesOf(choice.small),
    // Simulated days bring their own time; in earnest the signed time must be that of the proposal.
    clock: choice.realTime ? 'proposal' : 'given',
    organisations,
    processes: {},
  };
}

/** All orderers of all organisations, each with its organisation. */
export const allOrderers = (state) =>
  state.organisations.flatMap((org) => org.orderers.map((orderer) => ({ org, orderer })));

/** Endorsement: two of three organisations' peers; one of one. */
export function endorsementPolicy(state) {
  const peers = state.organisations.map((org) => `'${org.mspId}.peer'`);
  return `OutOf(${Math.min(2, peers.length)},${peers.join(',')})`;
}

/** Ports the system gives out on loopback; held open together so that no two are the same. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, HOST, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
