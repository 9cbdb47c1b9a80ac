import { CrowdwattError } from '../errors.js';
import type { LpModel } from './types.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/;
const INFINITE = /^([+-]?)(inf|infinity|1e\+?3\d\d)$/i;
/** From here on a bound or side is read as infinite, as every MPS reader does. */
const HUGE = 1e30;

/** Collects the records of an MPS file and makes the model of them; complains with the line number. */
export class MpsBuilder {
  line = 0;
  name = '';
  #maximise = false;
  #objective: string | undefined;
  #wantedObjective: string | undefined;
  readonly #rows = new Map<string, number>();
  readonly #rowNames: string[] = [];
  readonly #rowTypes: string[] = [];
  /** Objective (0) and other free rows (1 and up), which are read and left out. */
  readonly #freeRows = new Map<string, number>();
  readonly #columns = new Map<string, number>();
  readonly #columnNames: string[] = [];
  readonly #start: number[] = [];
  readonly #index: number[] = [];
  readonly #value: number[] = [];
  readonly #costs = new Map<string, Map<number, number>>();
  readonly #integer = new Set<number>();
  readonly #lower: number[] = [];
  readonly #upper: number[] = [];
  readonly #bounded = new Set<number>();
  readonly #rhs = new Map<number, number>();
  readonly #constants = new Map<string, number>();
  readonly #ranges = new Map<number, number>();
  readonly #sets: Record<string, string | undefined> = {};
  #entryRows = new Set<string>();
  #inIntegers = false;
  readonly warnings: string[] = [];

  fail(reason: string): never {
    throw new CrowdwattError('lp/malformed', `line ${this.line}: ${reason}`, { line: this.line });
  }

