import { z } from 'zod';
import * as arg from '../arguments.js';
import { transaction } from '../definition.js';
import { periodPart } from '../keys.js';
import type { SupplementRecord } from '../records.js';
import { insist } from '../refusals.js';
import { activeParticipant, insistDistinct, insistPeriod, offerAt, pricedDay, roundAt } from './common.js';

/** What generators give in place of offers that nobody took: line 10 of Algorithm 1. */
export const supplementGeneration = transaction(
  'SupplementGeneration',
  ['operator'],
  z.strictObject({
    day: arg.day,
    supplements: arg.batch(
      z.strictObject({
        generator: arg.id,
        period: arg.period,
        wh: arg.signedEnergy,
        priceMicroPerKwh: arg.price,
        covers: z.array(z.strictObject({ participant: arg.id, round: arg.round })).max(arg.MAX_BATCH),
      }),
    ),
  }),
  async (world, { day: dayId, supplements }) => {
    const day = await pricedDay(world, dayId);
    insistDistinct(
      supplements.map((entry) => `${entry.period}/${entry.generator}`),
      'supplement',
    );
    for (const entry of supplements) {
      insistPeriod(day, entry.period);
      const generator = await activeParticipant(world, entry.generator);
      insist(generator.role === 'generator', 'wrong-type', `${entry.generator} is not a generator`);
      const key = [dayId, periodPart(entry.period), entry.generator];
      insist(
        !(await world.read('supplement', ...key)),
        'exists',
        `generator ${entry.generator} supplements period ${entry.period} already`,
      );
      for (const { participant, round } of entry.covers) {
        const offer = await offerAt(world, dayId, entry.period, round, participant);
        const what = `offer to ${participant}, period ${entry.period}, round ${round}`;
        insist(offer, 'unknown-offer', `${what} does not exist`);
        insist(await roundAt(world, dayId, entry.period, round), 'round-open', `${what}: its round is still open`);
        insist(offer.status !== 'accepted', 'already-sold', `${what} was accepted: it needs no supplement`);
      }
      await world.write('supplement', key, { day: dayId, ...entry } satisfies SupplementRecord);
    }
    world.context.event('GenerationSupplemented', {
      day: dayId,
      supplements: supplements.map(({ generator, period }) => ({ generator, period })),
    });
    return { supplemented: supplements.length };
  },
);
