import { asCrowdwattError } from '../errors.js';
import type { Ledger } from '../ledger/types.js';

export interface ChainReport {
  readonly ok: boolean;
  /** `everything`: hashes, signatures and state replayed from the files; `links`: numbers, hashes and their links as read. */
  readonly checked: 'everything' | 'links';
  readonly height: number;
  readonly lastBlockHash: string;
  readonly transactions: number;
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** Checks the ledger as far as its home allows. A ledger that is damaged is an answer here, not a fault. */
export async function checkChain(ledger: Ledger, at: string | undefined): Promise<ChainReport> {
  const head = await ledger.head();
  const checked = ledger.kind === 'embedded' && at !== undefined ? 'everything' : 'links';
  const base = { checked, height: head.height, lastBlockHash: head.hash } as const;
  try {
    if (checked === 'everything') {
      const { verifyLedger } = await import('../ledger/embedded/verify.js');
      const { transactions } = await verifyLedger(at!);
      return { ok: true, ...base, transactions, problems: [] };
    }
    return { ok: true, ...base, transactions: await countLinked(ledger, head.height), problems: [] };
  } catch (thrown) {
    const { code, message } = asCrowdwattError(thrown);
    return { ok: false, ...base, transactions: 0, problems: [{ code, message }] };
  }
}

async function countLinked(ledger: Ledger, height: number): Promise<number> {
  let previous: string | undefined;
  let next = 0;
  let transactions = 0;
  for await (const block of ledger.blocks(0, height)) {
    if (block.number !== next || (previous !== undefined && block.previousHash !== previous)) {
      throw new Error(`block ${block.number} does not follow block ${next - 1}`);
    }
    transactions += block.transactions.length;
    previous = block.hash;
    next++;
  }
  if (next !== height) throw new Error(`there are ${next} blocks, the head says ${height}`);
  return transactions;
}

/** Certificate of the key that signs heads and receipts; undefined where there is none (Fabric). */
export async function nodeCertificate(ledger: Ledger): Promise<string | undefined> {
  return ledger.nodeCertificate?.();
}
