import { CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import { openLedger } from '../ledger/index.js';
import type { Ledger } from '../ledger/types.js';
import { checkDay, dayClock, FIRST_DAY, nextDay } from '../market/clock.js';
import { establishContracts } from '../market/contracts.js';
import { type CrowdChoice, crowdOf } from '../market/crowd.js';
import { checkResumable, dayHashes } from '../market/day-hashes.js';
import { documentHash, publicCase, publicSolution } from '../market/document-hash.js';
import type { Statement } from '../market/documents.js';
import { publishEquilibrium } from '../market/equilibrium.js';
import { historyOf, Learned } from '../market/learning.js';
import { MarketDay } from '../market/market-day.js';
import { closeGate, enterPreferences, openDay } from '../market/preferences.js';
import { reconcile } from '../market/reconcile.js';
import { registerParticipants } from '../market/registration.js';
import { rulesOf } from '../market/terms.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { CaseSolver } from '../solver/case-solver.js';
import { solve } from '../solver/index.js';
import type { Solution } from '../solver/solution.js';
import type { FeedRecord } from './feed.js';
import { fineCase, fineSolution } from './fine-day.js';
import { firstPeriod, horizonCase, storesAtStart } from './horizon.js';
import { runStep, type StepReport } from './step.js';

export interface RealtimeOptions extends RunHooks {
  /** Minutes of a step; must divide the case's period. Default 5. */
  readonly stepMinutes?: number;
  readonly feed: AsyncIterable<FeedRecord>;
  readonly ledger?: Ledger | string;
  readonly keys?: string;
  readonly day?: string;
  readonly crowd?: CrowdChoice;
  readonly seed?: number;
  readonly learn?: boolean;
  /** Told after each step. */
  readonly onStep?: (report: StepReport) => void;
}

/** `crowdwatt-realtime/1` */
export interface RealtimeReport {
  readonly format: 'crowdwatt-realtime/1';
  readonly case: string;
  readonly day: string;
  readonly stepMinutes: number;
  readonly steps: readonly StepReport[];
  /** Energy that shapable loads wanted and did not get, MWh. */
  readonly unmetMwh: number;
  readonly statements: readonly Statement[];
  readonly ledger: { readonly kind: string; readonly height: number; readonly lastBlockHash: string };
}

const TOLERANCE = 1e-5;

/**
 * The paper's Type-2 market in real time: each step takes what was measured, solves the rest of the
 * day again from what is in the stores, asks Type 2 for the step's shifts with a deadline, lets the
 * substation stand in for what is refused, and meters what was delivered; all of it on the ledger.
 *
 * Stopped anywhere, the same call goes on: every transaction's operation id follows from day and
 * step, so steps that are on the ledger give the same outcomes again and nothing is offered twice.
 */
export async function runRealtime(source: Case, options: RealtimeOptions): Promise<RealtimeReport> {
  const base = parseCase(source);
  const ratio = stepsPerPeriod(base, options.stepMinutes ?? 5);
  const { ledger: given = 'memory' } = options;
  if (typeof given !== 'string') return runOn(given, base, ratio, options);
  const ledger = await openLedger({
    at: given,
    signal: options.signal,
    ...(options.keys === undefined ? {} : { keys: options.keys }),
  });
  try {
    return await runOn(ledger, base, ratio, options);
  } finally {
    await ledger.close();
  }
}

function stepsPerPeriod(base: Case, stepMinutes: number): number {
  const ratio = (base.hoursPerPeriod * 60) / stepMinutes;
  if (!(stepMinutes >= 1) || Math.abs(ratio - Math.round(ratio)) > 1e-9) {
    throw new CrowdwattError(
      'usage',
      `a step of ${stepMinutes} minutes does not divide the case's period of ${base.hoursPerPeriod * 60} minutes`,
    );
  }
  return Math.round(ratio);
}

async function runOn(ledger: Ledger, base: Case, ratio: number, options: RealtimeOptions): Promise<RealtimeReport> {
  const day = await prepare(ledger, base, ratio, options);
  const stepHours = base.hoursPerPeriod / ratio;
  const steps: StepReport[] = [];
  let stores = storesAtStart(base);
  let solver: { readonly periods: number; readonly solver: CaseSolver } | undefined;
  const feed = options.feed[Symbol.asyncIterator]();
  let ahead: FeedRecord | undefined;
  for (let step = 0; step < base.periods * ratio; step++) {
    day.checkCancelled();
    // A step the feed says nothing about goes as forecast.
    while (ahead === undefined || ahead.step < step) {
      const next = await feed.next();
      ahead = next.done ? { step: Number.POSITIVE_INFINITY } : next.value;
    }
    const started = performance.now();
    const now = step * stepHours;
    const horizon = horizonCase(base, now, stores, ahead.step === step ? ahead : { step });
    if (solver?.periods !== horizon.periods) {
      solver?.solver.close();
      solver = {
        periods: horizon.periods,
        solver: await CaseSolver.open(horizon, { method: 'ipm', exactness: 'off', tolerance: TOLERANCE }),
      };
    } else solver.solver.update(horizon);
    const solution = await solver.solver.solve({ signal: options.signal });
    checkSolved(solution, step);
    const outcome = await runStep(day, {
      step,
      stepHours,
      hoursLeft: base.periods * base.hoursPerPeriod - now,
      horizon,
      ...firstPeriod(horizon, solution),
      stores,
      windowLeft: new Map(
        base.shapables.map((s) => [
          s.id,
          s.startPeriod * base.hoursPerPeriod > now + 1e-9 ? 0 : s.endPeriod * base.hoursPerPeriod - now,
        ]),
      ),
      time: day.clock.start + Math.round(now * 3_600_000),
    });
    stores = outcome.stores;
    const report = { ...outcome.report, seconds: (performance.now() - started) / 1000 };
    steps.push(report);
    options.onStep?.(report);
    options.onProgress?.({
      stage: 'realtime',
      message: `step ${step + 1}: ${report.price.toFixed(2)} $/MWh, ${report.accepted} of ${report.offers} accepted, ${report.seconds.toFixed(2)} s`,
      fraction: (step + 1) / (base.periods * ratio),
    });
  }
  solver?.solver.close();
  const statements = await reconcile(day);
  const head = await ledger.head();
  return {
    format: 'crowdwatt-realtime/1',
    case: base.name,
    day: day.day,
    stepMinutes: stepHours * 60,
    steps,
    unmetMwh: [...stores.wanted.values()].reduce((sum, mwh) => sum + mwh, 0),
    statements,
    ledger: { kind: ledger.kind, height: head.height, lastBlockHash: head.hash },
  };
}

/** Lines 1–3 of Algorithm 1 for the day in steps: registration, gate, day-ahead equilibrium, contracts. */
async function prepare(ledger: Ledger, base: Case, ratio: number, options: RealtimeOptions): Promise<MarketDay> {
  const { signal, onProgress, workers } = options;
  const fine = fineCase(base, ratio);
  const rules = { ...rulesOf(base.incentives), maxRounds: 1 };
  const crowd = crowdOf(options.crowd ?? 'reservation', base);
  const settings = { method: 'ipm', tolerance: 1e-6, exactness: 'recover' } as const;
  const { date, record } = await chooseDay(ledger, options.day);
  const hashes = dayHashes(fine, rules, settings, crowd, options.seed ?? 1);
  if (record !== null) checkResumable(record as never, hashes);
  const dayAhead = await solve(base, { ...settings, signal, onProgress });
  checkSolved(dayAhead, 0);
  const spread = fineSolution(base, dayAhead, ratio);
  const foreseen = {
    feeder: fine,
    solution: spread,
    caseHash: documentHash(publicCase(fine)),
    solutionHash: documentHash(publicSolution(spread)),
  };
  const learned = options.learn ? new Learned(await historyOf(ledger, date)) : undefined;
  const clock = dayClock(date, fine, 1);
  const day = new MarketDay(
    ledger,
    date,
    fine,
    rules,
    clock,
    crowd,
    options.seed ?? 1,
    settings,
    false,
    { signal, onProgress, workers },
    {},
    undefined,
    learned,
  );
  await registerParticipants(day);
  await openDay(day, hashes);
  await enterPreferences(day);
  const gate = await closeGate(day);
  await establishContracts(day, await publishEquilibrium(day, gate, foreseen));
  return day;
}

async function chooseDay(ledger: Ledger, asked: string | undefined): Promise<{ date: string; record: unknown }> {
  const operator = await ledger.member('operator', 'operator');
  const recordOf = (day: string) => ledger.query<{ status: string } | null>(operator, 'GetDay', { day });
  if (asked !== undefined) return { date: checkDay(asked), record: await recordOf(asked) };
  const newest = await ledger.query<string | null>(operator, 'LatestDay', {});
  if (newest === null) return { date: FIRST_DAY, record: null };
  const record = await recordOf(newest);
  return record !== null && record.status !== 'settled'
    ? { date: newest, record }
    : { date: nextDay(newest), record: null };
}

function checkSolved(solution: Solution, step: number): void {
  if (solution.status === 'cancelled')
    throw new CrowdwattError('cancelled', `cancelled in step ${step}; the same command goes on from there`);
  if (solution.buses === undefined)
    throw new CrowdwattError('solver/no-schedule', `step ${step}: ${solution.reason ?? solution.status}`);
}
