// Builds kernels (AssemblyScript → dist/kernels), the library (dist/src, dist/bench), the chaincode
// (chaincode/dist) and the web application (dist/web).
// Usage: node scripts/build.mjs [kernels] [ts] [chaincode] [web]; without names, everything.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { KERNELS } from './kernels.mjs';
import { kernelFile, PARTS, sourcesOf, stamp } from './parts.mjs';
import { filesBelow, node, root, tool } from './project.mjs';

function step(what, program, args) {
  const started = Date.now();
  if (node([tool(program), ...args]) !== 0) {
    console.error(`build: ${what} failed`);
    process.exit(1);
  }
  console.error(`build: ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

function buildKernels() {
  mkdirSync(join(root, 'dist', 'kernels'), { recursive: true });
  for (const kernel of KERNELS) {
    if (!existsSync(join(root, kernel.entry))) continue;
    for (const target of kernel.targets) {
      const out = kernelFile(kernel, target);
      const memory = kernel.shared ? ['--initialMemory', '1', '--maximumMemory', '65536'] : [];
      const options = ['--config', 'asconfig.json', '--target', target, '--outFile', out];
      step(out, 'assemblyscript/bin/asc.js', [kernel.entry, ...options, ...memory, ...(kernel.flags ?? [])]);
    }
  }
}

function buildTypeScript() {
  step('dist/src', 'typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  pruneOrphans();
  const main = join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(main)) chmodSync(main, 0o755);
}

/** tsc never deletes: what a removed or renamed source left behind would be shipped with the package. */
function pruneOrphans() {
  for (const folder of ['dist/src', 'dist/bench', 'dist/chaincode']) {
    for (const file of filesBelow(folder)) {
      const source = file.slice('dist/'.length).replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
      if (!existsSync(join(root, source))) rmSync(join(root, file));
    }
  }
}

const builders = {
  kernels: buildKernels,
  ts: buildTypeScript,
  chaincode: () => {
    if (existsSync(join(root, 'chaincode', 'src'))) {
      step('chaincode/dist', 'typescript/bin/tsc', ['-p', 'chaincode/tsconfig.json']);
    }
  },
  web: () => {
    if (existsSync(join(root, 'src', 'web', 'index.html'))) {
      step('dist/web', 'vite/bin/vite.js', ['build', '--config', 'src/web/vite.config.mjs', '--logLevel', 'warn']);
    }
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in builders));
if (unknown.length > 0) {
  console.error(`build: no part called ${unknown.join(', ')}; there are ${Object.keys(builders).join(', ')}`);
  process.exit(2);
}
for (const part of PARTS) {
  if (wanted.length > 0 && !wanted.includes(part.name)) continue;
  const hash = sourcesOf(part);
  builders[part.name]();
  stamp(part.name, hash);
}
