#!/usr/bin/env node
// A Hyperledger Fabric network for crowdwatt on this machine's loopback, with TLS everywhere.
// Fabric's programs have to be on PATH already: nothing is fetched or built here.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { heightOf } from './lib/channel.mjs';
import { allOrderers } from './lib/layout.mjs';
import { answers, isAlive, loadState, stop } from './lib/processes.mjs';
import { profilePath } from './lib/profile.mjs';
import { findPrograms } from './lib/programs.mjs';
import { publishCrl, revokeAtCa } from './lib/revoke.mjs';
import { replaceService, startNode, up } from './lib/up.mjs';

const USAGE = `Usage: node chaincode/network/network.mjs <command> [options]

  up [--small] [--raft] [--real-time]
                            bring the network up (again); prints the profile's path
  status                    what runs, and how high each peer's chain is
  stop NAME [--hard]        end one node (--hard: without warning)
  start NAME                start it again
  swap NAME FOLDER          run another build of the chaincode as one organisation's service
  revoke ID [--ca-only]     lock a member out: at its CA, then in the channel
  down [--keep]             end everything; --keep leaves ledgers and keys for a later up
  check                     are Fabric's programs there?

  --dir DIR                 where everything is kept (default: .crowdwatt-fabric)
  --small                   one organisation instead of three
  --raft                    Raft instead of four BFT orderers
  --real-time               refuse signed times more than 120 s off (without: simulated days may give any)

Programs looked for on PATH: peer, orderer, configtxgen, configtxlator, osnadmin (Fabric 3) and
fabric-ca-server (1.5).`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: '.crowdwatt-fabric' },
      small: { type: 'boolean', default: false },
      raft: { type: 'boolean', default: false },
      'real-time': { type: 'boolean', default: false },
      hard: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      'ca-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, name, folder] = positionals;
  const dir = resolve(values.dir);
  const say = (line) => console.error(line);
  if (values.help || command === undefined) return console.log(USAGE);

  if (command === 'down') return down(dir, values.keep);
  const { programs, problems } = await findPrograms();
  if (command === 'check' || (problems.length > 0 && command !== 'stop')) {
    for (const problem of problems) say(problem);
    for (const [id, { path, version }] of Object.entries(programs)) say(`${id} ${version ?? ''} ${path}`);
    if (problems.length > 0) throw new Error("Fabric's programs are not all there (see docs/fabric.md)");
    return;
  }
  if (command === 'up') {
    const began = Date.now();
    await up(dir, { small: values.small, raft: values.raft, realTime: values['real-time'] }, programs, say);
    say(`${((Date.now() - began) / 1000).toFixed(1)} s`);
    return console.log(profilePath(dir));
  }
  const state = await loadState(dir);
  if (state === undefined) throw new Error(`${dir} holds no network`);
  if (command === 'status') return status(dir, state, programs);
  if (name === undefined) throw new Error(`${command} wants a name\n\n${USAGE}`);
  if (command === 'stop') {
    const stopped = await stop(state, known(state, name), { hard: values.hard });
    return say(stopped ? `${name} stopped` : `${name} did not run`);
  }
  if (command === 'start') return say((await startNode(dir, state, name)) ? `${name} started` : `${name} runs already`);
  if (command === 'swap') {
    if (folder === undefined) throw new Error('swap wants a folder');
    return replaceService(dir, state, known(state, name), resolve(folder));
  }
  if (command === 'revoke') return revoke(dir, state, programs, name, values['ca-only'], say);
  throw new Error(`no command is called ${command}\n\n${USAGE}`);
}

function known(state, name) {
  if (!(name in state.processes)) {
    throw new Error(`no node is called ${name}; there are ${Object.keys(state.processes).join(', ')}`);
  }
  return name;
}

async function down(dir, keep) {
  const state = await loadState(dir);
  if (state === undefined) return console.error(`${dir} holds no network`);
  // Clients of the others first, so that nothing complains in the logs on its way out.
  const order = [
    ...state.organisations.map((org) => org.peer.name),
    ...state.organisations.map((org) => org.chaincode.name),
    ...allOrderers(state).map(({ orderer }) => orderer.name),
    ...state.organisations.map((org) => org.ca.name),
  ];
  await Promise.all(order.map((name) => stop(state, name)));
  if (keep) return console.error(`stopped; "up" starts it again from ${dir}`);
  // Only what "up" made: the folder may have been given by hand and hold more.
  for (const entry of [...state.organisations.map((org) => org.name), 'channel', 'logs', 'wallet']) {
    await rm(join(dir, entry), { recursive: true, force: true });
  }
  for (const entry of ['fabric-profile.json', 'state.json']) await rm(join(dir, entry), { force: true });
  console.error('stopped and removed');
}

async function status(dir, state, programs) {
  const rows = [];
  for (const [name, record] of Object.entries(state.processes)) {
    const alive = await isAlive(record);
    rows.push({
      name,
      pid: record.pid,
      port: record.port,
      runs: alive,
      answers: alive && (await answers(record.port)),
    });
  }
  console.table(rows);
  for (const org of state.organisations) {
    const height = await heightOf(dir, state, programs, org).catch((error) => error.message.split('\n').pop());
    console.log(`${org.peer.name}: height ${height}`);
  }
  if (rows.some((row) => !row.answers)) process.exitCode = 1;
}

async function revoke(dir, state, programs, id, caOnly, say) {
  // Members belong to the organisation of their role; the CAs know who is theirs.
  const failures = [];
  for (const org of state.organisations) {
    let crl;
    try {
      crl = await revokeAtCa(dir, state, org, id);
    } catch (error) {
      failures.push(`${org.mspId}: ${error.message}`);
      continue;
    }
    say(`${id} revoked at ${org.ca.name}`);
    if (caOnly) return say('the channel was not told: the certificate still works there');
    await publishCrl(dir, state, programs, org, crl);
    return say(`the channel refuses ${id} from now on`);
  }
  throw new Error(`no CA could revoke ${id}: ${failures.join('; ')}`);
}

main().catch((error) => {
  console.error(`network: ${error.message}`);
  process.exitCode = 1;
});
