// Long-running programs: started with their output in a log, known by pid and start time, so that
// a pid which the system gave to somebody else meanwhile is never touched.
import { spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOST } from './layout.mjs';
import { call, cleanEnvironment } from './programs.mjs';

/** state.json, replaced whole; in one go, because several starts may be under way. */
export function saveState(dir, state) {
  const path = join(dir, 'state.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export async function loadState(dir) {
  try {
    return JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${join(dir, 'state.json')}: ${error.message}`);
  }
}

/** When a process began, as the system tells it; undefined where there is none. */
async function startedAt(pid) {
  try {
    // Field 22 of /proc/PID/stat, counted after the command name, which may hold blanks.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    const { text } = await call('/bin/ps', ['-o', 'lstart=', '-p', String(pid)]);
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}

export async function isAlive(record) {
  if (record === undefined) return false;
  const started = await startedAt(record.pid);
  return started !== undefined && started === record.startedAt;
}

/**
 * Starts what a record describes and writes down its pid.
 * @param {string} dir
 * @param {object} state
 * @param {string} name
 * @param {{ program: string, args: string[], env: Record<string, string>, cwd: string, port: number }} how
 */
export async function start(dir, state, name, how) {
  await mkdir(join(dir, 'logs'), { recursive: true, mode: 0o700 });
  const log = openSync(join(dir, 'logs', `${name}.log`), 'a', 0o600);
  const child = spawn(how.program, how.args, {
    cwd: how.cwd,
    env: cleanEnvironment(how.env),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  state.processes[name] = { ...how, pid: child.pid, startedAt: await startedAt(child.pid) };
  saveState(dir, state);
}

/** Waits until the port answers; rejects as soon as the process has ended. */
export async function waitForPort(dir, state, name, seconds = 30) {
  const record = state.processes[name];
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    if (await answers(record.port)) return;
    if (!(await isAlive(record))) break;
    await sleep(50);
  }
  const log = await readFile(join(dir, 'logs', `${name}.log`), 'utf8');
  throw new Error(
    `${name} did not come up on port ${record.port}; its log ends:\n${log.trim().split('\n').slice(-5).join('\n')}`,
  );
}

export function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    const end = (yes) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}

/** Ends one process: asks first (unless `hard`), insists after five seconds. */
export async function stop(state, name, { hard = false } = {}) {
  const record = state.processes[name];
  if (!(await isAlive(record))) return false;
  process.kill(record.pid, hard ? 'SIGKILL' : 'SIGTERM');
  for (let waited = 0; waited < 5000; waited += 50) {
    if (!(await isAlive(record))) return true;
    await sleep(50);
  }
  process.kill(record.pid, 'SIGKILL');
  while (await isAlive(record)) await sleep(20);
  return true;
}
