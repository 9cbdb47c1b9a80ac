import type { Solution } from '../solver/solution.js';
import { microPerKwh, wattHours } from '../units.js';
import { type AcCheck, checkRealisedDay } from './ac-check.js';
import { generatorCost } from './contracts.js';
import { dispatchGenerators } from './dispatch.js';
import type { RunReport } from './documents.js';
import type { Equilibrium } from './equilibrium.js';
import { batches, type MarketDay } from './market-day.js';
import { realisedCase } from './realised-case.js';
import type { Answers } from './responses.js';
import { type Agreement, type SimulatedDay, simulateDevices } from './simulate-devices.js';
import type { ShiftPlan, Task } from './tasks.js';

/** A change of a generator's power below this, relative to the feeder's peak, is the solver's own. */
const NOISE = 2;
/** Energies add up the noise of a whole day. */
const ENERGY_NOISE = 10;

export interface Realised {
  readonly days: ReadonlyMap<string, SimulatedDay>;
  readonly supplements: RunReport['supplements'];
  readonly undeliverable: RunReport['undeliverable'];
  readonly shortfallMw: readonly number[];
  readonly acCheck: AcCheck;
  /** The re-dispatch, for reports; absent where the day went as planned. */
  readonly dispatch?: Solution;
}

/**
 * Line 10 of Algorithm 1: what the crowd did not take is supplemented from G. The day's devices are
 * simulated in time order, everything but the generators is fixed as it then is, and CES-OPF is
 * solved again. What G cannot cover is the shortfall; the realised day is replayed in AC.
 */
export async function supplement(
  day: MarketDay,
  equilibrium: Equilibrium,
  plans: readonly ShiftPlan[],
  tasks: readonly (readonly Task[])[],
  answers: Answers,
): Promise<Realised> {
  const { feeder, solution } = equilibrium;
  const days = simulateCrowd(day, equilibrium, plans, tasks, answers);
  const noiseMw = solverNoise(day);
  const undeliverable = [...days].flatMap(([participant, simulated]) =>
    simulated.undeliverableMwh.flatMap((mwh, period) =>
      mwh > ENERGY_NOISE * noiseMw * feeder.hoursPerPeriod ? [{ participant, period, mwh }] : [],
    ),
  );
  const simulated = new Map([...days].map(([id, one]) => [id, one.plan]));
  const dispatch = await dispatchGenerators(day, equilibrium, simulated);
  const planned = solution.generators!.map((generator) => generator.pMw);
  const real = dispatch ? dispatch.solution.generators!.slice(0, feeder.generators.length).map((g) => g.pMw) : planned;
  const shortfallMw = Array.from({ length: feeder.periods }, (_, t) =>
    above(
      noiseMw,
      (dispatch?.solution.shed ?? []).reduce((sum, load) => sum + load.pMw[t]!, 0),
    ),
  );
  const acCheck = checkRealisedDay(
    dispatch?.feeder ?? realisedCase(feeder, solution, simulated, false).feeder,
    dispatch?.solution ?? solution,
  );
  const supplements = supplementsOf(equilibrium, real, noiseMw);
  await recordSupplements(day, supplements, tasks, answers);
  return { days, supplements, undeliverable, shortfallMw, acCheck, dispatch: dispatch?.solution };
}

function simulateCrowd(
  day: MarketDay,
  { feeder }: Equilibrium,
  plans: readonly ShiftPlan[],
  tasks: readonly (readonly Task[])[],
  answers: Answers,
): Map<string, SimulatedDay> {
  const agreements = new Map(plans.map((plan) => [plan.devices.person.id, new Map<number, Agreement>()]));
  for (const task of tasks.flat()) {
    const accepted = answers.accepted(task.period, task.participant);
    const agreement: Agreement = accepted
      ? {
          task,
          mw: accepted.offer.wh / (feeder.hoursPerPeriod * 1e6),
          share: day.crowd.deliveredShare(task.participant, task.period, accepted.offer.round),
        }
      : { task, mw: 0, share: 0 };
    agreements.get(task.participant)!.set(task.period, agreement);
  }
  return new Map(
    plans.map((plan) => {
      const { id } = plan.devices.person;
      return [id, simulateDevices(feeder, plan, agreements.get(id)!)];
    }),
  );
}

/** Changes against the contracts, at what they cost the generator: pay as bid. */
function supplementsOf(
  { feeder, solution }: Equilibrium,
  real: readonly (readonly number[])[],
  noiseMw: number,
): RunReport['supplements'] {
  return feeder.generators.flatMap((generator, place) =>
    real[place]!.flatMap((mw, period) => {
      const before = solution.generators![place]!.pMw[period]!;
      const change = mw - before;
      if (Math.abs(change) <= noiseMw || wattHours(change, feeder.hoursPerPeriod) === 0) return [];
      const cost = generatorCost(feeder, place, mw, period) - generatorCost(feeder, place, before, period);
      return [{ generator: generator.id, period, mw: change, cost }];
    }),
  );
}

async function recordSupplements(
  day: MarketDay,
  supplements: RunReport['supplements'],
  tasks: readonly (readonly Task[])[],
  answers: Answers,
): Promise<void> {
  const { feeder, clock } = day;
  const entries = supplements.map(({ generator, period, mw, cost }) => ({
    generator,
    period,
    wh: wattHours(mw, feeder.hoursPerPeriod),
    priceMicroPerKwh: microPerKwh(cost / (mw * feeder.hoursPerPeriod)),
    covers: tasks[period]!.flatMap(({ participant }) => {
      const last = answers.last(period, participant);
      return last && last.outcome !== 'accepted' ? [{ participant, round: last.offer.round }] : [];
    }),
  }));
  const operator = await day.operator();
  for (const [k, slice] of batches(entries).entries()) {
    const args = { day: day.day, supplements: slice };
    await day.submit(operator, 'SupplementGeneration', args, `supplements/${k}`, clock.supplemented);
  }
}

/** Size of a change that the solver's tolerance alone may make, MW. */
function solverNoise({ feeder, solveSettings }: MarketDay): number {
  const load = (t: number) => feeder.loads.reduce((sum, { pMw }) => sum + Math.abs(pMw[t]!), 0);
  const peak = Math.max(...Array.from({ length: feeder.periods }, (_, t) => load(t)));
  return Math.max(1e-6, NOISE * solveSettings.tolerance * peak);
}

function above(noiseMw: number, mw: number): number {
  return mw > noiseMw ? mw : 0;
}
