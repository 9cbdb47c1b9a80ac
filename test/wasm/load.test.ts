import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import * as mirror from '../../src/wasm/admm-abi.js';
import {
  ABI_VERSIONS,
  chooseFlavor,
  compileKernel,
  instantiateKernel,
  MemoryPlan,
  simdSupported,
} from '../../src/wasm/index.js';

describe('kernel loading', () => {
  it('mirrors every constant of assembly/abi.ts', () => {
    const text = readFileSync(join(packageRoot(), 'assembly', 'abi.ts'), 'utf8');
    const constants = [...text.matchAll(/^export const (\w+): i32 = (-?\d+);/gm)];
    expect(constants.length).toBeGreaterThan(100);
    const theirs = Object.fromEntries(constants.map(([, name, value]) => [name, Number(value)]));
    const { ABI_VERSION, ...rest } = theirs;
    expect(ABI_VERSION).toBe(ABI_VERSIONS.admm);
    expect({ ...mirror, ABI_VERSION: undefined }).toEqual({ ...rest, ABI_VERSION: undefined });
  });

  it('gives no two fields of the context the same place', () => {
    const text = readFileSync(join(packageRoot(), 'assembly', 'abi.ts'), 'utf8');
    const [, words, doubles] = text.split(/^\/\/ --- (?:words|doubles|control)[^\n]*$/m);
    for (const [part, limit] of [
      [words!, mirror.DOUBLES / 4],
      [doubles!, (mirror.CONTROL - mirror.DOUBLES) / 8],
    ] as const) {
      const taken = new Map<number, string>();
      for (const [, name, value] of part.matchAll(/^export const (\w+): i32 = (\d+);/gm)) {
        if (/^(STATUS_\w+|TRACE_POINTS|DOUBLES)$/.test(name!)) continue;
        expect(taken.get(Number(value)), `${name} shares its place`).toBeUndefined();
        expect(Number(value)).toBeLessThan(limit);
        taken.set(Number(value), name!);
      }
      expect(taken.size).toBeGreaterThan(10);
    }
  });

  it('prefers SIMD where it validates, and obeys the environment', () => {
    expect(chooseFlavor({})).toBe(simdSupported() ? 'simd' : 'scalar');
    expect(chooseFlavor({ CROWDWATT_KERNELS: 'scalar' })).toBe('scalar');
    expect(chooseFlavor({ CROWDWATT_KERNELS: 'simd' })).toBe('simd');
    expect(() => chooseFlavor({ CROWDWATT_KERNELS: 'turbo' })).toThrow(/scalar or simd/);
  });

  it('refuses a module of another interface version', () => {
    // (module (func (export "abiVersion") (result i32) i32.const 99))
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 14, 1, 10];
    bytes.push(...Buffer.from('abiVersion'), 0, 0, 10, 7, 1, 5, 0, 65, 227, 0, 11);
    const module = new WebAssembly.Module(Uint8Array.from(bytes));
    expect(() => instantiateKernel({ name: 'admm', flavor: 'scalar', module })).toThrowError(
      expect.objectContaining({ code: 'kernel/abi' }),
    );
  });

  it('says what to do when a kernel is not there', () => {
    expect(() => compileKernel('admm', 'none' as never)).toThrowError(
      expect.objectContaining({ code: 'kernel/abi', message: expect.stringContaining('npm run build') }),
    );
  });
});

describe('memory plan', () => {
  it('starts regions on cache lines and never overlaps them', () => {
    const plan = new MemoryPlan();
    const regions = [plan.f64(3), plan.i32(5), plan.f64(0), plan.f64(9), plan.i32(1)];
    let end = 1;
    for (const region of regions) {
      expect(region.offset % 64).toBe(0);
      expect(region.offset).toBeGreaterThanOrEqual(end);
      end = region.offset + region.length * 4;
    }
    expect(plan.allocate({ shared: false }).buffer.byteLength).toBeGreaterThanOrEqual(plan.bytes);
  });

  it('refuses what WebAssembly cannot address', () => {
    const plan = new MemoryPlan();
    plan.f64(2 ** 30);
    expect(() => plan.allocate({ shared: true })).toThrowError(expect.objectContaining({ code: 'memory/limit' }));
  });
});