  #warn(text: string): void {
    if (this.warnings.length < 100) this.warnings.push(`line ${this.line}: ${text}`);
  }

  sense(word: string): void {
    const upper = word.toUpperCase();
    if (/^MAX(IMI[SZ]E)?$/.test(upper)) this.#maximise = true;
    else if (/^MIN(IMI[SZ]E)?$/.test(upper)) this.#maximise = false;
    else this.fail(`OBJSENSE is MIN or MAX, found '${word}'`);
  }

  objective(name: string): void {
    this.#wantedObjective = name;
  }

  isColumn(name: string): boolean {
    return this.#columns.has(name);
  }

  row(kind: string, name: string): void {
    const type = kind.toUpperCase();
    if (!['N', 'E', 'L', 'G'].includes(type)) this.fail(`row type '${kind}' is not one of N, E, L, G`);
    if (name === '') this.fail('a row without a name');
    if (this.#rows.has(name) || this.#freeRows.has(name)) this.fail(`row '${name}' is there twice`);
    if (type === 'N') {
      this.#objective ??= name;
      this.#freeRows.set(name, this.#freeRows.size);
      return;
    }
    this.#rows.set(name, this.#rowNames.length);
    this.#rowNames.push(name);
    this.#rowTypes.push(type);
  }

  marker(line: string): void {
    if (line.includes("'INTORG'")) {
      this.#inIntegers = true;
      this.#warn('integer columns are solved as continuous ones');
    } else if (line.includes("'INTEND'")) this.#inIntegers = false;
    else this.fail("a MARKER is 'INTORG' or 'INTEND'");
  }

  entry(column: string, row: string, text: string): void {
    if (column === '') this.fail('a column without a name');
    let j = this.#columns.get(column);
    if (j === undefined) {
      j = this.#columnNames.length;
      this.#columns.set(column, j);
      this.#columnNames.push(column);
      this.#start.push(this.#index.length);
      this.#lower.push(0);
      this.#upper.push(Number.POSITIVE_INFINITY);
      this.#entryRows = new Set();
      if (this.#inIntegers) this.#integer.add(j);
    } else if (j !== this.#columnNames.length - 1)
      this.fail(`column '${column}' comes again after others; its entries must stand together`);
    const value = this.number(text);
    if (!Number.isFinite(value)) this.fail(`the matrix entry '${text}' must be finite`);
    if (this.#entryRows.has(row)) this.fail(`column '${column}' has row '${row}' twice`);
    this.#entryRows.add(row);
    if (this.#freeRows.has(row)) {
      const costs = this.#costs.get(row) ?? new Map<number, number>();
      costs.set(j, value);
      this.#costs.set(row, costs);
      return;
    }
    const i = this.#rows.get(row);
    if (i === undefined) this.fail(`column '${column}' names row '${row}', which is not in ROWS`);
    if (value === 0) return;
    this.#index.push(i);
    this.#value.push(value);
  }

  rhs(set: string, row: string, text: string): void {
    if (!this.#sameSet('RHS', set)) return;
    const value = this.number(text);
    if (!Number.isFinite(value)) this.fail(`the right-hand side '${text}' must be finite`);
    if (this.#freeRows.has(row)) {
      this.#constants.set(row, -value);
      return;
    }
    const i = this.#rows.get(row);
    if (i === undefined) this.fail(`RHS names row '${row}', which is not in ROWS`);
    if (this.#rhs.has(i)) this.fail(`RHS has row '${row}' twice`);
    this.#rhs.set(i, value);
  }

  range(set: string, row: string, text: string): void {
    if (!this.#sameSet('RANGES', set)) return;
    const value = this.number(text);
    if (this.#freeRows.has(row)) {
      this.#warn(`the range of the free row '${row}' means nothing and is left out`);
      return;
    }
    const i = this.#rows.get(row);
    if (i === undefined) this.fail(`RANGES names row '${row}', which is not in ROWS`);
    if (this.#ranges.has(i)) this.fail(`RANGES has row '${row}' twice`);
    this.#ranges.set(i, value);
  }

  bound(type: string, set: string, column: string, text: string | undefined): void {
    if (!this.#sameSet('BOUNDS', set)) return;
    const j = this.#columns.get(column);
    if (j === undefined) this.fail(`BOUNDS names column '${column}', which is not in COLUMNS`);
    this.#bounded.add(j);
    const value = text === undefined ? Number.NaN : this.#limit(this.number(text));
    const lower = this.#lower;
    const upper = this.#upper;
    switch (type) {
      case 'UP':
      case 'UI':
        upper[j] = value;
        if (value < 0 && lower[j] === 0) {
          lower[j] = Number.NEGATIVE_INFINITY;
          this.#warn(
            `column '${column}' has the upper bound ${value} and no lower one: its lower bound is taken as -infinity`,
          );
        }
        if (type === 'UI') this.#whole(j);
        return;
      case 'LO':
      case 'LI':
        lower[j] = value;
        if (type === 'LI') this.#whole(j);
        return;
      case 'FX':
        lower[j] = value;
        upper[j] = value;
        return;
      case 'FR':
        lower[j] = Number.NEGATIVE_INFINITY;
        upper[j] = Number.POSITIVE_INFINITY;
        return;
      case 'MI':
        lower[j] = Number.NEGATIVE_INFINITY;
        return;
      case 'PL':
        upper[j] = Number.POSITIVE_INFINITY;
        return;
      case 'BV':
        lower[j] = 0;
        upper[j] = 1;
        this.#whole(j);
        return;
      default:
        this.fail(`bound type '${type}' is not one of UP, LO, FX, FR, MI, PL, BV, UI, LI`);
    }
  }

  #whole(j: number): void {
    if (this.#integer.size === 0) this.#warn('integer columns are solved as continuous ones');
    this.#integer.add(j);
  }

  #limit(value: number): number {
    return value >= HUGE ? Number.POSITIVE_INFINITY : value <= -HUGE ? Number.NEGATIVE_INFINITY : value;
  }

  /** The first set of a section counts; others are alternatives that were not chosen. */
  #sameSet(section: string, set: string): boolean {
    const chosen = this.#sets[section];
    if (chosen === undefined) this.#sets[section] = set;
    else if (chosen !== set) {
      this.#warn(`${section} set '${set}' is left out: '${chosen}' came first`);
      return false;
    }
    return true;
  }

  number(text: string): number {
    if (NUMBER.test(text)) {
      const value = Number(text.replace(/[dD]/, 'e'));
      if (Number.isFinite(value)) return value;
    }
    const infinite = INFINITE.exec(text);
    if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return this.fail(`'${text.slice(0, 40)}' is not a number`);
  }

  finish(): LpModel {
    const m = this.#rowNames.length;
    const n = this.#columnNames.length;
    if (m === 0 && this.#freeRows.size === 0) this.fail('there is no ROWS section, or it is empty');
    const objective = this.#wantedObjective ?? this.#objective;
    if (objective !== undefined && !this.#freeRows.has(objective)) this.fail(`OBJNAME '${objective}' is no N row`);
    const left = [...this.#freeRows.keys()].filter((name) => name !== objective);
    if (left.length > 0)
      this.warnings.push(
        `${left.length} free row(s) besides the objective are left out: ${left.slice(0, 5).join(', ')}`,
      );
    const cost = new Float64Array(n);
    for (const [j, value] of this.#costs.get(objective ?? '') ?? []) cost[j] = value;
    for (let j = 0; j < n; j++) {
      // Integer columns that no bound names are binary by an old convention.
      if (this.#integer.has(j) && !this.#bounded.has(j)) this.#upper[j] = 1;
    }
    const rowLower = new Float64Array(m);
    const rowUpper = new Float64Array(m);
    for (let i = 0; i < m; i++) [rowLower[i], rowUpper[i]] = this.#sides(i);
    return {
      name: this.name,
      sense: this.#maximise ? 'maximise' : 'minimise',
      rowCount: m,
      columnCount: n,
      columnStart: Int32Array.from([...this.#start, this.#index.length]),
      rowIndex: Int32Array.from(this.#index),
      value: Float64Array.from(this.#value),
      cost,
      lower: Float64Array.from(this.#lower),
      upper: Float64Array.from(this.#upper),
      rowLower,
      rowUpper,
      constant: this.#constants.get(objective ?? '') ?? 0,
      columnNames: this.#columnNames,
      rowNames: this.#rowNames,
      objectiveName: objective,
      warnings: this.warnings,
    };
  }

  #sides(i: number): [number, number] {
    const rhs = this.#rhs.get(i) ?? 0;
    const range = this.#ranges.get(i);
    switch (this.#rowTypes[i]) {
      case 'L':
        return [range === undefined ? Number.NEGATIVE_INFINITY : rhs - Math.abs(range), rhs];
      case 'G':
        return [rhs, range === undefined ? Number.POSITIVE_INFINITY : rhs + Math.abs(range)];
      default:
        if (range === undefined) return [rhs, rhs];
        return range < 0 ? [rhs + range, rhs] : [rhs, rhs + range];
    }
  }
}
