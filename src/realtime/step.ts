import type { OfferView } from '../../chaincode/src/domain/index.js';
import { listAll } from '../ledger/pages.js';
import { checkRealisedDay } from '../market/ac-check.js';
import { generatorCost } from '../market/contracts.js';
import { solveIncentives } from '../market/design-incentives.js';
import type { MarketDay } from '../market/market-day.js';
import { offersOf } from '../market/offer-terms.js';
import type { DevicePlan } from '../market/own-plan.js';
import { periodMarkets } from '../market/period-problem.js';
import { realisedCase } from '../market/realised-case.js';
import { type ShiftPlan, shiftPlans, tasksOf } from '../market/tasks.js';
import type { Case } from '../model/case.js';
import { solve } from '../solver/index.js';
import type { Solution } from '../solver/solution.js';
import { microPerKwh, wattHours } from '../units.js';
import type { Stores } from './horizon.js';

/** What one step of the real-time market did. */
export interface StepReport {
  readonly step: number;
  /** Offers made and accepted, and what the accepted ones earn on top, $. */
  readonly offers: number;
  readonly accepted: number;
  readonly rewards: number;
  /** DLMP at the root, $/MWh. */
  readonly price: number;
  /** What the substation gives, MW, and how much of it stands in for refused tasks. */
  readonly substationMw: number;
  readonly supplementMw: number;
  readonly shortfallMw: number;
  readonly violationPu: number;
  /** Compute time of the whole step. */
  readonly seconds: number;
}

export interface StepInput {
  readonly step: number;
  readonly stepHours: number;
  /** Hours from now to the end of the day. */
  readonly hoursLeft: number;
  readonly horizon: Case;
  readonly feeder: Case;
  readonly solution: Solution;
  readonly stores: Stores;
  /** End of each shapable's window, hours from now. */
  readonly windowLeft: ReadonlyMap<string, number>;
  /** ms since 1970 at which the step begins. */
  readonly time: number;
}

/** Offers go out at the step's begin, count until two thirds of it, are metered after its end. */
const ANSWERED = 1 / 3;
const EXPIRY = 2 / 3;

/** One step: tasks, offers, answers, dispatch of what was refused, metering, and the stores after it. */
export async function runStep(
  day: MarketDay,
  input: StepInput,
): Promise<{ report: Omit<StepReport, 'seconds'>; stores: Stores }> {
  const { feeder, solution, step } = input;
  const plans = shiftPlans(feeder, solution);
  const accepted = await trade(day, input, plans);
  const simulated = new Map(
    plans.map((plan) => [plan.devices.person.id, realise(plan, accepted.share.get(plan.devices.person.id))]),
  );
  const dispatch = await dispatchGenerators(day, feeder, solution, simulated);
  const root = feeder.generators.findIndex((g) => g.bus === feeder.root);
  const planned = solution.generators![root]!.pMw[0]!;
  const given = dispatch.solution.generators?.[root]?.pMw[0] ?? planned;
  await recordSupplement(day, input, root, given - planned, accepted.refused);
  await recordDelivery(day, input, accepted.offers);
  const rootBus = solution.buses!.find((bus) => bus.id === feeder.root)!;
  return {
    report: {
      step,
      offers: accepted.offers.length,
      accepted: accepted.offers.filter((offer) => offer.outcome === 'accepted').length,
      rewards: accepted.offers.reduce(
        (sum, offer) =>
          sum + (offer.outcome === 'accepted' ? (offer.incentiveMicroPerKwh / 1000) * (offer.wh / 1e6) : 0),
        0,
      ),
      price: rootBus.dlmpPerMwh![0]!,
      substationMw: given,
      supplementMw: accepted.refused.length > 0 ? given - planned : 0,
      shortfallMw: (dispatch.solution.shed ?? []).reduce((sum, load) => sum + load.pMw[0]!, 0),
      violationPu: dispatch.violationPu,
    },
    stores: advance(input, simulated),
  };
}

