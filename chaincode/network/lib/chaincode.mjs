// The chaincode: packaged as "runs elsewhere", its services started, agreed on, committed.
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ordererArguments, retry } from './channel.mjs';
import { endorsementPolicy, HOST } from './layout.mjs';
import { adminEnvironment, nodeDir } from './nodes.mjs';
import { start, waitForPort } from './processes.mjs';
import { call } from './programs.mjs';

export const CHAINCODE_DIR = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const VERSION = '1.0';

export async function requireBuilt(folder = CHAINCODE_DIR) {
  const main = join(folder, 'dist', 'contract.js');
  try {
    await access(main);
  } catch {
    throw new Error(`${main} is missing: build the chaincode first (node scripts/build.mjs chaincode)`);
  }
}

/** One file of a tar archive (ustar), with fixed owner and time so that the same content gives the same package. */
function tarEntry(name, content) {
  const header = Buffer.alloc(512);
  const octal = (value, offset, length) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  header.write(name, 0, 'utf8');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

const tarGz = (files) =>
  gzipSync(
    Buffer.concat([
      ...Object.entries(files).map(([name, text]) => tarEntry(name, Buffer.from(text))),
      Buffer.alloc(1024),
    ]),
  );

/** Installs the package on one organisation's peer; gives the package id. */
export async function install(dir, state, programs, org, label = `${state.chaincode}-${VERSION}`) {
  const home = nodeDir(dir, org, org.chaincode.name);
  const pem = (name) => readFile(join(home, name), 'utf8');
  const connection = {
    address: `${HOST}:${org.chaincode.port}`,
    dial_timeout: '10s',
    tls_required: true,
    client_auth_required: true,
    root_cert: await pem('tls/ca.pem'),
    client_key: await pem('caller/key.pem'),
    client_cert: await pem('caller/cert.pem'),
  };
  const code = tarGz({ 'connection.json': JSON.stringify(connection) });
  const archive = tarGz({ 'metadata.json': JSON.stringify({ type: 'ccaas', label }), 'code.tar.gz': code });
  await mkdir(home, { recursive: true, mode: 0o700 });
  const file = join(home, `${label}.tar.gz`);
  await writeFile(file, archive, { mode: 0o600 });
  const env = adminEnvironment(dir, org);
  await call(programs.peer.path, ['lifecycle', 'chaincode', 'install', file], { env });
  const { text } = await call(programs.peer.path, ['lifecycle', 'chaincode', 'calculatepackageid', file], { env });
  return text.trim().split('\n').pop();
}

/** Starts one organisation's chaincode service. `folder` may be another build, for tests of altered code. */
export async function startService(dir, state, org, packageId, folder = CHAINCODE_DIR) {
  const tls = join(nodeDir(dir, org, org.chaincode.name), 'tls');
  const shim = join(dirname(createRequire(join(CHAINCODE_DIR, 'package.json')).resolve('fabric-shim')), 'cli.js');
  await start(dir, state, org.chaincode.name, {
    program: process.execPath,
    args: [
      shim,
      'server',
      '--module-path',
      folder,
      '--chaincode-address',
      `${HOST}:${org.chaincode.port}`,
      '--chaincode-id',
      packageId,
      '--chaincode-tls-cert-file',
      join(tls, 'cert.pem'),
      '--chaincode-tls-key-file',
      join(tls, 'key.pem'),
      '--chaincode-tls-client-cacert-file',
      join(tls, 'ca.pem'),
    ],
    env: {
      CORE_CHAINCODE_LOGGING_LEVEL: 'error',
      CORE_CHAINCODE_LOGGING_SHIM: 'error',
      CROWDWATT_ROLES: JSON.stringify(state.roles),
      CROWDWATT_CLOCK: state.clock,
    },
    cwd: folder,
    port: org.chaincode.port,
  });
}

/** Private documents: off the chain, held by every organisation's peer, purged when a person is erased. */
async function writeCollections(dir, state) {
  const path = join(dir, 'channel', 'collections.json');
  const collection = {
    name: 'private',
    policy: `OR(${state.organisations.map((org) => `'${org.mspId}.member'`).join(',')})`,
    // An endorsement counts only once another organisation's peer holds the document too.
    requiredPeerCount: Math.min(1, state.organisations.length - 1),
    maxPeerCount: state.organisations.length - 1,
    blockToLive: 0,
    memberOnlyRead: true,
    memberOnlyWrite: true,
  };
  await writeFile(path, JSON.stringify([collection], null, 2));
  return path;
}

/** Package, install and start everywhere; approve by every organisation; commit with all of them. */
export async function deploy(dir, state, programs) {
  const definition = [
    '--channelID',
    state.channel,
    '--name',
    state.chaincode,
    '--version',
    VERSION,
    '--sequence',
    '1',
    '--signature-policy',
    endorsementPolicy(state),
    '--collections-config',
    await writeCollections(dir, state),
  ];
  await Promise.all(
    state.organisations.map(async (org) => {
      const packageId = await install(dir, state, programs, org);
      org.chaincode.packageId = packageId;
      await startService(dir, state, org, packageId);
      await waitForPort(dir, state, org.chaincode.name);
    }),
  );
  const lifecycle = ['lifecycle', 'chaincode'];
  const approve = (org) =>
    call(
      programs.peer.path,
      [
        ...lifecycle,
        'approveformyorg',
        ...ordererArguments(dir, state),
        ...definition,
        '--package-id',
        org.chaincode.packageId,
      ],
      { env: adminEnvironment(dir, org) },
    );
  const [first, ...others] = state.organisations;
  await retry('the first transaction was not ordered', () => approve(first));
  await Promise.all(others.map(approve));
  const everyPeer = state.organisations.flatMap((org) => [
    '--peerAddresses',
    `${HOST}:${org.peer.port}`,
    '--tlsRootCertFiles',
    join(nodeDir(dir, org, org.peer.name), 'tls', 'ca.pem'),
  ]);
  await retry('the chaincode definition was not committed', () =>
    call(programs.peer.path, [...lifecycle, 'commit', ...ordererArguments(dir, state), ...definition, ...everyPeer], {
      env: adminEnvironment(dir, first),
    }),
  );
}
