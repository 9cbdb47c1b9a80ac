// The channel: its first block (who belongs, who orders, which policies), and joining it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allOrderers, HOST, NAME } from './layout.mjs';
import { adminDir, adminEnvironment, nodeDir } from './nodes.mjs';
import { call } from './programs.mjs';

const signature = (rule) => ({ Type: 'Signature', Rule: rule });
const meta = (rule) => ({ Type: 'ImplicitMeta', Rule: rule });

export const genesisPath = (dir) => join(dir, 'channel', 'genesis.block');

function organisation(dir, org) {
  const any = `OR('${org.mspId}.member')`;
  return {
    Name: org.mspId,
    ID: org.mspId,
    MSPDir: join(dir, org.name, 'msp'),
    Policies: {
      Readers: signature(any),
      Writers: signature(any),
      Admins: signature(`OR('${org.mspId}.admin')`),
      Endorsement: signature(`OR('${org.mspId}.peer')`),
    },
    OrdererEndpoints: org.orderers.map((orderer) => `${NAME}:${orderer.port}`),
    AnchorPeers: [{ Host: NAME, Port: org.peer.port }],
  };
}

function consensus(dir, state) {
  const nodes = allOrderers(state).map(({ org, orderer }, index) => {
    const home = nodeDir(dir, org, orderer.name);
    const cert = join(home, 'tls', 'cert.pem');
    return {
      ID: index + 1,
      Host: HOST,
      Port: orderer.port,
      MSPID: org.mspId,
      Identity: join(home, 'msp', 'signcerts', 'cert.pem'),
      ClientTLSCert: cert,
      ServerTLSCert: cert,
    };
  });
  if (state.consensus === 'BFT') {
    return {
      OrdererType: 'BFT',
      ConsenterMapping: nodes,
      SmartBFT: {
        // Sets the pace: the batch time-out of Raft has no effect under BFT.
        RequestBatchMaxInterval: '200ms',
        // A client may reach a follower: how long that one holds a request before handing it on.
        RequestForwardTimeout: '100ms',
        RequestComplainTimeout: '2s',
        RequestAutoRemoveTimeout: '3m',
        ViewChangeResendInterval: '1s',
        ViewChangeTimeout: '5s',
        LeaderHeartbeatTimeout: '3s',
        LeaderHeartbeatCount: 10,
        CollectTimeout: '500ms',
        IncomingMessageBufferSize: 200,
        RequestPoolSize: 100000,
      },
    };
  }
  return {
    OrdererType: 'etcdraft',
    BatchTimeout: '200ms',
    EtcdRaft: {
      Consenters: nodes.map(({ Host, Port, ClientTLSCert, ServerTLSCert }) => ({
        Host,
        Port,
        ClientTLSCert,
        ServerTLSCert,
      })),
      Options: {
        TickInterval: '100ms',
        ElectionTick: 10,
        HeartbeatTick: 1,
        MaxInflightBlocks: 5,
        SnapshotIntervalSize: '16 MB',
      },
    },
  };
}

/** Writes configtx.yaml and the channel's first block. */
export async function makeGenesis(dir, state, programs) {
  const folder = join(dir, 'channel');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const orgs = state.organisations.map((org) => organisation(dir, org));
  const policies = { Readers: meta('ANY Readers'), Writers: meta('ANY Writers'), Admins: meta('MAJORITY Admins') };
  const profile = {
    Policies: policies,
    Capabilities: { V3_0: true },
    Orderer: {
      ...consensus(dir, state),
      BatchSize: { MaxMessageCount: 500, AbsoluteMaxBytes: '10 MB', PreferredMaxBytes: '2 MB' },
      Organizations: orgs,
      Policies: { ...policies, BlockValidation: meta('ANY Writers') },
      Capabilities: { V2_0: true },
    },
    Application: {
      Organizations: orgs,
      Policies: {
        ...policies,
        LifecycleEndorsement: meta('MAJORITY Endorsement'),
        Endorsement: meta('MAJORITY Endorsement'),
      },
      Capabilities: { V2_5: true },
    },
  };
  await writeFile(join(folder, 'configtx.yaml'), JSON.stringify({ Profiles: { Crowdwatt: profile } }, null, 2));
  await call(
    programs.configtxgen.path,
    ['-profile', 'Crowdwatt', '-channelID', state.channel, '-outputBlock', genesisPath(dir)],
    { env: { FABRIC_CFG_PATH: folder }, cwd: folder },
  );
}

/** `osnadmin` ends with status 0 whatever the orderer answered; the answer itself counts. */
export async function joinOrderers(dir, state, programs) {
  for (const { org, orderer } of allOrderers(state)) {
    const tls = join(adminDir(dir, org), 'tls');
    const { text } = await call(programs.osnadmin.path, [
      'channel',
      'join',
      `--channelID=${state.channel}`,
      `--config-block=${genesisPath(dir)}`,
      `--orderer-address=${HOST}:${orderer.adminPort}`,
      `--ca-file=${join(tls, 'ca.pem')}`,
      `--client-cert=${join(tls, 'cert.pem')}`,
      `--client-key=${join(tls, 'key.pem')}`,
    ]);
    if (!text.includes('Status: 201')) throw new Error(`${orderer.name} did not join the channel: ${text.trim()}`);
  }
}

export async function joinPeers(dir, state, programs) {
  await Promise.all(
    state.organisations.map((org) =>
      call(programs.peer.path, ['channel', 'join', '--blockpath', genesisPath(dir)], {
        env: adminEnvironment(dir, org),
      }),
    ),
  );
}

/** Height of the channel as one peer has it. */
export async function heightOf(dir, state, programs, org) {
  const { text } = await call(programs.peer.path, ['channel', 'getinfo', '--channelID', state.channel], {
    env: adminEnvironment(dir, org),
  });
  return JSON.parse(/Blockchain info: (\{.*\})/.exec(text)?.[1] ?? '{}').height;
}

/** Where transactions and configuration updates are sent, with the certificate that answers there. */
export function ordererArguments(dir, state) {
  const [{ org, orderer }] = allOrderers(state);
  return [
    '--orderer',
    `${HOST}:${orderer.port}`,
    '--tls',
    '--cafile',
    join(nodeDir(dir, org, orderer.name), 'tls', 'ca.pem'),
  ];
}

/** Waits until the ordering service has a leader: the first thing ordered tells. */
export async function retry(what, attempt, seconds = 30) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw new Error(`${what}: ${error.message}`);
      await sleep(300);
    }
  }
}
