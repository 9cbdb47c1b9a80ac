import fc from 'fast-check';
import type { LpModel } from '../../src/lp/index.js';

const INF = Number.POSITIVE_INFINITY;

/** A program whose optimum is known because it was made from an optimal primal-dual pair. */
export interface KnownLp {
  readonly model: LpModel;
  readonly optimum: number;
}

export interface Flavour {
  /** Whole small numbers: many ties, many degenerate vertices. */
  readonly degenerate?: boolean;
  /** Rows and columns multiplied by up to 10^±spread. */
  readonly spread?: number;
  /** Rows that are nearly combinations of others. */
  readonly nearSingular?: boolean;
}

/**
 * Random program from a seed: x and y are drawn first, limits and costs are set so that they are
 * optimal. Holds empty rows and columns, duplicates, fixed, free and boxed columns, ranges.
 */
export function knownLp(seed: number, m: number, n: number, flavour: Flavour = {}): KnownLp {
  const next = numbers(seed);
  const between = (a: number, b: number) => a + (b - a) * next();
  const entry = () => (flavour.degenerate ? Math.round(between(-3, 3)) : between(-2, 2) * 10 ** between(-1, 1));
  const columns: Map<number, number>[] = [];
  for (let j = 0; j < n; j++) {
    const column = new Map<number, number>();
    if (j > 0 && next() < 0.1) for (const [i, a] of columns[j - 1]!) column.set(i, 2 * a);
    else if (next() > 0.05) {
      const count = 1 + Math.floor(next() * Math.min(m, 6));
      for (let k = 0; k < count && m > 0; k++) {
        const a = entry();
        if (a !== 0) column.set(Math.floor(next() * m), a);
      }
    }
    columns.push(column);
  }
  if (flavour.nearSingular && m > 2) {
    // The last row: the sum of two others, all but a trifle.
    for (const column of columns) {
      column.delete(m - 1);
      const a = (column.get(0) ?? 0) + (column.get(1) ?? 0);
      if (a !== 0) column.set(m - 1, a * (1 + (next() < 0.3 ? 1e-9 : 0)));
    }
  }
  const lower = new Float64Array(n);
  const upper = new Float64Array(n);
  const x = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const kind = next();
    const at = Math.round(between(-5, 5));
    const width = Math.round(between(1, 10));
    [lower[j], upper[j]] =
      kind < 0.15
        ? [-INF, INF]
        : kind < 0.25
          ? [at, at]
          : kind < 0.5
            ? [at, at + width]
            : kind < 0.6
              ? [-INF, at]
              : [at, INF];
    const inside = Math.min(Math.max(at + between(0, 2), lower[j]!), upper[j]!);
    x[j] =
      next() < 0.5 && Number.isFinite(lower[j]!)
        ? lower[j]!
        : next() < 0.3 && Number.isFinite(upper[j]!)
          ? upper[j]!
          : inside;
  }
  const act = new Float64Array(m);
  for (let j = 0; j < n; j++) for (const [i, a] of columns[j]!) act[i]! += a * x[j]!;
  const rowLower = new Float64Array(m);
  const rowUpper = new Float64Array(m);
  const y = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    const kind = next();
    const slack = next() < 0.6 ? 0 : between(0.5, 5);
    if (kind < 0.3) [rowLower[i], rowUpper[i], y[i]] = [act[i]!, act[i]!, between(-3, 3)];
    else if (kind < 0.6) [rowLower[i], rowUpper[i], y[i]] = [act[i]! - slack, INF, slack === 0 ? between(0, 3) : 0];
    else if (kind < 0.9) [rowLower[i], rowUpper[i], y[i]] = [-INF, act[i]! + slack, slack === 0 ? -between(0, 3) : 0];
    else [rowLower[i], rowUpper[i], y[i]] = [act[i]! - slack, act[i]! + 4, slack === 0 ? between(0, 3) : 0];
    if (flavour.degenerate && next() < 0.3) y[i] = 0;
  }
  const cost = new Float64Array(n);
  let optimum = 0;
  for (let j = 0; j < n; j++) {
    let z = 0;
    for (const [i, a] of columns[j]!) z += a * y[i]!;
    const d =
      lower[j] === upper[j]
        ? between(-2, 2)
        : x[j] === lower[j]
          ? between(0, 2)
          : x[j] === upper[j]
            ? -between(0, 2)
            : 0;
    cost[j] = z + (flavour.degenerate && next() < 0.3 ? 0 : d);
    optimum += cost[j]! * x[j]!;
  }
  const known = { model: pack(columns, cost, lower, upper, rowLower, rowUpper), optimum };
  return flavour.spread === undefined ? known : { model: spoil(known.model, next, flavour.spread), optimum };
}

