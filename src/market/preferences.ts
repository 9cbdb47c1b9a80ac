import {
  commitmentOf,
  type DayRecord,
  hashOf,
  type PreferencesDocument,
  type PreferencesView,
} from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import { microDollars } from '../units.js';
import { type AssembledCase, assembleCase } from './assembled-case.js';
import { type DayHashes, dayDocuments, hashedRules } from './day-hashes.js';
import type { MarketDay } from './market-day.js';

/** Opens the day on the ledger, or finds it open from the same inputs. */
export async function openDay(day: MarketDay, hashes: DayHashes): Promise<void> {
  const { feeder, clock, rules } = day;
  const budgets = feeder.incentives?.budgetPerPeriod;
  const args = {
    day: day.day,
    periods: feeder.periods,
    minutesPerPeriod: clock.minutesPerPeriod,
    startTime: clock.start,
    gateTime: clock.gate,
    meterDeadline: clock.meterDeadline,
    maxRounds: rules.maxRounds,
    ...hashes,
    budgetsMicro: Array.from({ length: feeder.periods }, (_, t) => (budgets ? microDollars(budgets[t]!) : null)),
  };
  await keepFiled(day);
  await day.submit(await day.operator(), 'OpenDay', args, 'open', clock.opened);
}

/** The documents behind the hashes of OpenDay, where the ledger keeps such: an audit assembles the case from them. */
async function keepFiled({ ledger, feeder, rules, learned, solveSettings }: MarketDay): Promise<void> {
  const { grid, rules: stated } = dayDocuments(feeder, hashedRules(rules, learned !== undefined), solveSettings);
  await ledger.putObject(grid);
  await ledger.putObject(stated);
}

/**
 * Line 1 of Algorithm 1: everybody enters its preferences and constraints 𝒳, by itself, before the
 * gate. Whoever has entered some already is left alone; the simulated others hand in `wishes`, or
 * that all of their devices may be used.
 */
export async function enterPreferences(
  day: MarketDay,
  wishes: ReadonlyMap<string, PreferencesDocument> = new Map(),
): Promise<void> {
  const record = await day.query<DayRecord>('GetDay', { day: day.day });
  if (record.status !== 'open') return;
  const entered = new Set(
    (await day.list<PreferencesView>('ListPreferences', { day: day.day })).map((view) => view.participant),
  );
  const missing = day.simulated(day.feeder.crowdsourcees).filter((person) => !entered.has(person.id));
  await day.inFlight(missing, async ({ id: participant }) => {
    const document: PreferencesDocument = wishes.get(participant) ?? {
      format: 'crowdwatt-preferences/1',
      day: day.day,
      participant,
    };
    await submitPreferences(day, document, `preferences/${participant}`);
  });
}

/** Hands in one participant's preferences, signed by the participant itself. */
export async function submitPreferences(
  day: MarketDay,
  document: PreferencesDocument,
  operation: string,
): Promise<void> {
  const { participant } = document;
  // A simulated day has to be the same on every run, and so has its salt.
  const salt = hashOf({ seed: day.seed, day: day.day, participant, operation });
  const args = {
    day: day.day,
    participant,
    commitment: commitmentOf(salt, document),
    optOut: document.optOut ?? false,
  };
  const member = await day.participant(participant);
  const transient = { preferences: { salt, document } };
  await day.submit(member, 'SubmitPreferences', args, operation, day.clock.preferences, transient);
}

export interface GateResult extends AssembledCase {
  /** Merkle root of the preferences in force. */
  readonly root: string;
}

/** Closes the gate and assembles the case that is solved from what the world state holds there. */
export async function closeGate(day: MarketDay): Promise<GateResult> {
  const { result } = await day.submit<{ root: string }>(
    await day.operator(),
    'CloseGate',
    { day: day.day },
    'gate',
    day.clock.gate,
  );
  const views = await day.list<PreferencesView>('ListPreferences', { day: day.day });
  const inForce = new Map<string, PreferencesDocument>();
  for (const view of views) {
    if (view.document === null) {
      const text = `the preferences of ${view.participant} for ${day.day} were erased: the case of that gate cannot be assembled again`;
      throw new CrowdwattError('ledger/refused', text, { refusal: 'erased', id: view.participant });
    }
    inForce.set(view.participant, view.document);
  }
  return { root: result.root, ...assembleCase(day.feeder, inForce) };
}
