import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KERNELS } from '../../scripts/kernels.mjs';

/**
 * What a user gets: the package as npm packs it, installed into an empty folder on a machine that has
 * Node and nothing else. Needs the package registry (or npm's cache) once.
 */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crowdwatt-pack-')));
const bin = join(folder, 'bin');
const app = join(folder, 'app');
let files: string[] = [];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npmCli(): string {
  const beside = join(dirname(realpathSync(process.execPath)), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const given = process.env.npm_execpath;
  const found = [given, beside, '/usr/share/nodejs/npm/bin/npm-cli.js'].find((path) => path && existsSync(path));
  if (!found) throw new Error('npm was not found beside Node; run this through npm test');
  return found;
}

/** Runs a program with only Node, npm and a shell to be found. */
function run(command: string, args: readonly string[], cwd = app) {
  const env: NodeJS.ProcessEnv = { PATH: bin, HOME: process.env.HOME, npm_config_update_notifier: 'false' };
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(npm_config_(cache|registry)|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i.test(name))
      env[name] = value;
  }
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 300_000 });
}
const node = (...args: string[]) => run(process.execPath, args);
const npm = (cwd: string, ...args: string[]) => run(process.execPath, [npmCli(), ...args], cwd);

beforeAll(() => {
  mkdirSync(bin);
  mkdirSync(app);
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync('/bin/sh', join(bin, 'sh'));
  const packed = npm(resolve('.'), 'pack', '--json', '--pack-destination', folder);
  expect(packed.status, packed.stderr).toBe(0);
  const [result] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
  files = result!.files.map((file) => file.path);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  const tarball = join(folder, result!.filename);
  const installed = npm(app, 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', tarball);
  expect(installed.status, installed.stderr).toBe(0);
}, 400_000);

describe('the packed package', () => {
  it('ships what runs and nothing that only builds it', () => {
    for (const needed of [
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'dist/src/cli/main.js',
      'dist/web/index.html',
      'examples/cases/sce56.json',
    ]) {
      expect(files).toContain(needed);
    }
    for (const kernel of KERNELS) {
      if (!existsSync(kernel.entry)) continue;
      for (const build of new Set(kernel.targets.map((target) => (target.includes('simd') ? 'simd' : 'scalar'))))
        expect(files).toContain(`dist/kernels/${kernel.name}.${build}.wasm`);
    }
    const unwanted = files.filter((path) =>
      /^(src|test|assembly|scripts|\.ci)\/|\.map$|\.parts\.json$|node_modules/.test(path),
    );
    expect(unwanted).toEqual([]);
  });

  it('answers on the command line through npx', () => {
    const version = run(process.execPath, [npmCli().replace(/npm-cli\.js$/, 'npx-cli.js'), 'crowdwatt', '--version']);
    const { version: expected } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(version.stdout.trim()).toBe(expected);
  });

  it('runs a day of the market and writes its report', () => {
    const source = 'node_modules/crowdwatt/examples/cases/sce56.json';
    const npx = npmCli().replace(/npm-cli\.js$/, 'npx-cli.js');
    const args = [
      'crowdwatt',
      'run',
      source,
      '--crowd',
      'reservation',
      '--ledger',
      'day',
      '--report',
      'report',
      '--out',
      'run.json',
    ];
    const done = run(process.execPath, [npx, ...args]);
    expect(done.status, done.stderr).toBe(0);
    const report = JSON.parse(readFileSync(join(app, 'run.json'), 'utf8')) as { format: string; offers: unknown[] };
    expect(report.format).toBe('crowdwatt-run/1');
    expect(report.offers.length).toBeGreaterThan(100);
    expect(existsSync(join(app, 'report', 'index.html'))).toBe(true);
  });

  it('works as a library: a solve and a day', () => {
    const script = `
      import { readCase, runDay, solve } from 'crowdwatt';
      const source = await readCase('node_modules/crowdwatt/examples/cases/sce56-single.json');
      const solution = await solve(source);
      const report = await runDay(await readCase('node_modules/crowdwatt/examples/cases/sce56.json'), { crowd: 'accept' });
      const total = report.statements.reduce((sum, statement) => sum + statement.totalMicro, 0);
      console.log(JSON.stringify([solution.status, solution.objective, report.format, total]));`;
    writeFileSync(join(app, 'use.js'), script);
    const done = node('use.js');
    expect(done.status, done.stderr).toBe(0);
    const [status, objective, format, total] = JSON.parse(done.stdout);
    expect([status, format, total]).toEqual(['optimal', 'crowdwatt-run/1', 0]);
    expect(objective).toBeCloseTo(-54.0946, 3);
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types that compile with module %s', (module, moduleResolution) => {
    const code = `
      import { type Case, CrowdwattError, type RunReport, runDay, type Solution, solve } from 'crowdwatt';
      export async function use(source: Case): Promise<number> {
        const solution: Solution = await solve(source, { method: 'ipm', signal: AbortSignal.timeout(1000) });
        const report: RunReport = await runDay(source, { crowd: 'accept', onProgress: (p) => console.log(p.stage) });
        // @ts-expect-error a method that does not exist must not type-check
        await solve(source, { method: 'magic' });
        if (solution.status === 'infeasible') throw new CrowdwattError('solver/no-schedule', solution.reason ?? '');
        return (solution.objective ?? 0) + report.offers.length;
      }`;
    writeFileSync(join(app, 'use.ts'), code);
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable', 'dom'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      // A Node project has these; the package brings everything else.
      typeRoots: [resolve('node_modules/@types')],
      types: ['node'],
    };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const done = node(resolve('node_modules/typescript/bin/tsc'), '-p', join(app, 'tsconfig.json'));
    expect(done.status, done.stdout).toBe(0);
  });
});
