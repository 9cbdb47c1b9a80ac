import type { BlockView, TransactionView } from '../ledger/types.js';
import type { Caller } from './auth/guard.js';

const seesAll = ({ role }: Caller) => role === 'operator' || role === 'auditor';

/** Certificates that the caller has, or had. */
export function certificatesOf({ account }: Caller): string[] {
  return [...(account.former ?? []), ...(account.fingerprint === undefined ? [] : [account.fingerprint])];
}

export function isOwn(caller: Caller, transaction: TransactionView): boolean {
  return seesAll(caller) || certificatesOf(caller).includes(transaction.creator);
}

/** A block as the caller may see it: of others' transactions a participant learns how many there are. */
export function blockFor(caller: Caller, block: BlockView): object {
  if (seesAll(caller)) return block;
  const transactions = block.transactions.filter((transaction) => isOwn(caller, transaction));
  return { ...block, transactions, others: block.transactions.length - transactions.length };
}

/** A block in short, for the stream of events. */
export function blockNews(caller: Caller, block: BlockView): object {
  const { number, hash, timestamp } = block;
  const own = block.transactions.filter((transaction) => isOwn(caller, transaction));
  const transactions = own.map(({ txId, name }) => ({ txId, name }));
  const others = block.transactions.length - own.length;
  return { number, hash, timestamp, transactions, ...(seesAll(caller) ? {} : { others }) };
}
