// Builds kernels (AssemblyScript → dist/kernels), the library (dist/src) and the chaincode (chaincode/dist).
// Usage: node scripts/build.mjs [kernels] [ts] [chaincode] [web]; without names, everything.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KERNELS } from './kernels.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const wants = (name) => wanted.length === 0 || wanted.includes(name);

function run(what, command, args, cwd = root) {
  const started = Date.now();
  const done = spawnSync(process.execPath, [join(root, 'node_modules', ...command.split('/')), ...args], {
    cwd,
    stdio: 'inherit',
  });
  if (done.status !== 0) {
    console.error(`build: ${what} failed`);
    process.exit(1);
  }
  console.error(`build: ${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

if (wants('kernels')) {
  mkdirSync(join(root, 'dist', 'kernels'), { recursive: true });
  for (const kernel of KERNELS) {
    if (!existsSync(join(root, kernel.entry))) continue;
    for (const target of kernel.targets) {
      const out = `dist/kernels/${kernel.name}.${target.includes('simd') ? 'simd' : 'scalar'}.wasm`;
      const extra = kernel.shared ? ['--initialMemory', '1', '--maximumMemory', '65536'] : [];
      run(out, 'assemblyscript/bin/asc.js', [
        kernel.entry,
        '--config',
        'asconfig.json',
        '--target',
        target,
        '--outFile',
        out,
        ...extra,
        ...(kernel.flags ?? []),
      ]);
    }
  }
}
if (wants('ts')) {
  run('dist/src', 'typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  const main = join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(main)) chmodSync(main, 0o755);
}
if (wants('chaincode')) run('chaincode/dist', 'typescript/bin/tsc', ['-p', 'chaincode/tsconfig.json']);
if (wants('web') && existsSync(join(root, 'src', 'web', 'index.html'))) {
  run('dist/web', 'vite/bin/vite.js', ['build', '--config', 'src/web/vite.config.mjs', '--logLevel', 'warn']);
}
