import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openLedger } from '../../src/ledger/index.js';
import { suite } from './behaviour.js';

const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-ledger-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

suite('embedded', () => openLedger({ at: join(folder, 'ledger') }));
