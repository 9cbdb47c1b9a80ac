import type { CompiledCase } from '../../../model/compiled.js';
import { ConicProgram } from '../program.js';
import { addDevices, type DeviceColumns } from './devices.js';
import { InjectionTerms } from './terms.js';

export interface NetworkOptions {
  /** Adds the Gan–Li rows: the lossless voltages must keep the upper limit too. */
  readonly bound?: boolean;
}

/**
 * CES-OPF as a conic program, with the columns, rows and cones of everything that has a name. Index
 * arrays are N × T, −1 where nothing is.
 */
export interface NetworkProgram {
  readonly program: ConicProgram;
  readonly v: Int32Array;
  readonly ell: Int32Array;
  readonly flowP: Int32Array;
  readonly flowQ: Int32Array;
  readonly devices: DeviceColumns;
  /** Rows; their multipliers are prices: one more unit of load costs as much. */
  readonly balanceP: Int32Array;
  readonly balanceQ: Int32Array;
  readonly drop: Int32Array;
  /** Cones. */
  readonly branch: Int32Array;
  readonly thermal: Int32Array;
  /** Columns of the lossless voltages of the Gan–Li bound. */
  readonly vLossless?: Int32Array;
}

/** Tolerances: powers to τ·S, squared voltages to τ/10 (docs/math.md, "Tolerance"). */
const VOLTAGE_SCALE = 0.1;

/**
 * The branch flow relaxation (Farivar, Low 2013) over all periods with every device:
 *
 *     P_i − Σ_j (P_j − r_j ℓ_j) − devices = −load                 (balances, at every bus)
 *     v_A(i) − v_i + 2 (r_i P_i + x_i Q_i) − |z_i|² ℓ_i = 0         (voltage drop)
 *     P_i² + Q_i² ≤ v_i ℓ_i,   P_i² + Q_i² ≤ limit²
 *
 * A line with r = x = 0 carries no ℓ: its current follows from its flows.
 */
export function buildNetwork(problem: CompiledCase, options: NetworkOptions = {}): NetworkProgram {
  const { busCount, periods } = problem;
  const program = new ConicProgram();
  program.constant = problem.constantCost;
  program.slackScale = VOLTAGE_SCALE;
  const size = busCount * periods;
  const none = () => new Int32Array(size).fill(-1);
  const v = none();
  const ell = none();
  const flowP = none();
  const flowQ = none();
  const branch = none();
  const thermal = none();
  for (let i = 0; i < busCount; i++) {
    const lossy = i > 0 && (problem.r[i] !== 0 || problem.x[i] !== 0);
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      if (i === 0) {
        v[k] = program.addVariable(problem.vRoot, problem.vRoot);
        continue;
      }
      v[k] = program.addVariable(problem.vMin[i]!, problem.vMax[i]!);
      flowP[k] = program.addVariable();
      flowQ[k] = program.addVariable();
      if (lossy) {
        ell[k] = program.addVariable();
        branch[k] = program.addRotatedCone(v[k]!, ell[k]!, [flowP[k]!, flowQ[k]!]);
      }
      if (problem.limit[i]! < Infinity) thermal[k] = program.addDisc(problem.limit[i]!, [flowP[k]!, flowQ[k]!]);
    }
  }
  const terms = new InjectionTerms(busCount);
  const devices = addDevices(program, problem, terms);
  const network = { program, v, ell, flowP, flowQ, devices, branch, thermal };
  const rows = addBalances(network, problem, terms);
  const drop = addDrops(network, problem);
  const extra = options.bound ? { vLossless: addLosslessBound(network, problem) } : {};
  return { ...network, ...rows, drop, ...extra };
}

type Base = Pick<NetworkProgram, 'program' | 'v' | 'ell' | 'flowP' | 'flowQ'>;

function childrenOf(problem: CompiledCase): number[][] {
  const children: number[][] = Array.from({ length: problem.busCount }, () => []);
  for (let i = 1; i < problem.busCount; i++) children[problem.parent[i]!]!.push(i);
  return children;
}

