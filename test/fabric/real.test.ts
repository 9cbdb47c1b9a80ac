import { afterAll, beforeAll, describe } from 'vitest';
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
});
