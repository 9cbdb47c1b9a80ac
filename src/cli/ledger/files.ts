import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import type { Explorer } from '../../ledger/embedded/explore.js';
import type { PrivateStore } from '../../ledger/engine/private.js';
import type { Ledger, Member } from '../../ledger/types.js';

export async function readJson<Value>(path: string): Promise<Value> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CrowdwattError('input/unreadable', `${path}: cannot be read (${error.code})`, { path });
  });
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new CrowdwattError('input/not-json', `${path}: is not JSON`, { path });
  }
}

export async function readLines(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CrowdwattError('input/unreadable', `${path}: cannot be read (${error.code})`, { path });
  });
  try {
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  } catch {
    throw new CrowdwattError('input/not-json', `${path}: holds a line that is not JSON`, { path });
  }
}

export async function explore(dir: string, keys?: string): Promise<Explorer> {
  const { Explorer } = await import('../../ledger/embedded/explore.js');
  return Explorer.open(resolve(dir), keys === undefined ? undefined : await openPrivates(dir, keys));
}

/** Private rows, read only: their keys are in the key folder. */
export async function openPrivates(dir: string, keys: string): Promise<PrivateStore> {
  const { FolderKeyring } = await import('../../ledger/embedded/folder-keyring.js');
  const { PrivateRows } = await import('../../ledger/embedded/private-rows.js');
  const { NodeDisk } = await import('../../ledger/storage/node-disk.js');
  const keyring = await FolderKeyring.open(resolve(keys), process.env.CROWDWATT_PASSPHRASE, false);
  return PrivateRows.open(new NodeDisk(), `${resolve(dir)}/private`, keyring);
}

export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A member whose key is in a folder of its own; without one, the key that the ledger's key folder holds. */
export async function memberWith(
  ledger: Ledger,
  id: string,
  role: Member['role'],
  folder: string | undefined,
): Promise<Member> {
  if (folder === undefined) return ledger.member(id, role);
  const { FolderKeyring } = await import('../../ledger/embedded/folder-keyring.js');
  const { memberKeyName } = await import('../../ledger/identity/keyring.js');
  const { memberOf } = await import('../../ledger/identity/members.js');
  const keyring = await FolderKeyring.open(resolve(folder), process.env.CROWDWATT_MEMBER_PASSPHRASE, false);
  const key = await keyring.load(memberKeyName(role, id));
  if (!key) throw new CrowdwattError('usage', `${folder} does not hold the key of ${role} ${id}`, { id });
  return memberOf(key);
}
