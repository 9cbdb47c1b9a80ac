import type { CompiledCase } from '../model/compiled.js';
import { costOf } from './cost.js';
import type { EngineResult, NetworkPoint } from './engine.js';
import { injectionsOf, substation } from './point.js';
import { type SweepResult, sweep } from './powerflow.js';
import type { Certificate, Verdict } from './solution.js';

/** A mismatch below this is the replay's own, not the schedule's (docs/math.md, verdict). */
const REPLAY_FLOOR = 1e-5;
/** Charging and discharging at once beyond this share of a battery's power is not physical. */
const BOTH_WAYS_SHARE = 1e-6;

export interface Certified {
  readonly certificate: Certificate;
  /** AC state of the schedule. */
  readonly replay: SweepResult;
  /** $: cost of the schedule with the substation at what the replay says; undefined where it did not converge. */
  readonly acCost?: number;
  /** Generators' real power with the substation's as replayed, pu; undefined likewise. */
  readonly acGeneratorP?: Float64Array;
  readonly acGeneratorQ?: Float64Array;
  /** Which tests of the verdict failed and where, in words; empty where it is exact or recovered. */
  readonly failed: readonly string[];
}

/**
 * Proves or refutes a schedule: its residuals as the engine reports them, and its AC replay (the same
 * injections through the exact power flow, the root closing the balance). The verdict is `exact` when
 * the replay differs by at most 1e-5 pu + τ in voltage and (1e-5 + τ)·S in substation power, breaks no
 * limit by more than that, costs within 10 τ, and no battery charges and discharges at once; it is
 * `recovered` where `recovered` is said and the same holds.
 */
export function certify(
  problem: CompiledCase,
  point: NetworkPoint,
  result: Pick<EngineResult, 'primalResidual' | 'dualResidual' | 'relativeGap' | 'primalObjective'>,
  tolerance: number,
  recovered = false,
): Certified {
  const replay = sweep(problem, injectionsOf(problem, point));
  const allowed = REPLAY_FLOOR + tolerance;
  const bothWays = simultaneous(problem, point);
  const voltage = replay.converged ? voltageMismatch(replay.v, point.v) : Number.POSITIVE_INFINITY;
  const power = replay.converged ? largest(replay.rootP) : Number.POSITIVE_INFINITY;
  const closed = closeBalance(problem, point, replay);
  const broken = replay.converged
    ? worstViolation(problem, replay, closed)
    : { size: Number.POSITIVE_INFINITY, where: collapse(problem, replay) };
  const cost = costOf(problem, { ...point, generatorP: closed.p });
  const costGap = Math.abs(cost.total - result.primalObjective);
  const mw = (value: number) => `${(value * problem.baseMva).toPrecision(3)} MW`;
  const tests: readonly [passed: boolean, otherwise: () => string][] = [
    [broken.size <= allowed, () => `replayed in AC, ${broken.where}`],
    [voltage <= allowed, () => `a voltage differs from its AC replay by ${voltage.toExponential(1)} pu`],
    [power <= allowed * problem.peakPu, () => `the substation's power differs from the AC replay by ${mw(power)}`],
    [
      costGap <= 10 * tolerance * cost.scale,
      () => `the AC replay costs ${cost.total.toFixed(4)} $, not ${result.primalObjective.toFixed(4)} $`,
    ],
    [
      bothWays.share <= BOTH_WAYS_SHARE,
      () => `battery ${bothWays.id} charges and discharges ${mw(bothWays.power)} at once`,
    ],
  ];
  const failed = tests.flatMap(([passed, otherwise]) => (passed ? [] : [otherwise()]));
  const verdict: Verdict = failed.length > 0 ? 'inexact' : recovered ? 'recovered' : 'exact';
  return {
    certificate: {
      primalResidual: result.primalResidual,
      dualResidual: result.dualResidual,
      relativeGap: result.relativeGap,
      excessLossMw: excessLoss(problem, point) * problem.baseMva,
      simultaneousMwMax: bothWays.power * problem.baseMva,
      acVoltageMismatchMaxPu: voltage,
      acPowerMismatchMaxMw: power * problem.baseMva,
      acLimitViolationMaxPu: broken.size,
      verdict,
    },
    replay,
    acCost: replay.converged ? cost.total : undefined,
    acGeneratorP: replay.converged ? closed.p : undefined,
    acGeneratorQ: replay.converged ? closed.q : undefined,
    failed,
  };
}

/** max r(ℓ − (P² + Q²)/v): power that the relaxation burns and the grid would not, pu. */
export function excessLoss(problem: CompiledCase, point: NetworkPoint): number {
  let most = 0;
  for (let i = 1; i < problem.busCount; i += 1) {
    for (let k = i * problem.periods; k < (i + 1) * problem.periods; k += 1) {
      const current = (point.flowP[k]! ** 2 + point.flowQ[k]! ** 2) / point.v[k]!;
      most = Math.max(most, problem.r[i]! * (point.ell[k]! - current));
    }
  }
  return most;
}

