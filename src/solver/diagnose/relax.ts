import type { CompiledCase, CompiledGenerators, CompiledSheddable } from '../../model/compiled.js';
import type { NetworkPoint } from '../engine.js';
import { ConicSolver } from '../ipm/conic.js';
import { buildNetwork, type NetworkProgram } from '../ipm/model/network.js';
import { networkPoint } from '../ipm/model/point.js';

/** What may be loosened to make a case feasible. */
export type Relaxation = 'voltage' | 'thermal' | 'supply' | 'root-voltage' | 'shed';

/** How much a relaxation had to give, place by place, per unit (voltages: not squared). */
export interface Give {
  readonly kind: Relaxation;
  /** Tree position of the bus or of the line's child end; 0 for supply and root voltage. */
  readonly position: number;
  readonly period: number;
  /** Positive: raise, add or shed; negative: lower or absorb. */
  readonly amount: number;
}

export interface Relaxed {
  readonly gives: readonly Give[];
  readonly point: NetworkPoint;
}

/** A give below this is the solver's rounding, pu. */
const ROUNDING = 1e-6;

/**
 * The least loosening of the given kinds that makes the relaxation feasible (elastic programming): the
 * sum of what voltages, flows, the substation and loads have to give, all in per unit, with no other
 * cost. Undefined where these kinds alone cannot make it feasible.
 */
