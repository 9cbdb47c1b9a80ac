import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';
import type { Bench } from '../harness.js';
import { caseFile } from '../lib/accuracy.js';

/** Runs inside the measured process and tells its peak at the end, in KiB. */
const TELL = "process.on('exit', () => process.stderr.write('\\npeak ' + process.resourceUsage().maxRSS + '\\n'))";

/** Peak resident memory of the program, Node itself included. */
export const bench: Bench = {
  name: 'memory',
  title: 'Memory of a day on the SCE 56-bus feeder',
  run: async (report) => {
    const main = join(packageRoot(), 'dist', 'src', 'cli', 'main.js');
    const source = caseFile('sce56.json')!;
    const runs: [string, string[]][] = [
      ['Node doing nothing', ['--version']],
      ['solve, admm', ['solve', source, '--method', 'admm', '--exactness', 'off']],
      ['solve, ipm', ['solve', source, '--method', 'ipm']],
      ['run, a day of Algorithm 1', ['run', source, '--crowd', 'reservation']],
    ];
    const rows: [string, string][] = [];
    for (const [what, args] of runs) {
      const watched = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, main, ...args, '--quiet'];
      const done = spawnSync(process.execPath, what.startsWith('Node') ? watched.slice(0, -1) : watched, {
        encoding: 'utf8',
      });
      const peak = /peak (\d+)/.exec(done.stderr)?.[1];
      if (done.status !== 0 || peak === undefined) {
        report.skip(`${what}: ended with ${done.status}: ${done.stderr.trim().split('\n')[0]}`);
        continue;
      }
      rows.push([what, `${(Number(peak) / 1024).toFixed(0)} MB`]);
    }
    report.table('Peak resident memory of the whole process (the aim for the day: under 300 MB)', ['', 'peak'], rows);
  },
};
