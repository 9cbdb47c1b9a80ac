import { z } from 'zod';
import * as arg from '../arguments.js';
import { hashOf } from '../canonical.js';
import type { World } from '../context.js';
import { transaction } from '../definition.js';
import { periodPart, roundPart } from '../keys.js';
import { type Amount, amountOf, worth } from '../money.js';
import type {
  DayRecord,
  OfferRecord,
  OfferTerms,
  ParticipantRecord,
  PreferencesRecord,
  SpentRecord,
} from '../records.js';
import { insist } from '../refusals.js';
import {
  acceptedOffer,
  activeParticipant,
  CLOCK_SKEW_MS,
  insistDistinct,
  insistOwner,
  insistPeriod,
  offerAt,
  pricedDay,
  roundAt,
} from './common.js';
import { nameplateWh } from './contracts.js';

const offer = z.strictObject({
  participant: arg.id,
  period: arg.period,
  direction: z.union([z.literal(1), z.literal(-1)]),
  wh: z.int().min(1).max(arg.MAX_WH),
  energyPriceMicroPerKwh: arg.price,
  incentiveMicroPerKwh: arg.reward,
});

/** The hash that a participant puts into its answer, over the terms as it saw them. */
export function termsHashOf(terms: OfferTerms): string {
  const { day, participant, period, round, direction, wh, energyPriceMicroPerKwh, incentiveMicroPerKwh, expiry } =
    terms;
  return hashOf({
    day,
    participant,
    period,
    round,
    direction,
    wh,
    energyPriceMicroPerKwh,
    incentiveMicroPerKwh,
    expiry,
  });
}

/** What an offer costs the period's budget if it is kept, (2b): λ + λ^a where it injects, λ^a where it consumes. */
export function offerCostMicro(
  terms: Pick<OfferTerms, 'direction' | 'wh' | 'energyPriceMicroPerKwh' | 'incentiveMicroPerKwh'>,
): bigint {
  const price = terms.incentiveMicroPerKwh + (terms.direction === 1 ? terms.energyPriceMicroPerKwh : 0);
  return worth(terms.wh, price);
}

/** One offer or many of one round; all of them stand or none. */
export const makeOffer = transaction(
  'MakeOffer',
  ['operator'],
  z.strictObject({ day: arg.day, round: arg.round, expiry: arg.time, offers: arg.batch(offer) }),
  async (world, { day: dayId, round, expiry, offers }) => {
    const day = await pricedDay(world, dayId);
    insist(round <= day.maxRounds, 'wrong-round', `round ${round}: day ${dayId} has rounds 1..${day.maxRounds}`);
    insist(expiry > world.time, 'expired', `expiry ${expiry} does not lie after the time of the offer, ${world.time}`);
    insistDistinct(
      offers.map((entry) => `${entry.period}/${entry.participant}`),
      'offer',
    );
    const participants = new Map<string, ParticipantRecord>();
    const costs = new Map<number, bigint>();
    for (const entry of offers) {
      if (!participants.has(entry.participant))
        participants.set(entry.participant, await mayBeOffered(world, dayId, entry.participant));
      if (!costs.has(entry.period)) {
        insistPeriod(day, entry.period);
        await insistRoundOpen(world, dayId, entry.period, round);
      }
      await insistNewTask(world, day, round, entry, participants.get(entry.participant)!);
      costs.set(entry.period, (costs.get(entry.period) ?? 0n) + offerCostMicro(entry));
      const terms: OfferTerms = { day: dayId, round, expiry, ...entry };
      const record: OfferRecord = { ...terms, termsHash: termsHashOf(terms), madeAt: world.time, status: 'open' };
      await world.write('offer', [dayId, periodPart(entry.period), roundPart(round), entry.participant], record);
    }
    for (const [period, cost] of costs) await spend(world, day, period, round, expiry, cost);
    world.context.event('OffersMade', {
      day: dayId,
      round,
      offers: offers.map(({ participant, period }) => ({ participant, period })),
    });
    return { made: offers.length };
  },
);

async function mayBeOffered(world: World, day: string, id: string): Promise<ParticipantRecord> {
  const participant = await activeParticipant(world, id);
  insist(
    participant.type === 2 && participant.role === 'crowdsourcee',
    'wrong-type',
    `participant ${id} is of type 1: it follows a contract`,
  );
  const preferences = await world.read<PreferencesRecord>('preferences', day, id);
  insist(!preferences?.optOut, 'opted-out', `participant ${id} opted out of day ${day}`);
  return participant;
}

async function insistRoundOpen(world: World, day: string, period: number, round: number): Promise<void> {
  insist(!(await roundAt(world, day, period, round)), 'round-closed', `round ${round} of period ${period} is closed`);
  insist(
    round === 1 || (await roundAt(world, day, period, round - 1)),
    'round-open',
    `round ${round - 1} of period ${period} must be closed first`,
  );
}

