import type { DayRecord, EquilibriumRecord, PreferencesDocument } from '../../chaincode/src/domain/index.js';
import { asCrowdwattError, CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import { openLedger } from '../ledger/index.js';
import type { Ledger, OpenLedgerOptions } from '../ledger/types.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { defaultExactness, defaultMethod, defaultTolerance } from '../solver/methods.js';
import type { ExactnessMode, Method, Solution } from '../solver/solution.js';
import { algorithm1, type DayOutcome } from './algorithm1.js';
import { checkDay, dayClock, FIRST_DAY, nextDay } from './clock.js';
import { type Crowd, type CrowdChoice, crowdOf } from './crowd.js';
import { checkResumable, dayHashes, hashedRules } from './day-hashes.js';
import { documentHash, publicCase, publicSolution } from './document-hash.js';
import type { RunReport } from './documents.js';
import { type Equilibrium, solveForTrade } from './equilibrium.js';
import { historyOf, Learned } from './learning.js';
import { type DaySolver, type DayVisitors, MarketDay } from './market-day.js';
import { checkParties } from './parties.js';
import { runReport } from './report.js';
import { Answers } from './responses.js';
import { type Rules, rulesOf } from './terms.js';

export interface RunDayOptions extends RunHooks {
  /** An open ledger, or where to open one (`memory`, a folder, `fabric:PROFILE`); default `memory`. */
  readonly ledger?: Ledger | string;
  /** Passed on where the ledger is opened here. */
  readonly ledgerOptions?: Omit<OpenLedgerOptions, 'at' | 'signal'>;
  /** YYYY-MM-DD; default: the ledger's newest day where it is open, else the one after it, else 2018-08-05. */
  readonly day?: string;
  /** Default `reservation`. */
  readonly crowd?: CrowdChoice;
  /** Default 1. */
  readonly seed?: number;
  readonly method?: Method;
  readonly tolerance?: number;
  readonly exactness?: ExactnessMode;
  /** Trade also on a schedule that its AC replay does not confirm. */
  readonly allowInexact?: boolean;
  /** Preferences that simulated participants hand in, by participant; default: all devices may be used. */
  readonly preferences?: ReadonlyMap<string, PreferencesDocument>;
  /** Terms from the ledger's history of answers instead of willingness alone; default false. */
  readonly learn?: boolean;
  /** False leaves the day to a later reconciliation of a longer span; default true. */
  readonly reconcile?: boolean;
  /** Called while the day goes on, for people who act themselves. */
  readonly visitors?: DayVisitors;
  /** Solves CES-OPF elsewhere (another thread, another machine); default: here. */
  readonly solver?: DaySolver;
}

/** A day with everything that reports want to draw, beside the report itself. */
export interface DayResult {
  readonly report: RunReport;
  readonly outcome: DayOutcome;
}

/**
 * Runs one day of Algorithm 1 on a ledger, or goes on with it where it was left.
 *
 * @throws CrowdwattError `solver/inexact`, `solver/no-schedule` or `cancelled` (with the report so far in
 * `details.report`), `market/day-closed`, `market/day-differs`, `input/*`, `case/*`, `ledger/*`
 */
export async function runDay(source: Case, options: RunDayOptions = {}): Promise<RunReport> {
  return (await runDayInFull(source, options)).report;
}

/** `runDay` with the equilibrium, the rounds and the realised day beside the report. */
export async function runDayInFull(source: Case, options: RunDayOptions = {}): Promise<DayResult> {
  const feeder = parseCase(source);
  checkParties(feeder);
  if (options.day !== undefined) checkDay(options.day);
  const rules = rulesOf(feeder.incentives);
  // Everything that can be wrong with the input is said before a ledger is made.
  dayClock(options.day ?? FIRST_DAY, feeder, rules.maxRounds);
  const crowd = crowdOf(options.crowd ?? 'reservation', feeder);
  const { ledger: given = 'memory' } = options;
  if (typeof given !== 'string') return runOn(given, feeder, rules, crowd, options);
  const ledger = await openLedger({ ...options.ledgerOptions, at: given, signal: options.signal });
  try {
    return await runOn(ledger, feeder, rules, crowd, options);
  } finally {
    await ledger.close();
  }
}

async function runOn(
  ledger: Ledger,
  feeder: Case,
  rules: Rules,
  crowd: Crowd,
  options: RunDayOptions,
): Promise<DayResult> {
  const started = performance.now();
  const method = options.method ?? defaultMethod();
  const solveSettings = {
    method,
    tolerance: options.tolerance ?? defaultTolerance(method),
    exactness: options.exactness ?? defaultExactness(),
  };
  const seed = options.seed ?? 1;
  const { date, record } = await chooseDay(ledger, options.day);
  const hashes = dayHashes(feeder, hashedRules(rules, options.learn ?? false), solveSettings, crowd, seed);
  if (record) checkResumable(record, hashes);
  const clock = dayClock(date, feeder, rules.maxRounds);
  const hooks = { signal: options.signal, onProgress: options.onProgress, workers: options.workers };
  const day = new MarketDay(
    ledger,
    date,
    feeder,
    rules,
    clock,
    crowd,
    seed,
    solveSettings,
    options.allowInexact ?? false,
    hooks,
    options.visitors,
    options.solver,
    options.learn ? new Learned(await historyOf(ledger, date)) : undefined,
    options.reconcile ?? true,
  );
  const outcome: Partial<DayOutcome> & Pick<DayOutcome, 'answers'> = {
    contracts: [],
    rounds: [],
    plans: [],
    answers: new Answers(),
    statements: [],
  };
  const total = () => (performance.now() - started) / 1000;
  try {
    const foreseen = await day.step('solve', 'solving the day ahead', () => foresee(day, record));
    outcome.equilibrium = foreseen;
    await algorithm1(day, { hashes, foreseen, wishes: options.preferences }, outcome as DayOutcome);
    const whole = outcome as DayOutcome;
    return { report: await runReport(day, whole, total()), outcome: whole };
  } catch (thrown) {
    throw await withReport(asCrowdwattError(thrown), day, outcome, total());
  }
}

async function chooseDay(
  ledger: Ledger,
  asked: string | undefined,
): Promise<{ date: string; record: DayRecord | null }> {
  const operator = await ledger.member('operator', 'operator');
  const recordOf = (day: string) => ledger.query<DayRecord | null>(operator, 'GetDay', { day });
  if (asked !== undefined) return { date: asked, record: await recordOf(asked) };
  const newest = await ledger.query<string | null>(operator, 'LatestDay', {});
  if (newest === null) return { date: FIRST_DAY, record: null };
  const record = await recordOf(newest);
  return record && record.status !== 'settled' ? { date: newest, record } : { date: nextDay(newest), record: null };
}

/**
 * The equilibrium before anything is written, so that a day that cannot be traded is never opened. A
 * day whose equilibrium is on the ledger takes it from there, where the documents are kept.
 */
async function foresee(day: MarketDay, record: DayRecord | null): Promise<Equilibrium> {
  if (record?.status === 'priced') {
    const published = await day.query<EquilibriumRecord>('GetEquilibrium', { day: day.day });
    const solution = (await day.ledger.getObject(published.solutionHash)) as Solution | undefined;
    const feeder = (await day.ledger.getObject(published.caseHash)) as Case | undefined;
    if (solution && feeder) {
      const seconds = { setup: 0, solve: 0, total: 0 };
      return {
        feeder,
        solution: { ...solution, seconds },
        caseHash: documentHash(publicCase(feeder)),
        solutionHash: documentHash(publicSolution(solution)),
      };
    }
  }
  return solveForTrade(day, day.feeder);
}

/** Errors that end a day half way carry the report as far as it got. */
async function withReport(
  error: CrowdwattError,
  day: MarketDay,
  outcome: Partial<DayOutcome> & Pick<DayOutcome, 'answers'>,
  total: number,
): Promise<CrowdwattError> {
  if (!['solver/inexact', 'solver/no-schedule', 'cancelled'].includes(error.code)) return error;
  const { solution, ...details } = error.details as { solution?: Solution };
  const equilibrium =
    outcome.equilibrium ?? (solution ? { feeder: day.feeder, solution, caseHash: '', solutionHash: '' } : undefined);
  if (!equilibrium) return error;
  const report = await runReport(day, { ...outcome, equilibrium } as DayOutcome, total);
  return new CrowdwattError(error.code, error.message, { ...details, report }, { cause: error.cause });
}
