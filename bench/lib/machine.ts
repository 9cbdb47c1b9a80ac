import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { packageRoot } from '../../src/package-root.js';

/** One line that says what the figures were measured on. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() || `${process.arch} processor`;
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const busy = loadavg()[0]!.toFixed(1);
  return `${model}, ${availableParallelism()} cores, ${memory} GB, Node ${process.versions.node}, ${process.platform}, load ${busy} at the start`;
}

/** Version, and the commit where this is a checkout. */
export function commitLine(): string {
  const { version } = JSON.parse(readFileSync(`${packageRoot()}/package.json`, 'utf8')) as { version: string };
  try {
    const head = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: packageRoot(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `${version} (${head.trim()})`;
  } catch {
    return version;
  }
}
