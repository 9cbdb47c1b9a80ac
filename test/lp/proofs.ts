import type { LpModel } from '../../src/lp/index.js';

/** Multiplies a Farkas vector out: the margin by which it separates, relative to the size of its terms; > 0 proves. */
export function farkasMargin(model: LpModel, y: Float64Array): number {
  let largestLeft = 0;
  let size = 0;
  for (let j = 0; j < model.columnCount; j++) {
    let z = 0;
    let terms = 0;
    for (let k = model.columnStart[j]!; k < model.columnStart[j + 1]!; k++) {
      const term = model.value[k]! * y[model.rowIndex[k]!]!;
      z += term;
      terms = Math.max(terms, Math.abs(term));
    }
    // What cancels to rounding is zero.
    if (Math.abs(z) <= 1e-9 * Math.max(1, terms)) continue;
    const part = z > 0 ? z * model.upper[j]! : z * model.lower[j]!;
    largestLeft += part;
    size = Math.max(size, Math.abs(part));
  }
  let smallestRight = 0;
  for (let i = 0; i < model.rowCount; i++) {
    if (y[i] === 0) continue;
    const limit = y[i]! > 0 ? model.rowLower[i]! : model.rowUpper[i]!;
    if (!Number.isFinite(limit) && Math.abs(y[i]!) <= 1e-9) continue;
    smallestRight += y[i]! * limit;
    size = Math.max(size, Math.abs(y[i]! * limit));
  }
  return (smallestRight - largestLeft) / Math.max(size, 1e-300);
}

/** Multiplies a ray out: its objective slope (negative improves a minimisation) and its largest breach of a limit. */
export function rayCheck(model: LpModel, ray: Float64Array): { slope: number; breach: number } {
  let slope = 0;
  let breach = 0;
  const rows = new Float64Array(model.rowCount);
  for (let j = 0; j < model.columnCount; j++) {
    slope += model.cost[j]! * ray[j]!;
    if (ray[j]! > 0 && Number.isFinite(model.upper[j]!)) breach = Math.max(breach, ray[j]!);
    if (ray[j]! < 0 && Number.isFinite(model.lower[j]!)) breach = Math.max(breach, -ray[j]!);
    for (let k = model.columnStart[j]!; k < model.columnStart[j + 1]!; k++) {
      rows[model.rowIndex[k]!]! += model.value[k]! * ray[j]!;
    }
  }
  for (let i = 0; i < model.rowCount; i++) {
    if (rows[i]! > 0 && Number.isFinite(model.rowUpper[i]!)) breach = Math.max(breach, rows[i]!);
    if (rows[i]! < 0 && Number.isFinite(model.rowLower[i]!)) breach = Math.max(breach, -rows[i]!);
  }
  return { slope: model.sense === 'maximise' ? -slope : slope, breach };
}
