import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let cached: string | undefined;

/**
 * The folder of this package, whether its code runs from `src`, from `dist` or from an installed
 * copy. Built kernels and worker entries are found from here, because a `.ts` worker cannot run.
 */
export function packageRoot(): string {
  if (cached !== undefined) return cached;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'crowdwatt') break;
    const parent = dirname(folder);
    if (parent === folder) throw new Error('crowdwatt: package.json was not found above its own code');
    folder = parent;
  }
  cached = folder;
  return folder;
}
