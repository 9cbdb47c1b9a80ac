// `npm run check`: format and lint, types, the import table, the built kernels, and the kernels' speed against a
// generous baseline. All of them run, whatever fails. `--json FILE` writes {passed, failed} for the caller.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports } from './check-imports.mjs';
import { checkKernels } from './check-kernels.mjs';
import { checkLock } from './check-lock.mjs';
import { ensure } from './ensure.mjs';
import { node, root, tool } from './project.mjs';

ensure();
const program =
  (path, ...args) =>
  () =>
    node([tool(path), ...args]) === 0 ? [] : ['see above'];

const checks = [
  ['format and lint', program('@biomejs/biome/bin/biome', 'check', '.')],
  ['types', program('typescript/bin/tsc', '-p', 'tsconfig.json')],
  ['lockfile', checkLock],
  ['import table', checkImports],
  ['kernels', checkKernels],
];
if (existsSync(join(root, 'chaincode', 'src'))) {
  checks.splice(2, 0, ['chaincode types', program('typescript/bin/tsc', '-p', 'chaincode/tsconfig.json', '--noEmit')]);
}
if (existsSync(join(root, 'src', 'web', 'tsconfig.json'))) {
  checks.splice(2, 0, ['web types', program('typescript/bin/tsc', '-p', 'src/web/tsconfig.json', '--noEmit')]);
}
if (existsSync(join(root, 'bench', 'baseline.json'))) {
  checks.push([
    'kernel speed',
    () => (node([join(root, 'scripts', 'bench.mjs'), '--gate']) === 0 ? [] : ['see above']),
  ]);
}

const result = { passed: [], failed: [] };
for (const [name, check] of checks) {
  let problems;
  try {
    problems = check();
  } catch (error) {
    problems = [error instanceof Error ? error.message : String(error)];
  }
  for (const problem of problems) console.error(`${name}: ${problem}`);
  console.error(`check: ${name}: ${problems.length === 0 ? 'ok' : 'FAILED'}`);
  (problems.length === 0 ? result.passed : result.failed).push(name);
}
const at = process.argv.indexOf('--json');
if (at >= 0) writeFileSync(process.argv[at + 1] ?? 'check.json', `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = result.failed.length === 0 ? 0 : 1;
