import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { CrowdwattError } from '../../errors.js';

/**
 * What is needed to reach a Fabric network: `chaincode/network/network.mjs up` writes one, and any other
 * network can be described the same way. Paths are relative to the profile's own folder.
 */
const node = z.strictObject({ name: z.string(), url: z.url({ protocol: /^grpcs$/ }), tlsRoot: z.string() });
const keyPair = z.strictObject({ certificate: z.string(), key: z.string() });
const milliseconds = z.number().int().positive();

const profileSchema = z.strictObject({
  format: z.literal('crowdwatt-fabric/1'),
  ledgerId: z.string().min(1),
  /** `gateway`: @hyperledger/fabric-gateway (recommended); `network`: fabric-network 2.2. */
  client: z.enum(['gateway', 'network']),
  channel: z.string().min(1),
  chaincode: z.string().min(1),
  /** How often the ordering service makes a block, ms: what deadlines are measured by. */
  roundTimeMs: milliseconds,
  deadlinesMs: z
    .strictObject({
      evaluate: milliseconds.optional(),
      endorse: milliseconds.optional(),
      submit: milliseconds.optional(),
      commit: milliseconds.optional(),
    })
    .optional(),
  /** Folder of members' keys. */
  wallet: z.string(),
  roles: z.strictObject({
    operator: z.string(),
    participant: z.string(),
    meter: z.string(),
    auditor: z.string(),
  }),
  /** A plain client of the channel that reads blocks, events and commit status. */
  service: keyPair.extend({ mspId: z.string() }),
  organisations: z
    .array(
      z.strictObject({
        mspId: z.string(),
        peers: z.array(node).min(1),
        orderers: z.array(node),
        ca: z
          .strictObject({
            name: z.string(),
            url: z.url({ protocol: /^https$/ }),
            tlsRoot: z.string(),
            registrar: keyPair.extend({ id: z.string() }),
          })
          .optional(),
      }),
    )
    .min(1),
});

export type FabricProfile = z.infer<typeof profileSchema>;
export type FabricNode = FabricProfile['organisations'][number]['peers'][number];

export interface Deadlines {
  readonly evaluate: number;
  readonly endorse: number;
  readonly submit: number;
  /** From the hand-over to the orderers until a commit is waited for no more. */
  readonly commit: number;
}

/**
 * Without other orders: an endorsement takes milliseconds, a commit one round and a little, a change of
 * the BFT leader about 5 s; what takes twice as long is reported rather than waited for.
 */
export function deadlinesOf(profile: FabricProfile): Deadlines {
  const given = profile.deadlinesMs ?? {};
  return {
    evaluate: given.evaluate ?? 5_000,
    endorse: given.endorse ?? 10_000,
    submit: given.submit ?? 5_000,
    commit: given.commit ?? 10_000 + 5 * profile.roundTimeMs,
  };
}

/** Reads a profile; every path in it is made absolute. */
export async function readProfile(path: string): Promise<FabricProfile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CrowdwattError('ledger/missing', `${path}: there is no such Fabric profile`, { path }, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CrowdwattError('input/not-json', `${path}: ${(error as Error).message}`, { path }, { cause: error });
  }
  const parsed = profileSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const where = issue.path.join('.') || 'profile';
    throw new CrowdwattError('input/invalid', `${path}: ${where}: ${issue.message}`, { path: where });
  }
  const profile = parsed.data;
  const known = new Set(profile.organisations.map((organisation) => organisation.mspId));
  for (const [role, mspId] of Object.entries({ ...profile.roles, service: profile.service.mspId })) {
    if (!known.has(mspId)) {
      throw new CrowdwattError('input/invalid', `${path}: ${role}: ${mspId} is not one of the organisations`, {
        path: role,
      });
    }
  }
  const absolute = (name: string): string => resolve(dirname(path), name);
  const withRoot = <Node extends { tlsRoot: string }>(each: Node): Node => ({
    ...each,
    tlsRoot: absolute(each.tlsRoot),
  });
  const withKeys = <Pair extends { certificate: string; key: string }>(pair: Pair): Pair => ({
    ...pair,
    certificate: absolute(pair.certificate),
    key: absolute(pair.key),
  });
  return {
    ...profile,
    wallet: absolute(profile.wallet),
    service: withKeys(profile.service),
    organisations: profile.organisations.map((organisation) => ({
      ...organisation,
      peers: organisation.peers.map(withRoot),
      orderers: organisation.orderers.map(withRoot),
      ca: organisation.ca && { ...withRoot(organisation.ca), registrar: withKeys(organisation.ca.registrar) },
    })),
  };
}
