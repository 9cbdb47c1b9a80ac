// An organisation's certificate authority: its server, and enrolment of nodes and people with it.
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { HOST, NAME } from './layout.mjs';
import { start, waitForPort } from './processes.mjs';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const dirOf = (dir, org) => join(dir, org.name);
export const caCertificatePath = (dir, org) => join(dirOf(dir, org), 'ca', 'ca-cert.pem');

/** Configuration file and first start; the server makes its own key, root and TLS certificate. */
export async function startCa(dir, state, programs, org) {
  const home = join(dirOf(dir, org), 'ca');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const secret = randomBytes(18).toString('base64url');
  await writeFile(join(home, 'bootstrap.json'), JSON.stringify({ id: 'registrar', secret }), { mode: 0o600 });
  const usage = ['digital signature'];
  const config = {
    address: HOST,
    port: org.ca.port,
    tls: { enabled: true },
    ca: { name: org.ca.name },
    crl: { expiry: '8760h' },
    registry: {
      maxenrollments: -1,
      identities: [
        {
          name: 'registrar',
          pass: secret,
          type: 'client',
          affiliation: '',
          attrs: {
            'hf.Registrar.Roles': 'client,peer,orderer,admin',
            'hf.Registrar.Attributes': 'role',
            'hf.Revoker': true,
            'hf.GenCRL': true,
          },
        },
      ],
    },
    db: { type: 'sqlite3', datasource: 'fabric-ca-server.db' },
    affiliations: {},
    signing: {
      default: { usage, expiry: '8760h' },
      profiles: {
        tls: {
          usage: [...usage, 'key encipherment', 'server auth', 'client auth', 'key agreement'],
          expiry: '8760h',
        },
      },
    },
    csr: {
      cn: `${org.ca.name}.crowdwatt`,
      keyrequest: { algo: 'ecdsa', size: 256 },
      names: [{ O: org.mspId }],
      hosts: [HOST, NAME],
      ca: { expiry: '131400h', pathlength: 0 },
    },
    bccsp: { default: 'SW', sw: { hash: 'SHA2', security: 256, filekeystore: { keystore: 'msp/keystore' } } },
    cfg: { identities: { passwordattempts: 10 } },
    operations: { listenAddress: `${HOST}:0` },
    metrics: { provider: 'disabled' },
  };
  // JSON is YAML: one writer for every configuration file.
  await writeFile(join(home, 'fabric-ca-server-config.yaml'), JSON.stringify(config, null, 2), { mode: 0o600 });
  await start(dir, state, org.ca.name, {
    program: programs['fabric-ca-server'].path,
    args: ['start', '--home', home],
    env: {},
    cwd: home,
    port: org.ca.port,
  });
}

/** A client of one CA, acting as its registrar. */
export async function openCa(dir, state, org) {
  await waitForPort(dir, state, org.ca.name);
  process.env.HFC_LOGGING ??= '{"error":"console"}';
  const { default: FabricCAServices } = await import('fabric-ca-client');
  const root = await readFile(caCertificatePath(dir, org), 'utf8');
  const service = new FabricCAServices(
    `https://${NAME}:${org.ca.port}`,
    { trustedRoots: [root], verify: true },
    org.ca.name,
  );
  // The library hangs a listener on the socket for every request: a socket of its own for each.
  const agent = new Agent({ keepAlive: false, maxSockets: 8 });
  service._fabricCAClient._httpClient = { request: (options, done) => request({ ...options, agent }, done) };
  const home = join(dirOf(dir, org), 'ca');
  const bootstrap = JSON.parse(await readFile(join(home, 'bootstrap.json'), 'utf8'));
  let registrar;
  try {
    registrar = JSON.parse(await readFile(join(home, 'registrar.json'), 'utf8'));
  } catch {
    const { key, csr } = await keyAndRequest(bootstrap.id, []);
    const { certificate } = await service.enroll({
      enrollmentID: bootstrap.id,
      enrollmentSecret: bootstrap.secret,
      csr,
    });
    registrar = { certificate, key };
    await writeFile(join(home, 'registrar.json'), JSON.stringify(registrar), { mode: 0o600 });
  }
  const { User } = await import('fabric-common');
  const user = User.createUser(bootstrap.id, '', org.mspId, registrar.certificate, registrar.key);
  return { service, user, root, registrar };
}

/** Registers one id, unless it is there already, and enrols it once for each profile asked for. */
export async function enrol(ca, { id, type, attributes = {}, profiles }) {
  const secret = await ca.service.register(
    {
      enrollmentID: id,
      role: type,
      affiliation: '',
      maxEnrollments: profiles.length,
      attrs: Object.entries(attributes).map(([name, value]) => ({ name, value, ecert: true })),
    },
    ca.user,
  );
  const enrolled = {};
  for (const profile of profiles) {
    const { key, csr } = await keyAndRequest(id, profile === 'tls' ? [HOST, NAME] : []);
    const { certificate } = await ca.service.enroll({
      enrollmentID: id,
      enrollmentSecret: secret,
      csr,
      ...(profile === 'tls' ? { profile } : {}),
    });
    enrolled[profile] = { certificate, key };
  }
  return enrolled;
}

/** A new P-256 key (PKCS#8 PEM) and the request for its certificate. */
async function keyAndRequest(id, hosts) {
  // fabric-common could make the request too, but draws its keys from Math.random.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension, PemConverter } = await import(
    '@peculiar/x509'
  );
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: [{ CN: [id] }],
      keys,
      signingAlgorithm: P256,
      extensions:
        hosts.length === 0
          ? []
          : [
              new SubjectAlternativeNameExtension(
                hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
              ),
            ],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`, csr: request.toString('pem') };
}

/** Folder of the form Fabric's programs read: one identity and what its organisation trusts. */
export async function writeMsp(folder, root, identity) {
  const write = async (name, text) => {
    await mkdir(join(folder, name.split('/')[0]), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, name), text, { mode: 0o600 });
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await write('cacerts/ca.pem', root);
  await write('tlscacerts/ca.pem', root);
  if (identity !== undefined) {
    await write('signcerts/cert.pem', identity.certificate);
    await write('keystore/key_sk', identity.key);
  }
  const unit = (name) => ({ Certificate: 'cacerts/ca.pem', OrganizationalUnitIdentifier: name });
  const nodeOus = {
    Enable: true,
    ClientOUIdentifier: unit('client'),
    PeerOUIdentifier: unit('peer'),
    AdminOUIdentifier: unit('admin'),
    OrdererOUIdentifier: unit('orderer'),
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify({ NodeOUs: nodeOus }, null, 2));
}

/** TLS key pair of a node or administrator. */
export async function writeTls(folder, root, identity) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'ca.pem'), root);
  await writeFile(join(folder, 'cert.pem'), identity.certificate);
  await writeFile(join(folder, 'key.pem'), identity.key, { mode: 0o600 });
}
