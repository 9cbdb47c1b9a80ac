// Checks the built WebAssembly modules byte by byte, without help of an engine: a module that many instances run on
// one shared memory may hold nothing that runs or writes at instantiation, and scalar and SIMD twins export the same.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KERNELS } from './kernels.mjs';
import { kernelFile } from './parts.mjs';
import { root } from './project.mjs';

const SECTION = { import: 2, memory: 5, global: 6, export: 7, start: 8, element: 9, data: 11, dataCount: 12 };
const KIND = ['function', 'table', 'memory', 'global', 'tag'];

/** A cursor over a module's bytes (core specification, chapter 5: LEB128 numbers, length-prefixed names). */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  byte() {
    if (this.at >= this.bytes.length) throw new Error('the file ends inside a section');
    return this.bytes[this.at++];
  }
  u32() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw new Error('a number is longer than five bytes');
  }
  name() {
    const length = this.u32();
    const text = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return Buffer.from(text).toString('utf8');
  }
  limits() {
    const flags = this.u32();
    this.u32();
    if (flags & 1) this.u32();
    return { shared: (flags & 2) !== 0 };
  }
}

/** Sections (id → count), imports and exports of a module. */
export function parseModule(bytes) {
  const reader = new Reader(bytes);
  if (Buffer.from(bytes.subarray(0, 8)).toString('hex') !== '0061736d01000000')
    throw new Error('not a WebAssembly module');
  reader.at = 8;
  const module = { sections: new Map(), imports: [], exports: [] };
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const end = reader.u32() + reader.at;
    if (end > bytes.length) throw new Error(`section ${id} is longer than the file`);
    module.sections.set(id, (module.sections.get(id) ?? 0) + 1);
    if (id === SECTION.import) readImports(reader, module.imports);
    if (id === SECTION.export) readExports(reader, module.exports);
    reader.at = end;
  }
  return module;
}

function readImports(reader, imports) {
  for (let left = reader.u32(); left > 0; left--) {
    const name = `${reader.name()}.${reader.name()}`;
    const kind = KIND[reader.byte()];
    let shared = false;
    if (kind === 'memory') shared = reader.limits().shared;
    else if (kind === 'table') {
      reader.byte();
      reader.limits();
    } else if (kind === 'global') reader.at += 2;
    else reader.u32();
    imports.push({ name, kind, shared });
  }
}

function readExports(reader, exports) {
  for (let left = reader.u32(); left > 0; left--) {
    const name = reader.name();
    const kind = KIND[reader.byte()];
    reader.u32();
    exports.push(`${kind} ${name}`);
  }
}

/** What is wrong with one module, in words. */
export function moduleProblems(module, shared) {
  const problems = [];
  for (const entry of module.imports) {
    if (entry.name !== 'env.memory') problems.push(`imports ${entry.kind} ${entry.name}; only env.memory is allowed`);
    else if (entry.shared !== shared) problems.push(`its memory is ${entry.shared ? '' : 'not '}shared`);
  }
  if (!module.imports.some((entry) => entry.name === 'env.memory')) problems.push('does not import env.memory');
  if (module.sections.has(SECTION.memory)) problems.push('defines a memory of its own');
  if (shared) {
    for (const name of ['global', 'start', 'element', 'data', 'dataCount']) {
      if (module.sections.has(SECTION[name])) problems.push(`has a ${name} section; every instance would run it again`);
    }
  }
  return problems;
}

export function checkKernels() {
  const problems = [];
  for (const kernel of KERNELS) {
    if (!existsSync(join(root, kernel.entry))) continue;
    const lists = [];
    for (const target of kernel.targets) {
      const file = kernelFile(kernel, target);
      if (!existsSync(join(root, file))) {
        problems.push(`${file}: not built`);
        continue;
      }
      const bytes = readFileSync(join(root, file));
      if (!WebAssembly.validate(bytes)) problems.push(`${file}: does not validate on Node ${process.version}`);
      const module = parseModule(bytes);
      problems.push(...moduleProblems(module, kernel.shared).map((text) => `${file}: ${text}`));
      lists.push({ file, names: [...module.exports].sort() });
    }
    const [first, second] = lists;
    if (!first || !second) continue;
    const only = (a, b) => a.names.filter((name) => !b.names.includes(name));
    for (const name of only(first, second)) problems.push(`${second.file}: lacks the export ${name} of ${first.file}`);
    for (const name of only(second, first)) problems.push(`${first.file}: lacks the export ${name} of ${second.file}`);
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = checkKernels();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
