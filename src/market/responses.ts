import { type OfferView, offerCostMicro } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import { microDollars } from '../units.js';
import type { OfferRecord } from './documents.js';
import type { OpenPeriod } from './incentives.js';
import { batches, type MarketDay } from './market-day.js';
import { type OfferDraft, offersOf } from './offer-terms.js';
import { nextRound } from './period-problem.js';

/** What one participant said to one offer, as the ledger has it after the round. */
export interface Answered {
  readonly offer: OfferDraft & { readonly round: number };
  readonly outcome: OfferRecord['outcome'];
}

/** Everything said so far; the last word of a participant and period decides. */
export class Answers {
  readonly all: Answered[] = [];
  readonly #last = new Map<string, Answered>();

  add(answered: readonly Answered[]): void {
    for (const entry of answered) {
      this.all.push(entry);
      this.#last.set(key(entry.offer.period, entry.offer.participant), entry);
    }
  }

  last(period: number, participant: string): Answered | undefined {
    return this.#last.get(key(period, participant));
  }

  accepted(period: number, participant: string): Answered | undefined {
    const last = this.last(period, participant);
    return last?.outcome === 'accepted' ? last : undefined;
  }

  /** What the accepted offers of a period cost its budget, µ$. */
  acceptedMicro(period: number): bigint {
    return this.all.reduce(
      (sum, { offer, outcome }) =>
        offer.period === period && outcome === 'accepted' ? sum + offerCostMicro(offer) : sum,
      0n,
    );
  }
}

/**
 * One round of lines 4–9 of Algorithm 1: the offers go out, each participant answers its own, the
 * round is closed; silence counts as a refusal then.
 */
export async function askCrowd(
  day: MarketDay,
  round: number,
  periods: readonly OpenPeriod[],
  answers: Answers,
): Promise<Answered[]> {
  const budgets = day.feeder.incentives?.budgetPerPeriod;
  const drafts = periods.flatMap((open) => {
    const { period } = open.market;
    const budget = budgets ? BigInt(microDollars(budgets[period]!)) : undefined;
    const isSettled = (participant: string) => answers.accepted(period, participant) !== undefined;
    return offersOf(open, isSettled, answers.acceptedMicro(period), budget);
  });
  const times = day.clock.round(round);
  const operator = await day.operator();
  for (const [k, offers] of batches(drafts).entries()) {
    const args = { day: day.day, round, expiry: times.expiry, offers };
    await day.submit(operator, 'MakeOffer', args, `offers/${round}/${k}`, times.offered);
  }
  await day.visitors.duringRound?.(day, round);
  const failed = await answerAll(day, round, drafts);
  await day.submit(operator, 'CloseRound', { day: day.day, round }, `round/${round}`, times.closed);
  return outcomesOf(day, round, drafts, failed);
}

/** Every participant reads its own offers of the round from the ledger and answers them, signing itself. */
async function answerAll(day: MarketDay, round: number, drafts: readonly OfferDraft[]): Promise<Set<string>> {
  const failed = new Set<string>();
  const people = shuffled([...new Set(drafts.map((draft) => draft.participant))], day.seed).map((id) => ({ id }));
  const seen = await day.inFlight(day.simulated(people), async ({ id: participant }) => {
    const member = await day.participant(participant);
    const offers = await day.list<OfferView>('ListOffers', { day: day.day, participant, round }, member);
    return offers.filter((offer) => offer.outcome === 'open').map((offer) => ({ member, offer }));
  });
  await day.inFlight(seen.flat(), async ({ member, offer }) => {
    const { participant, period, termsHash } = offer;
    const incentivePerMwh = offer.incentiveMicroPerKwh / 1000;
    const answer = day.crowd.answer({ participant, period, round, incentivePerMwh });
    if (answer === 'silent') return;
    const name = answer === 'accept' ? 'AcceptOffer' : 'RejectOffer';
    const args = { day: day.day, period, round, participant, termsHash };
    const operation = `answer/${period}/${round}/${participant}`;
    try {
      await day.submit(member, name, args, operation, day.clock.round(round).answered);
    } catch (thrown) {
      // An answer that the rules do not take (suspended, revoked, …) is no reason to stop the day.
      if (!(thrown instanceof CrowdwattError) || thrown.code !== 'ledger/refused') throw thrown;
      day.warnings.push(
        `the answer of ${participant} to period ${period}, round ${round} was refused: ${thrown.message}`,
      );
      failed.add(key(period, participant));
    }
  });
  return failed;
}

/** The ledger decides what was said, not what was sent. */
async function outcomesOf(
  day: MarketDay,
  round: number,
  drafts: readonly OfferDraft[],
  failed: ReadonlySet<string>,
): Promise<Answered[]> {
  const views = await day.list<OfferView>('ListOffers', { day: day.day });
  const outcome = new Map(
    views.filter((view) => view.round === round).map((view) => [key(view.period, view.participant), view.outcome]),
  );
  return drafts.map((draft): Answered => {
    const at = key(draft.period, draft.participant);
    const said = outcome.get(at);
    const known = said === 'accepted' || said === 'refused';
    return { offer: { ...draft, round }, outcome: known ? said : failed.has(at) ? 'failed' : 'expired' };
  });
}

/** Lines 7–9: what was accepted is pinned, what was not gets a step more; d and b count what is settled. */
export function raiseTerms(day: MarketDay, periods: readonly OpenPeriod[], answers: Answers): OpenPeriod[] {
  return periods.map((open) => {
    const { market, answer } = open;
    const accepted = new Map<string, number>();
    const refused = new Set<string>();
    market.tasks.forEach(({ participant }, i) => {
      const last = answers.last(market.period, participant);
      // As it was asked, not as it was rounded: the pinned point must stay feasible to the last digit.
      if (last?.outcome === 'accepted')
        accepted.set(participant, answer?.tasks?.[i]?.mw ?? market.problem.tasks[i]!.minMw);
      else if (last) refused.add(participant);
    });
    return { ...open, market: nextRound(market, day.rules, accepted, refused) };
  });
}

/** Offers of the report, in the order they were made. */
export function offerRecords(answers: Answers, hours: number): OfferRecord[] {
  return answers.all.map(({ offer, outcome }) => ({
    participant: offer.participant,
    period: offer.period,
    round: offer.round,
    mw: offer.wh / (hours * 1e6),
    energyPricePerMwh: offer.energyPriceMicroPerKwh / 1000,
    incentivePerMwh: offer.incentiveMicroPerKwh / 1000,
    outcome,
  }));
}

function key(period: number, participant: string): string {
  return `${period}/${participant}`;
}

/** The order in which people come to answer: drawn from the seed (Fisher–Yates with a small generator). */
function shuffled(people: readonly string[], seed: number): string[] {
  const order = [...people];
  let state = seed >>> 0;
  for (let i = order.length - 1; i > 0; i--) {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const j = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
