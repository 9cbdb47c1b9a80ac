// Solves a folder of cases on all cores and prints one line for each, in order; Ctrl-C ends it early.
//   node examples/fleet/run.mjs examples/cases
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError, closeWorkers, readCase, solveMany } from 'crowdwatt';

const folder = process.argv[2] ?? 'examples/cases';
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

let unsolved = 0;
function show(file, ...columns) {
  console.log([file, ...columns].join('\t'));
}

/** Reads a case only when a thread is free for it, so that thousands of files are never in memory at once. */
const sent = [];
async function* cases() {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.json') && !file.includes('.reference.'));
  for (const file of names.sort()) {
    try {
      const source = await readCase(join(folder, file));
      sent.push(file);
      yield source;
    } catch (error) {
      if (!(error instanceof CrowdwattError)) throw error;
      show(file, error.code, error.message);
      unsolved++;
    }
  }
}

function report({ solution, error }) {
  const file = sent.shift();
  if (error) {
    show(file, error.code, error.message);
    unsolved++;
    return;
  }
  const prices = (solution.buses ?? []).flatMap((bus) => bus.dlmpPerMwh ?? []);
  const range = prices.length > 0 ? `${Math.min(...prices).toFixed(2)} to ${Math.max(...prices).toFixed(2)} $/MWh` : '';
  const cost = solution.objective === undefined ? '' : `${solution.objective.toFixed(2)} $`;
  show(file, solution.status, solution.certificate?.verdict ?? '', cost, range);
  if (solution.status !== 'optimal') unsolved++;
}
try {
  for await (const outcome of solveMany(cases(), { signal: stop.signal })) report(outcome);
  process.exitCode = unsolved === 0 ? 0 : 3;
} catch (error) {
  if (error.code !== 'cancelled') throw error;
  console.error(error.message);
  process.exitCode = 130;
} finally {
  await closeWorkers();
}