async function insistNewTask(
  world: World,
  day: DayRecord,
  round: number,
  entry: z.infer<typeof offer>,
  participant: ParticipantRecord,
): Promise<void> {
  const what = `offer to ${entry.participant}, period ${entry.period}`;
  // A shift from charging to discharging is twice the rated power.
  const limit = 2 * nameplateWh(participant, day);
  insist(
    entry.wh <= limit,
    'over-nameplate',
    `${what}: ${entry.wh} Wh is over ${limit} Wh, what its devices can shift`,
  );
  const pay = entry.incentiveMicroPerKwh + (entry.direction === 1 ? entry.energyPriceMicroPerKwh : 0);
  insist(pay >= 0, 'negative', `${what}: a participant cannot be asked to pay for its task (${pay} µ$/kWh)`);
  insist(
    !(await offerAt(world, day.day, entry.period, round, entry.participant)),
    'exists',
    `${what}, round ${round} exists`,
  );
  insist(
    !(await acceptedOffer(world, day, entry.period, entry.participant, round)),
    'already-sold',
    `${what}: it accepted an offer for this period in an earlier round`,
  );
}

/** The period's running sum is the operator's own key: answers never touch it, so they never conflict. */
async function spend(
  world: World,
  day: DayRecord,
  period: number,
  round: number,
  expiry: number,
  cost: bigint,
): Promise<void> {
  const before = (await world.read<SpentRecord>('spent', day.day, periodPart(period))) ?? { micro: 0, expiry: {} };
  const total = BigInt(before.micro) + cost;
  const budget: Amount | null = day.budgetsMicro[period] ?? null;
  insist(
    budget === null || total <= BigInt(budget),
    'over-budget',
    `period ${period}: offers of ${total} µ$ exceed the budget of ${budget} µ$`,
  );
  const latest = Math.max(expiry, before.expiry[roundPart(round)] ?? 0);
  await world.write('spent', [day.day, periodPart(period)], {
    micro: amountOf(total),
    expiry: { ...before.expiry, [roundPart(round)]: latest },
  } satisfies SpentRecord);
}

const reference = { day: arg.day, period: arg.period, round: arg.round, participant: arg.id };

export const withdrawOffer = transaction(
  'WithdrawOffer',
  ['operator'],
  z.strictObject(reference),
  async (world, args) => {
    const record = await openOffer(world, args);
    await answer(world, record, 'withdrawn', 'OfferWithdrawn');
    return { status: 'withdrawn' as const };
  },
);

export const acceptOffer = transaction(
  'AcceptOffer',
  ['participant'],
  z.strictObject({ ...reference, termsHash: arg.hash }),
  (world, args) => answerOffer(world, args, 'accepted'),
);

export const rejectOffer = transaction(
  'RejectOffer',
  ['participant'],
  z.strictObject({ ...reference, termsHash: arg.hash }),
  (world, args) => answerOffer(world, args, 'refused'),
);

type Reference = { day: string; period: number; round: number; participant: string };

async function answerOffer(world: World, args: Reference & { termsHash: string }, status: 'accepted' | 'refused') {
  insistOwner(world, args.participant);
  await activeParticipant(world, args.participant);
  const record = await openOffer(world, args);
  insist(
    world.time >= record.madeAt - CLOCK_SKEW_MS,
    'backdated',
    `time ${world.time} lies more than ${CLOCK_SKEW_MS / 1000} s before the offer was made, ${record.madeAt}`,
  );
  insist(world.time <= record.expiry, 'expired', `the offer expired at ${record.expiry}`);
  insist(
    record.termsHash === args.termsHash,
    'terms-differ',
    `the offer on the ledger has termsHash ${record.termsHash}`,
  );
  await answer(world, record, status, status === 'accepted' ? 'OfferAccepted' : 'OfferRejected');
  return { status };
}

/** The offer, if nothing has ended it: order in the chain decides, so a closed round beats any timestamp. */
async function openOffer(world: World, { day: dayId, period, round, participant }: Reference): Promise<OfferRecord> {
  const day = await pricedDay(world, dayId);
  insistPeriod(day, period);
  insist(round <= day.maxRounds, 'wrong-round', `round ${round}: day ${dayId} has rounds 1..${day.maxRounds}`);
  const record = await offerAt(world, dayId, period, round, participant);
  insist(record, 'unknown-offer', `there is no offer to ${participant} for period ${period} in round ${round}`);
  insist(!(await roundAt(world, dayId, period, round)), 'round-closed', `round ${round} of period ${period} is closed`);
  insist(record.status !== 'withdrawn', 'withdrawn', 'the offer was withdrawn');
  insist(record.status === 'open', 'answered', `the offer was ${record.status} already`);
  return record;
}

async function answer(world: World, record: OfferRecord, status: OfferRecord['status'], event: string): Promise<void> {
  const { day, period, round, participant } = record;
  await world.write('offer', [day, periodPart(period), roundPart(round), participant], { ...record, status });
  world.context.event(event, { day, period, round, participant });
}
