// From nothing to a network that answers; or from a stopped one, on its kept ledgers.
import { mkdir } from 'node:fs/promises';
import { openCa, startCa } from './ca.mjs';
import { deploy, requireBuilt, startService } from './chaincode.mjs';
import { joinOrderers, joinPeers, makeGenesis } from './channel.mjs';
import { allOrderers, planNetwork } from './layout.mjs';
import { enrolNodes, startOrderer, startPeer } from './nodes.mjs';
import { isAlive, loadState, saveState, start, stop, waitForPort } from './processes.mjs';
import { profilePath, writeProfile } from './profile.mjs';
import { ready } from './ready.mjs';

/**
 * @param {string} dir
 * @param {{ small: boolean, raft: boolean, realTime: boolean }} choice
 * @param {Record<string, { path: string }>} programs
 * @param {(line: string) => void} say
 */
export async function up(dir, choice, programs, say) {
  await requireBuilt();
  const known = await loadState(dir);
  if (known?.complete) return restart(dir, known, say);
  if (known !== undefined) {
    throw new Error(`${dir} holds an attempt that did not finish: run "down" on it first`);
  }
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const state = await planNetwork(choice);
  saveState(dir, state);
  try {
    await create(dir, state, programs, say);
  } catch (error) {
    for (const name of Object.keys(state.processes)) await stop(state, name);
    throw error;
  }
  return state;
}

async function create(dir, state, programs, say) {
  say(`certificate authorities: ${state.organisations.map((org) => org.mspId).join(', ')}`);
  for (const org of state.organisations) await startCa(dir, state, programs, org);
  const cas = new Map();
  await Promise.all(
    state.organisations.map(async (org) => {
      const ca = await openCa(dir, state, org);
      cas.set(org.mspId, ca);
      await enrolNodes(dir, org, ca);
    }),
  );

  say(`channel ${state.channel}: ${allOrderers(state).length} orderers, ${state.consensus}`);
  await makeGenesis(dir, state, programs);
  for (const { org, orderer } of allOrderers(state)) await startOrderer(dir, state, programs, org, orderer);
  for (const org of state.organisations) await startPeer(dir, state, programs, org);
  await Promise.all(nodes(state).map((name) => waitForPort(dir, state, name)));
  await joinOrderers(dir, state, programs);
  await joinPeers(dir, state, programs);

  say(`chaincode ${state.chaincode}: one service for each of ${state.organisations.length} peers`);
  await deploy(dir, state, programs);
  await writeProfile(dir, state, cas);
  await ready(dir, state);
  state.complete = true;
  saveState(dir, state);
  say(`ready: ${profilePath(dir)}`);
}

const nodes = (state) => [
  ...allOrderers(state).map(({ orderer }) => orderer.name),
  ...state.organisations.map((org) => org.peer.name),
];

/** Starts again, with the same settings, whatever does not run. */
async function restart(dir, state, say) {
  const names = Object.keys(state.processes);
  const started = [];
  for (const name of names) {
    if (await startNode(dir, state, name)) started.push(name);
  }
  await Promise.all(names.map((name) => waitForPort(dir, state, name)));
  await ready(dir, state);
  say(started.length === 0 ? 'already running' : `started again: ${started.join(', ')}`);
  return state;
}

/** Starts one node of a known network, as it was started before. */
export async function startNode(dir, state, name) {
  const record = state.processes[name];
  if (record === undefined) throw new Error(`no node is called ${name}`);
  if (await isAlive(record)) return false;
  const { pid: _pid, startedAt: _startedAt, ...how } = record;
  await start(dir, state, name, how);
  return true;
}

/** Runs another build of the chaincode for one organisation: what an operator that cheats would do. */
export async function replaceService(dir, state, name, folder) {
  const org = state.organisations.find((each) => each.chaincode.name === name);
  if (org === undefined) throw new Error(`${name} is not a chaincode service`);
  await requireBuilt(folder);
  await stop(state, name);
  await startService(dir, state, org, org.chaincode.packageId, folder);
  await waitForPort(dir, state, name);
}
