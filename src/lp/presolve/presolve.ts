import { BasisStatus, type LpBasis, type LpModel } from '../types.js';
import { mergeColumns, mergeRows } from './duplicates.js';
import { type Restored, undo } from './restore.js';
import { boundPrices, reduceColumn, reduceRow } from './rules.js';
import { Work } from './work.js';

const MAX_PASSES = 12;

/** What an answer of the reduced model says about the whole one. */
export interface ReducedAnswer {
  readonly primal: Float64Array;
  readonly dual: Float64Array;
  readonly reducedCosts: Float64Array;
  readonly basis: LpBasis;
}

export interface Presolved {
  /** A minimisation over the rows and columns that are left. */
  readonly model: LpModel;
  /** Point, duals and basis of the whole model, in its own sense; may be called once. */
  restore(answer: ReducedAnswer): ReducedAnswer;
}

/**
 * Takes out what can be decided beforehand (Andersen & Andersen 1995): empty, singleton, redundant,
 * forcing and duplicate rows; fixed, empty, dominated, free-singleton, slack and duplicate columns.
 * Undefined where nothing comes out, or where the model is found infeasible or unbounded: the simplex
 * then works on the whole model, so that its proof speaks of the whole model.
 */
export function presolve(model: LpModel): Presolved | undefined {
  const w = new Work(model);
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    if (!onePass(w, pass)) break;
    if (w.surrender !== undefined) return undefined;
  }
  if (w.stack.length === 0) return undefined;
  return shrink(w, model);
}

function onePass(w: Work, pass: number): boolean {
  let changed = false;
  for (let i = 0; i < w.m; i++) {
    if (w.rowAlive[i] === 1 && reduceRow(w, i)) changed = true;
    if (w.surrender !== undefined) return true;
  }
  const prices = boundPrices(w);
  for (let j = 0; j < w.n; j++) {
    if (w.columnAlive[j] === 1 && reduceColumn(w, j, prices)) changed = true;
    if (w.surrender !== undefined) return true;
  }
  if (pass === 0 || !changed) {
    if (mergeRows(w)) changed = true;
    if (w.surrender === undefined && mergeColumns(w)) changed = true;
  }
  return changed;
}

function shrink(w: Work, original: LpModel): Presolved {
  const columns = living(w.columnAlive);
  const rows = living(w.rowAlive);
  const placeOfRow = new Int32Array(w.m).fill(-1);
  rows.forEach((i, place) => {
    placeOfRow[i] = place;
  });
  const columnStart = new Int32Array(columns.length + 1);
  const rowIndex: number[] = [];
  const value: number[] = [];
  columns.forEach((j, place) => {
    w.eachInColumn(j, (i, a) => {
      rowIndex.push(placeOfRow[i]!);
      value.push(a);
    });
    columnStart[place + 1] = rowIndex.length;
  });
  const pick = (source: Float64Array, places: Int32Array) => Float64Array.from(places, (k) => source[k]!);
  const model: LpModel = {
    sense: 'minimise',
    rowCount: rows.length,
    columnCount: columns.length,
    columnStart,
    rowIndex: Int32Array.from(rowIndex),
    value: Float64Array.from(value),
    cost: pick(w.cost, columns),
    lower: pick(w.lower, columns),
    upper: pick(w.upper, columns),
    rowLower: pick(w.rowLower, rows),
    rowUpper: pick(w.rowUpper, rows),
  };
  return { model, restore: (answer) => restoreAll(w, original, columns, rows, answer) };
}

function living(alive: Uint8Array): Int32Array {
  const places: number[] = [];
  for (let k = 0; k < alive.length; k++) if (alive[k] === 1) places.push(k);
  return Int32Array.from(places);
}

function restoreAll(
  w: Work,
  original: LpModel,
  columns: Int32Array,
  rows: Int32Array,
  answer: ReducedAnswer,
): ReducedAnswer {
  const s: Restored = {
    x: new Float64Array(w.n),
    y: new Float64Array(w.m),
    d: new Float64Array(w.n),
    columns: new Uint8Array(w.n).fill(BasisStatus.atLower),
    rows: new Uint8Array(w.m).fill(BasisStatus.basic),
  };
  columns.forEach((j, place) => {
    s.x[j] = answer.primal[place]!;
    s.d[j] = answer.reducedCosts[place]!;
    s.columns[j] = answer.basis.columns[place]!;
  });
  rows.forEach((i, place) => {
    s.y[i] = answer.dual[place]!;
    s.rows[i] = answer.basis.rows[place]!;
  });
  for (let k = w.stack.length - 1; k >= 0; k--) undo(w, s, w.stack[k]!);
  const sign = original.sense === 'maximise' ? -1 : 1;
  return {
    primal: s.x,
    dual: s.y.map((value) => sign * value),
    reducedCosts: s.d.map((value) => sign * value),
    basis: { columns: s.columns, rows: s.rows },
  };
}