interface Traded {
  readonly offers: readonly OfferView[];
  /** Share of the way from the own plan to the equilibrium, by participant with a task. */
  readonly share: ReadonlyMap<string, number>;
  readonly refused: readonly string[];
}

async function trade(day: MarketDay, input: StepInput, plans: readonly ShiftPlan[]): Promise<Traded> {
  const { feeder, solution, step, stepHours, time } = input;
  const [market] = periodMarkets(feeder, solution, plans, tasksOf(feeder, plans), day.learned);
  const share = new Map<string, number>();
  if (market === undefined || market.tasks.length === 0) return { offers: [], share, refused: [] };
  const problem = {
    ...market.problem,
    hours: stepHours,
    budget: (market.problem.budget * stepHours) / feeder.hoursPerPeriod,
  };
  const { answer } = await solveIncentives(problem, { signal: day.hooks.signal });
  const open = { market: { ...market, period: step, problem }, answer };
  const drafts = offersOf(open, () => false, 0n, undefined);
  const length = stepHours * 3_600_000;
  const operator = await day.operator();
  if (drafts.length > 0) {
    const expiry = Math.round(time + EXPIRY * length);
    await day.submit(
      operator,
      'MakeOffer',
      { day: day.day, round: 1, expiry, offers: drafts },
      `step/${step}/offers`,
      time,
    );
    await day.inFlight(drafts, (draft) => answer1(day, step, draft.participant, Math.round(time + ANSWERED * length)));
    await day.submit(
      operator,
      'CloseRound',
      { day: day.day, round: 1, period: step },
      `step/${step}/close`,
      expiry + 1000,
    );
  }
  const offers = await listAll<OfferView>(day.ledger, operator, 'ListOffers', { day: day.day, period: step, round: 1 });
  const refused: string[] = [];
  for (const task of market.tasks) {
    const offer = offers.find((one) => one.participant === task.participant);
    if (offer?.outcome === 'accepted')
      share.set(task.participant, Math.min(1, offer.wh / (stepHours * 1e6) / task.equilibriumMw));
    else {
      share.set(task.participant, 0);
      if (offer !== undefined) refused.push(task.participant);
    }
  }
  return { offers, share, refused };
}

/** A participant reads its own offer on the ledger and answers it, signing itself; silence is a refusal. */
async function answer1(day: MarketDay, step: number, participant: string, time: number): Promise<void> {
  const member = await day.participant(participant);
  const [offer] = await listAll<OfferView>(day.ledger, member, 'ListOffers', {
    day: day.day,
    period: step,
    round: 1,
    participant,
  });
  if (offer === undefined || offer.outcome !== 'open') return;
  const incentivePerMwh = offer.incentiveMicroPerKwh / 1000;
  const said = day.crowd.answer({ participant, period: step, round: 1, incentivePerMwh });
  if (said === 'silent') return;
  const args = { day: day.day, period: step, round: 1, participant, termsHash: offer.termsHash };
  await day.submit(
    member,
    said === 'accept' ? 'AcceptOffer' : 'RejectOffer',
    args,
    `step/${step}/answer/${participant}`,
    time,
  );
}

/** Between the own plan (0) and the equilibrium (1); without a task, the equilibrium. */
function realise(plan: ShiftPlan, share = 1): DevicePlan {
  const mix = (own: readonly (readonly number[])[], asked: readonly (readonly number[])[]) =>
    own.map((row, k) => row.map((value, t) => value + share * (asked[k]![t]! - value)));
  return {
    solarMw: mix(plan.own.solarMw, plan.equilibrium.solarMw),
    batteryMw: mix(plan.own.batteryMw, plan.equilibrium.batteryMw),
    shapableMw: mix(plan.own.shapableMw, plan.equilibrium.shapableMw),
  };
}

