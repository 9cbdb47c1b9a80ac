import { suite } from '../ledger/behaviour.js';
import { openSimulated } from './simulated-ledger.js';

/** The contract and everything above it, as on Fabric; only the network is made up. */
suite('Fabric contract and adapter over a simulated network', async () => (await openSimulated()).ledger);
