// Peers and orderers: their identities, their configuration files, their start.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enrol, writeMsp, writeTls } from './ca.mjs';
import { HOST, NAME } from './layout.mjs';
import { start } from './processes.mjs';

const BUILDER = join(dirname(dirname(fileURLToPath(import.meta.url))), 'builder');
const SOFTWARE_KEYS = { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } };

export const nodeDir = (dir, org, name) => join(dir, org.name, name);
export const adminDir = (dir, org) => join(dir, org.name, 'admin');

/** Enrols the nodes and the administrator of one organisation and writes their folders. */
export async function enrolNodes(dir, org, ca) {
  const make = async (id, type, folder) => {
    const identity = await enrol(ca, { id, type, profiles: ['sign', 'tls'] });
    await writeMsp(join(folder, 'msp'), ca.root, identity.sign);
    await writeTls(join(folder, 'tls'), ca.root, identity.tls);
  };
  await writeMsp(join(dir, org.name, 'msp'), ca.root);
  await make(`admin-${org.name}`, 'admin', adminDir(dir, org));
  await make(org.peer.name, 'peer', nodeDir(dir, org, org.peer.name));
  for (const orderer of org.orderers) await make(orderer.name, 'orderer', nodeDir(dir, org, orderer.name));
  // The chaincode service and the one key with which its own peer may call it.
  const service = await enrol(ca, { id: org.chaincode.name, type: 'client', profiles: ['tls'] });
  const caller = await enrol(ca, { id: `${org.chaincode.name}-caller`, type: 'client', profiles: ['tls'] });
  await writeTls(join(nodeDir(dir, org, org.chaincode.name), 'tls'), ca.root, service.tls);
  await writeTls(join(nodeDir(dir, org, org.chaincode.name), 'caller'), ca.root, caller.tls);
}

export async function startPeer(dir, state, programs, org) {
  const home = nodeDir(dir, org, org.peer.name);
  const tls = join(home, 'tls');
  const address = `${NAME}:${org.peer.port}`;
  const config = {
    peer: {
      id: org.peer.name,
      networkId: state.channel,
      listenAddress: `${HOST}:${org.peer.port}`,
      address,
      chaincodeListenAddress: `${HOST}:${org.peer.chaincodePort}`,
      // Clients that stop waiting hold a place in the gateway no longer than this.
      gateway: { enabled: true, endorsementTimeout: '10s', broadcastTimeout: '10s', dialTimeout: '5s' },
      gossip: {
        bootstrap: address,
        externalEndpoint: address,
        endpoint: address,
        useLeaderElection: false,
        orgLeader: true,
        // Peers learn of each other, and of each other's loss, in seconds rather than half minutes.
        aliveTimeInterval: '1s',
        aliveExpirationTimeout: '5s',
        reconnectInterval: '2s',
        publishStateInfoInterval: '1s',
        requestStateInfoInterval: '1s',
        publishCertPeriod: '2s',
        state: { enabled: false },
        pvtData: {
          // Unset, the push would wait no time at all and every private write be refused.
          pushAckTimeout: '3s',
          pullRetryThreshold: '10s',
          transientstoreMaxBlockRetention: 20000,
          btlPullMargin: 10,
          reconcileBatchSize: 10,
          reconcileSleepInterval: '5s',
          reconciliationEnabled: true,
          implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 },
        },
      },
      tls: {
        enabled: true,
        clientAuthRequired: false,
        cert: { file: join(tls, 'cert.pem') },
        key: { file: join(tls, 'key.pem') },
        rootcert: { file: join(tls, 'ca.pem') },
      },
      authentication: { timewindow: '2m' },
      fileSystemPath: join(home, 'data'),
      BCCSP: SOFTWARE_KEYS,
      mspConfigPath: join(home, 'msp'),
      localMspId: org.mspId,
      localMspType: 'bccsp',
      client: { connTimeout: '3s' },
      deliveryclient: {
        connTimeout: '3s',
        // A peer that finds no orderer goes on looking, at most this long between two tries.
        reConnectBackoffThreshold: '2s',
        reconnectTotalTimeThreshold: '24h',
        blockCensorshipTimeoutKey: '10s',
        minimalReconnectInterval: '100ms',
        policy: state.consensus === 'BFT' ? 'cluster' : 'simple',
      },
      handlers: {
        authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }, { name: 'TimeWindowCheck' }],
        decorators: [{ name: 'DefaultDecorator' }],
        endorsers: { escc: { name: 'DefaultEndorsement' } },
        validators: { vscc: { name: 'DefaultValidation' } },
      },
      discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, orgMembersAllowedAccess: false },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 2500 } },
      maxRecvMsgSize: 104857600,
      maxSendMsgSize: 104857600,
    },
    chaincode: {
      mode: 'net',
      installTimeout: '60s',
      startuptimeout: '60s',
      executetimeout: '30s',
      externalBuilders: [{ name: 'crowdwatt-ccaas', path: BUILDER, propagateEnvironment: ['PATH'] }],
      system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
      logging: { level: 'warning', shim: 'warning' },
    },
    ledger: {
      state: { stateDatabase: 'goleveldb', totalQueryLimit: 100000 },
      history: { enableHistoryDatabase: true },
      pvtdataStore: { purgeInterval: 100 },
      snapshots: { rootDir: join(home, 'data', 'snapshots') },
    },
    operations: { listenAddress: `${HOST}:${org.peer.operationsPort}`, tls: { enabled: false } },
    metrics: { provider: 'disabled' },
  };
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(home, 'core.yaml'), JSON.stringify(config, null, 2));
  await start(dir, state, org.peer.name, {
    program: programs.peer.path,
    args: ['node', 'start'],
    env: { FABRIC_CFG_PATH: home, FABRIC_LOGGING_SPEC: 'warning' },
    cwd: home,
    port: org.peer.port,
  });
}

