import { z } from 'zod';
import * as arg from '../arguments.js';
import type { World } from '../context.js';
import { transaction } from '../definition.js';
import { periodPart, roundPart } from '../keys.js';
import { amountOf } from '../money.js';
import type { DayRecord, OfferRecord, RoundRecord, SpentRecord } from '../records.js';
import { insist } from '../refusals.js';
import { insistPeriod, pricedDay, roundAt } from './common.js';
import { offerCostMicro } from './offers.js';

/**
 * Ends a round, for one period or for all that are still open in it. The totals are counted here,
 * from the offers, and the budget gets back what was not accepted.
 */
export const closeRound = transaction(
  'CloseRound',
  ['operator'],
  z.strictObject({ day: arg.day, round: arg.round, period: arg.period.optional() }),
  async (world, { day: dayId, round, period }) => {
    const day = await pricedDay(world, dayId);
    insist(round <= day.maxRounds, 'wrong-round', `round ${round}: day ${dayId} has rounds 1..${day.maxRounds}`);
    if (period !== undefined) {
      insistPeriod(day, period);
      insist(
        !(await roundAt(world, dayId, period, round)),
        'round-closed',
        `round ${round} of period ${period} is closed`,
      );
    }
    const wanted = period === undefined ? Array.from({ length: day.periods }, (_, index) => index) : [period];
    const open: number[] = [];
    for (const each of wanted) if (!(await roundAt(world, dayId, each, round))) open.push(each);
    insist(open.length > 0, 'round-closed', `round ${round} of day ${dayId} is closed`);
    let accepted = 0;
    for (const each of open) accepted += await closePeriod(world, day, each, round);
    world.context.event('RoundClosed', { day: dayId, round, periods: open });
    return { closed: open.length, accepted };
  },
);

async function closePeriod(world: World, day: DayRecord, period: number, round: number): Promise<number> {
  insist(
    round === 1 || (await roundAt(world, day.day, period, round - 1)),
    'round-open',
    `round ${round - 1} of period ${period} must be closed first`,
  );
  const spent = await world.read<SpentRecord>('spent', day.day, periodPart(period));
  const expiry = spent?.expiry[roundPart(round)];
  insist(
    expiry === undefined || world.time > expiry,
    'round-early',
    `offers of round ${round}, period ${period} may be answered until ${expiry}`,
  );
  const count = { open: 0, accepted: 0, refused: 0, withdrawn: 0 };
  let acceptedWh = 0;
  let acceptedMicro = 0n;
  let released = 0n;
  for await (const { value } of world.list<OfferRecord>('offer', [day.day, periodPart(period), roundPart(round)])) {
    count[value.status]++;
    if (value.status === 'accepted') {
      acceptedWh += value.direction * value.wh;
      acceptedMicro += offerCostMicro(value);
    } else {
      released += offerCostMicro(value);
    }
  }
  const record: RoundRecord = {
    day: day.day,
    period,
    round,
    time: world.time,
    accepted: count.accepted,
    refused: count.refused,
    expired: count.open,
    withdrawn: count.withdrawn,
    acceptedWh,
    acceptedMicro: amountOf(acceptedMicro),
  };
  await world.write('round', [day.day, periodPart(period), roundPart(round)], record);
  if (spent) {
    await world.write('spent', [day.day, periodPart(period)], {
      ...spent,
      micro: amountOf(BigInt(spent.micro) - released),
    });
  }
  return count.accepted;
}
