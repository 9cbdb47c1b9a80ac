// `npm start [-- ARGS]`: one day of Algorithm 1 on the SCE 56-bus feeder, on an embedded ledger in .crowdwatt/start,
// with a report to open in a browser. ARGS go to `crowdwatt run` (for instance `--crowd accept`, `--method admm`).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from './ensure.mjs';
import { root } from './project.mjs';

ensure();
const folder = join(root, '.crowdwatt', 'start');
const ledger = join(folder, 'ledger');
const report = join(folder, 'report');
const extra = process.argv.slice(2);
const own = (flag) => extra.includes(flag) || extra.some((arg) => arg.startsWith(`${flag}=`));

const args = ['run', 'examples/cases/sce56.json'];
if (!own('--crowd')) args.push('--crowd', 'reservation');
if (!own('--report')) args.push('--report', report);
if (!own('--progress') && !own('--quiet')) args.push('--progress');
if (!own('--ledger')) {
  // Each start shows the whole story from the genesis block; a ledger to keep is given with --ledger.
  rmSync(folder, { recursive: true, force: true });
  args.push('--ledger', ledger);
}
mkdirSync(folder, { recursive: true });

const main = join(root, 'dist', 'src', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error('crowdwatt: the command line is not built yet');
  process.exit(2);
}
/** Ctrl-C reaches the child by itself; this process waits for its orderly end. */
const run = (argv) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...argv], { cwd: root, stdio: 'inherit' });
    const wait = () => {};
    process.on('SIGINT', wait);
    const pass = () => child.kill('SIGTERM');
    process.on('SIGTERM', pass);
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', pass);
      resolve(signal ? 1 : (code ?? 1));
    });
  });

let status = await run([...args, ...extra]);
if (status === 0 && !own('--ledger')) {
  console.log('\nThe ledger of that day, checked block by block:');
  status = await run(['ledger', 'verify', ledger]);
}
const page = join(report, 'index.html');
if (!own('--report') && existsSync(page)) console.log(`\nReport: ${page}`);
process.exitCode = status;
