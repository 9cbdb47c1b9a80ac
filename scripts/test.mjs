// `npm test [-- ARGS]`: everything under test/, after installing and building what is missing.
// `--json FILE` also writes the runner's own JSON; other arguments go to vitest (`npm test -- test/model`).
import { ensure } from './ensure.mjs';
import { node, tool } from './project.mjs';

ensure();
const args = process.argv.slice(2);
const at = args.indexOf('--json');
if (at >= 0) {
  const file = args[at + 1];
  if (!file || file.startsWith('-')) {
    console.error('npm test: --json needs a file name');
    process.exit(2);
  }
  args.splice(at, 2, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`);
}
process.exitCode = node([tool('vitest/vitest.mjs'), 'run', ...args]);
