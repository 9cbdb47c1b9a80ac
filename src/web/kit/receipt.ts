import { canonical, fromBase64, fromHex, hashOf, join, sha256, toHex, utf8 } from './bytes.js';

/** `crowdwatt-receipt/1`: proof that a transaction is in a block whose hash the ledger signed. */
export interface Receipt {
  readonly format: 'crowdwatt-receipt/1';
  readonly ledgerId: string;
  readonly txId: string;
  readonly block: number;
  readonly blockHash: string;
  readonly entryHash: string;
  readonly path: readonly { readonly hash: string; readonly side: 'left' | 'right' }[];
  readonly header: Readonly<Record<string, unknown>>;
  readonly headSignature: string;
}

export interface Check {
  readonly what: string;
  readonly ok: boolean;
}

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** Root over leaf data (RFC 6962: leaves and nodes hashed with different first bytes), hex. */
export async function merkleRoot(items: readonly string[]): Promise<string> {
  if (items.length === 0) return toHex(await sha256(new Uint8Array()));
  let level = await Promise.all(items.map((item) => sha256(join(LEAF, utf8(item)))));
  while (level.length > 1) {
    const above: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const right = level[at + 1];
      above.push(right ? await sha256(join(NODE, level[at]!, right)) : level[at]!);
    }
    level = above;
  }
  return toHex(level[0]!);
}

async function climb(receipt: Receipt): Promise<string> {
  let hash = fromHex(receipt.entryHash);
  for (const { hash: sibling, side } of receipt.path) {
    const other = fromHex(sibling);
    hash = await sha256(side === 'left' ? join(NODE, other, hash) : join(NODE, hash, other));
  }
  return toHex(hash);
}

/**
 * Checks a receipt with this browser's own cryptography: the path from the entry to the block's root, the
 * block's hash, the ledger's signature over it, and that the ledger still shows that block.
 * @param certificate of the ledger's key, PEM, as it was first seen
 * @param shownHash hash that the ledger shows for the block now
 */
export async function checkReceipt(
  receipt: Receipt,
  certificate: string | undefined,
  shownHash: string,
): Promise<Check[]> {
  const { header } = receipt;
  const checks: Check[] = [
    {
      what: 'The path from the transaction leads to the block’s root',
      ok: (await climb(receipt)) === header.transactionsRoot,
    },
    {
      what: 'The block has the hash of the receipt',
      ok:
        (await hashOf(header)) === receipt.blockHash &&
        header.number === receipt.block &&
        header.ledgerId === receipt.ledgerId,
    },
    { what: 'The ledger still shows this block', ok: shownHash === receipt.blockHash },
  ];
  const signed = certificate !== undefined && (await isSigned(receipt, certificate).catch(() => false));
  checks.push({ what: 'The ledger’s own key signed it', ok: signed });
  return checks;
}

async function isSigned(receipt: Receipt, certificate: string): Promise<boolean> {
  const { ledgerId, block, blockHash, headSignature } = receipt;
  const head = utf8(canonical({ ledgerId, height: block + 1, hash: blockHash }));
  const spki = publicKeyIn(fromBase64(certificate.replace(/-----[A-Z ]+-----|\s/g, '')));
  const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, rawSignature(fromBase64(headSignature)), head);
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

function element(der: Uint8Array, start: number): Element {
  const first = der[start + 1]!;
  const more = first & 0x80 ? first & 0x7f : 0;
  let length = more ? 0 : first;
  for (let k = 0; k < more; k++) length = length * 256 + der[start + 2 + k]!;
  const body = start + 2 + more;
  if (!(body + length <= der.length)) throw new Error('the certificate is cut short');
  return { tag: der[start]!, start, body, end: body + length };
}

/** SubjectPublicKeyInfo of an X.509 certificate: the seventh field, or the sixth where no version is given. */
export function publicKeyIn(der: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let part = element(der, element(der, element(der, 0).body).body);
  const before = part.tag === 0xa0 ? 6 : 5;
  for (let k = 0; k < before; k++) part = element(der, part.end);
  return der.slice(part.start, part.end);
}

/** DER to r‖s. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(64);
  const r = element(der, element(der, 0).body);
  const s = element(der, r.end);
  for (const [{ body, end }, at] of [
    [r, 32],
    [s, 64],
  ] as const) {
    const digits = der.subarray(end - body > 32 ? end - 32 : body, end);
    raw.set(digits, at - digits.length);
  }
  return raw;
}
