import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

const folder = join(packageRoot(), '..', 'shared', 'lp');
export const haveShared = existsSync(folder);
if (!haveShared) console.warn('NOT PROVEN: ../shared/lp is absent, the public LP test models were not solved');

export function sharedMps(name: string): string {
  return readFileSync(join(folder, `${name}.mps`), 'utf8');
}

/** Optima of the public models, by native HiGHS 1.16. */
export const OPTIMA: Readonly<Record<string, number>> = {
  afiro: -464.75314285714285,
  adlittle: 225494.9631623804,
  israel: -896644.8218630457,
  e226: -11.638929066370553,
  stair: -251.26695119296335,
  standgub: 1257.6995,
  etamacro: -755.7152333005279,
  '25fv47': 5501.84588828675,
};
