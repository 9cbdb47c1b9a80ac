import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger } from '../../src/ledger/types.js';

const run = promisify(execFile);
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const SCRIPT = join(ROOT, 'chaincode', 'network', 'network.mjs');

const command = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await run(process.execPath, [SCRIPT, ...args], { cwd: ROOT, timeout: 110_000 });
  return stdout + stderr;
};

/**
 * Whether the tests on a real network run. Where Fabric's programs are not found, one loud line says what
 * was not proven; with CROWDWATT_REQUIRE_FABRIC=1 that is a failure instead.
 */
export async function fabricFound(what: string): Promise<boolean> {
  const problem = await command('check').then(
    () => undefined,
    (error: { stderr?: string; message: string }) => (error.stderr ?? error.message).trim().split('\n').join('; '),
  );
  if (problem === undefined) return true;
  if (process.env.CROWDWATT_REQUIRE_FABRIC === '1') {
    throw new Error(`CROWDWATT_REQUIRE_FABRIC=1, but no Fabric network can be brought up: ${problem}`);
  }
  console.warn(`\n!!! SKIPPED, NOT PROVEN HERE: ${what} (on a real Fabric network): ${problem}\n`);
  return false;
}

export interface RealNetwork {
  readonly dir: string;
  /** A ledger of its own, by either client. */
  open(client?: 'gateway' | 'network', changes?: object): Promise<Ledger>;
  /** `stop NAME --hard`, `start NAME`, `revoke ID` … */
  command(...args: string[]): Promise<string>;
  state(): Promise<{ processes: Record<string, { pid: number }> }>;
  down(): Promise<void>;
}

export async function bringUp(...options: string[]): Promise<RealNetwork> {
  await run(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), 'chaincode'], { cwd: ROOT });
  const dir = await mkdtemp(join(tmpdir(), 'crowdwatt-network-'));
  const inDir = (...args: string[]) => command(...args, '--dir', dir);
  const down = async () => {
    await inDir('down');
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await inDir('up', ...options);
  } catch (error) {
    await down();
    throw error;
  }
  let profiles = 0;
  return {
    dir,
    command: inDir,
    down,
    state: async () => JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')),
    open: async (client = 'gateway', changes = {}) => {
      const profile = JSON.parse(await readFile(join(dir, 'fabric-profile.json'), 'utf8'));
      const path = join(dir, `test-profile-${++profiles}.json`);
      await writeFile(path, JSON.stringify({ ...profile, client, ...changes }));
      return openLedger({ at: `fabric:${path}` });
    },
  };
}