export async function relax(
  problem: CompiledCase,
  kinds: readonly Relaxation[],
  signal?: AbortSignal,
): Promise<Relaxed | undefined> {
  const changed: CompiledCase = {
    ...problem,
    constantCost: 0,
    generators: freeGenerators(problem, kinds.includes('supply')),
    batteries: { ...problem.batteries, cost: new Float64Array(problem.batteries.count) },
    shapables: { ...problem.shapables, discomfort: new Float64Array(problem.shapables.count) },
    sheddable: kinds.includes('shed') ? everyLoad(problem) : none(),
  };
  const network = buildNetwork(changed);
  const slacks = [
    ...(kinds.includes('voltage') ? elasticVoltages(problem, network) : []),
    ...(kinds.includes('thermal') ? elasticFlows(problem, network) : []),
    ...(kinds.includes('root-voltage') ? elasticRoot(problem, network) : []),
  ];
  const result = await new ConicSolver(network.program).solve({
    tolerance: 1e-7,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result.x === undefined || (result.status !== 'optimal' && result.status !== 'reduced-accuracy')) return undefined;
  const x = result.x;
  const point = networkPoint(changed, network, x);
  const gives: Give[] = [];
  for (const slack of slacks) {
    const amount = slack.amount(x);
    if (Math.abs(amount) > ROUNDING)
      gives.push({ kind: slack.kind, position: slack.position, period: slack.period, amount });
  }
  if (kinds.includes('shed')) gives.push(...shedGives(changed, point));
  if (kinds.includes('supply')) gives.push(...supplyGives(problem, point));
  return { gives, point: withoutExtras(problem, point) };
}

interface Slack {
  readonly kind: Relaxation;
  readonly position: number;
  readonly period: number;
  readonly amount: (x: Float64Array) => number;
}

/** vMin² − s ≤ v ≤ vMax² + s, counted in pu of voltage. */
function elasticVoltages(problem: CompiledCase, { program, v }: NetworkProgram): Slack[] {
  const { busCount, periods } = problem;
  const slacks: Slack[] = [];
  for (let position = 1; position < busCount; position++) {
    const low = problem.vMin[position]!;
    const high = problem.vMax[position]!;
    for (let period = 0; period < periods; period++) {
      const column = v[position * periods + period]!;
      // s is in pu² of v; ½ pu of voltage near 1 pu.
      const over = program.addVariable(0, Number.POSITIVE_INFINITY, 0.5);
      const under = program.addVariable(0, low, 0.5);
      program.setBounds(column, 0, Number.POSITIVE_INFINITY);
      program.addInequality([column, over], [1, -1], Number.NEGATIVE_INFINITY, high, 0.1);
      program.addInequality([column, under], [1, 1], low, Number.POSITIVE_INFINITY, 0.1);
      slacks.push({
        kind: 'voltage',
        position,
        period,
        amount: (x) => {
          const value = Math.sqrt(Math.max(0, x[column]!));
          return Math.max(0, value - Math.sqrt(high)) - Math.max(0, Math.sqrt(low) - value);
        },
      });
    }
  }
  return slacks;
}

/** Where a thermal limit is, an outer disc of variable size takes its place. */
function elasticFlows(problem: CompiledCase, network: NetworkProgram): Slack[] {
  const { program, thermal, flowP, flowQ } = network;
  const { periods } = problem;
  const slacks: Slack[] = [];
  for (let position = 1; position < problem.busCount; position++) {
    for (let period = 0; period < periods; period++) {
      const k = position * periods + period;
      const cone = thermal[k]!;
      if (cone < 0) continue;
      const over = program.addVariable(0, Number.POSITIVE_INFINITY, 1);
      // The disc that is there is opened wide and a new one with slack does its work.
      program.coneConstant.set(program.conePtr.get(cone), 1e3 * problem.peakPu + problem.limit[position]!);
      program.addCone({ columns: [over], coefficients: [1], constant: problem.limit[position]! }, [
        { columns: [flowP[k]!], coefficients: [1] },
        { columns: [flowQ[k]!], coefficients: [1] },
      ]);
      slacks.push({ kind: 'thermal', position, period, amount: (x) => x[over]! });
    }
  }
  return slacks;
}

/** One shift of the root's voltage for all periods. */
function elasticRoot(problem: CompiledCase, { program, v }: NetworkProgram): Slack[] {
  const shift = program.addVariable(0, Number.POSITIVE_INFINITY, 1);
  for (let period = 0; period < problem.periods; period++) {
    const column = v[period]!;
    program.setBounds(column, 0.25 * problem.vRoot, 4 * problem.vRoot);
    program.addInequality([column, shift], [1, -1], Number.NEGATIVE_INFINITY, problem.vRoot, 0.1);
    program.addInequality([column, shift], [1, 1], problem.vRoot, Number.POSITIVE_INFINITY, 0.1);
    // One voltage for the whole day: it is a setting of the transformer.
    if (period > 0) program.addEquality([column, v[0]!], [1, -1], 0, 0.1);
  }
  const amount = (x: Float64Array): number => Math.sqrt(x[v[0]!]!) - Math.sqrt(problem.vRoot);
  return [{ kind: 'root-voltage', position: 0, period: 0, amount }];
}

/** No costs; with `extra`, two more at the root that add and absorb real power at one unit a pu. Unlimited reactive
 * power would feed phantom losses, which the relaxation would use to lift voltages. */
function freeGenerators({ generators, periods, peakPu }: CompiledCase, extra: boolean): CompiledGenerators {
  const most = 1e3 * peakPu;
  const rows = extra ? [1, -1] : [];
  const grow = (values: Float64Array, more: readonly number[]) => Float64Array.from([...values, ...more]);
  const linear = new Float64Array((generators.count + rows.length) * periods);
  rows.forEach((sign, k) => {
    linear.fill(sign, (generators.count + k) * periods, (generators.count + k + 1) * periods);
  });
  return {
    count: generators.count + rows.length,
    bus: Int32Array.from([...generators.bus, ...rows.map(() => 0)]),
    pMin: grow(
      generators.pMin,
      rows.map((sign) => (sign > 0 ? 0 : -most)),
    ),
    pMax: grow(
      generators.pMax,
      rows.map((sign) => (sign > 0 ? most : 0)),
    ),
    qMin: grow(
      generators.qMin,
      rows.map(() => 0),
    ),
    qMax: grow(
      generators.qMax,
      rows.map(() => 0),
    ),
    quadratic: new Float64Array(generators.count + rows.length),
    linear,
    ramp: grow(
      generators.ramp,
      rows.map(() => Number.POSITIVE_INFINITY),
    ),
  };
}

/** Every positive load may be shed, at one unit a pu. */
function everyLoad({ source, periods, baseMva, positionOfBus }: CompiledCase): CompiledSheddable {
  const busIndex = new Map(source.buses.map((bus, k) => [bus.id, k]));
  const count = source.loads.length;
  const p = new Float64Array(count * periods);
  const q = new Float64Array(count * periods);
  const bus = new Int32Array(count);
  source.loads.forEach((load, k) => {
    bus[k] = positionOfBus[busIndex.get(load.bus)!]!;
    for (let t = 0; t < periods; t++) {
      if (load.pMw[t]! <= 0) continue;
      p[k * periods + t] = load.pMw[t]! / baseMva;
      q[k * periods + t] = load.qMvar[t]! / baseMva;
    }
  });
  return {
    count,
    bus,
    load: Int32Array.from({ length: count }, (_, k) => k),
    p,
    q,
    cost: new Float64Array(count).fill(1),
  };
}

function none(): CompiledSheddable {
  const empty = new Float64Array(0);
  return { count: 0, bus: new Int32Array(0), load: new Int32Array(0), p: empty, q: empty, cost: empty };
}

function shedGives({ periods, sheddable }: CompiledCase, point: NetworkPoint): Give[] {
  const gives: Give[] = [];
  for (let k = 0; k < point.shedP.length; k++) {
    const amount = point.shedP[k]!;
    if (amount > ROUNDING)
      gives.push({ kind: 'shed', position: sheddable.bus[Math.floor(k / periods)]!, period: k % periods, amount });
  }
  return gives;
}

function supplyGives({ generators, periods }: CompiledCase, point: NetworkPoint): Give[] {
  const gives: Give[] = [];
  for (let period = 0; period < periods; period++) {
    const first = generators.count * periods + period;
    const amount = point.generatorP[first]! + point.generatorP[first + periods]!;
    if (Math.abs(amount) > ROUNDING) gives.push({ kind: 'supply', position: 0, period, amount });
  }
  return gives;
}

/** The point without the generators and loads that only served the relaxation. */
function withoutExtras(problem: CompiledCase, point: NetworkPoint): NetworkPoint {
  const size = problem.generators.count * problem.periods;
  return { ...point, generatorP: point.generatorP.slice(0, size), generatorQ: point.generatorQ.slice(0, size) };
}
