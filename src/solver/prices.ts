import type { CompiledCase } from '../model/compiled.js';
import type { NetworkDuals, NetworkPoint } from './engine.js';

/** Parts of the balance duals, N × T in the units of `NetworkDuals.balanceP` ($ per pu). */
export interface DualParts {
  readonly real: DualPartArrays;
  readonly reactive: DualPartArrays;
  /** Largest |λ − sum of the parts as computed|, $ per pu: what `loss` took up so that they add up. */
  readonly remainder: number;
}

export interface DualPartArrays {
  readonly energy: Float64Array;
  readonly loss: Float64Array;
  readonly voltage: Float64Array;
  readonly congestion: Float64Array;
}

/**
 * Splits the prices at every bus by their origin (derivation: docs/math.md, "DLMP parts").
 *
 * The stationarity conditions of the branch flow model along the tree are linear in the multipliers
 * and in three sources: the two prices at the root, the multipliers of the voltage limits, and those
 * of the thermal limits. Solving them once per source gives prices that add up: what comes from the
 * root is the root's own price (energy) and its change along the way (loss), the other two are voltage
 * and congestion. One sweep leaves → root expresses each line's voltage multiplier as an affine
 * function of its parent's two prices, one sweep root → leaves puts numbers in: O(N) per period.
 *
 * What the engine's tolerance leaves over is added to `remainderTo`: `loss` normally, `voltage` where
 * the prices come from the Gan–Li bound, whose extra voltage rows act through it.
 *
 * @returns undefined where the engine gave no multipliers of the limits.
 */
export function splitPrices(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: NetworkDuals,
  remainderTo: 'loss' | 'voltage' = 'loss',
): DualParts | undefined {
  const { vMax, vMin, thermal } = duals;
  if (vMax === undefined || vMin === undefined) return undefined;
  const size = problem.busCount * problem.periods;
  const empty = (): DualPartArrays => ({
    energy: new Float64Array(size),
    loss: new Float64Array(size),
    voltage: new Float64Array(size),
    congestion: new Float64Array(size),
  });
  const real = empty();
  const reactive = empty();
  const work = new TreeAdjoint(problem.busCount);
  for (let t = 0; t < problem.periods; t += 1) {
    work.eliminate(problem, point, { vMax, vMin, thermal }, t);
    work.substitute(problem, point, duals, thermal, t, real, reactive);
  }
  const remainder = Math.max(
    closeParts(real, duals.balanceP, remainderTo),
    closeParts(reactive, duals.balanceQ, remainderTo),
  );
  return { real, reactive, remainder };
}

function closeParts(parts: DualPartArrays, whole: Float64Array, remainderTo: 'loss' | 'voltage'): number {
  let most = 0;
  for (let k = 0; k < whole.length; k += 1) {
    const left = whole[k]! - (parts.energy[k]! + parts.loss[k]! + parts.voltage[k]! + parts.congestion[k]!);
    parts[remainderTo][k]! += left;
    most = Math.max(most, Math.abs(left));
  }
  return most;
}

interface LimitDuals {
  readonly vMax: Float64Array;
  readonly vMin: Float64Array;
  readonly thermal?: Float64Array;
}

/** Sources of the linear system, in this order. */
const ROOT = 0;
const VOLTAGE = 1;
const CONGESTION = 2;

/**
 * The elimination of one period. For line i with parent a, multiplier κ_i of its voltage drop:
 * κ_i = alpha_i + beta_i λ_a + gamma_i λq_a, where only alpha depends on the source (none for ROOT).
 */
class TreeAdjoint {
  readonly #alphaVoltage: Float64Array;
  readonly #alphaCongestion: Float64Array;
  readonly #beta: Float64Array;
  readonly #gamma: Float64Array;
  /** Prices by source, one entry per bus. */
  readonly #lambda: readonly Float64Array[];
  readonly #lambdaQ: readonly Float64Array[];

  constructor(busCount: number) {
    const make = () => new Float64Array(busCount);
    this.#alphaVoltage = make();
    this.#alphaCongestion = make();
    this.#beta = make();
    this.#gamma = make();
    this.#lambda = [make(), make(), make()];
    this.#lambdaQ = [make(), make(), make()];
  }

