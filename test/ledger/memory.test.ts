import { openLedger } from '../../src/ledger/index.js';
import { suite } from './behaviour.js';

suite('memory', () => openLedger());
