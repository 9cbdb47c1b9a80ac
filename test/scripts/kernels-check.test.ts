import { describe, expect, it } from 'vitest';
import { moduleProblems, parseModule } from '../../scripts/check-kernels.mjs';

const text = (value: string) => [value.length, ...Buffer.from(value)];
const section = (id: number, body: number[]) => [id, body.length, ...body];
const module = (...sections: number[][]) => Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
const memoryImport = (flags: number) => section(2, [1, ...text('env'), ...text('memory'), 2, flags, 1, 1]);
const SHARED = 3;

describe('the kernel check', () => {
  it('accepts a module that only imports a shared memory', () => {
    const bytes = module(memoryImport(SHARED));
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(moduleProblems(parseModule(bytes), true)).toEqual([]);
  });

  it('reads export names and kinds', () => {
    const type = section(1, [1, 0x60, 0, 0]);
    const functions = section(3, [1, 0]);
    const exports = section(7, [1, ...text('ping'), 0, 0]);
    const code = section(10, [1, 2, 0, 0x0b]);
    const bytes = module(type, memoryImport(SHARED), functions, exports, code);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(parseModule(bytes).exports).toEqual(['function ping']);
  });

  it.each([
    ['data', section(11, [1, 0, 0x41, 0, 0x0b, 1, 7])],
    ['global', section(6, [1, 0x7f, 1, 0x41, 0, 0x0b])],
    ['element', section(9, [0])],
  ])('refuses a %s section in a shared module', (name, extra) => {
    const problems = moduleProblems(parseModule(module(memoryImport(SHARED), extra)), true);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${name} section`);
  });

  it('refuses a private memory, a foreign import and an unshared memory', () => {
    const foreign = section(2, [
      2,
      ...text('env'),
      ...text('memory'),
      2,
      1,
      1,
      1,
      ...text('env'),
      ...text('abort'),
      0,
      0,
    ]);
    const problems = moduleProblems(parseModule(module(foreign, section(5, [1, 0, 1]))), true);
    expect(problems.join('\n')).toMatch(/not shared/);
    expect(problems.join('\n')).toMatch(/env\.abort/);
    expect(problems.join('\n')).toMatch(/memory of its own/);
  });

  it('refuses what is not WebAssembly, and a file that ends early', () => {
    expect(() => parseModule(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]))).toThrow('not a WebAssembly module');
    expect(() => parseModule(module([2, 60, 1]))).toThrow('longer than the file');
  });
});
