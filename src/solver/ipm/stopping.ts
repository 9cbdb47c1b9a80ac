import type { IterationState } from './conic.js';
import type { StandardForm } from './standard.js';
import type { Scaling, Workspace } from './workspace.js';

export interface StopSettings {
  readonly tolerance: number;
}

export type Merit = 'continue' | 'optimal' | 'infeasible' | 'unbounded' | 'stalled';

/** A Farkas certificate may miss Aᵀy + Gᵀz = 0 by this much when its constraints sum up to −1. */
const CERTIFICATE_ERROR = 1e-8;
/** The same once the iteration is stuck anyway. */
const CERTIFICATE_ERROR_STUCK = 1e-5;
/** Worse than this is no answer at all. */
const REDUCED = 1e-4;
/** Iterations without a better point before the run counts as stalled. */
const PATIENCE = 12;

/**
 * ε of the KKT matrix, by attempt. The first suits nearly every program; where a direction is weaker than
 * it (a cone that is nearly free of any price) refinement cannot undo it, and a smaller one is tried.
 */
const REGULARISATIONS = [1e-8, 1e-10, 1e-12] as const;

/** Best point so far. */
interface Best {
  readonly point: Float64Array;
  tau: number;
  merit: number;
  state: IterationState;
}

/** Reads the kernels' numbers after each iteration, keeps the best point, and says when to stop. */
export class Convergence {
  readonly trace: IterationState[] = [];
  private readonly point: Float64Array;
  private readonly kept: Best;
  private sinceBest = 0;
  private attempt = 0;
  /** Merit of the best point of this attempt. */
  private least = Number.POSITIVE_INFINITY;

  constructor(
    private readonly workspace: Workspace,
    private readonly form: StandardForm,
    private readonly scaling: Scaling,
    private readonly settings: StopSettings,
  ) {
    this.point = workspace.floats('point');
    this.kept = {
      point: new Float64Array(this.point.length),
      tau: 1,
      merit: Number.POSITIVE_INFINITY,
      state: undefined as unknown as IterationState,
    };
  }

  /** Constants of the iteration. */
  prepare(): void {
    const { workspace } = this;
    const regularisation = REGULARISATIONS[this.attempt]!;
    workspace.set('regPrimal', regularisation);
    workspace.set('regDual', 1e-8);
    workspace.set('pivotFloor', 1e-13);
    workspace.set('pivotBoost', 2e-7);
    workspace.set('refineFloor', 1e-3 * this.settings.tolerance);
    workspace.set('refineShare', 1e-2);
    workspace.set('stepFraction', 0.99);
  }

  /** Judges the present point. */
  observe(iteration: number): Merit {
    const { workspace, settings } = this;
    const state = this.measure(iteration);
    this.trace.push(state);
    const merit = Math.max(state.primalResidual, state.dualResidual, state.relativeGap) / settings.tolerance;
    if (merit < this.kept.merit) {
      this.kept.point.set(this.point);
      this.kept.tau = workspace.get('tau');
      this.kept.merit = merit;
      this.kept.state = state;
    }
    if (merit < 0.9 * this.least) this.sinceBest = 0;
    else this.sinceBest++;
    this.least = Math.min(this.least, merit);
    if (merit <= 1) return 'optimal';
    const ray = this.rays(CERTIFICATE_ERROR);
    if (ray) return ray;
    // Early on the residuals may rise for a while; near the end a rise means that precision is used up.
    const stuck = state.step < 1e-6 && iteration > 0;
    return stuck || this.sinceBest > (this.least < 1e4 ? PATIENCE : 3 * PATIENCE) ? 'stalled' : 'continue';
  }

  private measure(iteration: number): IterationState {
    const { workspace } = this;
    const { objective } = this.scaling;
    const { constant } = this.form;
    const tau = workspace.get('tau');
    const quad = workspace.get('quadTerm') / (tau * tau);
    const primal = 0.5 * quad + workspace.get('costTerm') / tau;
    const dual = -0.5 * quad - (workspace.get('rhsTerm') + workspace.get('offsetTerm')) / tau;
    const size = Math.max(1, workspace.get('absCost') / objective);
    return {
      iteration,
      primalObjective: primal / objective + constant,
      dualObjective: dual / objective + constant,
      primalResidual: workspace.get('primalNorm'),
      dualResidual: workspace.get('dualNorm') / Math.max(1e-6, workspace.get('priceNorm')),
      // a dual residual times a large x can hide as much of the gap
      relativeGap: Math.max(Math.abs(primal - dual), workspace.get('hiddenGap')) / objective / size,
      step: workspace.get('alpha'),
      mu: workspace.get('mu'),
    };
  }

  private rays(error: number): 'infeasible' | 'unbounded' | undefined {
    const { workspace } = this;
    const unit = this.scaling.objective;
    const farkas = -(workspace.get('rhsTerm') + workspace.get('offsetTerm')) / unit;
    if (farkas > 0 && workspace.get('dualRayNorm') <= error * farkas) return 'infeasible';
    const falling = -workspace.get('costTerm') / unit;
    if (falling > 0 && workspace.get('primalRayNorm') <= error * falling) return 'unbounded';
    return undefined;
  }

  /** Begins again with a smaller regularisation, keeping the best point; false when all were tried. */
  retry(): boolean {
    if (this.attempt + 1 >= REGULARISATIONS.length || this.rays(CERTIFICATE_ERROR_STUCK)) return false;
    this.attempt++;
    this.least = Number.POSITIVE_INFINITY;
    this.sinceBest = 0;
    return true;
  }

  /** What to call a run that cannot go on: a proof if there is one, else the best point by its quality. */
  verdictWhenStuck(): 'infeasible' | 'unbounded' | 'reduced-accuracy' | 'numerical-error' {
    const good = this.kept.merit * this.settings.tolerance <= REDUCED;
    if (good) return 'reduced-accuracy';
    return this.rays(CERTIFICATE_ERROR_STUCK) ?? 'numerical-error';
  }

  best(): Best {
    return this.kept;
  }

  /** The ray in the present point, with the number that normalises its constraints' sum to −1. */
  primalCertificate(): { point: Float64Array; size: number; error: number } {
    const { workspace } = this;
    const unit = this.scaling.objective;
    const farkas = -(workspace.get('rhsTerm') + workspace.get('offsetTerm')) / unit;
    const falling = -workspace.get('costTerm') / unit;
    const infeasible = farkas > 0 && workspace.get('dualRayNorm') <= CERTIFICATE_ERROR_STUCK * farkas;
    const size = infeasible ? farkas : falling;
    const error = (infeasible ? workspace.get('dualRayNorm') : workspace.get('primalRayNorm')) / size;
    return { point: this.point, size, error };
  }
}
