import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openLedger } from '../../src/ledger/index.js';
import type { Ledger } from '../../src/ledger/types.js';
import { packageRoot } from '../../src/package-root.js';

const run = promisify(execFile);

/** A network of three organisations for as long as a measurement takes. */
export class BenchNetwork {
  private constructor(readonly dir: string) {}

  /** Why there can be none here; undefined where there can. */
  static async missing(): Promise<string | undefined> {
    return command('check').then(
      () => undefined,
      (error: { stderr?: string }) => error.stderr?.trim().split('\n').join('; ') ?? 'unknown',
    );
  }

  static async up(): Promise<BenchNetwork> {
    await run(process.execPath, [join(packageRoot(), 'scripts', 'build.mjs'), 'chaincode'], { cwd: packageRoot() });
    const network = new BenchNetwork(await mkdtemp(join(tmpdir(), 'crowdwatt-bench-')));
    try {
      await command('up', '--dir', network.dir);
    } catch (error) {
      await network.down();
      throw error;
    }
    return network;
  }

  async open(client: 'gateway' | 'network'): Promise<Ledger> {
    const profile = JSON.parse(await readFile(join(this.dir, 'fabric-profile.json'), 'utf8'));
    const path = join(this.dir, `${client}-profile.json`);
    await writeFile(path, JSON.stringify({ ...profile, client }));
    return openLedger({ at: `fabric:${path}` });
  }

  /** Processor time of all its processes so far; 0 where the system does not tell. */
  async cpuSeconds(): Promise<number> {
    const { processes } = JSON.parse(await readFile(join(this.dir, 'state.json'), 'utf8'));
    let ticks = 0;
    for (const { pid } of Object.values(processes as Record<string, { pid: number }>)) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    }
    return ticks / 100;
  }

  async down(): Promise<void> {
    await command('down', '--dir', this.dir);
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function command(...args: string[]): Promise<void> {
  const script = join(packageRoot(), 'chaincode', 'network', 'network.mjs');
  await run(process.execPath, [script, ...args], { cwd: packageRoot() });
}
