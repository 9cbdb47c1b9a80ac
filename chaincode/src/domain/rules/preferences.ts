import { z } from 'zod';
import * as arg from '../arguments.js';
import { canonicalJson, commitmentOf, type Json } from '../canonical.js';
import { ERASED } from '../context.js';
import { transaction } from '../definition.js';
import { versionPart } from '../keys.js';
import type { DayRecord, ParticipantRecord, PreferencesDocument, PreferencesRecord } from '../records.js';
import { insist, Refusal } from '../refusals.js';
import { activeParticipant, dayAt, insistDistinct, insistOwner } from './common.js';

const documentSchema: z.ZodType<PreferencesDocument> = z.strictObject({
  format: z.literal('crowdwatt-preferences/1'),
  day: arg.day,
  participant: arg.id,
  optOut: z.boolean().optional(),
  devices: z
    .array(
      z.strictObject({
        id: arg.id,
        startPeriod: arg.period.optional(),
        endPeriod: z.int().min(1).max(arg.MAX_PERIODS).optional(),
        powerW: arg.power.optional(),
        energyWh: arg.energy.optional(),
        finalWh: arg.energy.optional(),
        sell: z.boolean().optional(),
      }),
    )
    .max(1000)
    .optional(),
});

/** Where the private copy of one version of a participant's preferences is kept. */
export function preferencesPrivateKey(day: string, version: number): string {
  return `preferences/${day}/${versionPart(version)}`;
}

/**
 * The document travels as transient `preferences` {salt, document}; the chain keeps
 * `commitmentOf(salt, document)` and the version.
 */
export const submitPreferences = transaction(
  'SubmitPreferences',
  ['participant'],
  z.strictObject({ day: arg.day, participant: arg.id, commitment: arg.hash, optOut: z.boolean() }),
  async (world, args) => {
    insistOwner(world, args.participant);
    const day = await dayAt(world, args.day);
    insist(day.status === 'open' && world.time <= day.gateTime, 'gate-closed', `the gate of day ${args.day} is closed`);
    const participant = await activeParticipant(world, args.participant);
    const before = await world.read<PreferencesRecord>('preferences', args.day, args.participant);
    const version = (before?.version ?? 0) + 1;
    const handedIn = world.context.transient('preferences');
    if (handedIn !== ERASED) {
      insist(
        handedIn !== undefined,
        'private-missing',
        'the preferences document was not handed in (transient `preferences`)',
      );
      const { salt, document } = handedIn as { salt?: unknown; document?: Json };
      insist(
        typeof salt === 'string' && salt.length >= 16 && salt.length <= 128,
        'arguments',
        'salt: 16 to 128 characters',
      );
      insist(
        commitmentOf(salt, document) === args.commitment,
        'commitment',
        'the preferences do not match their commitment',
      );
      checkDocument(document, args, day, participant);
      await world.context.putPrivate(
        args.participant,
        preferencesPrivateKey(args.day, version),
        canonicalJson({ salt, document }),
      );
    }
    const record: PreferencesRecord = { ...args, version };
    await world.write('preferences', [args.day, args.participant], record);
    world.context.event('PreferencesSubmitted', { day: args.day, participant: args.participant, version });
    return { version };
  },
);

/** Limits may only lie inside the nameplate: nobody can offer a battery that it does not have. */
function checkDocument(
  value: unknown,
  args: { day: string; participant: string; optOut: boolean },
  day: DayRecord,
  participant: ParticipantRecord,
): void {
  const document = arg.parseArguments(documentSchema, value);
  insist(
    document.day === args.day &&
      document.participant === args.participant &&
      (document.optOut ?? false) === args.optOut,
    'arguments',
    'the preferences name another day, participant or optOut than the transaction',
  );
  const nameplate = new Map(participant.devices.map((device) => [device.id, device]));
  insistDistinct(
    (document.devices ?? []).map((device) => device.id),
    'device',
  );
  for (const device of document.devices ?? []) {
    const plate = nameplate.get(device.id);
    if (!plate) throw new Refusal('arguments', `participant ${participant.id} has no device ${device.id}`);
    const limits = [
      ['powerW', device.powerW, plate.powerW],
      ['energyWh', device.energyWh, plate.energyWh ?? 0],
      ['finalWh', device.finalWh, device.energyWh ?? plate.energyWh ?? 0],
    ] as const;
    for (const [field, wanted, most] of limits) {
      insist(
        wanted === undefined || wanted <= most,
        'over-nameplate',
        `device ${device.id}: ${field} ${wanted} is over its limit ${most}`,
      );
    }
    const start = device.startPeriod ?? 0;
    const end = device.endPeriod ?? day.periods;
    insist(
      start < end && end <= day.periods,
      'outside-day',
      `device ${device.id}: window ${start}..${end} does not lie in periods 0..${day.periods}`,
    );
  }
}
