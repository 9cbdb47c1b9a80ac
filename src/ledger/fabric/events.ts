import type { LedgerEvent } from '../types.js';
import type { FabricClient } from './client.js';
import { classify, outcomeError } from './faults.js';

const PAUSE_MS = 250;

/**
 * Events from a block on, without a gap and without a double: where the stream breaks it is taken up at
 * the last block that was seen, and what had been given of that block is dropped.
 */
export async function* eventsOf(
  client: FabricClient,
  fromBlock: number | undefined,
  signal: AbortSignal,
): AsyncIterable<LedgerEvent> {
  let block = fromBlock;
  let given = new Set<string>();
  while (!signal.aborted) {
    try {
      for await (const event of client.events(block, signal)) {
        if (block !== undefined && event.block < block) continue;
        if (event.block !== block) {
          block = event.block;
          given = new Set();
        }
        if (given.has(event.txId)) continue;
        given.add(event.txId);
        yield {
          block: event.block,
          txId: event.txId,
          name: event.name,
          payload: JSON.parse(Buffer.from(event.payload).toString('utf8')),
        };
      }
    } catch (error) {
      const fault = classify('events', error);
      // Whoever is not let in now will not be later; everything else is a peer that went away.
      if (fault.kind === 'denied') throw outcomeError(fault);
    }
    await pause(signal);
  }
}

function pause(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, PAUSE_MS);
    signal.addEventListener('abort', done, { once: true });
  });
}
