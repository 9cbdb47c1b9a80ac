// The parts of a build: what each is made from and what proves that it is there. `build.mjs` stamps a part when
// it is done, `ensure.mjs` compares the stamp with the sources, so that a stale part is rebuilt and nothing else.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KERNELS } from './kernels.mjs';
import { contentHash, root } from './project.mjs';

const stampFile = join(root, 'dist', '.parts.json');
const builtFromLock = 'package-lock.json';

/** Output of one kernel and target, relative to the root. */
export const kernelFile = (kernel, target) =>
  `dist/kernels/${kernel.name}.${target.includes('simd') ? 'simd' : 'scalar'}.wasm`;

const presentKernels = KERNELS.filter((kernel) => existsSync(join(root, kernel.entry)));

export const PARTS = [
  {
    name: 'kernels',
    sources: ['assembly', 'asconfig.json', 'scripts/build.mjs', 'scripts/kernels.mjs', builtFromLock],
    outputs: presentKernels.flatMap((kernel) => kernel.targets.map((target) => kernelFile(kernel, target))),
  },
  {
    name: 'ts',
    sources: ['src', 'bench', 'chaincode/src/domain', 'tsconfig.json', 'tsconfig.build.json', builtFromLock],
    outputs: ['dist/src/errors.js', ...(existsSync(join(root, 'src/index.ts')) ? ['dist/src/index.js'] : [])],
  },
  {
    name: 'chaincode',
    sources: ['chaincode/src', 'chaincode/tsconfig.json', 'chaincode/package.json', builtFromLock],
    outputs: existsSync(join(root, 'chaincode/src')) ? ['chaincode/dist'] : [],
  },
  {
    name: 'web',
    sources: ['src/web', 'src/model', 'src/errors.ts', 'src/units.ts', builtFromLock],
    outputs: existsSync(join(root, 'src/web/index.html')) ? ['dist/web'] : [],
  },
];

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {}; // no build yet, or a damaged stamp: build again
  }
}

export const sourcesOf = (part) => contentHash(part.sources);

/** Names of the parts that are missing or were built from other sources. */
export function staleParts() {
  const stamps = readStamps();
  return PARTS.filter((part) => {
    if (part.outputs.length === 0) return false;
    if (part.outputs.some((file) => !existsSync(join(root, file)))) return true;
    return stamps[part.name] !== sourcesOf(part);
  }).map((part) => part.name);
}

/** `hash` is taken before the build: an edit during the build then leaves the part stale. */
export function stamp(name, hash) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify({ ...readStamps(), [name]: hash }, null, 2)}\n`);
}