export async function startOrderer(dir, state, programs, org, orderer) {
  const home = nodeDir(dir, org, orderer.name);
  const tls = join(home, 'tls');
  const pair = { Enabled: true, Certificate: join(tls, 'cert.pem'), PrivateKey: join(tls, 'key.pem') };
  const roots = state.organisations.map((each) => join(dir, each.name, 'msp', 'tlscacerts', 'ca.pem'));
  const config = {
    General: {
      ListenAddress: HOST,
      ListenPort: orderer.port,
      TLS: { ...pair, RootCAs: roots, ClientAuthRequired: false },
      // Between orderers, both sides show a certificate; the same pair and the same port serve.
      Cluster: { ClientCertificate: pair.Certificate, ClientPrivateKey: pair.PrivateKey, SendBufferSize: 100 },
      LocalMSPDir: join(home, 'msp'),
      LocalMSPID: org.mspId,
      BCCSP: SOFTWARE_KEYS,
      Authentication: { TimeWindow: '2m' },
    },
    FileLedger: { Location: join(home, 'data') },
    Consensus: { WALDir: join(home, 'data', 'wal'), SnapDir: join(home, 'data', 'snap') },
    Operations: { ListenAddress: `${HOST}:0`, TLS: { Enabled: false } },
    Metrics: { Provider: 'disabled' },
    Admin: {
      ListenAddress: `${HOST}:${orderer.adminPort}`,
      TLS: { ...pair, ClientAuthRequired: true, ClientRootCAs: [join(tls, 'ca.pem')] },
    },
    // Unset, the size means 0 and every join is refused.
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
  };
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(home, 'orderer.yaml'), JSON.stringify(config, null, 2));
  await start(dir, state, orderer.name, {
    program: programs.orderer.path,
    args: [],
    env: { FABRIC_CFG_PATH: home, FABRIC_LOGGING_SPEC: 'warning' },
    cwd: home,
    port: orderer.port,
  });
}

/** Environment with which the peer program acts as an organisation's administrator. */
export function adminEnvironment(dir, org) {
  const home = nodeDir(dir, org, org.peer.name);
  return {
    FABRIC_CFG_PATH: home,
    FABRIC_LOGGING_SPEC: 'warning',
    CORE_PEER_ADDRESS: `${HOST}:${org.peer.port}`,
    CORE_PEER_LOCALMSPID: org.mspId,
    CORE_PEER_MSPCONFIGPATH: join(adminDir(dir, org), 'msp'),
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: join(home, 'tls', 'ca.pem'),
  };
}
