import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../chaincode/src/fabric/caller.js';
import { FabricLedger } from '../../src/ledger/fabric/ledger.js';
import { ObjectFolder } from '../../src/ledger/fabric/object-folder.js';
import type { FabricProfile } from '../../src/ledger/fabric/profile.js';
import { Authority, createAuthority } from '../../src/ledger/identity/authority.js';
import { keySigner } from '../../src/ledger/identity/signature.js';
import type { Ledger, Member, Role } from '../../src/ledger/types.js';
import { SimulatedFabric } from './simulated.js';

export const ROLES: Settings['roles'] = {
  operator: 'OperatorMSP',
  participant: 'CommunityMSP',
  meter: 'CommunityMSP',
  auditor: 'AuditorMSP',
};

const ROUND_MS = 5;

/** The Fabric ledger as it is, over a simulated network instead of a client library. */
export async function openSimulated(
  deadlines: { commit?: number } = {},
  settings: Settings = { roles: ROLES, clock: 'given' },
): Promise<{
  ledger: Ledger;
  network: SimulatedFabric;
  forge: (id: string, role: Role, mspId: string) => Promise<Member>;
}> {
  const network = new SimulatedFabric(ROUND_MS, settings);
  const authority = await Authority.open(await createAuthority('simulated'));
  const members = new Map<string, Promise<Member>>();
  const issue = async (id: string, role: Role, mspId = ROLES[role]): Promise<Member> => {
    const { certificate, privateKey } = await authority.issue({ id, role });
    return { id, role, mspId, certificate, signer: keySigner(createPrivateKey(privateKey)) };
  };
  const enrol = (id: string, role: Role): Promise<Member> => {
    let member = members.get(`${role} ${id}`);
    if (!member) {
      member = issue(id, role);
      members.set(`${role} ${id}`, member);
    }
    return member;
  };
  const folder = await mkdtemp(join(tmpdir(), 'crowdwatt-fabric-'));
  const service = await issue('service', 'auditor');
  const profile = {
    ledgerId: 'simulated',
    channel: 'crowdwatt',
    chaincode: 'crowdwatt',
    roundTimeMs: ROUND_MS,
    deadlinesMs: { commit: deadlines.commit ?? 400 },
    roles: ROLES,
  } as unknown as FabricProfile;
  const ledger = new FabricLedger({ profile, client: network, service, enrol, objects: new ObjectFolder(folder) });
  const close = ledger.close.bind(ledger);
  ledger.close = async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ledger, network, forge: issue };
}