  eliminate(problem: CompiledCase, point: NetworkPoint, duals: LimitDuals, t: number): void {
    const { busCount, periods, parent, r, x, shunt } = problem;
    const alphaV = this.#alphaVoltage.fill(0);
    const alphaC = this.#alphaCongestion.fill(0);
    const beta = this.#beta.fill(0);
    const gamma = this.#gamma.fill(0);
    // Until line i is reached its entries hold the sums over its children.
    for (let i = busCount - 1; i > 0; i -= 1) {
      const k = i * periods + t;
      const v = point.v[k]!;
      const p = point.flowP[k]!;
      const q = point.flowQ[k]!;
      const ell = point.ell[k]!;
      const zz = r[i]! * r[i]! + x[i]! * x[i]!;
      const B = beta[i]!;
      const C = gamma[i]! + shunt[i]!;
      const [thermalP, thermalQ] = thermalPull(duals.thermal?.[k] ?? 0, p, q);
      const pivot = 1 - B * (2 * r[i]! - (2 * p * zz) / v) - C * (2 * x[i]! - (2 * q * zz) / v) - (ell * zz) / v;
      alphaV[i] = (alphaV[i]! - duals.vMax[k]! + duals.vMin[k]!) / pivot;
      alphaC[i] = (alphaC[i]! - B * thermalP - C * thermalQ) / pivot;
      beta[i] = (B * (1 - (2 * p * r[i]!) / v) - (C * 2 * q * r[i]!) / v + (ell * r[i]!) / v) / pivot;
      gamma[i] = (-(B * 2 * p * x[i]!) / v + C * (1 - (2 * q * x[i]!) / v) + (ell * x[i]!) / v) / pivot;
      const up = parent[i]!;
      alphaV[up]! += alphaV[i]!;
      alphaC[up]! += alphaC[i]!;
      beta[up]! += beta[i]!;
      gamma[up]! += gamma[i]!;
    }
  }

  substitute(
    problem: CompiledCase,
    point: NetworkPoint,
    duals: NetworkDuals,
    thermal: Float64Array | undefined,
    t: number,
    real: DualPartArrays,
    reactive: DualPartArrays,
  ): void {
    const { busCount, periods, parent, r, x } = problem;
    for (const source of [ROOT, VOLTAGE, CONGESTION]) {
      const lambda = this.#lambda[source]!;
      const lambdaQ = this.#lambdaQ[source]!;
      lambda[0] = source === ROOT ? duals.balanceP[t]! : 0;
      lambdaQ[0] = source === ROOT ? duals.balanceQ[t]! : 0;
      const alpha = source === VOLTAGE ? this.#alphaVoltage : this.#alphaCongestion;
      for (let i = 1; i < busCount; i += 1) {
        const k = i * periods + t;
        const a = parent[i]!;
        const p = point.flowP[k]!;
        const q = point.flowQ[k]!;
        const zz = r[i]! * r[i]! + x[i]! * x[i]!;
        const kappa = (source === ROOT ? 0 : alpha[i]!) + this.#beta[i]! * lambda[a]! + this.#gamma[i]! * lambdaQ[a]!;
        const sigma = (r[i]! * lambda[a]! + x[i]! * lambdaQ[a]! + zz * kappa) / point.v[k]!;
        const [pullP, pullQ] = source === CONGESTION ? thermalPull(thermal?.[k] ?? 0, p, q) : [0, 0];
        lambda[i] = lambda[a]! + 2 * r[i]! * kappa - 2 * p * sigma - pullP;
        lambdaQ[i] = lambdaQ[a]! + 2 * x[i]! * kappa - 2 * q * sigma - pullQ;
      }
    }
    this.#store(this.#lambda, periods, t, real);
    this.#store(this.#lambdaQ, periods, t, reactive);
  }

  #store(prices: readonly Float64Array[], periods: number, t: number, parts: DualPartArrays): void {
    const [root, voltage, congestion] = prices as [Float64Array, Float64Array, Float64Array];
    for (let i = 0; i < root.length; i += 1) {
      const k = i * periods + t;
      parts.energy[k] = root[0]!;
      parts.loss[k] = root[i]! - root[0]!;
      parts.voltage[k] = voltage[i]!;
      parts.congestion[k] = congestion[i]!;
    }
  }
}

/** Gradient of |S| times the multiplier of |S| ≤ limit. */
function thermalPull(theta: number, p: number, q: number): [number, number] {
  const size = Math.hypot(p, q);
  return theta === 0 || size === 0 ? [0, 0] : [(theta * p) / size, (theta * q) / size];
}
