import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS, TRANSACTIONS } from '../../chaincode/src/domain/index.js';

describe('documents of the ledger', () => {
  it.each(['ledger.md', 'settlement.md', 'threat-model.md'])('%s links only what is there', (name) => {
    const text = readFileSync(join('docs', name), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect([link, existsSync(join('docs', link))]).toEqual([link, true]);
  });

  it('the threat model has a test, a document or a plain "not" in every cell', () => {
    const rows = readFileSync('docs/threat-model.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| attack') && !line.includes('| | | |'));
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const cells = row.split('|').slice(2, -1);
      expect(cells).toHaveLength(4);
      for (const cell of cells) {
        const plain =
          /^ (not|the same|does not arise|prevented$|Fabric's|purged|the wallet|the member has|prevented )/.test(cell);
        expect([cell, /\]\(/.test(cell) || plain || /tested|same/.test(cell)]).toEqual([cell, true]);
      }
    }
  });

  it('the table of transactions is whole', () => {
    const text = readFileSync('chaincode/src/domain/README.md', 'utf8');
    for (const name of TRANSACTIONS.keys()) expect([name, text.includes(name)]).toEqual([name, true]);
  });

  it('every refusal has a test', () => {
    const tests = ['behaviour.ts', 'identity.test.ts', 'rest.test.ts']
      .map((name) => readFileSync(join('test/ledger', name), 'utf8'))
      .join();
    for (const code of Object.keys(REFUSALS)) expect([code, tests.includes(`'${code}'`)]).toEqual([code, true]);
  });
});
