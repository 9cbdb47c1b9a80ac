import type { SolveStatus } from '../solver/engine.js';
import type { Solution } from '../solver/solution.js';

/** `crowdwatt-incentive/1`, the input: one period's CES-ID problem, (2) of the paper. */
export interface IncentiveProblem {
  readonly format: 'crowdwatt-incentive/1';
  readonly hours: number;
  /** b, $ for this period. */
  readonly budget: number;
  /** d, MW. */
  readonly demandMw: number;
  readonly sense: 'atLeast' | 'atMost';
  readonly tasks: readonly IncentiveTask[];
  /** π, $/MWh; with it the demand row is elastic. */
  readonly supplementPricePerMwh?: number;
  readonly network?: readonly NetworkRow[];
  /**
   * Optional bound on how far the incentives of similar participants may lie apart. λ^a itself is a
   * ratio, so a bound on its differences is not linear; what is bounded is the reward per MW of the
   * whole task, y_i / m_i^eq, which is λ^a_i wherever m_i = m_i^eq and at most it where less is asked.
   */
  readonly fairness?: {
    /** $/MWh */
    readonly maxSpreadPerMwh: number;
    /** Task ids that are alike; groups must not overlap. Default: one group an energy direction. */
    readonly groups?: readonly (readonly string[])[];
  };
}

export interface IncentiveTask {
  readonly id: string;
  /** σ: 1 injects, −1 consumes. */
  readonly direction: 1 | -1;
  /** λ */
  readonly energyPricePerMwh: number;
  /** m^eq */
  readonly equilibriumMw: number;
  readonly minMw: number;
  readonly maxMw: number;
  readonly floorPerMwh: number;
  readonly capPerMwh: number;
  readonly eta: number;
  readonly zeta: number;
  /** Pieces of the convex required reward: y ≥ ρ m − β, with β in $/h. */
  readonly response?: readonly { readonly slopePerMwh: number; readonly offset: number }[];
}

/** lower ≤ Σ a_i σ_i (m_i − m_i^eq) ≤ upper; `coefficients` holds a_i by task id. */
export interface NetworkRow {
  readonly coefficients: Readonly<Record<string, number>>;
  readonly lower: number;
  readonly upper: number;
}

/** `crowdwatt-incentive/1`, the answer. */
export interface IncentiveAnswer {
  readonly format: 'crowdwatt-incentive/1';
  readonly status: SolveStatus;
  readonly objective?: number;
  /** $ */
  readonly spent?: number;
  readonly supplementMw?: number;
  readonly tasks?: readonly { readonly id: string; readonly mw: number; readonly incentivePerMwh: number }[];
  /** d objective / d budget, $ per $: 0 or below, since more money never costs. */
  readonly budgetDual?: number;
  /** d objective / d demand, $ per MW: 0 or above where the sense is `atLeast`, 0 or below else. */
  readonly demandDual?: number;
  /** d objective / d maxSpreadPerMwh, 0 or below; only with `fairness`. */
  readonly fairnessDual?: number;
  readonly shortfall?: { readonly row: string; readonly amount: number; readonly unit: string };
  readonly iterations?: number;
  readonly reason?: string;
}

/** `crowdwatt-crowd/1`: how a crowd answers. */
export interface CrowdFile {
  readonly format: 'crowdwatt-crowd/1';
  readonly default: 'accept' | 'refuse' | 'silent';
  readonly answers: readonly {
    readonly participant: string;
    readonly period?: number;
    readonly round?: number;
    readonly answer: 'accept' | 'refuse' | 'silent';
    readonly deliveredShare?: number;
  }[];
}

/** `crowdwatt-run/1`: what a day of Algorithm 1 did. */
export interface RunReport {
  readonly format: 'crowdwatt-run/1';
  readonly case: string;
  readonly day: string;
  /** The equilibrium's solution without its arrays. */
  readonly opf: Omit<
    Solution,
    'buses' | 'lines' | 'generators' | 'solar' | 'batteries' | 'shapables' | 'shed' | 'trace' | 'duals'
  >;
  readonly equilibriumHash: string;
  readonly contracts: readonly {
    readonly participant: string;
    readonly wh: readonly number[];
    readonly priceMicroPerKwh: readonly number[];
  }[];
  readonly offers: readonly OfferRecord[];
  readonly supplements: readonly {
    readonly generator: string;
    readonly period: number;
    readonly mw: number;
    readonly cost: number;
  }[];
  readonly undeliverable: readonly { readonly participant: string; readonly period: number; readonly mwh: number }[];
  readonly shortfallMw: readonly number[];
  readonly acCheck: { readonly violationMaxPu: number; readonly where: string };
  readonly statements: readonly Statement[];
  readonly ledger: {
    readonly kind: string;
    readonly height: number;
    readonly lastBlockHash: string;
    readonly transactions: number;
  };
  readonly seconds: Readonly<Record<string, number>>;
  readonly warnings?: readonly string[];
}

export interface OfferRecord {
  readonly participant: string;
  readonly period: number;
  readonly round: number;
  readonly mw: number;
  readonly energyPricePerMwh: number;
  readonly incentivePerMwh: number;
  readonly outcome: 'accepted' | 'refused' | 'expired' | 'failed';
}

export interface Statement {
  readonly participant: string;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly {
    readonly day: string;
    readonly period: number;
    readonly kind: string;
    readonly wh: number;
    readonly microDollars: number;
  }[];
  readonly totalMicro: number;
}
