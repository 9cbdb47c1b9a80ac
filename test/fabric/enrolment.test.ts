import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderKeyring } from '../../src/ledger/embedded/folder-keyring.js';
import { Enrolment } from '../../src/ledger/fabric/enrolment.js';
import type { FabricProfile } from '../../src/ledger/fabric/profile.js';
import { Wallet } from '../../src/ledger/fabric/wallet.js';
import { Authority, createAuthority } from '../../src/ledger/identity/authority.js';
import { FakeCa } from './fake-ca.js';
import { ROLES } from './simulated-ledger.js';

let ca: FakeCa;
let folder: string;
let enrolment: Enrolment;

async function another(): Promise<Enrolment> {
  const path = (name: string): string => join(folder, name);
  const profile = {
    roles: ROLES,
    organisations: [
      {
        mspId: 'CommunityMSP',
        peers: [],
        orderers: [],
        ca: {
          name: 'ca',
          url: ca.url,
          tlsRoot: path('root.pem'),
          registrar: { id: 'registrar', certificate: path('registrar.pem'), key: path('registrar.key') },
        },
      },
    ],
  } as unknown as FabricProfile;
  return new Enrolment(profile, new Wallet(await FolderKeyring.open(path('wallet'), 'open sesame', true)));
}

beforeEach(async () => {
  ca = await FakeCa.start();
  folder = await mkdtemp(join(tmpdir(), 'crowdwatt-enrolment-'));
  const registrar = await (await Authority.open(await createAuthority('registrars'))).issue({
    id: 'r',
    role: 'operator',
  });
  await writeFile(join(folder, 'root.pem'), ca.root);
  await writeFile(join(folder, 'registrar.pem'), registrar.certificate);
  await writeFile(join(folder, 'registrar.key'), registrar.privateKey);
  enrolment = await another();
});

afterEach(async () => {
  enrolment.close();
  await ca.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('enrolment with a CA', () => {
  test('enrols once, keeps the key to itself, and finds the member again without the CA', async () => {
    const [member, same] = await Promise.all([
      enrolment.member('ä/1', 'participant'),
      enrolment.member('ä/1', 'participant'),
    ]);
    expect(same).toBe(member);
    expect(member).toMatchObject({ id: 'ä/1', role: 'participant', mspId: 'CommunityMSP' });
    expect(ca.calls).toEqual(['register', 'enroll']);
    const files = await readdir(join(folder, 'wallet'), { recursive: true, withFileTypes: true });
    for (const entry of files) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect(await readdir(join(folder, 'wallet', 'members'))).toHaveLength(1);
    expect((await (await another()).member('ä/1', 'participant')).certificate).toBe(member.certificate);
    expect(ca.calls).toHaveLength(2);
  });

  test.each(['register', 'enroll'])('the answer to %s is lost: told, and the next try goes on', async (call) => {
    ca.lose = [call];
    await expect(enrolment.member('p', 'participant')).rejects.toMatchObject({ code: 'ledger/unavailable' });
    const member = await (await another()).member('p', 'participant');
    expect(member.id).toBe('p');
    expect(await readdir(join(folder, 'wallet', 'members'))).toHaveLength(1);
    expect(await readdir(join(folder, 'wallet', 'pending'))).toEqual([]);
  });

  test('an id that somebody else has enrolled is refused, now and later', async () => {
    ca.registered.set('p', { secret: 'theirs', role: 'participant' });
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(enrolment.member('p', 'participant')).rejects.toMatchObject({
        code: 'ledger/refused',
        details: { refusal: 'exists' },
      });
    }
    expect(ca.calls).toEqual(['register', 'register']);
  });

  test('a registrar that the CA does not accept, a role that the member does not have, a CA that is away', async () => {
    ca.refuseRegistrar = true;
    await expect(enrolment.member('p', 'participant')).rejects.toMatchObject({ code: 'auth/forbidden' });
    ca.refuseRegistrar = false;
    await enrolment.member('p', 'participant');
    await expect(enrolment.member('p', 'meter')).rejects.toMatchObject({
      code: 'ledger/refused',
      details: { refusal: 'exists' },
    });
    await expect(enrolment.member('o', 'operator')).rejects.toMatchObject({ code: 'input/invalid' });
    const { url } = ca;
    await ca.stop();
    await expect(enrolment.member('q', 'participant')).rejects.toMatchObject({ code: 'ledger/unavailable' });
    expect(url).toMatch(/^https:/);
    ca = await FakeCa.start();
  });

  test('many at once: a few at a time, each its own key', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `p${index}`);
    const members = await Promise.all(ids.map((id) => enrolment.member(id, 'participant')));
    expect(new Set(members.map((member) => member.certificate)).size).toBe(30);
  });
});
