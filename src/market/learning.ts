import type { OfferView } from '../../chaincode/src/domain/index.js';
import { listAll } from '../ledger/pages.js';
import type { Ledger } from '../ledger/types.js';
import type { Task } from './tasks.js';
import { firstTerms, type Rules, type Terms } from './terms.js';

/** One answer that a participant gave on an earlier day. */
export interface PastAnswer {
  readonly participant: string;
  readonly period: number;
  /** λ^a that was offered, $/MWh. */
  readonly incentivePerMwh: number;
  readonly accepted: boolean;
}

/** What the operator thinks of one participant in one hour. */
export interface Belief {
  /** a, the share of offers accepted, shrunk towards the crowd's mean. */
  readonly acceptance: number;
  /** Reward that is thought to be enough, $/MWh; none without any answer of its own. */
  readonly rewardPerMwh?: number;
}

/** Answers that count as much as one's own in the shrinkage of the acceptance rate. */
const PRIOR_ANSWERS = 4;
/** An offer lies this far from the highest refused to the lowest accepted reward: nearer to what was accepted. */
const TOWARDS_ACCEPTED = 0.8;
/** Below this gap, $/MWh, searching on is worth less than a refusal costs. */
const SETTLED = 0.25;
/** Without a refusal yet: how far below the lowest accepted reward the next offer tries. */
const TRY_LOWER = 0.9;
/** Without an acceptance yet: how far above the highest refused reward the next offer goes, $/MWh. */
const TRY_HIGHER = 3;

/**
 * η and the required-reward curve from the history of answers (docs/market.md, "Learning"): acceptance
 * rates by participant and hour, shrunk to the participant's own rate over all hours and that to the
 * crowd's mean; and the reward that is enough, bracketed between the highest refused and the lowest
 * accepted one. ζ follows from η, so that leaving the equilibrium still never pays by itself.
 */
export class Learned {
  readonly #byPerson = new Map<string, PastAnswer[]>();
  readonly #crowd: number;

  constructor(history: readonly PastAnswer[]) {
    for (const answer of history) {
      const known = this.#byPerson.get(answer.participant);
      if (known) known.push(answer);
      else this.#byPerson.set(answer.participant, [answer]);
    }
    this.#crowd = history.length === 0 ? 0.5 : share(history);
  }

  belief(participant: string, period: number): Belief | undefined {
    const all = this.#byPerson.get(participant);
    if (all === undefined) return undefined;
    const here = all.filter((answer) => answer.period === period);
    const overall = shrunk(all, this.#crowd);
    // A participant's price is its own: other hours tell of it too, the same hour tells first.
    const reward = bracketed(here.length > 0 && hasBoth(here) ? here : all);
    return { acceptance: shrunk(here, overall), rewardPerMwh: reward };
  }

  /** Terms of a task in the light of the history; those of a stranger where there is none. */
  termsOf(task: Task, energyPrice: number, willingness: number, rules: Rules): Terms {
    const belief = this.belief(task.participant, task.period);
    const first = firstTerms(task, energyPrice, belief?.acceptance ?? willingness, rules);
    if (belief?.rewardPerMwh === undefined) return first;
    const reward = Math.min(Math.max(belief.rewardPerMwh, first.floorPerMwh), first.capPerMwh);
    return { ...first, response: [{ slopePerMwh: reward, offset: 0 }] };
  }
}

function share(answers: readonly PastAnswer[]): number {
  return answers.filter((answer) => answer.accepted).length / answers.length;
}

function shrunk(answers: readonly PastAnswer[], prior: number): number {
  const accepted = answers.filter((answer) => answer.accepted).length;
  const rate = (accepted + PRIOR_ANSWERS * prior) / (answers.length + PRIOR_ANSWERS);
  return Math.min(1, Math.max(0.05, rate));
}

function hasBoth(answers: readonly PastAnswer[]): boolean {
  return answers.some((a) => a.accepted) && answers.some((a) => !a.accepted);
}

function bracketed(answers: readonly PastAnswer[]): number {
  let enough = Number.POSITIVE_INFINITY;
  let little = Number.NEGATIVE_INFINITY;
  for (const { incentivePerMwh, accepted } of answers) {
    if (accepted) enough = Math.min(enough, incentivePerMwh);
    else little = Math.max(little, incentivePerMwh);
  }
  if (enough === Number.POSITIVE_INFINITY) return little + TRY_HIGHER;
  if (little === Number.NEGATIVE_INFINITY) return enough * TRY_LOWER;
  // People change their minds: where a refused reward lies above an accepted one, what was accepted rules.
  if (little >= enough - SETTLED) return enough;
  return little + TOWARDS_ACCEPTED * (enough - little);
}

/** All answers on the ledger, of every day before the given one. */
export async function historyOf(ledger: Ledger, before?: string): Promise<PastAnswer[]> {
  const operator = await ledger.member('operator', 'operator');
  const history: PastAnswer[] = [];
  for (const { day } of await listAll<{ day: string }>(ledger, operator, 'ListDays')) {
    if (before !== undefined && day >= before) continue;
    for (const offer of await listAll<OfferView>(ledger, operator, 'ListOffers', { day })) {
      if (offer.outcome !== 'accepted' && offer.outcome !== 'refused' && offer.outcome !== 'expired') continue;
      history.push({
        participant: offer.participant,
        period: offer.period,
        incentivePerMwh: offer.incentiveMicroPerKwh / 1000,
        accepted: offer.outcome === 'accepted',
      });
    }
  }
  return history;
}
