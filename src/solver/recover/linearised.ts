import type { CompiledCase } from '../../model/compiled.js';
import type { NetworkDuals } from '../engine.js';
import type { ConicDuals } from '../ipm/conic.js';
import { addDevices } from '../ipm/model/devices.js';
import { addBalances, addDrops, type NetworkProgram } from '../ipm/model/network.js';
import { deviceDuals } from '../ipm/model/point.js';
import { InjectionTerms } from '../ipm/model/terms.js';
import { ConicProgram } from '../ipm/program.js';
import type { AcState } from './state.js';

/** One way a battery may go in each period: 1 discharge, −1 charge, 0 either. */
export type Directions = Int8Array;

export interface StepOptions {
  /** Trust region on P and Q around the AC state, pu. */
  readonly radius: number;
  /** $ per pu of squared voltage, and per pu of power, by which a limit is missed. */
  readonly penalty: number;
  /** N × T multipliers of the tangents at the last step: what curvature of P² + Q² costs, $ per pu². */
  readonly curvature?: Float64Array;
  /** batteries × T; none: every battery is free. */
  readonly directions?: Directions;
}

export interface LinearisedProgram {
  readonly network: NetworkProgram;
  /** N × T slack columns of the voltage band and of the thermal limit, −1 where there is none. */
  readonly voltageSlack: Int32Array;
  readonly thermalSlack: Int32Array;
  /** N × T rows of the tangents. */
  readonly tangent: Int32Array;
  /** N × T rows v − s ≤ vMax and v + s ≥ vMin. */
  readonly upper: Int32Array;
  readonly lower: Int32Array;
}

/** Squared voltages may be off by τ/10, as everywhere (docs/math.md, "Tolerance"). */
const VOLTAGE_SCALE = 0.1;

/**
 * One step of AC recovery (docs/math.md, "AC recovery"): the branch flow model with P² + Q² = vℓ
 * replaced by its tangent at an AC state,
 *
 *     2 P₀ P + 2 Q₀ Q − v₀ ℓ − ℓ₀ v = P₀² + Q₀² − v₀ ℓ₀ (= 0 at an AC state),
 *
 * voltage bands and thermal limits elastic at a price, and a box around P₀ and Q₀. The tangent's
 * multiplier y, where positive, adds y((P − P₀)² + (Q − Q₀)²), the convex part of the Lagrangian's
 * curvature: without it steps overshoot and only the box brings them to rest. Convex, and with the
 * same structure at every state, so that no symbolic work is repeated.
 */
