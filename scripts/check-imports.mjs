// Enforces scripts/import-rules.mjs over src/, chaincode/src and assembly/; one readable line for each breach.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ANYBODY, CLOSED, PACKAGES, PRIVATE, PURE, RULES } from './import-rules.mjs';
import { filesBelow, root } from './project.mjs';

/** Specifiers of static, dynamic and type imports, with their line. Comments are blanked first, lines kept. */
export function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|[^:'"`])\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
  const pattern =
    /\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?(['"])([^'"\n]+)\3|\bimport\s*\(\s*(['"])([^'"\n]+)\5/g;
  const found = [];
  for (const match of code.matchAll(pattern)) {
    const line = code.slice(0, match.index).split('\n').length;
    found.push({
      specifier: match[4] ?? match[6],
      line,
      typeOnly: match[2] !== undefined,
      lazy: match[6] !== undefined,
    });
  }
  return found;
}

/** The room a file of the project lives in: `model`, `errors`, `chaincode/domain`, … */
export function roomOf(file) {
  if (file.startsWith('chaincode/src/domain/')) return 'chaincode/domain';
  if (file.startsWith('chaincode/')) return 'chaincode/contract';
  if (file.startsWith('assembly/')) return 'assembly';
  if (file.startsWith('bench/')) return 'bench';
  const [, first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

/** What is wrong with one import of `file`, or undefined. */
export function breach(file, entry) {
  const from = roomOf(file);
  const { specifier } = entry;
  if (from === 'assembly') {
    const target = posix.normalize(posix.join(dirname(file), specifier));
    return target.startsWith('assembly/') ? undefined : 'kernels import nothing but kernels';
  }
  if (!specifier.startsWith('.')) {
    const pure = PURE[from];
    if (pure)
      return pure.includes(specifier) ? undefined : `domain code is pure: of packages it may use ${pure.join(', ')}`;
    if (entry.typeOnly) return undefined;
    const rule = PACKAGES.find(({ match }) => match.test(specifier));
    if (rule && !rule.folders.includes(from)) return `only ${rule.folders.join(', ')} may load this package`;
    return undefined;
  }
  const target = posix.normalize(posix.join(dirname(file), specifier)).replace(/\.js$/, '.ts');
  const to = roomOf(target);
  if (from.startsWith('chaincode/') && target.startsWith('src/')) return 'chaincode imports nothing of src';
  if (from === to || ANYBODY.includes(to)) return undefined;
  if (ANYBODY.includes(from)) return 'a room open to anybody imports nothing of the project';
  const inner = PRIVATE.find(({ path }) => target.startsWith(`src/${path}`));
  if (inner && !(inner.also ?? []).includes(from)) return inner.why;
  const closed = CLOSED.find((rule) => rule.of.includes(from) && rule.to === to);
  if (closed) return closed.why;
  if (to === 'bench') return from === 'cli' && entry.lazy ? undefined : 'only the bench command may load benchmarks';
  const allowed = RULES[from];
  if (allowed === undefined) return `the folder ${from} is not in scripts/import-rules.mjs`;
  if (allowed === '*' || allowed.includes(to)) return undefined;
  return `${from} may import ${[...allowed, ...ANYBODY].join(', ')}`;
}

export function checkImports() {
  const problems = [];
  const accept = (name) => name.endsWith('.ts') || name.endsWith('.tsx');
  for (const file of ['src', 'chaincode/src', 'assembly'].flatMap((folder) => filesBelow(folder, accept))) {
    for (const entry of importsOf(readFileSync(join(root, file), 'utf8'))) {
      const why = breach(file, entry);
      if (why) problems.push(`${file}:${entry.line}: imports '${entry.specifier}': ${why}`);
    }
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (!existsSync(join(root, 'src'))) throw new Error('no src folder');
  const problems = checkImports();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
