import type { SolveStatus } from '../../status.js';
import { type ConicDuals, completeFixed, extractDuals, extractPrimal } from './extract.js';
import type { KernelTarget } from './kernel.js';
import type { ConicProgram } from './program.js';
import { type Contradiction, type StandardForm, sameCoefficients, sameStructure, toStandardForm } from './standard.js';
import { Convergence, type Merit, type StopSettings } from './stopping.js';
import { type Scaling, Workspace } from './workspace.js';

export type { ConicDuals } from './extract.js';
export { type Affine, ConicProgram } from './program.js';
export type { Contradiction } from './standard.js';

/** How to solve a conic program. */
export interface ConicSettings {
  /** τ. Primal: row residual ≤ τ · its scale. Dual: ≤ τ · largest price. Gap: ≤ τ · max(1, Σ |cost terms|). Default 1e-8. */
  readonly tolerance?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  readonly timeLimitSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onIteration?: (state: IterationState) => void;
  /** Which build of the kernels; chosen by what the machine can do when left out. */
  readonly target?: KernelTarget;
}

/** What one iteration left behind, in the program's units. */
export interface IterationState {
  readonly iteration: number;
  readonly primalObjective: number;
  readonly dualObjective: number;
  /** Each divided by what the tolerance is multiplied with, so comparable with τ. */
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly relativeGap: number;
  readonly step: number;
  readonly mu: number;
}

export interface ConicResult {
  readonly status: SolveStatus;
  readonly iterations: number;
  readonly setupSeconds: number;
  readonly solveSeconds: number;
  /** Best point met; absent for infeasible and unbounded. */
  readonly x?: Float64Array;
  readonly duals?: ConicDuals;
  readonly primalObjective: number;
  readonly dualObjective: number;
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly relativeGap: number;
  /**
   * Infeasible: multipliers with Aᵀ row − zLower + zUpper − … = 0 (to `certificateError`) whose weighted
   * sum of the constraints reads 0 ≤ −1 (Farkas). Large entries name what clashes.
   */
  readonly certificate?: ConicDuals;
  readonly certificateError?: number;
  /** Infeasible already by substitution: the one variable, row or cone that cannot hold. */
  readonly contradiction?: Contradiction;
  /** Unbounded: a direction of ever falling cost. */
  readonly ray?: Float64Array;
  readonly trace: readonly IterationState[];
}

/** Time between two turns of the event loop in `solve()`. */
const TURN_MILLISECONDS = 40;

/**
 * A program kept in WebAssembly memory. `update` takes another program; where its structure is the
 * same (unknowns, rows, bounds that exist, entries) no symbolic work is done again.
 *
 * One solver serves one solve at a time.
 */
export class ConicSolver {
  private program: ConicProgram;
  private form: StandardForm;
  private scaling: Scaling | undefined;
  private workspace: Workspace | undefined;
  private setupSeconds = 0;
  /** How often the symbolic analysis ran: 1 as long as the structure stayed. */
  analyses = 0;

  constructor(
    program: ConicProgram,
    private readonly target?: KernelTarget,
  ) {
    this.program = program;
    const started = performance.now();
    this.form = toStandardForm(program);
    this.place(started, false);
  }

  update(program: ConicProgram): void {
    const started = performance.now();
    const form = toStandardForm(program);
    const keep = this.workspace !== undefined && sameStructure(form, this.form);
    const keepScaling = keep && sameCoefficients(form, this.form);
    this.program = program;
    this.form = form;
    if (!keep) this.workspace = undefined;
    this.place(started, keepScaling);
  }

  private place(started: number, keepScaling: boolean): void {
    if (!this.form.contradiction) {
      if (!this.workspace) {
        this.workspace = new Workspace(this.form, this.target);
        this.analyses++;
      }
      this.workspace.load(this.form, this.program.slackScale, keepScaling);
      this.scaling = this.workspace.scaling();
    }
    this.setupSeconds = (performance.now() - started) / 1000;
  }

  /** Figures of the factorisation, for benchmarks: dimension, entries of L, multiplications, bytes. */
  get statistics(): { dimension: number; nonzeros: number; flops: number; fronts: number; bytes: number } | undefined {
    const workspace = this.workspace;
    if (!workspace) return undefined;
    const { size, nonzeros, flops, fronts } = workspace.symbolic;
    return { dimension: size, nonzeros, flops, fronts, bytes: workspace.memoryBytes };
  }

  /** Solves without giving the event loop a turn: `signal` is seen only if it was aborted before. */
  solveSync(settings: ConicSettings = {}): ConicResult {
    const run = this.begin(settings);
    while (run.advance()) {
      // one WebAssembly call an iteration
    }
    return run.finish();
  }