export function linearise(problem: CompiledCase, at: AcState, options: StepOptions): LinearisedProgram {
  const { busCount, periods } = problem;
  const { flow } = at;
  const { radius, penalty } = options;
  const program = new ConicProgram();
  program.constant = problem.constantCost;
  program.slackScale = VOLTAGE_SCALE;
  const size = busCount * periods;
  const none = () => new Int32Array(size).fill(-1);
  const columns = { v: none(), ell: none(), flowP: none(), flowQ: none(), branch: none(), thermal: none() };
  const voltageSlack = none();
  const thermalSlack = none();
  const upper = none();
  const lower = none();
  const tangent = none();
  for (let i = 0; i < busCount; i++) {
    const lossy = i > 0 && (problem.r[i] !== 0 || problem.x[i] !== 0);
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      if (i === 0) {
        columns.v[k] = program.addVariable(problem.vRoot, problem.vRoot);
        continue;
      }
      const v = program.addVariable(0);
      const bend = Math.max(0, options.curvature?.[k] ?? 0);
      const near = (at: number): number => {
        program.constant += bend * at * at;
        return program.addVariable(at - radius, at + radius, -2 * bend * at, 2 * bend);
      };
      const p = near(flow.flowP[k]!);
      const q = near(flow.flowQ[k]!);
      columns.v[k] = v;
      columns.flowP[k] = p;
      columns.flowQ[k] = q;
      const slack = program.addVariable(0, Number.POSITIVE_INFINITY, penalty);
      voltageSlack[k] = slack;
      upper[k] = program.addInequality([v, slack], [1, -1], Number.NEGATIVE_INFINITY, problem.vMax[i]!, VOLTAGE_SCALE);
      lower[k] = program.addInequality([v, slack], [1, 1], problem.vMin[i]!, Number.POSITIVE_INFINITY, VOLTAGE_SCALE);
      if (lossy) {
        const ell = program.addVariable();
        columns.ell[k] = ell;
        const [p0, q0, v0, ell0] = [flow.flowP[k]!, flow.flowQ[k]!, flow.v[k]!, flow.ell[k]!];
        tangent[k] = program.addEquality([p, q, ell, v], [2 * p0, 2 * q0, -v0, -ell0], p0 * p0 + q0 * q0 - v0 * ell0);
      }
      if (problem.limit[i]! < Number.POSITIVE_INFINITY) {
        const over = program.addVariable(0, Number.POSITIVE_INFINITY, penalty);
        thermalSlack[k] = over;
        columns.thermal[k] = program.addCone({ columns: [over], coefficients: [1], constant: problem.limit[i]! }, [
          { columns: [p], coefficients: [1] },
          { columns: [q], coefficients: [1] },
        ]);
      }
    }
  }
  const terms = new InjectionTerms(busCount);
  const devices = addDevices(program, problem, terms);
  if (options.directions !== undefined) fixDirections(program, problem, devices, options.directions);
  const base = { program, ...columns, devices };
  const rows = addBalances(base, problem, terms);
  const drop = addDrops(base, problem);
  return { network: { ...base, ...rows, drop }, voltageSlack, thermalSlack, tangent, upper, lower };
}

function fixDirections(
  program: ConicProgram,
  problem: CompiledCase,
  devices: NetworkProgram['devices'],
  directions: Directions,
): void {
  const { periods, batteries } = problem;
  for (let b = 0; b < batteries.count; b++) {
    // A battery without an energy row has one schedule only.
    if (devices.energy[b]! < 0) continue;
    for (let t = 0; t < periods; t++) {
      const way = directions[b * periods + t]!;
      if (way > 0) program.setBounds(devices.charge[b]! + t, 0, 0);
      if (way < 0) program.setBounds(devices.discharge[b]! + t, 0, 0);
    }
  }
}

/** Prices and multipliers of limits at a linearised optimum; at a fixed point they are those of the AC problem. */
export function linearisedDuals(problem: CompiledCase, step: LinearisedProgram, duals: ConicDuals): NetworkDuals {
  const { network } = step;
  const row = (rows: Int32Array, sign: number) =>
    Float64Array.from(rows, (r) => (r < 0 ? 0 : Math.max(0, sign * duals.row[r]!)));
  const thermal = Float64Array.from(network.thermal, (cone) =>
    cone < 0 ? 0 : duals.cone[network.program.conePtr.get(cone)]!,
  );
  const share = network.devices.shareRow;
  return {
    balanceP: Float64Array.from(network.balanceP, (r) => duals.row[r]!),
    balanceQ: Float64Array.from(network.balanceQ, (r) => duals.row[r]!),
    vMax: row(step.upper, 1),
    vMin: row(step.lower, -1),
    thermal,
    devices: deviceDuals(problem, network, duals),
    ...(share >= 0 ? { renewableShare: Math.abs(duals.row[share]!) } : {}),
  };
}

/** Σ of the slacks: how far the linearised problem itself misses limits. */
export function slackOf(step: LinearisedProgram, x: Float64Array): number {
  let sum = 0;
  for (const columns of [step.voltageSlack, step.thermalSlack]) {
    for (const column of columns) if (column >= 0) sum += x[column]!;
  }
  return sum;
}

/** Multipliers of the tangents, N × T. */
export function curvatureOf(step: LinearisedProgram, duals: ConicDuals): Float64Array {
  return Float64Array.from(step.tangent, (r) => (r < 0 ? 0 : duals.row[r]!));
}
