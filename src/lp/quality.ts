import type { LpModel, LpQuality } from './types.js';

/** A x by rows. */
export function activity(model: LpModel, x: Float64Array): Float64Array {
  const result = new Float64Array(model.rowCount);
  const { columnStart, rowIndex, value } = model;
  for (let j = 0; j < model.columnCount; j++) {
    const xj = x[j]!;
    if (xj === 0) continue;
    for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) result[rowIndex[k]!]! += value[k]! * xj;
  }
  return result;
}

/** cost − A'y by columns. */
export function reducedCosts(model: LpModel, y: Float64Array): Float64Array {
  const result = new Float64Array(model.columnCount);
  const { columnStart, rowIndex, value } = model;
  for (let j = 0; j < model.columnCount; j++) {
    let sum = model.cost[j]!;
    for (let k = columnStart[j]!; k < columnStart[j + 1]!; k++) sum -= value[k]! * y[rowIndex[k]!]!;
    result[j] = sum;
  }
  return result;
}

export function objectiveOf(model: LpModel, x: Float64Array): number {
  let sum = model.constant ?? 0;
  for (let j = 0; j < model.columnCount; j++) sum += model.cost[j]! * x[j]!;
  return sum;
}

/** Recomputes what an answer is worth from the model, the point and the row duals, and from nothing else. */
export function measure(model: LpModel, x: Float64Array, y: Float64Array): LpQuality {
  const sign = model.sense === 'maximise' ? -1 : 1;
  const rows = activity(model, x);
  const d = reducedCosts(model, y);
  let primalResidual = 0;
  let dualResidual = 0;
  let dualObjective = model.constant ?? 0;
  const side = (value: number, low: number, high: number, price: number): void => {
    primalResidual = Math.max(primalResidual, low - value, value - high);
    // Minimising, a positive price stands on the lower limit and a negative one on the upper.
    const bound = price * sign > 0 ? low : high;
    if (price === 0) return;
    if (Number.isFinite(bound)) dualObjective += price * bound;
    else {
      dualResidual = Math.max(dualResidual, Math.abs(price));
      dualObjective += price * value;
    }
  };
  for (let j = 0; j < model.columnCount; j++) side(x[j]!, model.lower[j]!, model.upper[j]!, d[j]!);
  for (let i = 0; i < model.rowCount; i++) side(rows[i]!, model.rowLower[i]!, model.rowUpper[i]!, y[i]!);
  const objective = objectiveOf(model, x);
  return {
    primalResidual,
    dualResidual,
    relativeGap: Math.abs(objective - dualObjective) / Math.max(1, Math.abs(objective)),
  };
}
