import type { Case } from './case.js';

/**
 * A case as flat arrays in per unit, ready for kernels. Made by `compileCase`, never by hand.
 *
 * Buses are in **depth-first preorder from the root**: position 0 is the root, `parent[i] < i`, and
 * the subtree of i is the contiguous range [i, i + subtree[i]). "Line i" is the line between bus i
 * and its parent; arrays over lines use the same index (entry 0 is unused and zero). Two-dimensional
 * arrays are row-major with the period last: entry (i, t) is at `i * periods + t`.
 *
 * The power base is chosen from the data (`baseMva` here need not be the case's), so that the peak
 * apparent load is of order one whatever base the file uses. Energies are in pu·h. Costs are in $:
 * a linear cost of the case ($/MWh) becomes $ per pu per period (× Δ × baseMva), a quadratic one
 * $ per pu² per period.
 */
export interface CompiledCase {
  readonly source: Case;
  readonly periods: number;
  /** Δ in hours. */
  readonly hours: number;
  /** Power base of these arrays, MVA. */
  readonly baseMva: number;
  /** S: the feeder's peak apparent load on that base (see `peakOf` for feeders without load). */
  readonly peakPu: number;

  /** N */
  readonly busCount: number;
  /** Tree position → index in `source.buses`. */
  readonly busOfPosition: Int32Array;
  /** Index in `source.buses` → tree position. */
  readonly positionOfBus: Int32Array;
  /** Tree position of the parent; −1 for the root. */
  readonly parent: Int32Array;
  /** Number of buses in the subtree, itself included. */
  readonly subtree: Int32Array;
  readonly depth: Int32Array;
  /** Tree position → index in `source.lines` of the line to the parent; −1 for the root. */
  readonly lineOfPosition: Int32Array;
  /** 1 where the case's `from` is the child (so its flow has the model's direction), else 0. */
  readonly lineFromChild: Uint8Array;
  readonly r: Float64Array;
  readonly x: Float64Array;
  /** Thermal limit in pu, +Infinity where there is none. */
  readonly limit: Float64Array;
  /** Limits on the SQUARED voltage; entry 0 (root) is not enforced. */
  readonly vMin: Float64Array;
  readonly vMax: Float64Array;
  /** Squared root voltage. */
  readonly vRoot: number;
  /** b: reactive injection at v = 1, pu. */
  readonly shunt: Float64Array;

  /** Sum of the uncontrollable loads at each bus, N × T. */
  readonly loadP: Float64Array;
  readonly loadQ: Float64Array;

  readonly solar: CompiledSolar;
  readonly batteries: CompiledBatteries;
  readonly shapables: CompiledShapables;
  readonly generators: CompiledGenerators;

  /** Loads that may be shed at a price (a subset of the loads, already counted in loadP/loadQ). */
  readonly sheddable: CompiledSheddable;

  readonly minRenewableShare: number;
  /** Σ Δ-weighted constant costs of the generators, $ (already times T·Δ). */
  readonly constantCost: number;
}

/** Devices are in the order of the case; `bus` holds tree positions. */
export interface CompiledSolar {
  readonly count: number;
  readonly bus: Int32Array;
  /** count × T */
  readonly forecast: Float64Array;
  readonly curtailable: Uint8Array;
  /** Inverter rating in pu; NaN: none, then q = 0. */
  readonly sMax: Float64Array;
}

export interface CompiledBatteries {
  readonly count: number;
  readonly bus: Int32Array;
  readonly power: Float64Array;
  /** pu·h */
  readonly energy: Float64Array;
  readonly initial: Float64Array;
  readonly final: Float64Array;
  readonly chargeEfficiency: Float64Array;
  readonly dischargeEfficiency: Float64Array;
  /** $ per pu of charge or discharge held for one period. */
  readonly cost: Float64Array;
  readonly sMax: Float64Array;
}

export interface CompiledShapables {
  readonly count: number;
  readonly bus: Int32Array;
  /** pu·h */
  readonly energy: Float64Array;
  readonly max: Float64Array;
  readonly start: Int32Array;
  /** Exclusive. */
  readonly end: Int32Array;
  /** q = p · tanPhi */
  readonly tanPhi: Float64Array;
  /** count × T; zero where the case gives none. */
  readonly preferred: Float64Array;
  /** $ per pu² per period. */
  readonly discomfort: Float64Array;
}

export interface CompiledGenerators {
  readonly count: number;
  readonly bus: Int32Array;
  readonly pMin: Float64Array;
  readonly pMax: Float64Array;
  readonly qMin: Float64Array;
  readonly qMax: Float64Array;
  /** $ per pu² per period: the cost of holding p is quadratic·p² + linear·p. */
  readonly quadratic: Float64Array;
  /** count × T, $ per pu per period. */
  readonly linear: Float64Array;
  /** pu between neighbouring periods; +Infinity: none. */
  readonly ramp: Float64Array;
}

export interface CompiledSheddable {
  readonly count: number;
  readonly bus: Int32Array;
  /** Index in `source.loads`. */
  readonly load: Int32Array;
  /** count × T: what may be shed; q sheds in proportion. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** $ per pu per period. */
  readonly cost: Float64Array;
}
