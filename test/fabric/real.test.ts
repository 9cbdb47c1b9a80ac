import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCase, runDay } from '../../src/index.js';
import { suite } from '../ledger/behaviour.js';
import { bringUp, fabricFound, type RealNetwork } from './network.js';

const found = await fabricFound('the behaviour suite, three organisations, four BFT orderers, both clients');

describe.skipIf(!found)('Hyperledger Fabric', () => {
  let network: RealNetwork;
  beforeAll(async () => {
    network = await bringUp();
  });
  afterAll(() => network?.down());

  suite('Fabric by fabric-gateway', () => network.open('gateway'), 'g-');
  suite('Fabric by fabric-network', () => network.open('network'), 'n-');

  // Far from the days of the suites: a day may not lie before the newest.
  test.each([
    ['sce56', 'gateway', '2018-10-05'],
    ['sce56-market', 'network', '2018-10-06'],
  ] as const)(
    'the %s day by fabric-%s is the day that the ledger in memory has',
    async (name, client, day) => {
      const source = await readCase(join(import.meta.dirname, '../../examples/cases', `${name}.json`));
      const expected = await runDay(source, { day });
      const ledger = await network.open(client);
      try {
        const report = await runDay(source, { day, ledger });
        expect(report.ledger).toMatchObject({ kind: 'fabric' });
        for (const part of ['equilibriumHash', 'contracts', 'offers', 'supplements', 'statements'] as const) {
          expect(report[part], part).toEqual(expected[part]);
        }
        expect(report.statements.length).toBeGreaterThan(30);
      } finally {
        await ledger.close();
      }
    },
    180_000,
  );
});
