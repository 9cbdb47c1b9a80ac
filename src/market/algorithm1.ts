import type { PreferencesDocument } from '../../chaincode/src/domain/index.js';
import { type Contract, establishContracts } from './contracts.js';
import type { DayHashes } from './day-hashes.js';
import type { Statement } from './documents.js';
import { type Equilibrium, publishEquilibrium } from './equilibrium.js';
import { designRound, type IncentiveMarket, openMarket } from './incentives.js';
import type { MarketDay } from './market-day.js';
import { closeGate, enterPreferences, openDay } from './preferences.js';
import { reconcile, recordDeliveries } from './reconcile.js';
import { registerParticipants } from './registration.js';
import { type Answers, askCrowd, raiseTerms } from './responses.js';
import { type Realised, supplement } from './supplement.js';

/** Everything a day of Algorithm 1 leaves behind; filled step by step. */
export interface DayOutcome {
  equilibrium: Equilibrium;
  contracts: readonly Contract[];
  /** CES-ID of every round, by period. */
  rounds: IncentiveMarket['periods'][];
  plans: IncentiveMarket['plans'];
  answers: Answers;
  realised?: Realised;
  statements: readonly Statement[];
}

export interface DayInputs {
  readonly hashes: DayHashes;
  /** Equilibrium of the case as filed, solved before the day is opened; kept where no preference changes the case. */
  readonly foreseen: Equilibrium;
  /** What simulated participants hand in instead of "use everything". */
  readonly wishes?: ReadonlyMap<string, PreferencesDocument>;
}

/** Algorithm 1 of Wang, Taha & Wang 2018, line by line; each step is one file. */
export async function algorithm1(day: MarketDay, inputs: DayInputs, outcome: DayOutcome): Promise<void> {
  // 1: preferences and constraints of the crowdsourcees, by themselves, before the gate
  await day.step('open', 'the day is opened', async () => {
    await registerParticipants(day);
    await openDay(day, inputs.hashes);
  });
  await day.visitors.beforeGate?.(day);
  const gate = await day.step('preferences', 'preferences are entered and the gate closes', async () => {
    await enterPreferences(day, inputs.wishes);
    return closeGate(day);
  });
  day.warnings.push(...gate.warnings);

  // 2: CES-OPF, setpoints for G and C_T1
  outcome.equilibrium = await day.step('equilibrium', 'the equilibrium is published', () =>
    publishEquilibrium(day, gate, inputs.foreseen),
  );

  // 3: contracts for every i in G and C_T1
  outcome.contracts = await day.step('contracts', 'contracts are established', () =>
    establishContracts(day, outcome.equilibrium),
  );

  // 4–9: CES-ID, offers of λ + λ^a to C_T2, their answers; whoever refuses is asked once more for a step more
  const market = openMarket(outcome.equilibrium, day.learned);
  outcome.plans = market.plans;
  let periods = market.periods;
  const { answers } = outcome;
  for (let round = 1; round <= day.rules.maxRounds; round++) {
    const isOpen = (period: number) =>
      periods[period]!.market.tasks.some((task) => !answers.accepted(period, task.participant));
    if (!periods.some((open) => isOpen(open.market.period))) break;
    periods = await day.step('incentives', `incentives of round ${round}`, () => designRound(day, periods, isOpen));
    outcome.rounds.push(periods);
    answers.add(
      await day.step('offers', `offers and answers of round ${round}`, () => askCrowd(day, round, periods, answers)),
    );
    periods = raiseTerms(day, periods, answers);
  }

  // 10: what was refused again is supplemented from G
  outcome.realised = await day.step('supplement', 'the day is simulated and supplemented', () => {
    const tasks = market.periods.map((open) => open.market.tasks);
    return supplement(day, outcome.equilibrium, market.plans, tasks, answers);
  });

  // 11–12: metering and reconciliation
  outcome.statements = await day.step('reconcile', 'deliveries are metered and payments reconciled', async () => {
    await recordDeliveries(day, outcome.realised!.days, answers);
    return day.reconciles ? reconcile(day) : [];
  });
}
