import type { CompiledCase } from '../model/compiled.js';
import { type Certified, certify } from './certificate.js';
import { costOf } from './cost.js';
import { bindingDuals, splitRevenue } from './duals.js';
import type { EngineResult, NetworkDuals, NetworkPoint } from './engine.js';
import { storedEnergy } from './point.js';
import { type DualPartArrays, type DualParts, splitPrices } from './prices.js';
import type { ExactnessMode, LineResult, Method, PriceParts, Solution } from './solution.js';
import { scheduleWarnings } from './warnings.js';

export interface ResultContext {
  readonly method: Method;
  readonly exactness: ExactnessMode;
  readonly tolerance: number;
  readonly pricesFrom: 'relaxation' | 'bound' | 'recovered';
  /** Wall clock since the call began, s. */
  readonly totalSeconds: number;
  /** Of it, reading the case into arrays. */
  readonly compileSeconds: number;
  /** Where it was made already. */
  readonly certified?: Certified;
}

/** An engine's answer as `crowdwatt-solution/1`, in the case's order and units, with its certificate. */
export function toSolution(problem: CompiledCase, result: EngineResult, context: ResultContext): Solution {
  const head = {
    format: 'crowdwatt-solution/1',
    case: problem.source.name,
    method: context.method,
    status: result.status,
  } as const;
  const common = {
    lowerBound: lowerBound(result, context.tolerance),
    exactness: context.exactness,
    iterations: result.iterations,
    seconds: {
      setup: context.compileSeconds + result.setupSeconds,
      solve: result.solveSeconds,
      total: context.totalSeconds,
    },
  };
  const { point } = result;
  if (point === undefined) {
    const reason = result.reason ?? `${ENDINGS[result.status] ?? result.status}: no schedule was found`;
    return { ...head, ...common, warnings: [...(result.warnings ?? [])], trace: result.trace, reason };
  }
  const certified =
    context.certified ?? certify(problem, point, result, context.tolerance, context.pricesFrom === 'recovered');
  const { verdict } = certified.certificate;
  const scale = costOf(problem, point).scale;
  const inexact = verdict === 'inexact';
  // The Gan–Li bound's own voltage rows act through prices that only `voltage` can name.
  const remainderTo = context.pricesFrom === 'bound' ? 'voltage' : 'loss';
  const parts = result.duals && splitPrices(problem, point, result.duals, remainderTo);
  return {
    ...head,
    objective: inexact ? result.primalObjective : certified.acCost,
    ...common,
    pricesFrom: result.duals === undefined ? undefined : context.pricesFrom,
    certificate: certified.certificate,
    ...elements(problem, point, result.duals, parts),
    warnings: [
      ...(inexact ? [`inexact: ${certified.failed.join('; ')}`] : []),
      ...(result.warnings ?? []),
      ...scheduleWarnings(problem, point),
    ],
    duals: result.duals === undefined ? undefined : bindingDuals(problem, point, result.duals, scale),
    revenue: result.duals === undefined ? undefined : splitRevenue(problem, point, result.duals, parts),
    trace: result.trace,
    reason: reasonFor(result, certified.failed),
  };
}

/** How a solve that did not finish ended, in words. */
const ENDINGS: Partial<Record<EngineResult['status'], string>> = {
  cancelled: 'cancelled',
  'time-limit': 'the time limit was reached',
  'iteration-limit': 'the iteration limit was reached',
  'numerical-error': 'the numerics broke down',
};

function reasonFor(result: EngineResult, failed: readonly string[]): string | undefined {
  if (result.reason !== undefined) return result.reason;
  const ending = ENDINGS[result.status];
  if (ending !== undefined) return `${ending}: the schedule is the best so far and not an optimum`;
  return failed.length > 0 ? `inexact: ${failed.join('; ')}` : undefined;
}

/** A dual objective bounds the cost only where the dual point is feasible. */
function lowerBound(result: EngineResult, tolerance: number): number | undefined {
  const usable = Number.isFinite(result.dualObjective) && result.dualResidual <= 10 * tolerance;
  return usable ? result.dualObjective : undefined;
}

