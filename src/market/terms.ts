import type { IncentiveSettings } from '../model/case.js';
import type { Task } from './tasks.js';

/** The operator's rules of a day, with every default filled in. */
export interface Rules {
  readonly floorPerMwh: number;
  readonly capPerMwh: number;
  readonly stepPerMwh: number;
  readonly maxRounds: number;
  readonly zeta0: number;
}

/** What CES-ID holds against one task: what it may be paid, what it is thought to want, what it weighs. */
export interface Terms {
  readonly floorPerMwh: number;
  readonly capPerMwh: number;
  readonly response: readonly { readonly slopePerMwh: number; readonly offset: number }[];
  /** a_i, the share of offers the participant accepts. */
  readonly acceptance: number;
  readonly eta: number;
  readonly zeta: number;
}

/** Top of the default curve's slope above the floor, $/MWh, for a participant that is never willing. */
const UNWILLING_SLOPE = 20;
/** Weight of the newest answer in the acceptance rate. */
const NEWEST_ANSWER = 0.2;

export function rulesOf(settings: IncentiveSettings | undefined): Rules {
  return {
    floorPerMwh: settings?.floorPerMwh ?? 0.5,
    capPerMwh: settings?.capPerMwh ?? 60,
    stepPerMwh: settings?.stepPerMwh ?? 6,
    maxRounds: settings?.maxRounds ?? 2,
    zeta0: settings?.zeta0 ?? 0,
  };
}

/**
 * Terms of a task before anybody was asked: the default required-reward curve of a participant with
 * no history, and η = 1/a, ζ ≥ η·(max(λ, 0) + cap), so that leaving the equilibrium never pays by
 * itself. The floor of an injecting task is at least −λ: nobody is asked to pay.
 */
export function firstTerms(task: Task, energyPrice: number, willingness: number, rules: Rules): Terms {
  const floor = task.direction === 1 ? Math.max(rules.floorPerMwh, -energyPrice) : rules.floorPerMwh;
  const cap = Math.max(rules.capPerMwh, floor);
  const slope = floor + UNWILLING_SLOPE * (1 - willingness);
  return {
    floorPerMwh: floor,
    capPerMwh: cap,
    // The second piece has twice the slope from half the task on.
    response: [
      { slopePerMwh: slope, offset: 0 },
      { slopePerMwh: 2 * slope, offset: (slope * task.equilibriumMw) / 2 },
    ],
    acceptance: willingness,
    eta: 1 / willingness,
    zeta: Math.max(rules.zeta0, leastZeta(1 / willingness, energyPrice, cap)),
  };
}

/**
 * Terms after a refusal (lines 7–9 of Algorithm 1): floor and curve rise by one step, as far as the
 * cap leaves room at the whole task; the acceptance rate falls; ζ never does.
 */
export function raisedTerms(terms: Terms, task: Task, energyPrice: number, rules: Rules): Terms {
  const wanted = Math.max(terms.floorPerMwh, requiredAt(terms, task.equilibriumMw));
  const raise = Math.max(0, Math.min(rules.stepPerMwh, terms.capPerMwh - wanted));
  const acceptance = terms.acceptance * (1 - NEWEST_ANSWER);
  const eta = 1 / acceptance;
  return {
    ...terms,
    floorPerMwh: terms.floorPerMwh + raise,
    response: terms.response.map((piece) => ({ ...piece, slopePerMwh: piece.slopePerMwh + raise })),
    acceptance,
    eta,
    zeta: Math.max(terms.zeta, leastZeta(eta, energyPrice, terms.capPerMwh)),
  };
}

function leastZeta(eta: number, energyPrice: number, cap: number): number {
  return eta * (Math.max(energyPrice, 0) + cap);
}

/** λ^a that the curve wants for m, $/MWh. */
function requiredAt(terms: Terms, m: number): number {
  return terms.response.reduce((most, piece) => Math.max(most, piece.slopePerMwh - piece.offset / m), 0);
}