function pack(
  columns: readonly Map<number, number>[],
  cost: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  rowLower: Float64Array,
  rowUpper: Float64Array,
): LpModel {
  const columnStart = [0];
  const rowIndex: number[] = [];
  const value: number[] = [];
  for (const column of columns) {
    for (const [i, a] of column) {
      rowIndex.push(i);
      value.push(a);
    }
    columnStart.push(rowIndex.length);
  }
  return {
    rowCount: rowLower.length,
    columnCount: cost.length,
    columnStart: Int32Array.from(columnStart),
    rowIndex: Int32Array.from(rowIndex),
    value: Float64Array.from(value),
    cost,
    lower,
    upper,
    rowLower,
    rowUpper,
  };
}

/** The same program in bad units: powers of ten on every row and column. The optimum stays. */
function spoil(model: LpModel, next: () => number, spread: number): LpModel {
  const factor = () => 10 ** Math.round((2 * next() - 1) * spread);
  const rows = Float64Array.from({ length: model.rowCount }, factor);
  const columns = Float64Array.from({ length: model.columnCount }, factor);
  const value = model.value.slice();
  for (let j = 0; j < model.columnCount; j++) {
    for (let k = model.columnStart[j]!; k < model.columnStart[j + 1]!; k++)
      value[k]! *= rows[model.rowIndex[k]!]! * columns[j]!;
  }
  return {
    ...model,
    value,
    cost: model.cost.map((c, j) => c * columns[j]!),
    lower: model.lower.map((b, j) => b / columns[j]!),
    upper: model.upper.map((b, j) => b / columns[j]!),
    rowLower: model.rowLower.map((b, i) => b * rows[i]!),
    rowUpper: model.rowUpper.map((b, i) => b * rows[i]!),
  };
}

export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let t = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
}

/** Small wild programs: nothing known about them, any status may come out. */
export const wildLp: fc.Arbitrary<LpModel> = fc
  .tuple(
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.boolean(),
  )
  .map(([m, n, seed, maximise]) => {
    const next = numbers(seed);
    const whole = (a: number, b: number) => Math.round(a + (b - a) * next()) + 0;
    const limits = (): [number, number] => {
      const kind = next();
      const at = whole(-4, 4);
      if (kind < 0.2) return [at, at];
      if (kind < 0.3) return [-INF, INF];
      if (kind < 0.5) return [-INF, at];
      if (kind < 0.7) return [at, at + whole(0, 6)];
      return [at, INF];
    };
    const columns = Array.from({ length: n }, () => {
      const column = new Map<number, number>();
      for (let i = 0; i < m; i++) {
        const a = next() < 0.5 ? whole(-4, 4) : 0;
        if (a !== 0) column.set(i, a);
      }
      return column;
    });
    const bounds = columns.map(limits);
    const rows = Array.from({ length: m }, limits);
    const model = pack(
      columns,
      Float64Array.from({ length: n }, () => whole(-5, 5)),
      Float64Array.from(bounds, ([a]) => a),
      Float64Array.from(bounds, ([, b]) => b),
      Float64Array.from(rows, ([a]) => a),
      Float64Array.from(rows, ([, b]) => b),
    );
    return { ...model, sense: maximise ? 'maximise' : 'minimise' };
  });
