import { z } from 'zod';
import * as arg from '../arguments.js';
import type { World } from '../context.js';
import { transaction } from '../definition.js';
import { periodPart } from '../keys.js';
import type { CarryRecord, ContractRecord, DayRecord, DeliveryRecord, DisputeRecord } from '../records.js';
import { insist } from '../refusals.js';
import { acceptedOffer, dayAt, insistDistinct, insistPeriod, knownParticipant } from './common.js';

const reading = z.strictObject({ participant: arg.id, period: arg.period, wh: arg.energy });
const readings = z.strictObject({ day: arg.day, readings: arg.batch(reading) });

/** Metered energy of tasks, once per participant and period. A late one waits for the next span. */
export const recordDelivery = transaction('RecordDelivery', ['meter'], readings, async (world, args) => {
  const day = await meteredDay(world, args.day, args.readings);
  for (const entry of args.readings) {
    await insistTask(world, day, entry);
    const known = await effectiveDelivery(world, day, entry);
    insist(
      known === undefined,
      'exists',
      `${entry.participant}, period ${entry.period} was metered: correct it instead`,
    );
    if (day.status === 'settled') await carry(world, day, entry, null);
    else await deliver(world, day, entry, 1);
  }
  return announce(world, 'DeliveriesRecorded', args);
});

/** A new value for one that stands. After the span has closed only a dispute opens this, and it counts in the next span. */
export const correctDelivery = transaction('CorrectDelivery', ['meter'], readings, async (world, args) => {
  const day = await meteredDay(world, args.day, args.readings);
  for (const entry of args.readings) {
    const known = await effectiveDelivery(world, day, entry);
    insist(known !== undefined, 'unknown-delivery', `${entry.participant}, period ${entry.period} was not metered yet`);
    if (day.status === 'settled') {
      const dispute = await world.read<DisputeRecord>('dispute', entry.participant, day.span!.from);
      insist(
        dispute,
        'span-closed',
        `day ${day.day} is in a closed span and ${entry.participant} disputes nothing in it`,
      );
      await carry(world, day, entry, known.settledWh);
    } else {
      await deliver(world, day, entry, known.version + 1);
    }
  }
  return announce(world, 'DeliveriesCorrected', args);
});

type Reading = z.infer<typeof reading>;

async function meteredDay(world: World, dayId: string, entries: readonly Reading[]): Promise<DayRecord> {
  const day = await dayAt(world, dayId);
  insist(day.status === 'priced' || day.status === 'settled', 'not-priced', `day ${dayId} is ${day.status}`);
  insistDistinct(
    entries.map((entry) => `${entry.period}/${entry.participant}`),
    'reading',
  );
  for (const { period } of entries) {
    insistPeriod(day, period);
    const end = day.startTime + (period + 1) * day.minutesPerPeriod * 60_000;
    insist(world.time >= end, 'early', `period ${period} ends at ${end}: it cannot have been metered at ${world.time}`);
  }
  return day;
}

async function insistTask(world: World, day: DayRecord, { participant, period }: Reading): Promise<void> {
  await knownParticipant(world, participant);
  const task = await acceptedOffer(world, day, period, participant);
  const contract = task ? undefined : await world.read<ContractRecord>('contract', day.day, participant);
  insist(task || contract, 'no-task', `participant ${participant} has no task in period ${period} of day ${day.day}`);
}

/** The value that counts now, and the one that the closed span was settled on. */
async function effectiveDelivery(world: World, day: DayRecord, { participant, period }: Reading) {
  const waiting = await world.read<CarryRecord>('open-carry', participant, day.day, periodPart(period));
  if (waiting) return { version: 1, settledWh: waiting.previousWh };
  let carried: CarryRecord | undefined;
  // Keyed by the span that settled it, so the last one is the newest.
  for await (const { value } of world.list<CarryRecord>('carry', [participant, day.day, periodPart(period)]))
    carried = value;
  if (carried) return { version: 1, settledWh: carried.wh };
  const base = await world.read<DeliveryRecord>('delivery', day.day, periodPart(period), participant);
  return base && { version: base.version, settledWh: base.wh };
}

function deliver(world: World, day: DayRecord, { participant, period, wh }: Reading, version: number): Promise<void> {
  const record: DeliveryRecord = { day: day.day, period, participant, wh, version };
  return world.write('delivery', [day.day, periodPart(period), participant], record);
}

function carry(
  world: World,
  day: DayRecord,
  { participant, period, wh }: Reading,
  previousWh: number | null,
): Promise<void> {
  const record: CarryRecord = { day: day.day, period, participant, wh, previousWh };
  return world.write('open-carry', [participant, day.day, periodPart(period)], record);
}

function announce(world: World, event: string, { day, readings: entries }: z.infer<typeof readings>) {
  world.context.event(event, {
    day,
    readings: entries.map(({ participant, period }) => ({ participant, period })),
  });
  return { recorded: entries.length };
}
