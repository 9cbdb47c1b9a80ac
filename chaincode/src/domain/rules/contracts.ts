import { z } from 'zod';
import * as arg from '../arguments.js';
import { transaction } from '../definition.js';
import type { ContractRecord, DayRecord, ParticipantRecord } from '../records.js';
import { insist } from '../refusals.js';
import { activeParticipant, insistDistinct, pricedDay } from './common.js';

/** Schedules of generators and Type-1 crowdsourcees: line 3 of Algorithm 1. */
export const establishContract = transaction(
  'EstablishContract',
  ['operator'],
  z.strictObject({
    day: arg.day,
    contracts: arg.batch(
      z.strictObject({
        participant: arg.id,
        wh: z.array(arg.signedEnergy).min(1).max(arg.MAX_PERIODS),
        priceMicroPerKwh: z.array(arg.price).min(1).max(arg.MAX_PERIODS),
      }),
    ),
  }),
  async (world, { day, contracts }) => {
    const record = await pricedDay(world, day);
    insistDistinct(
      contracts.map((entry) => entry.participant),
      'participant',
    );
    for (const entry of contracts) {
      const participant = await activeParticipant(world, entry.participant);
      insist(participant.type === 1, 'wrong-type', `participant ${participant.id} is of type 2: it answers offers`);
      insist(
        entry.wh.length === record.periods && entry.priceMicroPerKwh.length === record.periods,
        'outside-day',
        `contract of ${participant.id}: ${record.periods} periods are wanted`,
      );
      const limit = nameplateWh(participant, record);
      for (const [period, wh] of entry.wh.entries()) {
        insist(
          Math.abs(wh) <= limit,
          'over-nameplate',
          `contract of ${participant.id}, period ${period}: ${wh} Wh is over its nameplate of ${limit} Wh`,
        );
      }
      const before = await world.read('contract', day, entry.participant);
      insist(!before, 'exists', `participant ${participant.id} has its contract for day ${day}`);
      await world.write('contract', [day, entry.participant], { day, ...entry } satisfies ContractRecord);
    }
    const participants = contracts.map((entry) => entry.participant);
    world.context.event('ContractsEstablished', { day, participants });
    return { established: participants.length };
  },
);

/** Energy of all devices at full power for one period; one watt-hour a device for rounding. */
export function nameplateWh(participant: ParticipantRecord, day: DayRecord): number {
  let total = 0;
  for (const device of participant.devices) {
    total += Math.ceil((device.powerW * day.minutesPerPeriod) / 60) + 1;
  }
  return total;
}
