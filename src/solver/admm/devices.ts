import type { CompiledCase } from '../../model/compiled.js';
import {
  KIND_BATTERY,
  KIND_BATTERY_INVERTER,
  KIND_GENERATOR,
  KIND_SHAPABLE,
  KIND_SHED,
  KIND_SOLAR,
  KIND_SOLAR_INVERTER,
} from '../../wasm/admm-abi.js';

/** One row of T numbers that a device holds in the equations of its bus. */
export interface DeviceRow {
  /** Coefficient in the real and in the reactive balance. */
  readonly p: number;
  readonly q: number;
  /** Typical size of the variable, pu: weights come from it. */
  readonly range: number;
  /** Curvature of the cost, $ per pu²; a weight below it would be slow. */
  readonly curvature: number;
  /** The next row is a second copy of the same variable. */
  readonly paired?: boolean;
  /** This row is that second copy. */
  readonly follows?: boolean;
}

/** A device as the kernels see it; `parameters` in the order assembly/admm/xblock.ts reads them. */
export interface Entity {
  readonly kind: number;
  readonly bus: number;
  readonly rows: readonly DeviceRow[];
  readonly parameters: Float64Array;
  /** Which list of the compiled case it comes from, and its index there. */
  readonly source: 'generators' | 'solar' | 'batteries' | 'shapables' | 'sheddable';
  readonly index: number;
}

/** All devices in order of their buses (equal buses: in the case's order). Costs are divided by `priceScale`. */
export function listEntities(problem: CompiledCase, priceScale: number): Entity[] {
  const entities = [
    ...generators(problem, priceScale),
    ...solar(problem),
    ...batteries(problem, priceScale),
    ...shapables(problem, priceScale),
    ...sheddable(problem, priceScale),
  ];
  return entities
    .map((entity, k) => ({ entity, k }))
    .sort((a, b) => a.entity.bus - b.entity.bus || a.k - b.k)
    .map((pair) => pair.entity);
}

function series(values: Float64Array, index: number, periods: number): Float64Array {
  return values.subarray(index * periods, (index + 1) * periods);
}

function largest(values: Float64Array): number {
  return values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

function row(p: number, q: number, range: number, curvature = 0): DeviceRow {
  return { p, q, range, curvature };
}

function generators(problem: CompiledCase, priceScale: number): Entity[] {
  const { generators: list, periods, peakPu } = problem;
  return Array.from({ length: list.count }, (_, k) => {
    const [pMin, pMax, qMin, qMax] = [list.pMin[k]!, list.pMax[k]!, list.qMin[k]!, list.qMax[k]!];
    const a = list.quadratic[k]! / priceScale;
    const linear = series(list.linear, k, periods).map((b) => b / priceScale);
    return {
      kind: KIND_GENERATOR,
      bus: list.bus[k]!,
      rows: [row(1, 0, Math.min(pMax - pMin, peakPu), 2 * a), row(0, 1, Math.min(qMax - qMin, peakPu))],
      parameters: Float64Array.from([pMin, pMax, qMin, qMax, a, list.ramp[k]!, ...linear]),
      source: 'generators',
      index: k,
    };
  });
}

function solar(problem: CompiledCase): Entity[] {
  const { solar: list, periods } = problem;
  return Array.from({ length: list.count }, (_, k) => {
    const forecast = series(list.forecast, k, periods);
    const rating = list.sMax[k]!;
    const plain = Number.isNaN(rating);
    const range = plain ? largest(forecast) : Math.max(rating, 0);
    return {
      kind: plain ? KIND_SOLAR : KIND_SOLAR_INVERTER,
      bus: list.bus[k]!,
      rows: plain ? [row(1, 0, range)] : [row(1, 0, range), row(0, 1, range)],
      parameters: Float64Array.from([list.curtailable[k]!, plain ? 0 : rating, ...forecast]),
      source: 'solar',
      index: k,
    };
  });
}

function batteries(problem: CompiledCase, priceScale: number): Entity[] {
  const { batteries: list, hours } = problem;
  return Array.from({ length: list.count }, (_, k) => {
    const rating = list.sMax[k]!;
    const plain = Number.isNaN(rating);
    const power = list.power[k]!;
    // energies in power units: divided by the length of a period
    const parameters = [power, list.energy[k]! / hours, list.initial[k]! / hours, list.final[k]! / hours];
    parameters.push(
      list.chargeEfficiency[k]!,
      list.dischargeEfficiency[k]!,
      list.cost[k]! / priceScale,
      plain ? 0 : rating,
    );
    const chain = row(1, 0, power);
    const disc: DeviceRow[] = [{ ...chain, paired: true }, { ...row(1, 0, rating), follows: true }, row(0, 1, rating)];
    return {
      kind: plain ? KIND_BATTERY : KIND_BATTERY_INVERTER,
      bus: list.bus[k]!,
      rows: plain ? [chain] : disc,
      parameters: Float64Array.from(parameters),
      source: 'batteries',
      index: k,
    };
  });
}

function shapables(problem: CompiledCase, priceScale: number): Entity[] {
  const { shapables: list, periods, hours } = problem;
  return Array.from({ length: list.count }, (_, k) => {
    const discomfort = list.discomfort[k]! / priceScale;
    return {
      kind: KIND_SHAPABLE,
      bus: list.bus[k]!,
      rows: [row(-1, -list.tanPhi[k]!, list.max[k]!, 2 * discomfort)],
      parameters: Float64Array.from([
        discomfort,
        list.energy[k]! / hours,
        list.max[k]!,
        list.start[k]!,
        list.end[k]!,
        ...series(list.preferred, k, periods),
      ]),
      source: 'shapables',
      index: k,
    };
  });
}

function sheddable(problem: CompiledCase, priceScale: number): Entity[] {
  const { sheddable: list, periods } = problem;
  return Array.from({ length: list.count }, (_, k) => {
    const p = series(list.p, k, periods);
    const q = series(list.q, k, periods);
    const ratio = p.map((value, t) => (value > 0 ? q[t]! / value : 0));
    const range = largest(p);
    return {
      kind: KIND_SHED,
      bus: list.bus[k]!,
      rows: [row(1, 0, range), row(0, 1, range)],
      parameters: Float64Array.from([list.cost[k]! / priceScale, ...p, ...ratio]),
      source: 'sheddable',
      index: k,
    };
  });
}
