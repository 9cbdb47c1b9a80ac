import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { parseCase } from '../model/index.js';
import type { Engine } from './engine.js';
import { type SolveOptions, solveChecked } from './index.js';
import { defaultMethod, loadWarmEngine, type WarmEngine } from './methods.js';
import type { Solution } from './solution.js';

/** What may change between two solves of one feeder. */
export type CaseChanges = Partial<
  Pick<
    Case,
    | 'name'
    | 'rootVoltagePu'
    | 'buses'
    | 'lines'
    | 'loads'
    | 'solar'
    | 'batteries'
    | 'shapables'
    | 'generators'
    | 'minRenewableShare'
  >
>;

/**
 * A feeder kept ready for being solved again and again: the call an operator makes every five minutes.
 * Forecasts, loads, limits and prices change; as long as buses, lines and devices stay the same,
 * nothing symbolic is done again (interior point) and iterations start from the last answer (ADMM,
 * with a safeguard that never makes it slower than a cold start).
 *
 * One solve at a time. Holds memory until `close()` (or `using`).
 */
export class CaseSolver implements Disposable {
  #source: Case;
  #warm: WarmEngine | undefined;
  #busy = false;
  readonly #options: SolveOptions;

  private constructor(source: Case, options: SolveOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** @throws CrowdwattError `input/*`, `case/*`, `usage` or `not-built` */
  static async open(source: Case, options: SolveOptions = {}): Promise<CaseSolver> {
    const solver = new CaseSolver(parseCase(source), options);
    solver.#warm = await loadWarmEngine(options.method ?? defaultMethod());
    return solver;
  }

  /** The case as it stands. */
  get source(): Case {
    return this.#source;
  }

  /** Takes new forecasts, loads, limits or prices; whole lists replace whole lists. @throws as `parseCase` */
  update(changes: CaseChanges): void {
    this.#source = parseCase({ ...this.#source, ...changes });
  }

  async solve(options: SolveOptions = {}): Promise<Solution> {
    const warm = this.#warm;
    if (warm === undefined) throw new CrowdwattError('usage', 'this solver is closed');
    if (this.#busy) throw new CrowdwattError('usage', 'this solver is solving; one solve at a time');
    this.#busy = true;
    const engine: Engine = (problem, settings) => warm.solve(problem, settings);
    try {
      return await solveChecked(this.#source, { ...this.#options, ...options, engine });
    } finally {
      this.#busy = false;
    }
  }

  close(): void {
    this.#warm = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
