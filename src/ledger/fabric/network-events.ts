import type { Contract, ContractEvent } from 'fabric-network';
import type { RawEvent } from './client.js';

/**
 * fabric-network's listener as a stream. It reconnects on its own and may give events of the block before
 * the one asked for, and the same twice: what reads the stream drops them.
 */
export async function* contractEvents(
  contract: Contract,
  fromBlock: number | undefined,
  signal: AbortSignal,
): AsyncIterable<RawEvent> {
  const waiting: RawEvent[] = [];
  let wake: () => void = () => undefined;
  const listener = async (event: ContractEvent): Promise<void> => {
    const transaction = event.getTransactionEvent();
    waiting.push({
      block: transaction.getBlockEvent().blockNumber.toNumber(),
      txId: transaction.transactionId,
      name: event.eventName,
      payload: event.payload ?? Buffer.from('null'),
    });
    wake();
  };
  const stop = () => wake();
  signal.addEventListener('abort', stop, { once: true });
  await contract.addContractListener(listener, {
    type: 'full',
    ...(fromBlock !== undefined && { startBlock: fromBlock }),
  });
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', stop);
    contract.removeContractListener(listener);
  }
}
