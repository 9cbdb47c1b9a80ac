import type { CompiledCase } from '../../model/compiled.js';
import { partitionTree } from '../../pool/partition.js';
import * as abi from '../../wasm/admm-abi.js';
import {
  type AdmmExports,
  type CompiledKernel,
  compileKernel,
  instantiateKernel,
  type Region,
  viewF64,
} from '../../wasm/index.js';
import { listEntities } from './devices.js';
import { fillData, fillMemory, fillWeights, type Scene } from './fill.js';
import { type Layout, planLayout } from './layout.js';
import type { AdmmSettings } from './settings.js';
import { measureFeeder, priceScaleOf } from './weights.js';

/** Relative cost of a device's prox beside one period of one line; measured, only the partition uses it. */
const LINE_WORK = 1;
const DEVICE_WORK = 2;

/** Residuals and costs of the last check, relative as model.md's tolerance reads them. */
export interface Measures {
  readonly primalPower: number;
  /** On squared voltage. */
  readonly primalV: number;
  readonly dual: number;
  readonly gap: number;
  /** $, right to second order. */
  readonly objective: number;
  /** $: Σ |cost terms|. */
  readonly terms: number;
  /** $ at the point that meets the equations. */
  readonly objectiveZ: number;
  readonly priceMove: number;
}

/**
 * One problem in one memory: made, filled and factored; then `iterate` as often as wanted. The state
 * stays between calls and between changes of the data, which is what a warm start is.
 */
export class AdmmSession {
  readonly layout: Layout;
  readonly kernel: CompiledKernel;
  readonly exports: AdmmExports;
  readonly parties: number;
  #scene: Scene;

  constructor(problem: CompiledCase, settings: AdmmSettings, parties: number) {
    this.parties = parties;
    this.kernel = compileKernel('admm');
    const priceScale = priceScaleOf(problem);
    const entities = listEntities(problem, priceScale);
    const work = new Float64Array(problem.busCount).fill(LINE_WORK);
    for (const entity of entities) work[entity.bus]! += DEVICE_WORK;
    const partition = partitionTree(problem.subtree, work, parties);
    const scratchDoubles = scratchSize(this.kernel, problem.periods, settings.depth);
    this.#scene = {
      problem,
      entities,
      scale: measureFeeder(problem, entities),
      priceScale,
      settings,
      partition,
      scratchDoubles,
    };
    this.layout = planLayout(problem, entities, settings, partition, scratchDoubles, true);
    this.exports = instantiateKernel<AdmmExports>(this.kernel, this.layout.memory).exports;
    fillMemory(this.layout, this.#scene);
    this.start();
    this.exports.factor(this.layout.context);
  }

  get scene(): Scene {
    return this.#scene;
  }

  /** The cold start: root voltage everywhere, nothing flows, no prices. */
  start(): void {
    const { settings, problem } = this.#scene;
    const perLine = settings.variant === 'bus' ? 8 : 4;
    const w = this.vector('w').fill(0);
    const { periods } = problem;
    for (let bus = 0; bus < problem.busCount; bus += 1) {
      const first = bus * perLine * periods;
      w.fill(problem.vRoot, first, first + periods);
      if (perLine === 8) w.fill(problem.vRoot, first + 7 * periods, first + 8 * periods);
    }
    viewF64(this.layout.memory, this.layout.regions.nuPrev).fill(0);
    viewF64(this.layout.memory, this.layout.regions.entityWarm).fill(0);
    this.restart();
  }

  /**
   * Starts counting anew and keeps the state. The acceleration's directions stay good as long as the
   * weights and the problem's shape do: `keepDirections`.
   */
  restart(adaptFrom: number = this.#scene.settings.adaptFrom, keepDirections = false): void {
    const { settings } = this.#scene;
    if (!keepDirections) this.words[abi.RING_COUNT] = 0;
    for (const index of [
      abi.ITERATION,
      abi.HAVE_PREV,
      abi.WAS_ACCELERATED,
      abi.STATUS,
      abi.REJECTED,
      abi.ACCELERATED,
      abi.ADAPTED,
      abi.TRACE_COUNT,
      abi.CHECKS,
    ]) {
      this.words[index] = 0;
    }
    this.words[abi.TRACE_STRIDE] = 1;
    this.words[abi.ADAPT_NEXT] = settings.adaptTimes > 0 ? adaptFrom : 0;
    this.words[abi.ADAPT_LEFT] = settings.adaptTimes;
    this.doubles[abi.LAST_NORM] = Number.POSITIVE_INFINITY;
  }

  /** Puts other loads, forecasts, limits or prices in place; the feeder and its devices stay the same. */
  change(problem: CompiledCase): void {
    const entities = listEntities(problem, this.#scene.priceScale);
    this.#scene = { ...this.#scene, problem, entities };
    fillData(this.layout, this.#scene);
  }

  /**
   * Puts the weights read from the data back in place of those that followed the last solve's residuals,
   * with z and the multipliers W (w − z) kept. Needs z of the present w (`evaluate`).
   */
  resetWeights(): void {
    const [w, z, weight] = [this.vector('w'), this.vector('z'), this.vector('weight')];
    const used = weight.slice();
    const { periods } = this.#scene.problem;
    fillWeights(this.layout, this.#scene);
    for (let row = 0; row < weight.length; row += 1) {
      const ratio = used[row]! / weight[row]!;
      if (ratio === 1) continue;
      for (let k = row * periods; k < (row + 1) * periods; k += 1) w[k] = z[k]! + (w[k]! - z[k]!) * ratio;
    }
    this.exports.factor(this.layout.context);
  }

  setTolerance(tolerance: number): void {
    this.doubles[abi.TOLERANCE] = tolerance;
    this.doubles[abi.TOLERANCE_V] = tolerance / 10;
  }

  get words(): Int32Array {
    return new Int32Array(this.layout.memory.buffer, this.layout.context, abi.DOUBLES / 4);
  }

  get doubles(): Float64Array {
    return new Float64Array(
      this.layout.memory.buffer,
      this.layout.context + abi.DOUBLES,
      (abi.CONTROL - abi.DOUBLES) / 8,
    );
  }

  /** Control word, for `Atomics`. */
  control(index: number): Int32Array {
    return new Int32Array(this.layout.memory.buffer, this.layout.context + abi.CONTROL + index * 64, 1);
  }

  vector(name: keyof Layout['regions']): Float64Array {
    return viewF64(this.layout.memory, this.layout.regions[name] as Region);
  }

  get iteration(): number {
    return this.words[abi.ITERATION]!;
  }

  measures(): Measures {
    const d = this.doubles;
    const { priceScale } = this.#scene;
    return {
      primalPower: d[abi.PRIMAL_POWER]!,
      primalV: d[abi.PRIMAL_V]!,
      dual: d[abi.DUAL]!,
      gap: d[abi.GAP]!,
      objective: d[abi.OBJECTIVE]! * priceScale,
      objectiveZ: d[abi.OBJECTIVE_Z]! * priceScale,
      terms: d[abi.COST_TERMS]! * priceScale,
      priceMove: d[abi.PRICE_MOVE]!,
    };
  }
}

/** Asks a throwaway instance, because memory must be planned before the real one exists. */
function scratchSize(kernel: CompiledKernel, periods: number, depth: number): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  return instantiateKernel<AdmmExports>(kernel, memory).exports.scratchDoubles(periods, depth);
}
