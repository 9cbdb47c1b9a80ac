import type { BlockView, LedgerEvent } from '../types.js';
import type { OpenedBlock } from './block.js';

/** A block as readers get it. */
export function viewOf(block: OpenedBlock): BlockView {
  return {
    number: block.header.number,
    hash: block.hash,
    previousHash: block.header.previousHash,
    timestamp: block.header.timestamp,
    transactions: block.transactions.map(({ tx }, index) => ({
      txId: block.txIds[index]!,
      name: tx.function,
      args: tx.args,
      operationId: tx.operationId,
      creator: tx.creator,
      timestamp: tx.timestamp,
      // What the rules refuse never gets into a block.
      valid: true,
    })),
  };
}

export function* eventsOf(block: OpenedBlock): Generator<LedgerEvent> {
  for (const [index, { event }] of block.transactions.entries()) {
    if (event)
      yield { block: block.header.number, txId: block.txIds[index]!, name: event.name, payload: event.payload };
  }
}
