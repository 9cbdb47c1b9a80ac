import type { ConicDuals, ConicProgram } from '../../src/solver/ipm/conic.js';

/** Largest violations of the optimality conditions, worked out from the program's own data. */
export interface KktErrors {
  /** Rows, bounds and cones. */
  readonly primal: number;
  /** |P x + q + Aᵀ y − zLower + zUpper − Σ Gᵀ z|. */
  readonly stationarity: number;
  /** How far multipliers are outside their cones. */
  readonly dualCone: number;
  /** |primal − dual objective|. */
  readonly gap: number;
  /** Largest |multiplier × slack| over all inequalities. */
  readonly complementarity: number;
}

/** The affine rows of cone `k` at x: (head, tails…). */
function coneValues(program: ConicProgram, k: number, x: Float64Array): number[] {
  const values: number[] = [];
  for (let part = program.conePtr.get(k); part < program.conePtr.get(k + 1); part++) {
    let sum = program.coneConstant.get(part);
    for (let e = program.conePartPtr.get(part); e < program.conePartPtr.get(part + 1); e++) {
      sum += program.coneCoefficient.get(e) * x[program.coneColumn.get(e)]!;
    }
    values.push(sum);
  }
  return values;
}

const outside = (u: readonly number[]): number => Math.max(0, Math.hypot(...u.slice(1)) - u[0]!);

/** Checks a primal-dual point against the definition of the program; nothing of the solver is used. */
export function kktErrors(program: ConicProgram, x: Float64Array, duals: ConicDuals): KktErrors {
  let primal = 0;
  let dualCone = 0;
  let complementarity = 0;
  let primalObjective = program.constant;
  let dualObjective = program.constant;
  const gradient = new Float64Array(program.variables);
  const bounded = (slack: number, z: number): void => {
    primal = Math.max(primal, -slack);
    dualCone = Math.max(dualCone, -z);
    if (Number.isFinite(slack)) complementarity = Math.max(complementarity, Math.abs(slack * z));
    else dualCone = Math.max(dualCone, Math.abs(z));
  };
  for (let j = 0; j < program.variables; j++) {
    const quad = program.quadratic.get(j) * x[j]! * x[j]!;
    primalObjective += 0.5 * quad + program.cost.get(j) * x[j]!;
    dualObjective -= 0.5 * quad;
    gradient[j] = program.quadratic.get(j) * x[j]! + program.cost.get(j) - duals.zLower[j]! + duals.zUpper[j]!;
    const lower = program.lower.get(j);
    const upper = program.upper.get(j);
    bounded(x[j]! - lower, duals.zLower[j]!);
    bounded(upper - x[j]!, duals.zUpper[j]!);
    if (lower > -Infinity) dualObjective += lower * duals.zLower[j]!;
    if (upper < Infinity) dualObjective -= upper * duals.zUpper[j]!;
  }
  for (let i = 0; i < program.rows; i++) {
    const y = duals.row[i]!;
    let sum = 0;
    for (let e = program.rowPtr.get(i); e < program.rowPtr.get(i + 1); e++) {
      const j = program.column.get(e);
      sum += program.coefficient.get(e) * x[j]!;
      gradient[j]! += program.coefficient.get(e) * y;
    }
    const lower = program.rowLower.get(i);
    const upper = program.rowUpper.get(i);
    if (lower === upper) {
      primal = Math.max(primal, Math.abs(sum - lower));
      dualObjective -= y * lower;
    } else {
      bounded(sum - lower, Math.max(0, -y));
      bounded(upper - sum, Math.max(0, y));
      dualObjective -= y > 0 ? y * upper : y < 0 ? y * lower : 0;
    }
  }
  for (let k = 0; k < program.cones; k++) {
    const first = program.conePtr.get(k);
    const s = coneValues(program, k, x);
    const z = s.map((_, i) => duals.cone[first + i]!);
    primal = Math.max(primal, outside(s));
    dualCone = Math.max(dualCone, outside(z));
    complementarity = Math.max(complementarity, Math.abs(s.reduce((sum, value, i) => sum + value * z[i]!, 0)));
    for (let i = 0; i < s.length; i++) {
      dualObjective -= program.coneConstant.get(first + i) * z[i]!;
      for (let e = program.conePartPtr.get(first + i); e < program.conePartPtr.get(first + i + 1); e++) {
        gradient[program.coneColumn.get(e)]! -= program.coneCoefficient.get(e) * z[i]!;
      }
    }
  }
  const stationarity = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { primal, stationarity, dualCone, complementarity, gap: Math.abs(primalObjective - dualObjective) };
}

/** A Farkas proof: what remains of Aᵀ y − zLower + zUpper − …, and the sum of the constraints (must be < 0). */
export function farkas(program: ConicProgram, duals: ConicDuals): { error: number; sum: number; dualCone: number } {
  const zero = new Float64Array(program.variables);
  let sum = 0;
  let dualCone = 0;
  const gradient = zero.slice();
  for (let j = 0; j < program.variables; j++) {
    gradient[j] = duals.zUpper[j]! - duals.zLower[j]!;
    dualCone = Math.max(dualCone, -duals.zUpper[j]!, -duals.zLower[j]!);
    if (duals.zUpper[j] !== 0) sum += program.upper.get(j) * duals.zUpper[j]!;
    if (duals.zLower[j] !== 0) sum -= program.lower.get(j) * duals.zLower[j]!;
  }
  for (let i = 0; i < program.rows; i++) {
    const y = duals.row[i]!;
    if (y === 0) continue;
    sum += y > 0 ? y * program.rowUpper.get(i) : y * program.rowLower.get(i);
    for (let e = program.rowPtr.get(i); e < program.rowPtr.get(i + 1); e++) {
      gradient[program.column.get(e)]! += program.coefficient.get(e) * y;
    }
  }
  for (let k = 0; k < program.cones; k++) {
    const first = program.conePtr.get(k);
    const constants = coneValues(program, k, zero);
    const z = constants.map((_, i) => duals.cone[first + i]!);
    dualCone = Math.max(dualCone, outside(z));
    for (let i = 0; i < z.length; i++) {
      sum += constants[i]! * z[i]!;
      for (let e = program.conePartPtr.get(first + i); e < program.conePartPtr.get(first + i + 1); e++) {
        gradient[program.coneColumn.get(e)]! -= program.coneCoefficient.get(e) * z[i]!;
      }
    }
  }
  return { error: gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0), sum, dualCone };
}
