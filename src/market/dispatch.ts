import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { Equilibrium } from './equilibrium.js';
import type { MarketDay } from './market-day.js';
import type { DevicePlan } from './own-plan.js';
import { realisedCase } from './realised-case.js';

/** How the generators meet the realised day. */
export interface Dispatch {
  readonly feeder: Case;
  readonly solution: Solution;
}

/**
 * The generators against the realised day. A surplus that has nowhere to go has no dispatch, or only one
 * that burns it in losses which are not there: then devices may be curtailed too, and the better of the
 * two in AC stands. Undefined only where there is none at all: said in the warnings.
 */
export async function dispatchGenerators(
  day: MarketDay,
  { feeder, solution }: Equilibrium,
  simulated: ReadonlyMap<string, DevicePlan>,
): Promise<Dispatch | undefined> {
  let best: (Dispatch & { readonly violation: number }) | undefined;
  for (const withSpill of [false, true]) {
    const realised = realisedCase(feeder, solution, simulated, withSpill);
    const answer = await day.solver(realised.feeder, { ...day.hooks, ...day.solveSettings });
    if (answer.status === 'cancelled') throw new CrowdwattError('cancelled', `day ${day.day} was cancelled`);
    if (!answer.buses || (answer.status !== 'optimal' && answer.status !== 'reduced-accuracy')) continue;
    const inexact = answer.certificate?.verdict === 'inexact';
    const violation = inexact ? answer.certificate!.acLimitViolationMaxPu : -1;
    if (best === undefined || violation < best.violation) {
      best = { feeder: realised.feeder, solution: answer, violation };
    }
    if (!inexact) break;
  }
  if (!best) {
    day.warnings.push(
      'no dispatch of the generators covers the realised day, not with loads shed and devices curtailed: the substation is left to close the balance',
    );
    return undefined;
  }
  if (best.violation >= 0)
    day.warnings.push(`the dispatch of the realised day is inexact: ${best.solution.reason ?? ''}`);
  warnOfSurplus(day, best.solution, feeder.generators.length);
  return best;
}

function warnOfSurplus(day: MarketDay, dispatch: Solution, own: number): void {
  const spilled = dispatch.generators!.slice(own);
  for (let t = 0; t < day.feeder.periods; t++) {
    const surplus = -spilled.reduce((sum, sink) => sum + sink.pMw[t]!, 0);
    if (surplus > 1e-4)
      day.warnings.push(
        `period ${t}: ${surplus.toFixed(4)} MW of surplus is curtailed: it could not be used or sent out`,
      );
  }
}
