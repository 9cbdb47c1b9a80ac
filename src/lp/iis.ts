import { LinearProgram } from './program.js';
import type { LpModel, LpOptions } from './types.js';
import { columnName, crossedLimits, rowName } from './validate.js';

/** One limit that takes part in a contradiction. */
export interface IisMember {
  readonly kind: 'row' | 'column';
  readonly index: number;
  readonly name: string;
  readonly side: 'lower' | 'upper';
  readonly limit: number;
}

/** An irreducible infeasible set: these limits contradict each other, and without any one of them they do not. */
export interface Iis {
  readonly members: readonly IisMember[];
  /** The contradiction in words, one line a member. */
  readonly text: string;
}

/**
 * Finds an irreducible infeasible set by deletion (Chinneck & Dravnieks 1991), starting from the
 * limits that a Farkas proof uses. Undefined where the model is feasible.
 */
export function explainInfeasible(model: LpModel, options: LpOptions = {}): Iis | undefined {
  const crossed = crossedLimits(model);
  if (crossed !== undefined) {
    const members = (['lower', 'upper'] as const).map((side) => member(model, crossed.kind, crossed.index, side));
    return { members, text: words(model, members) };
  }
  const bare: LpModel = {
    ...model,
    sense: 'minimise',
    cost: new Float64Array(model.columnCount),
    lower: model.lower.slice(),
    upper: model.upper.slice(),
    rowLower: model.rowLower.slice(),
    rowUpper: model.rowUpper.slice(),
  };
  const program = new LinearProgram(bare);
  const first = program.solveSync({ ...options, basis: undefined });
  if (first.status !== 'infeasible') {
    program.close();
    return undefined;
  }
  let left = supportOf(model, first.farkas!);
  relaxAllBut(program, model, left);
  for (let at = 0; at < left.length; ) {
    const candidate = left[at]!;
    relax(program, candidate);
    const trial = program.solveSync(options);
    if (trial.status === 'infeasible') {
      // Still contradictory without it; the new proof may do without others as well.
      const needed = new Set(supportOf(program.model, trial.farkas!).map(key));
      const kept = left.filter((m, k) => k < at || (k > at && needed.has(key(m))));
      for (const m of left) if (!kept.includes(m)) relax(program, m);
      left = kept;
    } else {
      restore(program, candidate);
      at++;
    }
  }
  program.close();
  return { members: left, text: words(model, left) };
}

const key = (m: IisMember) => `${m.kind}${m.index}${m.side}`;

function member(model: LpModel, kind: 'row' | 'column', index: number, side: 'lower' | 'upper'): IisMember {
  const limits =
    kind === 'row'
      ? side === 'lower'
        ? model.rowLower
        : model.rowUpper
      : side === 'lower'
        ? model.lower
        : model.upper;
  const name = kind === 'row' ? rowName(model, index) : columnName(model, index);
  return { kind, index, name, side, limit: limits[index]! };
}

/** The limits that the proof y multiplies with something. */
function supportOf(model: LpModel, y: Float64Array): IisMember[] {
  const members: IisMember[] = [];
  for (let i = 0; i < model.rowCount; i++) {
    if (y[i] === 0) continue;
    const m = member(model, 'row', i, y[i]! > 0 ? 'lower' : 'upper');
    if (Number.isFinite(m.limit)) members.push(m);
  }
  for (let j = 0; j < model.columnCount; j++) {
    let z = 0;
    for (let k = model.columnStart[j]!; k < model.columnStart[j + 1]!; k++)
      z += model.value[k]! * y[model.rowIndex[k]!]!;
    if (z === 0) continue;
    const m = member(model, 'column', j, z > 0 ? 'upper' : 'lower');
    if (Number.isFinite(m.limit)) members.push(m);
  }
  return members;
}

function relaxAllBut(program: LinearProgram, model: LpModel, kept: readonly IisMember[]): void {
  for (let i = 0; i < model.rowCount; i++) program.setRowBounds(i, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  for (let j = 0; j < model.columnCount; j++) {
    program.setColumnBounds(j, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }
  for (const m of kept) restore(program, m);
}

function relax(program: LinearProgram, m: IisMember): void {
  setSide(program, m, m.side === 'lower' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
}

function restore(program: LinearProgram, m: IisMember): void {
  setSide(program, m, m.limit);
}

function setSide(program: LinearProgram, m: IisMember, limit: number): void {
  const { model } = program;
  const low = m.kind === 'row' ? model.rowLower : model.lower;
  const high = m.kind === 'row' ? model.rowUpper : model.upper;
  const pair: [number, number] = m.side === 'lower' ? [limit, high[m.index]!] : [low[m.index]!, limit];
  if (m.kind === 'row') program.setRowBounds(m.index, ...pair);
  else program.setColumnBounds(m.index, ...pair);
}

function words(model: LpModel, members: readonly IisMember[]): string {
  const lines = members.map((m) => {
    const relation = m.side === 'lower' ? 'at least' : 'at most';
    if (m.kind === 'column') return `${m.name} must be ${relation} ${m.limit}`;
    return `${m.name}: ${sumOf(model, m.index)} must be ${relation} ${m.limit}`;
  });
  return [`These ${members.length} limits cannot hold together:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** A row's left side, cut short after a few terms. */
function sumOf(model: LpModel, row: number): string {
  const terms: string[] = [];
  for (let j = 0; j < model.columnCount; j++) {
    for (let k = model.columnStart[j]!; k < model.columnStart[j + 1]!; k++) {
      if (model.rowIndex[k] === row) terms.push(`${model.value[k]} ${columnName(model, j)}`);
    }
  }
  const shown = terms.slice(0, 8).join(' + ').replaceAll('+ -', '- ');
  return terms.length > 8 ? `${shown} + … (${terms.length} terms)` : shown;
}