async function dispatchGenerators(
  day: MarketDay,
  feeder: Case,
  solution: Solution,
  simulated: ReadonlyMap<string, DevicePlan>,
) {
  for (const withSpill of [false, true]) {
    const realised = realisedCase(feeder, solution, simulated, withSpill);
    const answer = await solve(realised.feeder, { method: 'ipm', exactness: 'off', signal: day.hooks.signal });
    if (answer.generators === undefined) continue;
    return { solution: answer, violationPu: checkRealisedDay(realised.feeder, answer).violationMaxPu };
  }
  return { solution, violationPu: Number.NaN };
}

async function recordSupplement(
  day: MarketDay,
  input: StepInput,
  root: number,
  mw: number,
  refused: readonly string[],
): Promise<void> {
  const { feeder, stepHours, step, time } = input;
  const wh = wattHours(mw, stepHours);
  if (refused.length === 0 || wh === 0) return;
  const { id } = feeder.generators[root]!;
  const price = generatorCost(feeder, root, mw, 0) / (mw * feeder.hoursPerPeriod) || 0;
  const covers = refused.map((participant) => ({ participant, round: 1 }));
  const args = {
    day: day.day,
    supplements: [{ generator: id, period: step, wh, priceMicroPerKwh: microPerKwh(price), covers }],
  };
  await day.submit(
    await day.operator(),
    'SupplementGeneration',
    args,
    `step/${step}/supplement`,
    Math.round(time + 0.8 * stepHours * 3_600_000),
  );
}

async function recordDelivery(
  day: MarketDay,
  { step, stepHours, time }: StepInput,
  offers: readonly OfferView[],
): Promise<void> {
  const readings = offers
    .filter((offer) => offer.outcome === 'accepted')
    .map(({ participant, wh }) => ({ participant, period: step, wh }));
  if (readings.length === 0) return;
  await day.submit(
    await day.meter(),
    'RecordDelivery',
    { day: day.day, readings },
    `step/${step}/delivery`,
    time + stepHours * 3_600_000 + 1000,
  );
}

/** Stores after the step: Type 2 as realised, Type 1 as scheduled. */
function advance(
  { horizon, feeder, solution, stores, stepHours, hoursLeft, windowLeft }: StepInput,
  simulated: ReadonlyMap<string, DevicePlan>,
): Stores {
  const battery = new Map(stores.battery);
  const wanted = new Map(stores.wanted);
  const hours = horizon.hoursPerPeriod;
  const plans = new Map<string, number>();
  const appliances = new Map<string, number>();
  for (const [k, device] of feeder.batteries.entries())
    plans.set(device.id, solution.batteries![k]!.dischargeMw[0]! - solution.batteries![k]!.chargeMw[0]!);
  for (const [k, device] of feeder.shapables.entries()) appliances.set(device.id, solution.shapables![k]!.pMw[0]!);
  for (const plan of shiftPlans(feeder, solution)) {
    const real = simulated.get(plan.devices.person.id)!;
    for (const [k, place] of plan.devices.batteries.entries())
      plans.set(feeder.batteries[place]!.id, real.batteryMw[k]![0]!);
    for (const [k, place] of plan.devices.shapables.entries()) {
      appliances.set(feeder.shapables[place]!.id, real.shapableMw[k]![0]!);
    }
  }
  // Near an end the last period is longer than what is left: its energy goes into the time there is.
  const hurry = hours / Math.min(hours, hoursLeft);
  for (const device of feeder.batteries) {
    const mw = Math.min(device.powerMw, Math.max(-device.powerMw, plans.get(device.id)! * hurry));
    const change = mw < 0 ? -mw * device.chargeEfficiency : -mw / device.dischargeEfficiency;
    battery.set(
      device.id,
      Math.min(device.energyMwh, Math.max(0, stores.battery.get(device.id)! + stepHours * change)),
    );
  }
  for (const device of horizon.shapables) {
    const left = windowLeft.get(device.id)!;
    if (left <= 0) continue;
    const mw = Math.min(device.maxMw, (appliances.get(device.id)! * hours) / Math.min(hours, left));
    wanted.set(device.id, Math.max(0, stores.wanted.get(device.id)! - stepHours * mw));
  }
  return { battery, wanted };
}
