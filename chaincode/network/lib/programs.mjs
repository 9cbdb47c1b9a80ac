// Fabric's own programs: looked for on PATH, asked for their version, never fetched.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Each program that `up` needs, how it says its version, and the oldest line that will do. */
const PROGRAMS = [
  { name: 'peer', version: ['version'], least: [3, 0] },
  { name: 'orderer', version: ['version'], least: [3, 0] },
  { name: 'configtxgen', version: ['-version'], least: [3, 0] },
  { name: 'configtxlator', version: ['version'], least: [3, 0] },
  { name: 'osnadmin', version: undefined, least: undefined },
  { name: 'fabric-ca-server', version: ['version'], least: [1, 5] },
];

async function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/**
 * What was found and what is wrong.
 * @returns {Promise<{ programs: Record<string, { path: string, version?: string }>, problems: string[] }>}
 */
export async function findPrograms() {
  const programs = {};
  const problems = [];
  for (const { name, version, least } of PROGRAMS) {
    const path = await onPath(name);
    if (path === undefined) {
      problems.push(`${name} is not on PATH`);
      continue;
    }
    programs[name] = { path };
    if (version === undefined) continue;
    const { stdout, stderr } = await run(path, version, { env: cleanEnvironment() });
    const found = /v?(\d+)\.(\d+)\.(\d+)/.exec(/version:?\s*(\S+)/i.exec(stdout + stderr)?.[1] ?? '');
    if (found === null) {
      problems.push(`${name} (${path}) does not say its version`);
      continue;
    }
    programs[name].version = found[0];
    const [major, minor] = [Number(found[1]), Number(found[2])];
    if (major !== least[0] || minor < least[1]) {
      problems.push(`${name} is ${found[0]}; ${least[0]}.${least[1]} or a later ${least[0]}.x is needed`);
    }
  }
  return { programs, problems };
}

/** The environment without anything that would override the generated configuration. */
export function cleanEnvironment(extra = {}) {
  const env = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (!/^(CORE|ORDERER|FABRIC|CONFIGTX|CHAINCODE|OSNADMIN)_/.test(key)) env[key] = value;
  }
  return { ...env, ...extra };
}

/** Runs a program to its end; rejects with its last lines where it fails. */
export async function call(path, args, { env = {}, cwd, input } = {}) {
  try {
    const child = run(path, args, { env: cleanEnvironment(env), cwd, maxBuffer: 64 << 20, encoding: 'buffer' });
    if (input !== undefined) child.child.stdin.end(input);
    const { stdout, stderr } = await child;
    return { stdout, text: `${stdout.toString()}${stderr.toString()}` };
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-6).join('\n');
    throw new Error(`${[path.split('/').pop(), ...args.slice(0, 4)].join(' ')} failed: ${said || error.message}`);
  }
}
