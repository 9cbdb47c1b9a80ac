// Writes to the ledger in argv[2] until it is killed, one JSON line per durable block on standard error (as
// --progress=json does) and one line per acknowledged transaction on standard output.
import { writeSync } from 'node:fs';
import { openLedger } from '../../dist/src/ledger/index.js';

const [, , folder, from, count] = process.argv;
const ledger = await openLedger({
  at: folder,
  onBlock: (block) => writeSync(2, `${JSON.stringify(block)}\n`),
});
const operator = await ledger.member('operator', 'operator');
const first = Number(from);
const last = count === undefined ? Number.POSITIVE_INFINITY : first + Number(count);
let next = first;
async function lane() {
  while (next < last) {
    const index = next++;
    const commit = await ledger.transact(operator, {
      name: 'RegisterParticipant',
      operationId: `register-${index}`,
      args: { participants: [{ id: `p${index}`, bus: '1', type: 2, role: 'crowdsourcee', devices: [] }] },
    });
    writeSync(1, `${JSON.stringify({ index, txId: commit.txId, block: commit.block })}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, lane));
await ledger.close();
