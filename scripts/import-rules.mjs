// Who may import whom: the table of docs/architecture.md as data. A folder may always import itself and the rooms
// open to anybody; a package named under `packages` may be imported by the listed folders only.
export const ANYBODY = ['errors', 'hooks', 'units', 'status', 'package-root'];

export const RULES = {
  model: [],
  import: ['model'],
  wasm: [],
  pool: ['wasm'],
  lp: ['pool', 'wasm'],
  solver: ['pool', 'wasm', 'model'],
  ledger: ['chaincode/domain'],
  market: ['solver', 'ledger', 'model', 'lp', 'chaincode/domain'],
  audit: ['market', 'ledger', 'lp', 'solver', 'model', 'chaincode/domain'],
  report: ['market', 'ledger', 'lp', 'solver', 'model'],
  scenario: ['market', 'ledger', 'lp', 'solver', 'model', 'report', 'pool'],
  simulation: ['market', 'ledger', 'lp', 'solver', 'model', 'report', 'scenario', 'chaincode/domain'],
  realtime: ['scenario', 'chaincode/domain', 'market', 'ledger', 'lp', 'solver', 'model', 'report'],
  fleet: ['market', 'ledger', 'lp', 'solver', 'model', 'report', 'pool'],
  cli: '*',
  http: '*',
  web: '*',
  index: '*',
  'chaincode/domain': [],
  'chaincode/contract': ['chaincode/domain'],
};

/** What a face never touches, and what nobody but the ledger itself may know. */
export const CLOSED = [
  { of: ['cli', 'http', 'web', 'market', 'report'], to: 'wasm', why: 'kernels are reached through the solver' },
  { of: ['cli', 'http', 'web', 'market', 'report'], to: 'pool', why: 'threads are reached through the solver' },
];
export const PRIVATE = [
  { path: 'ledger/fabric/', within: 'ledger', why: 'Fabric is reached through openLedger' },
  { path: 'ledger/embedded/', within: 'ledger', also: ['cli', 'http', 'index'], why: 'use the Ledger interface' },
];

export const PACKAGES = [
  { match: /^(fabric-|@hyperledger\/|@grpc\/)/, folders: ['ledger', 'chaincode/contract'] },
  { match: /^piscina$/, folders: ['pool'] },
  { match: /^classic-level$/, folders: ['ledger'] },
  { match: /^(fastify|@fastify\/|prom-client)/, folders: ['http'] },
  { match: /^commander$/, folders: ['cli'] },
  { match: /^@assemblyscript\/loader/, folders: ['wasm', 'web'] },
];

/** Domain code is replayed on every peer and must answer alike on all: schemas and digests, no clock, no file. */
export const PURE = { 'chaincode/domain': ['zod', 'node:crypto'] };