export function addBalances(
  network: Base,
  problem: CompiledCase,
  terms: InjectionTerms,
): { balanceP: Int32Array; balanceQ: Int32Array } {
  const { busCount, periods, r, x, shunt, peakPu } = problem;
  const { program, v, ell, flowP, flowQ } = network;
  const children = childrenOf(problem);
  const balanceP = new Int32Array(busCount * periods);
  const balanceQ = new Int32Array(busCount * periods);
  for (let i = 0; i < busCount; i++) {
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      if (i > 0) program.entry(flowP[k]!, 1);
      for (const j of children[i]!) {
        const kj = j * periods + t;
        program.entry(flowP[kj]!, -1);
        if (ell[kj]! >= 0) program.entry(ell[kj]!, r[j]!);
      }
      for (const term of terms.at(i)) {
        if (t >= term.from && t < term.to) program.entry(term.first + t - term.from, -term.real);
      }
      balanceP[k] = program.closeRow(-problem.loadP[k]!, -problem.loadP[k]!, peakPu);
      if (i > 0) program.entry(flowQ[k]!, 1);
      program.entry(v[k]!, -shunt[i]!);
      for (const j of children[i]!) {
        const kj = j * periods + t;
        program.entry(flowQ[kj]!, -1);
        if (ell[kj]! >= 0) program.entry(ell[kj]!, x[j]!);
      }
      for (const term of terms.at(i)) {
        if (t < term.from || t >= term.to) continue;
        const reactive = typeof term.reactive === 'number' ? term.reactive : term.reactive(t);
        program.entry(term.first + t - term.from, -reactive);
      }
      balanceQ[k] = program.closeRow(-problem.loadQ[k]!, -problem.loadQ[k]!, peakPu);
    }
  }
  return { balanceP, balanceQ };
}

export function addDrops(network: Base, problem: CompiledCase): Int32Array {
  const { busCount, periods, r, x, parent } = problem;
  const { program, v, ell, flowP, flowQ } = network;
  const drop = new Int32Array(busCount * periods).fill(-1);
  for (let i = 1; i < busCount; i++) {
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      program.entry(v[parent[i]! * periods + t]!, 1);
      program.entry(v[k]!, -1);
      program.entry(flowP[k]!, 2 * r[i]!);
      program.entry(flowQ[k]!, 2 * x[i]!);
      if (ell[k]! >= 0) program.entry(ell[k]!, -(r[i]! * r[i]! + x[i]! * x[i]!));
      drop[k] = program.closeRow(0, 0, VOLTAGE_SCALE);
    }
  }
  return drop;
}

/**
 * Gan, Li, Topcu, Low 2015: with the same injections and no losses, flows P̂ and voltages v̂ obey
 * v̂_A(i) = v̂_i − 2 (r P̂ + x Q̂), and v̂ ≤ vMax² is asked as well. The rows hold the difference
 * P̂ − P = Σ_j (P̂_j − P_j + r_j ℓ_j) instead of P̂, so that no device enters them and the balance
 * multipliers stay the whole price.
 */
function addLosslessBound(network: Base, problem: CompiledCase): Int32Array {
  const { busCount, periods, r, x, parent } = problem;
  const { program, ell, flowP, flowQ } = network;
  const children = childrenOf(problem);
  const size = busCount * periods;
  const vLossless = new Int32Array(size);
  const lostP = new Int32Array(size);
  const lostQ = new Int32Array(size);
  for (let i = 0; i < busCount; i++) {
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      vLossless[k] =
        i === 0 ? program.addVariable(problem.vRoot, problem.vRoot) : program.addVariable(-Infinity, problem.vMax[i]!);
      // a leaf loses nothing below it
      const bound = children[i]!.length === 0 ? 0 : Number.POSITIVE_INFINITY;
      lostP[k] = program.addVariable(-bound, bound);
      lostQ[k] = program.addVariable(-bound, bound);
    }
  }
  for (let i = 1; i < busCount; i++) {
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      if (children[i]!.length > 0) {
        const below = children[i]!.map((j) => j * periods + t);
        const lossy = below.filter((kj) => ell[kj]! >= 0);
        for (const [lost, z] of [
          [lostP, r],
          [lostQ, x],
        ] as const) {
          program.addEquality(
            [lost[k]!, ...below.map((kj) => lost[kj]!), ...lossy.map((kj) => ell[kj]!)],
            [1, ...below.map(() => -1), ...lossy.map((kj) => -z[Math.floor(kj / periods)]!)],
            0,
            problem.peakPu,
          );
        }
      }
      program.addEquality(
        [vLossless[parent[i]! * periods + t]!, vLossless[k]!, flowP[k]!, lostP[k]!, flowQ[k]!, lostQ[k]!],
        [1, -1, 2 * r[i]!, 2 * r[i]!, 2 * x[i]!, 2 * x[i]!],
        0,
        VOLTAGE_SCALE,
      );
    }
  }
  return vLossless;
}
