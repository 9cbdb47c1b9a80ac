import type { CompiledCase } from '../../model/compiled.js';
import type { Engine, EngineResult, EngineSettings } from '../engine.js';
import { type ConicDuals, type ConicResult, ConicSolver } from './conic.js';
import { type Clash, describeClashes, findClashes } from './model/clash.js';
import { safeLowerBound } from './model/lower-bound.js';
import { buildNetwork, type NetworkOptions, type NetworkProgram } from './model/network.js';
import { networkDuals, networkPoint } from './model/point.js';

export { type Clash, describeClashes, findClashes } from './model/clash.js';
export { safeLowerBound } from './model/lower-bound.js';
export type { NetworkOptions, NetworkProgram } from './model/network.js';
export { buildNetwork } from './model/network.js';
export { networkDuals, networkPoint } from './model/point.js';

/** The interior point as an engine: the plain relaxation over all periods at once. */
export const ipmEngine: Engine = (problem, settings) => new IpmSolver(problem).solve(settings);

/**
 * A compiled case kept ready for solving again: `update` takes another case of the same feeder and
 * devices (new forecasts, loads, limits, prices), and as long as the structure is the same nothing
 * symbolic is done again.
 */
export class IpmSolver {
  private problem: CompiledCase;
  private network: NetworkProgram;
  private readonly solver: ConicSolver;
  private setupSeconds: number;

  constructor(
    problem: CompiledCase,
    private readonly options: NetworkOptions = {},
  ) {
    const started = performance.now();
    this.problem = problem;
    this.network = buildNetwork(problem, options);
    this.solver = new ConicSolver(this.network.program);
    this.setupSeconds = (performance.now() - started) / 1000;
  }

  update(problem: CompiledCase): void {
    const started = performance.now();
    this.problem = problem;
    this.network = buildNetwork(problem, this.options);
    this.solver.update(this.network.program);
    this.setupSeconds = (performance.now() - started) / 1000;
  }

  /** How often the symbolic analysis ran so far. */
  get analyses(): number {
    return this.solver.analyses;
  }

  get statistics(): ConicSolver['statistics'] {
    return this.solver.statistics;
  }

  async solve(settings: EngineSettings): Promise<EngineResult> {
    const result = await this.solver.solve({
      tolerance: settings.tolerance,
      ...(settings.maxIterations === undefined ? {} : { maxIterations: settings.maxIterations }),
      ...(settings.timeLimitSeconds === undefined ? {} : { timeLimitSeconds: settings.timeLimitSeconds }),
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
      onIteration: (state) =>
        settings.onProgress?.({
          stage: 'solve',
          message: `interior point, iteration ${state.iteration}: ${state.primalObjective.toFixed(4)} $`,
          fields: {
            iteration: state.iteration,
            primalResidual: state.primalResidual,
            dualResidual: state.dualResidual,
            relativeGap: state.relativeGap,
          },
        }),
    });
    return this.toEngineResult(result);
  }

  private toEngineResult(result: ConicResult): EngineResult {
    const { problem, network } = this;
    const found = result.x !== undefined && result.duals !== undefined;
    const reason = this.explain(result);
    return {
      status: result.status,
      iterations: result.iterations,
      setupSeconds: this.setupSeconds,
      solveSeconds: result.solveSeconds,
      ...(found
        ? {
            point: networkPoint(problem, network, result.x!),
            duals: networkDuals(problem, network, result.duals!),
          }
        : {}),
      primalObjective: result.primalObjective,
      dualObjective: found ? this.lowerBound(result.x!, result.duals!, result.dualObjective) : Number.NEGATIVE_INFINITY,
      primalResidual: result.primalResidual,
      dualResidual: result.dualResidual,
      relativeGap: result.relativeGap,
      ...(reason === undefined ? {} : { reason }),
      trace: result.trace.map((state) => ({
        iteration: state.iteration,
        primalResidual: state.primalResidual,
        dualResidual: state.dualResidual,
        objective: state.primalObjective,
      })),
    };
  }

  /** The limits behind the last infeasible answer, heaviest first. */
  clashes(result: ConicResult): Clash[] {
    return result.certificate ? findClashes(this.problem, this.network, result.certificate) : [];
  }

  /** With the Gan–Li rows the dual objective bounds that problem; of the plain one a bound that always holds. */
  private lowerBound(x: Float64Array, duals: ConicDuals, dualObjective: number): number {
    return this.options.bound ? dualObjective : safeLowerBound(this.problem, this.network, x, duals);
  }

  private explain(result: ConicResult): string | undefined {
    if (result.status !== 'infeasible') return undefined;
    if (result.contradiction) return this.explainContradiction(result.contradiction.index, result.contradiction.kind);
    return describeClashes(this.clashes(result));
  }

  private explainContradiction(index: number, kind: 'variable' | 'row' | 'cone'): string {
    const { network, problem } = this;
    if (kind === 'row' && index === network.devices.shareRow) {
      return 'the minimum renewable share cannot be met: no solar power can be chosen and what there is falls short';
    }
    const at = kind === 'row' ? network.balanceP.indexOf(index) : -1;
    const where =
      at < 0
        ? ''
        : ` at bus ${problem.source.buses[problem.busOfPosition[Math.floor(at / problem.periods)]!]!.id} in period ${at % problem.periods}`;
    return `limits that leave no freedom contradict each other${where}`;
  }
}
