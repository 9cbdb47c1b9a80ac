import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FolderKeyring } from '../embedded/folder-keyring.js';
import { keySigner } from '../identity/signature.js';
import type { Creator, Ledger, OpenLedgerOptions, Signer } from '../types.js';
import type { FabricClient } from './client.js';
import { Enrolment, quietLogs } from './enrolment.js';
import { classify, outcomeError } from './faults.js';
import { GatewayClient, readRoots } from './gateway-client.js';
import { FabricLedger } from './ledger.js';
import { ObjectFolder } from './object-folder.js';
import { type FabricProfile, readProfile } from './profile.js';
import { Wallet } from './wallet.js';

type Service = Creator & { readonly signer: Signer };

/** Opens the ledger on the Fabric network that a profile describes. */
export async function openFabricLedger(profilePath: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  const profile = await readProfile(profilePath);
  const service = await readService(profile);
  const client = await openClient(profile, service);
  const keyring = await FolderKeyring.open(options.keys ?? profile.wallet, options.passphrase, true);
  const enrolment = new Enrolment(profile, new Wallet(keyring));
  const ledger = new FabricLedger({
    profile,
    client,
    service,
    objects: new ObjectFolder(join(dirname(profilePath), 'objects')),
    enrol: (id, role) => enrolment.member(id, role),
    ...(options.onBlock && { onBlock: options.onBlock }),
  });
  options.signal?.addEventListener('abort', () => void ledger.close(), { once: true });
  return ledger;
}

async function readService(profile: FabricProfile): Promise<Service> {
  const [certificate, key] = await Promise.all(
    [profile.service.certificate, profile.service.key].map((path) => readFile(path, 'utf8')),
  );
  return {
    id: 'service',
    mspId: profile.service.mspId,
    certificate: certificate!,
    signer: keySigner(createPrivateKey(key!)),
  };
}

async function openClient(profile: FabricProfile, service: Service): Promise<FabricClient> {
  if (profile.client === 'gateway') return new GatewayClient(profile, await readRoots(profile), service);
  quietLogs();
  const { openNetworkClient } = await import('./network-client.js');
  try {
    return await openNetworkClient(profile, service);
  } catch (error) {
    throw outcomeError(classify('evaluate', error));
  }
}