  /** Solves, giving the event loop a turn now and then, so that `signal` and other work get through. */
  async solve(settings: ConicSettings = {}): Promise<ConicResult> {
    const run = this.begin(settings);
    let turn = performance.now();
    while (run.advance()) {
      if (performance.now() - turn > TURN_MILLISECONDS) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
    }
    return run.finish();
  }

  private begin(settings: ConicSettings): Run {
    return new Run(this.program, this.form, this.scaling, this.workspace, this.setupSeconds, settings);
  }
}

/** Builds, solves and forgets. */
export function solveConic(program: ConicProgram, settings: ConicSettings = {}): ConicResult {
  return new ConicSolver(program, settings.target).solveSync(settings);
}

/** One solve, an iteration at a time. */
class Run {
  private readonly started = performance.now();
  private readonly progress: Convergence | undefined;
  private readonly settings: ConicSettings;
  private status: SolveStatus | undefined;
  private iteration = 0;
  private begun = false;

  constructor(
    private readonly program: ConicProgram,
    private readonly form: StandardForm,
    private readonly scaling: Scaling | undefined,
    private readonly workspace: Workspace | undefined,
    private readonly setupSeconds: number,
    settings: ConicSettings,
  ) {
    this.settings = settings;
    if (form.contradiction || !workspace || !scaling) {
      this.status = 'infeasible';
      return;
    }
    const stop: StopSettings = { tolerance: settings.tolerance ?? 1e-8 };
    this.progress = new Convergence(workspace, form, scaling, stop);
  }

  /** One iteration; false when the run is over. */
  advance(): boolean {
    if (this.status) return false;
    const workspace = this.workspace!;
    const progress = this.progress!;
    let merit: Merit;
    if (!this.begun) {
      this.begun = true;
      progress.prepare();
      workspace.kernel.initialise(workspace.plan);
      merit = progress.observe(this.iteration);
    } else {
      const code = workspace.kernel.iterate(workspace.plan);
      this.iteration++;
      merit = code === 0 ? progress.observe(this.iteration) : 'stalled';
    }
    const state = progress.trace.at(-1);
    if (state) this.settings.onIteration?.(state);
    this.status = this.judge(merit, progress);
    return this.status === undefined;
  }

  private judge(merit: Merit, progress: Convergence): SolveStatus | undefined {
    if (merit !== 'continue' && merit !== 'stalled') return merit;
    if (this.settings.signal?.aborted) return 'cancelled';
    if (this.iteration >= (this.settings.maxIterations ?? 200)) return 'iteration-limit';
    const limit = this.settings.timeLimitSeconds;
    if (limit !== undefined && performance.now() - this.started > limit * 1000) return 'time-limit';
    if (merit === 'continue') return undefined;
    if (!progress.retry()) return progress.verdictWhenStuck();
    this.begun = false;
    return undefined;
  }

  finish(): ConicResult {
    const { program, form, scaling, progress } = this;
    const status = this.status ?? 'numerical-error';
    const common = {
      status,
      iterations: this.iteration,
      setupSeconds: this.setupSeconds,
      solveSeconds: (performance.now() - this.started) / 1000,
      trace: progress?.trace ?? [],
    };
    const none = {
      primalObjective: Number.NaN,
      dualObjective: Number.NaN,
      primalResidual: Number.NaN,
      dualResidual: Number.NaN,
      relativeGap: Number.NaN,
    };
    if (!progress || !scaling) {
      return { ...common, ...none, ...(form.contradiction ? { contradiction: form.contradiction } : {}) };
    }
    if (status === 'infeasible') {
      const { point, size, error } = progress.primalCertificate();
      const certificate = extractDuals(program, form, scaling, point, size);
      completeFixed(program, form, certificate, undefined);
      return { ...common, ...none, certificate, certificateError: error };
    }
    if (status === 'unbounded') {
      const { point, size } = progress.primalCertificate();
      const ray = new Float64Array(program.variables);
      for (let j = 0; j < ray.length; j++) {
        const column = form.columnOf[j]!;
        if (column >= 0) ray[j] = (scaling.column[column]! * point[column]!) / size;
      }
      return { ...common, ...none, primalObjective: -Infinity, ray };
    }
    const best = progress.best();
    const x = extractPrimal(program, form, scaling, best.point, best.tau);
    const duals = extractDuals(program, form, scaling, best.point, best.tau);
    completeFixed(program, form, duals, x);
    const { primalObjective, dualObjective, primalResidual, dualResidual, relativeGap } = best.state;
    return { ...common, x, duals, primalObjective, dualObjective, primalResidual, dualResidual, relativeGap };
  }
}
