// Solves a folder of cases and prints one line for each; Ctrl-C stops after the one under way.
//   node examples/fleet/run.mjs examples/cases
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError, readCase, solve } from 'crowdwatt';

const folder = process.argv[2] ?? 'examples/cases';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const files = (await readdir(folder)).filter((file) => file.endsWith('.json') && !file.includes('.reference.'));
let unsolved = 0;
for (const file of files.sort()) {
  if (stop.signal.aborted) break;
  try {
    const solution = await solve(await readCase(join(folder, file)), { signal: stop.signal });
    const prices = (solution.buses ?? []).flatMap((bus) => bus.dlmpPerMwh ?? []);
    const range =
      prices.length > 0 ? `${Math.min(...prices).toFixed(2)} to ${Math.max(...prices).toFixed(2)} $/MWh` : '';
    const cost = solution.objective === undefined ? '' : `${solution.objective.toFixed(2)} $`;
    console.log([file, solution.status, solution.certificate?.verdict ?? '', cost, range].join('\t'));
    if (solution.status !== 'optimal') unsolved++;
  } catch (error) {
    if (!(error instanceof CrowdwattError)) throw error;
    console.log([file, error.code, error.message].join('\t'));
    unsolved++;
  }
}
process.exitCode = unsolved === 0 ? 0 : 3;
