import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMps } from '../../src/lp/index.js';
import { packageRoot } from '../../src/package-root.js';
import type { Bench } from '../harness.js';
import { contest, type Entry } from './contest.js';

/** Public LP models beside HiGHS. */
export const bench: Bench = {
  name: 'netlib',
  title: 'Sparse simplex on public LP models',
  run: async (report) => {
    const folder = join(packageRoot(), '..', 'shared', 'lp');
    if (!existsSync(folder)) {
      report.skip('public LP models: ../shared/lp is absent');
      return;
    }
    const entries: Entry[] = readdirSync(folder)
      .filter((file) => file.endsWith('.mps'))
      .map((file) => ({
        name: file.slice(0, -4),
        model: parseMps(readFileSync(join(folder, file), 'utf8')),
        rounds: 15,
      }));
    await contest(report, 'Shortest of 15 rounds, reading the file left out', entries);
  },
};
