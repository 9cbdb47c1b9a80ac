import type { World } from '../context.js';
import { periodPart, roundPart } from '../keys.js';
import type { DayRecord, OfferRecord, ParticipantRecord, RoundRecord } from '../records.js';
import { insist } from '../refusals.js';

/** Tolerated difference between clocks, ms. */
export const CLOCK_SKEW_MS = 120_000;

/** The day's record, once it is certain that the transaction is not backdated on it. */
export async function dayAt(world: World, day: string): Promise<DayRecord> {
  const record = await world.read<DayRecord>('day', day);
  insist(record, 'unknown-day', `day ${day} is not on the ledger: open it with OpenDay first`);
  const newest = Math.max(record.time, (await world.context.newestTime?.(day)) ?? 0);
  insist(
    world.time >= newest - CLOCK_SKEW_MS,
    'backdated',
    `time ${world.time} lies more than ${CLOCK_SKEW_MS / 1000} s before ${newest}, the newest of day ${day}`,
  );
  return record;
}

/** A day whose equilibrium is out and whose span is open: the only time for contracts, offers and answers. */
export async function pricedDay(world: World, day: string): Promise<DayRecord> {
  const record = await dayAt(world, day);
  insist(record.status !== 'settled', 'day-settled', `day ${day} is in a closed span`);
  insist(record.status === 'priced', 'not-priced', `day ${day} is ${record.status}: publish its equilibrium first`);
  return record;
}

export async function knownParticipant(world: World, id: string): Promise<ParticipantRecord> {
  const record = await world.read<ParticipantRecord>('participant', id);
  insist(record, 'unknown-participant', `there is no participant ${id}`);
  return record;
}

export async function activeParticipant(world: World, id: string): Promise<ParticipantRecord> {
  const record = await knownParticipant(world, id);
  insist(record.status !== 'erased', 'erased', `participant ${id} was erased`);
  insist(record.status === 'active', 'suspended', `participant ${id} is suspended`);
  return record;
}

/** A participant acts for itself alone, whatever its certificate says besides. */
export function insistOwner(world: World, participant: string): void {
  insist(
    world.caller.id === participant,
    'wrong-owner',
    `${world.caller.id} may not act for participant ${participant}`,
  );
}

export function insistPeriod(day: DayRecord, period: number): void {
  insist(period < day.periods, 'outside-day', `period ${period}: day ${day.day} has periods 0..${day.periods - 1}`);
}

export function offerAt(world: World, day: string, period: number, round: number, participant: string) {
  return world.read<OfferRecord>('offer', day, periodPart(period), roundPart(round), participant);
}

export function roundAt(world: World, day: string, period: number, round: number) {
  return world.read<RoundRecord>('round', day, periodPart(period), roundPart(round));
}

/** The accepted offer of a participant in a period, in whichever round. */
export async function acceptedOffer(
  world: World,
  day: DayRecord,
  period: number,
  participant: string,
  beforeRound = day.maxRounds + 1,
): Promise<OfferRecord | undefined> {
  for (let round = 1; round < beforeRound; round++) {
    const offer = await offerAt(world, day.day, period, round, participant);
    if (offer?.status === 'accepted') return offer;
  }
  return undefined;
}

/** Refuses a list that names one key twice: a transaction does not see its own writes. */
export function insistDistinct(keys: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const key of keys) {
    insist(!seen.has(key), 'exists', `${what} ${key} stands twice in the list`);
    seen.add(key);
  }
}
