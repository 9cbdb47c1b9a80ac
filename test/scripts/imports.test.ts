import { describe, expect, it } from 'vitest';
import { breach, checkImports, importsOf, roomOf } from '../../scripts/check-imports.mjs';

const complaint = (file: string, specifier: string, extra: { lazy?: boolean; typeOnly?: boolean } = {}) =>
  breach(file, { specifier, line: 1, lazy: false, typeOnly: false, ...extra });

describe('the import table', () => {
  it('finds static, type, re-export, side-effect and dynamic imports, but none in comments', () => {
    const text = `
      import { a,
        b } from './one.js';
      // import './commented.js';
      /* import './also.js'; */
      import type { C } from './two.js';
      export * from './three.js';
      import './four.js';
      const late = () => import('./five.js');
      const url = 'https://example.org/path'; import './six.js';
    `;
    const found = importsOf(text);
    expect(found.map((entry) => entry.specifier)).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six'].map((n) => `./${n}.js`),
    );
    expect(found[0]?.line).toBe(2);
    expect(found[1]?.typeOnly).toBe(true);
    expect(found[4]?.lazy).toBe(true);
  });

  it('knows the room of a file', () => {
    expect(roomOf('src/errors.ts')).toBe('errors');
    expect(roomOf('src/ledger/embedded/store.ts')).toBe('ledger');
    expect(roomOf('chaincode/src/domain/index.ts')).toBe('chaincode/domain');
    expect(roomOf('chaincode/src/contract.ts')).toBe('chaincode/contract');
  });

  it.each([
    ['src/model/case.ts', '../solver/index.js'],
    ['src/solver/index.ts', '../market/index.js'],
    ['src/market/index.ts', '../wasm/load.js'],
    ['src/market/index.ts', '../ledger/embedded/store.js'],
    ['src/cli/main.ts', '../pool/index.js'],
    ['src/cli/main.ts', '../ledger/fabric/gateway.js'],
    ['src/errors.ts', './model/case.js'],
    ['src/solver/index.ts', 'piscina'],
    ['src/market/index.ts', '@hyperledger/fabric-gateway'],
    ['chaincode/src/domain/table.ts', 'node:fs'],
    ['chaincode/src/contract.ts', '../../src/errors.js'],
    ['assembly/admm.ts', '../src/errors'],
    ['src/cli/commands/bench.ts', '../../../bench/main.js'],
  ])('forbids %s to import %s', (file, specifier) => {
    expect(complaint(file, specifier)).toEqual(expect.any(String));
  });

  it.each([
    ['src/model/case.ts', '../errors.js'],
    ['src/solver/index.ts', '../model/index.js'],
    ['src/solver/admm/index.ts', './step.js'],
    ['src/market/index.ts', '../ledger/index.js'],
    ['src/ledger/embedded/store.ts', '../../../chaincode/src/domain/index.js'],
    ['src/pool/index.ts', 'piscina'],
    ['src/http/server.ts', 'fastify'],
    ['src/cli/main.ts', '../market/index.js'],
  ])('lets %s import %s', (file, specifier) => {
    expect(complaint(file, specifier)).toBeUndefined();
  });

  it('lets the bench command load benchmarks late', () => {
    expect(complaint('src/cli/commands/bench.ts', '../../../bench/main.js', { lazy: true })).toBeUndefined();
  });

  it('holds in this project', () => {
    expect(checkImports()).toEqual([]);
  });
});
