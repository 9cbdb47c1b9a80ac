import { createHash } from 'node:crypto';
import { CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import { CaseSolver } from '../solver/case-solver.js';
import { solve } from '../solver/index.js';
import type { ExactnessMode, Method, Solution } from '../solver/solution.js';
import { checkRealisedDay } from './ac-check.js';
import { generatorCost } from './contracts.js';
import { realisedCase } from './realised-case.js';
import { type Agreement, simulateDevices } from './simulate-devices.js';
import { shiftPlans, type Task, tasksOf } from './tasks.js';

export interface StressOptions extends RunHooks {
  /** Shares of all tasks that are declined; default 0, 0.1 … 0.6. */
  readonly decline?: readonly number[];
  /** Random draws of who declines, for each share; default 20. */
  readonly samples?: number;
  readonly seed?: number;
  readonly method?: Method;
  readonly exactness?: ExactnessMode;
}

/** Distribution over the samples of one share. */
export interface Quantiles {
  readonly p05: number;
  readonly median: number;
  readonly p95: number;
  readonly mean: number;
  readonly max: number;
}

export interface StressLevel {
  readonly decline: number;
  readonly samples: number;
  /** What the generators cost in the realised day, $. */
  readonly generationCost: Quantiles;
  /** Energy that the generators could not cover, MWh. */
  readonly shortfallMwh: Quantiles;
  /** Worst miss of a limit in the AC replay, pu. */
  readonly violationPu: Quantiles;
  /** Samples in which no dispatch was found. */
  readonly failed: number;
}

/** `crowdwatt-stress/1` */
export interface StressReport {
  readonly format: 'crowdwatt-stress/1';
  readonly case: string;
  readonly seed: number;
  readonly tasks: number;
  readonly equilibriumCost: number;
  readonly levels: readonly StressLevel[];
}

const DEFAULT_DECLINE = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

/**
 * Monte Carlo of refusals. The paper calls its equilibrium "robust to a large percentage of
 * crowdsourcees declining"; here a random share of the tasks is declined, the day's devices are
 * simulated in time order, the generators are dispatched again (line 10 of Algorithm 1), and the
 * realised day is replayed in AC.
 *
 * @throws CrowdwattError `solver/no-schedule` where there is no equilibrium, `cancelled`, `usage`
 */
export async function stress(source: Case, options: StressOptions = {}): Promise<StressReport> {
  const feeder = parseCase(source);
  const { decline = DEFAULT_DECLINE, samples = 20, seed = 1, signal, onProgress } = options;
  check(decline, samples);
  const solution = await solve(feeder, { method: options.method, exactness: options.exactness, signal, onProgress });
  if (solution.buses === undefined)
    throw new CrowdwattError('solver/no-schedule', `no equilibrium to stress: ${solution.reason ?? solution.status}`);
  const tasks = tasksOf(feeder, shiftPlans(feeder, solution)).flat();
  const trial = await openTrial(feeder, solution, tasks, options);
  const levels: StressLevel[] = [];
  let done = 0;
  for (const share of decline) {
    const runs: Trial[] = [];
    // Nobody declines: every sample is the same.
    const count = share === 0 ? 1 : samples;
    for (let sample = 0; sample < count; sample++) {
      if (signal?.aborted) throw new CrowdwattError('cancelled', `cancelled after ${done} samples`);
      runs.push(await trial.run(declined(tasks, share, seed, sample)));
      done++;
      onProgress?.({
        stage: 'stress',
        message: `${Math.round(share * 100)}% declined, sample ${sample + 1} of ${count}`,
        fraction: done / (samples * decline.filter((d) => d > 0).length + decline.filter((d) => d === 0).length),
      });
    }
    levels.push(level(share, runs));
  }
  return {
    format: 'crowdwatt-stress/1',
    case: feeder.name,
    seed,
    tasks: tasks.length,
    equilibriumCost: solution.objective!,
    levels,
  };
}

function check(decline: readonly number[], samples: number): void {
  if (decline.length === 0 || decline.some((share) => !(share >= 0 && share <= 1))) {
    throw new CrowdwattError('usage', `decline is ${decline.join(', ')}; shares from 0 to 1 are needed`);
  }
  if (!Number.isInteger(samples) || samples < 1 || samples > 100_000) {
    throw new CrowdwattError('usage', `samples is ${samples}; a whole number from 1 to 100000 is needed`);
  }
}

/** Exactly the given share of the tasks, chosen by a draw that depends on seed, sample and task only. */
function declined(tasks: readonly Task[], share: number, seed: number, sample: number): ReadonlySet<Task> {
  const drawn = tasks.map((task) => ({
    task,
    at: createHash('sha256')
      .update(JSON.stringify([seed, sample, task.participant, task.period]))
      .digest('hex'),
  }));
  drawn.sort((a, b) => (a.at < b.at ? -1 : 1));
  return new Set(drawn.slice(0, Math.round(share * tasks.length)).map((one) => one.task));
}

interface Trial {
  readonly cost: number;
  readonly shortfallMwh: number;
  readonly violationPu: number;
  readonly failed: boolean;
}

/** The realised day as a function of who declines; the dispatch problem keeps its structure from one to the next. */
async function openTrial(feeder: Case, solution: Solution, tasks: readonly Task[], options: StressOptions) {
  const plans = shiftPlans(feeder, solution);
  let solver: CaseSolver | undefined;
  const settings = { method: options.method, exactness: 'off', signal: options.signal } as const;
  const run = async (refused: ReadonlySet<Task>): Promise<Trial> => {
    const simulated = new Map(
      plans.map((plan) => {
        const { id } = plan.devices.person;
        const agreements = new Map<number, Agreement>();
        for (const task of tasks) {
          if (task.participant !== id) continue;
          const taken = refused.has(task) ? { mw: 0, share: 0 } : { mw: task.equilibriumMw, share: 1 };
          agreements.set(task.period, { task, ...taken });
        }
        return [id, simulateDevices(feeder, plan, agreements).plan];
      }),
    );
    const realised = realisedCase(feeder, solution, simulated, true);
    if (solver === undefined) solver = await CaseSolver.open(realised.feeder, settings);
    else solver.update(realised.feeder);
    const answer = await solver.solve();
    if (answer.status === 'cancelled') throw new CrowdwattError('cancelled', 'cancelled in a dispatch');
    if (answer.generators === undefined)
      return { cost: Number.NaN, shortfallMwh: Number.NaN, violationPu: Number.NaN, failed: true };
    return { ...measure(feeder, realised.feeder, answer), failed: false };
  };
  return { run };
}

/** Amounts below this share of a watt-hour per period are the solver's. */
const NOISE_MW = 1e-5;

function measure(feeder: Case, realised: Case, answer: Solution): Omit<Trial, 'failed'> {
  let cost = 0;
  for (const [place, generator] of feeder.generators.entries()) {
    cost += feeder.periods * feeder.hoursPerPeriod * generator.costConstant;
    for (const [t, mw] of answer.generators![place]!.pMw.entries()) cost += generatorCost(feeder, place, mw, t);
  }
  let shortfallMwh = 0;
  for (const load of answer.shed ?? []) {
    for (const mw of load.pMw) if (mw > NOISE_MW) shortfallMwh += mw * feeder.hoursPerPeriod;
  }
  return { cost, shortfallMwh, violationPu: checkRealisedDay(realised, answer).violationMaxPu };
}

function level(decline: number, runs: readonly Trial[]): StressLevel {
  const sound = runs.filter((run) => !run.failed);
  return {
    decline,
    samples: runs.length,
    generationCost: quantiles(sound.map((run) => run.cost)),
    shortfallMwh: quantiles(sound.map((run) => run.shortfallMwh)),
    violationPu: quantiles(sound.map((run) => run.violationPu)),
    failed: runs.length - sound.length,
  };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p: number): number => {
    const place = p * (sorted.length - 1);
    const low = sorted[Math.floor(place)] ?? Number.NaN;
    const high = sorted[Math.ceil(place)] ?? Number.NaN;
    return low + (place - Math.floor(place)) * (high - low);
  };
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { p05: at(0.05), median: at(0.5), p95: at(0.95), mean, max: at(1) };
}
