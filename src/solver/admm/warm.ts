import { CrowdwattError } from '../../errors.js';
import type { CompiledCase } from '../../model/compiled.js';
import { RING_COUNT } from '../../wasm/admm-abi.js';
import type { EngineResult, EngineSettings } from '../engine.js';
import type { Scene } from './fill.js';
import { partiesFor } from './parties.js';
import { predictState } from './predict.js';
import { rebase } from './rebase.js';
import { runToEnd } from './run.js';
import { runnerFor } from './runner.js';
import { AdmmSession } from './session.js';
import { TREE_SETTINGS } from './settings.js';

/** A start whose residual is above this share of the cold start's is no better than cold. */
const WORTH_KEEPING = 0.05;
/** Below this multiple of the last residual, the weights that fitted the last answer fit the next. */
const NEARBY = 5;
/** A warm solve is short: weights are not touched before it should be over. */
const ADAPT_FROM = 80;

/**
 * ADMM that solves again and again: after the first answer, forecasts, loads, limits and prices may
 * change (not the feeder, nor which devices there are), and the next solve starts from the last
 * state. The start is chosen by its residual: the kept state, the kept state moved to where the change
 * should take it, or a cold start.
 */
export class AdmmSolver {
  #problem: CompiledCase;
  readonly #workers: number | undefined;
  #session: AdmmSession | undefined;
  /** Scene that the kept state belongs to; none: the next solve is cold. */
  #solved: Scene | undefined;
  #lastNorm = 0;

  constructor(problem: CompiledCase, options: { workers?: number } = {}) {
    this.#problem = problem;
    this.#workers = options.workers;
  }

  /** @throws CrowdwattError `usage` where the feeder or its devices are others */
  update(problem: CompiledCase): void {
    const different = firstDifference(this.#problem, problem);
    if (different !== undefined) {
      throw new CrowdwattError('usage', `a warm solver keeps its feeder and devices; ${different} differs`);
    }
    this.#problem = problem;
  }

  /** Forgets the last answer. */
  reset(): void {
    this.#solved = undefined;
  }

  async solve(settings: EngineSettings): Promise<EngineResult> {
    const started = performance.now();
    const first = this.#session === undefined;
    const parties = this.#workers ?? settings.workers ?? partiesFor(this.#problem);
    this.#session ??= new AdmmSession(this.#problem, TREE_SETTINGS, parties);
    const session = this.#session;
    const runner = runnerFor(session, settings, started);
    try {
      if (!first) {
        // everything inside is on the first problem's power base
        session.change(rebase(this.#problem, session.scene.problem.baseMva));
        await this.#chooseStart(session, runner.evaluate);
      }
      const inside = await runToEnd(session, runner, settings, (performance.now() - started) / 1000);
      const usable = inside.status === 'optimal' || inside.status === 'reduced-accuracy';
      this.#solved = usable ? session.scene : undefined;
      this.#lastNorm = residualNorm(session);
      return inBase(inside, session.scene.problem.baseMva, this.#problem);
    } catch (thrown) {
      // the memory may hold half an iteration
      this.#session = undefined;
      this.#solved = undefined;
      throw thrown;
    } finally {
      runner.close();
    }
  }

  async #chooseStart(session: AdmmSession, evaluate: () => Promise<void>): Promise<void> {
    const before = this.#solved;
    if (before === undefined) {
      session.resetWeights();
      session.start();
      return;
    }
    const norm = async () => {
      await evaluate();
      return residualNorm(session);
    };
    const w = session.vector('w');
    const kept = w.slice();
    const directions = session.words[RING_COUNT]!;
    const plain = await norm();
    predictState(session, before);
    const moved = w.slice();
    const predicted = await norm();
    const best = Math.min(plain, predicted);
    const nearby = best <= NEARBY * this.#lastNorm;
    session.start();
    const cold = await norm();
    session.words[RING_COUNT] = directions;
    if (best > WORTH_KEEPING * cold) {
      session.resetWeights();
      session.start();
      return;
    }
    w.set(predicted < plain ? moved : kept);
    if (!nearby) {
      await evaluate();
      session.resetWeights();
    }
    session.restart(ADAPT_FROM, nearby);
  }
}

function residualNorm(session: AdmmSession): number {
  const sums = session.vector('rowSum');
  const weight = session.vector('weight');
  let total = 0;
  for (let row = 0; row < weight.length; row += 1) total += weight[row]! * sums[row]!;
  return Math.sqrt(total);
}

/** The answer of a solve on base `from` in the units of `problem`. */
function inBase(result: EngineResult, from: number, problem: CompiledCase): EngineResult {
  const { point, duals } = result;
  if (from === problem.baseMva || point === undefined || duals === undefined) return result;
  const k = from / problem.baseMva;
  const scaled = (values: Float64Array, factor: number) => values.map((value) => value * factor);
  const powers = Object.entries(point).map(([name, values]) => {
    const factor = name === 'v' ? 1 : name === 'ell' ? k * k : k;
    return [name, scaled(values, factor)];
  });
  return {
    ...result,
    point: Object.fromEntries(powers) as typeof point,
    duals: {
      ...duals,
      balanceP: scaled(duals.balanceP, 1 / k),
      balanceQ: scaled(duals.balanceQ, 1 / k),
      ...(duals.thermal === undefined ? {} : { thermal: scaled(duals.thermal, 1 / k) }),
      ...(duals.renewableShare === undefined ? {} : { renewableShare: duals.renewableShare / k }),
    },
  };
}

/** What must stay the same for a state to mean anything; undefined: nothing differs. */
function firstDifference(a: CompiledCase, b: CompiledCase): string | undefined {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    x.length === y.length && Array.from(x).every((value, k) => Object.is(value, y[k]));
  const ohms = (problem: CompiledCase) => [...problem.r, ...problem.x].map((z) => (z * 1e3) / problem.baseMva);
  const close = (x: number[], y: number[]) =>
    x.length === y.length && x.every((value, k) => Math.abs(value - y[k]!) <= 1e-9 * Math.abs(value));
  const rated = (values: Float64Array) => values.map((value) => (Number.isNaN(value) ? 0 : 1));
  const checks: [string, boolean][] = [
    ['the number of periods', a.periods === b.periods && a.hours === b.hours],
    ['the tree', same(a.parent, b.parent)],
    ['a line', close(ohms(a), ohms(b))],
    ['a generator', same(a.generators.bus, b.generators.bus)],
    ['solar', same(a.solar.bus, b.solar.bus) && same(rated(a.solar.sMax), rated(b.solar.sMax))],
    ['a battery', same(a.batteries.bus, b.batteries.bus) && same(rated(a.batteries.sMax), rated(b.batteries.sMax))],
    ['a shapable load', same(a.shapables.bus, b.shapables.bus) && same(a.shapables.tanPhi, b.shapables.tanPhi)],
    ['a sheddable load', same(a.sheddable.load, b.sheddable.load)],
    ['the renewable share', a.minRenewableShare > 0 === b.minRenewableShare > 0],
  ];
  return checks.find(([, equal]) => !equal)?.[0];
}
