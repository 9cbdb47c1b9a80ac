// What every script needs: where the project is, running a step, hashing files. Node built-ins only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Path of a program inside node_modules, for instance `vitest/vitest.mjs`. */
export const tool = (path) => join(root, 'node_modules', ...path.split('/'));

/** Runs a Node program of the project with this Node; gives its exit status (a signal counts as 1). */
export function node(args, options = {}) {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

/** All files below `folder` (relative to the root), sorted, with forward slashes. */
export function filesBelow(folder, accept = () => true) {
  const found = [];
  const walk = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (accept(entry.name)) found.push(relative(root, full).split(sep).join('/'));
    }
  };
  const start = join(root, folder);
  if (!existsSync(start)) return found;
  if (statSync(start).isFile()) return [folder];
  walk(start);
  return found.sort();
}

/** SHA-256 over names and contents of everything below the given files and folders. */
export function contentHash(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesBelow(path))) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
