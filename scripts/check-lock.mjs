// The lockfile must name the optional packages of every platform: npm leaves out those that it cannot see when the
// lockfile is made, and `npm ci` of npm 11 then refuses the whole file. `--fix` writes the missing entries (versions
// are exact in the packages that ask for them; npm fetches such a package only on the platform that needs it).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './project.mjs';

const file = join(root, 'package-lock.json');
const SYSTEMS = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'openharmony', 'sunos', 'aix'];
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'mips64el'];

/** Where Node would find `name` from the package at `path`, among the lockfile's entries. */
function resolves(packages, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (at === '' || !at.includes('/node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
}

export function missingOptionals(lock) {
  const missing = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolves(lock.packages, path, name)) missing.push({ name, version, parent: entry });
    }
  }
  return missing;
}

export function checkLock() {
  const missing = missingOptionals(JSON.parse(readFileSync(file, 'utf8')));
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name);
  return [
    `package-lock.json lacks ${names.length} optional packages (${names[0]}, …): node scripts/check-lock.mjs --fix`,
  ];
}

/** The entry npm would have written, but for the checksum: npm takes that from the registry when it installs. */
function entryFor({ name, version, parent }) {
  const words = name.split('/').at(-1).split('-');
  const os = SYSTEMS.find((word) => words.includes(word));
  const cpu = PROCESSORS.find((word) => words.includes(word));
  if (!os || !cpu || !/^\d/.test(version)) throw new Error(`cannot tell the platform or version of ${name} ${version}`);
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') && os === 'linux' ? ['glibc'] : undefined;
  return { version, cpu: [cpu], dev: parent.dev, libc, license: parent.license, optional: true, os: [os] };
}

function fix() {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  for (const entry of missingOptionals(lock)) lock.packages[`node_modules/${entry.name}`] = entryFor(entry);
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--fix')) fix();
  const problems = checkLock();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
