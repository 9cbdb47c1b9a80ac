// Makes a checkout ready: installs what the lockfile asks for and builds what is stale; silent when nothing is to do.
// Lifecycle scripts are off (.npmrc), so `npm start` and `npm test` call this themselves.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { staleParts } from './parts.mjs';
import { node, root } from './project.mjs';

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Why node_modules does not match the lockfile, or undefined. npm notes what it installed in a hidden lockfile. */
export function installProblem() {
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) return 'nothing is installed yet';
  const wanted = readJson('package-lock.json').packages;
  const present = readJson('node_modules/.package-lock.json').packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') || entry.optional || entry.devOptional || entry.link) continue;
    const name = path.slice('node_modules/'.length);
    if (present[path]?.version !== entry.version) return `${name} ${entry.version} is not installed`;
    if (!existsSync(join(root, path, 'package.json'))) return `${name} is incomplete`;
  }
  return undefined;
}

/** The npm that runs us, else the one beside this Node, else the one on PATH. */
function npmCommand() {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const windows = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const started = process.env.npm_execpath;
  const script = [started, beside, windows].find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  return script ? [process.execPath, script] : ['npm'];
}

function install(reason) {
  console.error(`crowdwatt: ${reason}; running npm ci`);
  const [command, ...first] = npmCommand();
  // The build needs the development packages, whatever NODE_ENV or npm's own settings say.
  const args = [...first, 'ci', '--include=dev', '--no-audit', '--no-fund'];
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: command === 'npm' });
  if (done.status !== 0) {
    console.error('crowdwatt: npm ci failed (see above); is the package registry reachable?');
    process.exit(1);
  }
}

export function ensure() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    console.error(`crowdwatt: Node 20 or newer is needed; this is ${process.version}`);
    process.exit(1);
  }
  const problem = installProblem();
  if (problem) install(problem);
  const stale = staleParts();
  if (stale.length === 0) return;
  const status = node([join(root, 'scripts', 'build.mjs'), ...stale], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) ensure();
