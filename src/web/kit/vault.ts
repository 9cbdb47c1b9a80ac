import { toBase64 } from './bytes.js';
import type { Receipt } from './receipt.js';

/** Order of P-256: of the two valid forms of a signature the ledger takes the one with the smaller s. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** What this device keeps of a member: a key that no script can read out, and its receipts. */
export interface KeptKey {
  readonly id: string;
  readonly keys: CryptoKeyPair;
}

export interface KeptReceipt {
  readonly txId: string;
  readonly member: string;
  readonly what: string;
  readonly receipt: Receipt;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open('crowdwatt', 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('keys', { keyPath: 'id' });
      asked.result.createObjectStore('receipts', { keyPath: 'txId' });
      asked.result.createObjectStore('ledgers');
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(new Error('This browser keeps nothing (private window?): a key would be lost.'));
  });
}

async function use<Result>(
  store: string,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const asked = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser did not keep it'));
    });
  } finally {
    database.close();
  }
}

export const keyOf = (id: string): Promise<KeptKey | undefined> => use('keys', 'readonly', (keys) => keys.get(id));
export const keptIds = async (): Promise<string[]> =>
  (await use('keys', 'readonly', (keys) => keys.getAllKeys())).map(String);
export const keepReceipt = (kept: KeptReceipt): Promise<unknown> =>
  use('receipts', 'readwrite', (receipts) => receipts.put(kept));
export const receiptsOf = async (member: string): Promise<KeptReceipt[]> =>
  (await use('receipts', 'readonly', (receipts) => receipts.getAll() as IDBRequest<KeptReceipt[]>)).filter(
    (kept) => kept.member === member,
  );

/**
 * The certificate of a ledger as it was first seen here: another one later is another ledger, or a forged one.
 * @returns what was kept before, or the given one
 */
export async function pin(ledgerId: string, certificate: string): Promise<string> {
  const before = await use('ledgers', 'readonly', (ledgers) => ledgers.get(ledgerId) as IDBRequest<string | undefined>);
  if (before === undefined) await use('ledgers', 'readwrite', (ledgers) => ledgers.put(certificate, ledgerId));
  return before ?? certificate;
}

/** A new key; the private half cannot be taken out of the browser, not even by this page. */
export const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
export const keepKeys = (id: string, keys: CryptoKeyPair): Promise<unknown> =>
  use('keys', 'readwrite', (store) => store.put({ id, keys } satisfies KeptKey));

export async function publicKeyOf(keys: CryptoKeyPair): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey)));
}

/** r‖s with the smaller s, base64. */
export async function sign(keys: CryptoKeyPair, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const raw = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, bytes));
  return toBase64(toLowS(raw));
}

export function toLowS(raw: Uint8Array): Uint8Array {
  let s = 0n;
  for (const byte of raw.subarray(32)) s = (s << 8n) | BigInt(byte);
  if (s <= ORDER >> 1n) return raw;
  const low = Uint8Array.from(raw);
  let rest = ORDER - s;
  for (let at = 63; at >= 32; at--) {
    low[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return low;
}
