import { offerCostMicro } from '../../chaincode/src/domain/index.js';
import { microPerKwh, wattHours } from '../units.js';
import type { OpenPeriod } from './incentives.js';

/** One offer as it goes onto the ledger: whole watt-hours and micro-dollars. */
export interface OfferDraft {
  readonly participant: string;
  readonly period: number;
  readonly direction: 1 | -1;
  readonly wh: number;
  readonly energyPriceMicroPerKwh: number;
  readonly incentiveMicroPerKwh: number;
}

/**
 * The offers of one period's answer to whoever has no accepted one yet, in whole units. Rounding may
 * lift their cost over the budget by a few micro-dollars: then the dearest gives up some watt-hours.
 *
 * @param acceptedMicro what the period's accepted offers cost already
 * @param budgetMicro undefined: no budget on the ledger
 */
export function offersOf(
  open: OpenPeriod,
  isSettled: (participant: string) => boolean,
  acceptedMicro: bigint,
  budgetMicro: bigint | undefined,
): OfferDraft[] {
  const { market, answer } = open;
  if (answer?.status !== 'optimal') return [];
  const drafts = answer.tasks!.flatMap((asked, i): OfferDraft[] => {
    const task = market.problem.tasks[i]!;
    const wh = wattHours(asked.mw, market.problem.hours);
    if (isSettled(asked.id) || wh < 1) return [];
    const energyPriceMicroPerKwh = microPerKwh(task.energyPricePerMwh);
    let incentiveMicroPerKwh = microPerKwh(asked.incentivePerMwh);
    // Nobody is asked to pay, not by a rounding either.
    if (task.direction === 1) incentiveMicroPerKwh = Math.max(incentiveMicroPerKwh, -energyPriceMicroPerKwh);
    const { direction } = task;
    return [
      { participant: asked.id, period: market.period, direction, wh, energyPriceMicroPerKwh, incentiveMicroPerKwh },
    ];
  });
  return budgetMicro === undefined ? drafts : withinBudget(drafts, budgetMicro - acceptedMicro);
}

function withinBudget(drafts: readonly OfferDraft[], leftMicro: bigint): OfferDraft[] {
  const offers = [...drafts];
  const cost = () => offers.reduce((sum, offer) => sum + offerCostMicro(offer), 0n);
  for (let excess = cost() - leftMicro; excess > 0n && offers.length > 0; excess = cost() - leftMicro) {
    let dearest = 0;
    offers.forEach((offer, k) => {
      if (offerCostMicro(offer) > offerCostMicro(offers[dearest]!)) dearest = k;
    });
    const offer = offers[dearest]!;
    const microPerWh = Number(offerCostMicro(offer)) / offer.wh;
    const wh = offer.wh - Math.max(1, Math.ceil(Number(excess) / microPerWh));
    if (wh >= 1) offers[dearest] = { ...offer, wh };
    else offers.splice(dearest, 1);
  }
  return offers;
}
