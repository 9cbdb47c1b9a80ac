import { ApiError, call, get, post } from './api.js';
import { fromBase64 } from './bytes.js';
import type { Receipt } from './receipt.js';
import { keepKeys, keepReceipt, keyOf, newKeys, publicKeyOf, sign } from './vault.js';

export type Role = 'operator' | 'participant' | 'meter' | 'auditor';

export interface Device {
  readonly id: string;
  readonly kind: 'battery' | 'shapable' | 'solar' | 'generator' | 'load';
  readonly powerW: number;
  readonly energyWh?: number;
}

export interface Participant {
  readonly id: string;
  readonly bus: string;
  readonly type: 1 | 2;
  readonly devices: readonly Device[];
  readonly status: string;
}

export interface Me {
  readonly id: string;
  readonly role: Role;
  readonly held: boolean;
  readonly expiresAt: number;
  readonly participant: Participant | null;
}

export interface Commit {
  readonly txId: string;
  readonly block: number;
  readonly blockHash: string;
  readonly receipt?: Receipt;
}

interface Prepared {
  readonly prepared: string;
  readonly txId: string;
  readonly bytes: string;
}

export async function whoAmI(): Promise<Me | undefined> {
  try {
    return await get<Me>('/api/me');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}

/** Enrols with a key that is made here and never leaves this browser. */
export async function enrolWithOwnKey(id: string, secret: string): Promise<void> {
  const keys = await newKeys();
  const publicKey = await publicKeyOf(keys);
  const { bytes } = await post<{ bytes: string }>('/api/enrol/prepare', { id, secret, publicKey });
  // Kept before the secret is used up: a key that could not be kept must not be certified.
  const before = await keyOf(id);
  await keepKeys(id, keys);
  try {
    const signature = await sign(keys, fromBase64(bytes));
    await post('/api/enrol', { id, secret, publicKey, signature, cookie: true });
  } catch (error) {
    if (before) await keepKeys(id, before.keys);
    throw error;
  }
}

/** Enrols with a key that the service keeps. Gives the secret to sign in with, shown once. */
export async function enrolHeld(id: string, secret: string): Promise<string> {
  const answer = await post<{ loginSecret: string }>('/api/enrol', { id, secret, held: true, cookie: true });
  return answer.loginSecret;
}

export async function signInWithKey(id: string): Promise<void> {
  const kept = await keyOf(id);
  if (!kept) throw new Error(`This browser has no key of ${id}.`);
  const { challenge, bytes } = await post<{ challenge: string; bytes: string }>('/api/sessions/challenge', { id });
  const signature = await sign(kept.keys, fromBase64(bytes));
  await post('/api/sessions', { id, challenge, signature, cookie: true });
}

export const signInWithSecret = (id: string, loginSecret: string): Promise<unknown> =>
  post('/api/sessions', { id, loginSecret, cookie: true });

export const signOut = (): Promise<void> => call('DELETE', '/api/sessions/current');

/** What a member is about to sign must say this. */
export interface Intent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** For the list of receipts. */
  readonly what: string;
}

/**
 * Puts something on the ledger in the member's name: signed here, or by the service where it holds the key.
 * The receipt is kept in this browser.
 */
export async function transact(me: Me, path: string, body: unknown, intent: Intent): Promise<Commit> {
  const commit = me.held ? await post<Commit>(path, body) : await signed(me, path, body, intent);
  const { receipt, txId } = commit;
  if (receipt) await keepReceipt({ txId, member: me.id, what: intent.what, receipt });
  return commit;
}

async function signed(me: Me, path: string, body: unknown, intent: Intent): Promise<Commit> {
  const kept = await keyOf(me.id);
  if (!kept) throw new Error(`The key of ${me.id} is in another browser: do this there.`);
  let next: Prepared | Commit = await post<Prepared>(`${path}/prepare`, body);
  let first = true;
  // Fabric is signed for twice: the proposal, then the endorsed transaction.
  while ('prepared' in next) {
    const bytes = fromBase64(next.bytes);
    if (first) insist(bytes, intent);
    first = false;
    const signature = await sign(kept.keys, bytes);
    next = await post<Prepared | Commit>('/api/transactions/submit', { prepared: next.prepared, signature });
  }
  return next;
}

/** Signs nothing that says something else than what was asked for. Fabric's own bytes are not JSON and are not read. */
export function insist(bytes: Uint8Array, { name, args }: Intent): void {
  let call: { function?: string; args?: Record<string, unknown> };
  try {
    call = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return;
  }
  const differs = Object.entries(args).find(([key, value]) => call.args?.[key] !== value);
  if (call.function === name && !differs) return;
  throw new Error(
    `Not signed: the service prepared ${call.function ?? 'something else'}${differs ? ` with another ${differs[0]}` : ''}.`,
  );
}