function simultaneous(problem: CompiledCase, point: NetworkPoint): { power: number; share: number; id: string } {
  let power = 0;
  let share = 0;
  let at = 0;
  for (let k = 0; k < point.charge.length; k += 1) {
    const both = Math.min(point.charge[k]!, point.discharge[k]!);
    const rated = problem.batteries.power[Math.floor(k / problem.periods)]!;
    if (both > power) at = k;
    power = Math.max(power, both);
    if (both > 0) share = Math.max(share, both / Math.max(rated, 1e-12));
  }
  const battery = problem.source.batteries[Math.floor(at / problem.periods)];
  return { power, share, id: `${battery?.id}, period ${at % problem.periods},` };
}

function voltageMismatch(replayed: Float64Array, scheduled: Float64Array): number {
  let most = 0;
  for (let k = 0; k < replayed.length; k += 1) {
    most = Math.max(most, Math.abs(Math.sqrt(replayed[k]!) - Math.sqrt(Math.max(scheduled[k]!, 0))));
  }
  return most;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Generators' power with the replay's closing power given to the substation. */
function closeBalance(problem: CompiledCase, point: NetworkPoint, replay: SweepResult) {
  const row = substation(problem) * problem.periods;
  const p = point.generatorP.slice();
  const q = point.generatorQ.slice();
  for (let t = 0; t < problem.periods; t += 1) {
    p[row + t]! += replay.rootP[t]!;
    q[row + t]! += replay.rootQ[t]!;
  }
  return { p, q };
}

export interface Violation {
  /** Voltages in pu, powers as a share of S. */
  size: number;
  where: string;
}

/** The limits that the replay can break: voltage bands, thermal limits, and what the root's generators give together. */
export function worstViolation(
  problem: CompiledCase,
  replay: SweepResult,
  closed: { readonly p: Float64Array; readonly q: Float64Array },
): Violation {
  const worst: Violation = { size: 0, where: '' };
  const note = (size: number, where: () => string) => {
    if (size <= worst.size) return;
    worst.size = size;
    worst.where = where();
  };
  const { periods, source } = problem;
  for (let i = 1; i < problem.busCount; i += 1) {
    const bus = () => source.buses[problem.busOfPosition[i]!]!.id;
    for (let t = 0; t < periods; t += 1) {
      const k = i * periods + t;
      const voltage = Math.sqrt(replay.v[k]!);
      const low = Math.sqrt(problem.vMin[i]!);
      const high = Math.sqrt(problem.vMax[i]!);
      const said = (limit: number) => `bus ${bus()}, period ${t}: ${voltage.toFixed(6)} pu against ${limit.toFixed(6)}`;
      note(low - voltage, () => said(low));
      note(voltage - high, () => said(high));
      const over = Math.hypot(replay.flowP[k]!, replay.flowQ[k]!) - problem.limit[i]!;
      note(over / problem.peakPu, () => {
        const line = source.lines[problem.lineOfPosition[i]!]!;
        return `line ${line.id}, period ${t}: ${(over * problem.baseMva).toPrecision(4)} MVA over its limit`;
      });
    }
  }
  noteRootGenerators(problem, closed, note);
  return worst;
}

function noteRootGenerators(
  problem: CompiledCase,
  closed: { readonly p: Float64Array; readonly q: Float64Array },
  note: (size: number, where: () => string) => void,
): void {
  const { generators, periods } = problem;
  const limits = [
    { values: closed.p, low: generators.pMin, high: generators.pMax, unit: 'MW' },
    { values: closed.q, low: generators.qMin, high: generators.qMax, unit: 'Mvar' },
  ];
  for (let t = 0; t < periods; t += 1) {
    for (const { values, low, high, unit } of limits) {
      let given = 0;
      let least = 0;
      let most = 0;
      for (let g = 0; g < generators.count; g += 1) {
        if (generators.bus[g] !== 0) continue;
        given += values[g * periods + t]!;
        least += low[g]!;
        most += high[g]!;
      }
      const beyond = Math.max(given - most, least - given);
      const words = () =>
        `generators at the root, period ${t}: ${(beyond * problem.baseMva).toPrecision(4)} ${unit} beyond their limits`;
      note(beyond / problem.peakPu, words);
    }
  }
}

function collapse(problem: CompiledCase, replay: SweepResult): string {
  const bus = problem.source.buses[problem.busOfPosition[replay.worst.position]!]!.id;
  return `the AC power flow of the schedule does not converge (bus ${bus}, period ${replay.worst.period})`;
}