/** The arrays of the solution, one entry per element of the case. */
export function elements(
  problem: CompiledCase,
  point: NetworkPoint,
  duals?: NetworkDuals,
  parts?: DualParts,
): Pick<Solution, 'buses' | 'lines' | 'generators' | 'solar' | 'batteries' | 'shapables' | 'shed'> {
  const { source, periods, baseMva, shapables } = problem;
  const series = (values: Float64Array, row: number, factor = baseMva) => scaled(values, row, periods, factor);
  const energy = storedEnergy(problem, point);
  return {
    buses: busResults(problem, point, duals, parts),
    lines: lineResults(problem, point),
    generators: source.generators.map(({ id }, g) => ({
      id,
      pMw: series(point.generatorP, g),
      qMvar: series(point.generatorQ, g),
    })),
    solar: source.solar.map(({ id }, s) => ({ id, pMw: series(point.solarP, s), qMvar: series(point.solarQ, s) })),
    batteries: source.batteries.map(({ id }, b) => ({
      id,
      chargeMw: series(point.charge, b),
      dischargeMw: series(point.discharge, b),
      qMvar: series(point.batteryQ, b),
      energyMwh: series(energy, b),
    })),
    shapables: source.shapables.map(({ id }, s) => ({
      id,
      pMw: series(point.shapableP, s),
      qMvar: series(point.shapableP, s, baseMva * shapables.tanPhi[s]!),
    })),
    ...(problem.sheddable.count > 0 && {
      shed: Array.from(problem.sheddable.load, (load, s) => ({
        id: source.loads[load]!.id,
        pMw: series(point.shedP, s),
      })),
    }),
  };
}

function scaled(values: Float64Array, row: number, periods: number, factor: number): number[] {
  const out = new Array<number>(periods);
  // + 0 turns a negative zero into zero: JSON readers need not wonder.
  for (let t = 0; t < periods; t += 1) out[t] = values[row * periods + t]! * factor + 0;
  return out;
}

function busResults(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: NetworkDuals | undefined,
  parts: DualParts | undefined,
): NonNullable<Solution['buses']> {
  const { source, periods, positionOfBus } = problem;
  // $ per pu per period → $/MWh.
  const perMwh = 1 / (problem.hours * problem.baseMva);
  const partSeries = (arrays: DualPartArrays, i: number): PriceParts => ({
    energy: scaled(arrays.energy, i, periods, perMwh),
    loss: scaled(arrays.loss, i, periods, perMwh),
    voltage: scaled(arrays.voltage, i, periods, perMwh),
    congestion: scaled(arrays.congestion, i, periods, perMwh),
  });
  return source.buses.map(({ id }, k) => {
    const i = positionOfBus[k]!;
    const voltagePu = scaled(point.v, i, periods, 1).map((v) => Math.sqrt(Math.max(v, 0)));
    if (duals === undefined) return { id, voltagePu };
    return {
      id,
      voltagePu,
      dlmpPerMwh: scaled(duals.balanceP, i, periods, perMwh),
      dlmpReactivePerMvarh: scaled(duals.balanceQ, i, periods, perMwh),
      ...(parts && { dlmpParts: { real: partSeries(parts.real, i), reactive: partSeries(parts.reactive, i) } }),
    };
  });
}

/** Flows as the file counts them: positive from `from` to `to`, at `from`. Open lines carry nothing. */
function lineResults(problem: CompiledCase, point: NetworkPoint): LineResult[] {
  const { source, periods, baseMva } = problem;
  const positionOfLine = new Int32Array(source.lines.length).fill(-1);
  for (let i = 1; i < problem.busCount; i += 1) positionOfLine[problem.lineOfPosition[i]!] = i;
  return source.lines.map((line, k) => {
    const i = positionOfLine[k]!;
    const pMw = new Array<number>(periods).fill(0);
    const qMvar = new Array<number>(periods).fill(0);
    const lossMw = new Array<number>(periods).fill(0);
    const loading = new Array<number>(periods).fill(0);
    for (let t = 0; i > 0 && t < periods; t += 1) {
      const at = i * periods + t;
      const loss = problem.r[i]! * point.ell[at]!;
      const lossQ = problem.x[i]! * point.ell[at]!;
      const child = problem.lineFromChild[i] === 1;
      // Sent by the child at its own end; what the parent's end sees is that less the losses, reversed.
      pMw[t] = (child ? point.flowP[at]! : loss - point.flowP[at]!) * baseMva + 0;
      qMvar[t] = (child ? point.flowQ[at]! : lossQ - point.flowQ[at]!) * baseMva + 0;
      lossMw[t] = loss * baseMva;
      loading[t] = Math.hypot(point.flowP[at]!, point.flowQ[at]!) / problem.limit[i]!;
    }
    return { id: line.id, pMw, qMvar, lossMw, ...(line.limitMva !== undefined && { loading }) };
  });
}
