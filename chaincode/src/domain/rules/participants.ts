import { z } from 'zod';
import * as arg from '../arguments.js';
import { canonicalJson, commitmentOf, type Json } from '../canonical.js';
import { ERASED, type World } from '../context.js';
import { transaction } from '../definition.js';
import { OPERATOR_ACCOUNT, type ParticipantRecord } from '../records.js';
import { insist } from '../refusals.js';
import { insistDistinct, knownParticipant } from './common.js';

const devices = z
  .array(
    z.strictObject({
      id: arg.id,
      kind: z.enum(['battery', 'shapable', 'solar', 'generator', 'load']),
      powerW: arg.power,
      energyWh: arg.energy.optional(),
    }),
  )
  .max(1000);

const registration = z.strictObject({
  id: arg.id,
  bus: arg.id,
  type: z.union([z.literal(1), z.literal(2)]),
  role: z.enum(['crowdsourcee', 'generator']),
  devices,
  personCommitment: arg.hash.optional(),
});

/** Transient `persons`: {id: {salt, document}} for those with a commitment; stored privately. */
export const registerParticipant = transaction(
  'RegisterParticipant',
  ['operator'],
  z.strictObject({ participants: arg.batch(registration) }),
  async (world, { participants }) => {
    insistDistinct(
      participants.map((entry) => entry.id),
      'participant',
    );
    for (const entry of participants) {
      insist(
        entry.id !== OPERATOR_ACCOUNT,
        'arguments',
        `the id ${OPERATOR_ACCOUNT} is kept for the operator's account`,
      );
      const known = await world.read<ParticipantRecord>('participant', entry.id);
      insist(!known, 'exists', `participant ${entry.id} is registered already`);
      insist(entry.role !== 'generator' || entry.type === 1, 'wrong-type', `generator ${entry.id} must be of type 1`);
      insistDistinct(
        entry.devices.map((device) => device.id),
        'device',
      );
      if (entry.personCommitment !== undefined) await keepPerson(world, entry.id, entry.personCommitment);
      await world.write('participant', [entry.id], { ...entry, status: 'active' } satisfies ParticipantRecord);
    }
    const ids = participants.map((entry) => entry.id);
    world.context.event('ParticipantsRegistered', { participants: ids });
    return { registered: ids.length };
  },
);

async function keepPerson(world: World, participant: string, commitment: string): Promise<void> {
  const persons = world.context.transient('persons');
  if (persons === ERASED) return;
  const row = (persons as Record<string, { salt: string; document: Json }> | undefined)?.[participant];
  insist(row !== undefined, 'private-missing', `the private row of participant ${participant} was not handed in`);
  insist(
    commitmentOf(row.salt, row.document) === commitment,
    'commitment',
    `the private row of participant ${participant} does not match its commitment`,
  );
  await world.context.putPrivate(participant, 'person', canonicalJson(row));
}

export const updateParticipant = transaction(
  'UpdateParticipant',
  ['operator'],
  registration.omit({ personCommitment: true }).partial().required({ id: true }),
  async (world, changes) => {
    const before = await knownParticipant(world, changes.id);
    insist(before.status !== 'erased', 'erased', `participant ${changes.id} was erased`);
    const after: ParticipantRecord = { ...before, ...changes };
    insist(after.role !== 'generator' || after.type === 1, 'wrong-type', `generator ${after.id} must be of type 1`);
    insistDistinct(
      after.devices.map((device) => device.id),
      'device',
    );
    await world.write('participant', [changes.id], after);
    world.context.event('ParticipantUpdated', { participant: changes.id });
    return { participant: changes.id };
  },
);

export const suspendParticipant = transaction(
  'SuspendParticipant',
  ['operator'],
  z.strictObject({ id: arg.id, suspended: z.boolean().optional() }),
  async (world, { id, suspended = true }) => {
    const before = await knownParticipant(world, id);
    insist(before.status !== 'erased', 'erased', `participant ${id} was erased`);
    await world.write('participant', [id], { ...before, status: suspended ? 'suspended' : 'active' });
    world.context.event(suspended ? 'ParticipantSuspended' : 'ParticipantResumed', { participant: id });
    return { participant: id };
  },
);

/** Destroys every private document of a participant; what is on the chain stays, and still verifies. */
export const erasePerson = transaction(
  'ErasePerson',
  ['operator'],
  z.strictObject({ id: arg.id }),
  async (world, { id }) => {
    const before = await knownParticipant(world, id);
    insist(before.status !== 'erased', 'erased', `participant ${id} was erased already`);
    await world.context.purgePrivate(id);
    await world.write('participant', [id], { ...before, status: 'erased' });
    world.context.event('PersonErased', { participant: id });
    return { participant: id };
  },
);

/** A certificate that is revoked here may sign nothing that is ordered after this. */
export const revokeMember = transaction(
  'RevokeMember',
  ['operator'],
  z.strictObject({ id: arg.id, fingerprint: arg.hash }),
  async (world, { id, fingerprint }) => {
    insist(
      fingerprint !== world.caller.fingerprint,
      'arguments',
      'an operator cannot revoke the certificate it signs with',
    );
    insist(!(await world.read('revoked', fingerprint)), 'exists', `certificate ${fingerprint} is revoked already`);
    await world.write('revoked', [fingerprint], { id, fingerprint, time: world.time });
    world.context.event('MemberRevoked', { id, fingerprint });
    return { id };
  },
);
