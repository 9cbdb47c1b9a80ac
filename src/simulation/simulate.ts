import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import { openLedger } from '../ledger/index.js';
import type { Ledger } from '../ledger/types.js';
import { type CrowdChoice, runDayInFull } from '../market/index.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import type { ExactnessMode, Method } from '../solver/solution.js';
import { dateOf, dayCase, type StoredEnergy } from './day-case.js';
import { type DaySummary, summarise } from './summary.js';

export interface SimulateOptions extends RunHooks {
  readonly days?: number;
  /** Of the first day; default 2018-08-06, a Monday. */
  readonly from?: string;
  readonly seed?: string;
  readonly crowd?: CrowdChoice;
  readonly method?: Method;
  readonly exactness?: ExactnessMode;
  readonly allowInexact?: boolean;
  /** Terms from the ledger's history of answers. */
  readonly learn?: boolean;
  /** Days between two reconciliations; default 7. */
  readonly reconcileEvery?: number;
  /** Folder of the simulation: ledger, one file a day. What is there is kept and gone on from. */
  readonly folder: string;
}

export interface Simulation {
  readonly format: 'crowdwatt-simulation/1';
  readonly case: string;
  readonly seed: string;
  readonly learn: boolean;
  readonly days: readonly DaySummary[];
  readonly reconciliations: readonly { readonly from: string; readonly to: string }[];
}

const MOST_DAYS = 3660;
const MINUTE_MS = 60_000;
/** After the meters' deadline of the last day of a span. */
const AFTER_DAY_MS = 2 * 86_400_000;

/**
 * Day after day of Algorithm 1 on one ledger, with weather, weekdays and prices drawn from the seed;
 * batteries carry over, a week is reconciled at its end. Stopped at any point it goes on from there:
 * whole days are in their files, the day in between is on the ledger.
 */
export async function simulate(source: Case, options: SimulateOptions): Promise<Simulation> {
  const base = parseCase(source);
  const { days = 30, from = '2018-08-06', seed = '1', reconcileEvery = 7, learn = false, folder } = options;
  check(days, reconcileEvery, from);
  await mkdir(join(folder, 'days'), { recursive: true });
  await sameInputs(folder, { case: base.name, from, seed, learn, crowd: options.crowd ?? 'reservation' });
  const ledger = await openLedger({ at: join(folder, 'ledger'), signal: options.signal });
  try {
    const summaries: DaySummary[] = [];
    const reconciliations: Simulation['reconciliations'][number][] = [];
    let stored: StoredEnergy = new Map();
    for (let k = 0; k < days; k++) {
      if (options.signal?.aborted)
        throw new CrowdwattError('cancelled', `cancelled after ${k} days; the same command goes on from there`);
      const date = dateOf(from, k);
      const file = join(folder, 'days', `${date}.json`);
      const known = await readSummary(file);
      const summary = known ?? (await oneDay(ledger, base, date, stored, options, seed));
      if (known === undefined) await writeWhole(file, `${JSON.stringify(summary)}\n`);
      summaries.push(summary);
      stored = new Map(Object.entries(summary.stored));
      options.onProgress?.({
        stage: 'simulate',
        message: `${date}: ${summary.cost.toFixed(2)} $, ${summary.accepted} of ${summary.offers} accepted`,
        fraction: (k + 1) / days,
      });
      if ((k + 1) % reconcileEvery === 0 || k === days - 1) {
        const span = { from: dateOf(from, k - (k % reconcileEvery)), to: date };
        await reconcileSpan(ledger, span);
        reconciliations.push(span);
      }
    }
    return { format: 'crowdwatt-simulation/1', case: base.name, seed, learn, days: summaries, reconciliations };
  } finally {
    await ledger.close();
  }
}

function check(days: number, every: number, from: string): void {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new CrowdwattError('usage', `days is ${days}; a whole number from 1 to ${MOST_DAYS} is needed`);
  if (!Number.isInteger(every) || every < 1)
    throw new CrowdwattError('usage', `reconcileEvery is ${every}; a whole number of days is needed`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(from) || Number.isNaN(Date.parse(`${from}T00:00:00Z`)))
    throw new CrowdwattError('usage', `from is '${from}'; a date YYYY-MM-DD is needed`);
}

async function oneDay(
  ledger: Ledger,
  base: Case,
  date: string,
  stored: StoredEnergy,
  options: SimulateOptions,
  seed: string,
): Promise<DaySummary> {
  const started = performance.now();
  const feeder = dayCase(base, date, seed, stored);
  const { method, exactness, allowInexact, crowd, learn, signal, workers } = options;
  const { report, outcome } = await runDayInFull(feeder, {
    ledger,
    day: date,
    method,
    exactness,
    allowInexact,
    crowd,
    learn,
    signal,
    workers,
    reconcile: false,
  });
  return summarise(date, feeder, report, outcome, (performance.now() - started) / 1000);
}

/** The same span again changes nothing, so a simulation that is gone on with may ask again. */
async function reconcileSpan(ledger: Ledger, span: { from: string; to: string }): Promise<void> {
  const operator = await ledger.member('operator', 'operator');
  await ledger.transact(operator, {
    name: 'Reconcile',
    args: span,
    operationId: `simulate/reconcile/${span.from}/${span.to}`,
    timestamp: Date.parse(`${span.to}T00:00:00Z`) + AFTER_DAY_MS + MINUTE_MS,
  });
}

/** A folder belongs to one simulation. */
async function sameInputs(folder: string, inputs: object): Promise<void> {
  const file = join(folder, 'simulation.json');
  const text = `${JSON.stringify(inputs)}\n`;
  const there = await readFile(file, 'utf8').catch(() => undefined);
  if (there === undefined) await writeWhole(file, text);
  else if (there !== text) {
    throw new CrowdwattError(
      'market/day-differs',
      `${folder} holds another simulation (${there.trim().slice(0, 200)}); give it a folder of its own`,
    );
  }
}

async function readSummary(file: string): Promise<DaySummary | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DaySummary);
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
