import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

/** A case of examples/cases, as it is in its file. */
export function exampleCase(name: string): unknown {
  return JSON.parse(readFileSync(join(packageRoot(), 'examples', 'cases', `${name}.json`), 'utf8'));
}
