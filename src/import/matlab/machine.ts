import { CrowdwattError } from '../../errors.js';
import { malformed, type Token, tokenize } from './tokens.js';
import * as values from './values.js';
import { type Index, isMatrix, type MatlabValue, type Matrix, Struct } from './values.js';

export interface MatlabRun {
  readonly variables: Map<string, MatlabValue>;
  /** Statements that could not be carried out and do not shape the network. */
  readonly skipped: { readonly line: number; readonly text: string }[];
}

/**
 * Runs the part of MATLAB that published MATPOWER cases are written in: matrices, struct fields,
 * indexed assignment and arithmetic. Distribution cases convert their own units in such statements
 * (ohms to per unit, kilowatts to megawatts), so they have to be carried out, not skipped.
 */
export function runMatlab(text: string): MatlabRun {
  const machine = new Machine(tokenize(text), text.split('\n'));
  machine.run();
  return machine;
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '~=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

const BLOCKS = new Set(['if', 'for', 'while', 'switch', 'try']);
const WITHOUT_EFFECT = new Set(['function', 'return', 'end', 'endfunction', 'define_constants']);

class Machine implements MatlabRun {
  readonly variables = new Map<string, MatlabValue>(values.CONSTANTS);
  readonly skipped: { line: number; text: string }[] = [];
  private at = 0;
  private bracketDepth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly lines: readonly string[],
  ) {}

  run(): void {
    while (this.peek().kind !== 'end') {
      const start = this.at;
      try {
        this.statement();
      } catch (error) {
        if (!(error instanceof CrowdwattError)) throw error;
        const line = this.tokens[start]!.line;
        const source = (this.lines[line - 1] ?? '').trim();
        // What shapes the network must be understood; the rest is reported as left out.
        if (/\bmpc\.(bus|branch|gen|gencost|baseMVA)\b(?!_)/.test(source) || BLOCKS.has(this.tokens[start]!.text))
          throw error;
        this.skipped.push({ line, text: source.slice(0, 120) });
        this.at = Math.max(this.at, start + 1);
        this.skipLine();
      }
    }
  }

  private peek(offset = 0): Token {
    return this.tokens[Math.min(this.at + offset, this.tokens.length - 1)]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  private isOp(text: string): boolean {
    const token = this.peek();
    return token.kind === 'op' && token.text === text;
  }

  private expect(text: string): void {
    const token = this.next();
    if (token.text !== text) {
      throw malformed(token.line, `'${text}' was expected where '${token.text.trim() || 'the line ends'}' stands`);
    }
  }

  private skipLine(): void {
    while (this.peek().kind !== 'end-of-line' && this.peek().kind !== 'end') this.at++;
  }

  private statement(): void {
    const token = this.peek();
    if (token.kind === 'end-of-line' || this.isOp(';') || this.isOp(',')) {
      this.at++;
    } else if (token.kind === 'name' && WITHOUT_EFFECT.has(token.text)) {
      this.skipLine();
    } else if (BLOCKS.has(token.text)) {
      throw malformed(
        token.line,
        `'${token.text}' blocks are not carried out; write the case with MATPOWER's savecase first`,
      );
    } else if (this.isOp('[')) {
      this.columnNames();
    } else {
      this.assignment();
    }
  }

  /** `[PQ, PV, …] = idx_bus;` names column constants, which are known beforehand. */
  private columnNames(): void {
    const { line } = this.peek();
    while (!this.isOp(']')) {
      if (this.peek().kind === 'end') throw malformed(line, "a '[' is not closed");
      this.at++;
    }
    this.at++;
    this.expect('=');
    const name = this.next().text;
    if (!name.startsWith('idx_')) throw malformed(line, `assignment from '${name}' is not carried out`);
  }

  private assignment(): void {
    const token = this.next();
    if (token.kind !== 'name') throw malformed(token.line, `'${token.text}' cannot start a statement`);
    const path = this.fieldPath(token.text);
    const indices = this.isOp('(') ? this.indices(this.lookup(path)) : undefined;
    this.expect('=');
    const value = this.expression();
    if (indices === undefined) this.store(path, value);
    else values.assignInto(this.lookup(path), indices, value, token.line);
  }

  private fieldPath(first: string): string[] {
    const path = [first];
    while (this.isOp('.') && this.peek(1).kind === 'name') {
      this.at++;
      path.push(this.next().text);
    }
    return path;
  }

  private lookup(path: readonly string[]): MatlabValue | undefined {
    let value = this.variables.get(path[0]!);
    for (const field of path.slice(1)) value = value instanceof Struct ? value.fields.get(field) : undefined;
    return value;
  }

  private store(path: readonly string[], value: MatlabValue): void {
    let fields = this.variables;
    for (const field of path.slice(0, -1)) {
      const found = fields.get(field);
      const inner = found instanceof Struct ? found : new Struct();
      fields.set(field, inner);
      fields = inner.fields;
    }
    fields.set(path[path.length - 1]!, value);
  }

  private outsideBrackets<T>(read: () => T): T {
    const depth = this.bracketDepth;
    this.bracketDepth = 0;
    const result = read();
    this.bracketDepth = depth;
    return result;
  }

  private indices(target: MatlabValue | undefined): Index[] {
    return this.outsideBrackets(() => {
      this.expect('(');
      const result: Index[] = [];
      while (!this.isOp(')')) {
        if (this.isOp(':')) {
          this.at++;
          result.push(':');
        } else if (this.peek().text === 'end' && isMatrix(target)) {
          this.at++;
          result.push([result.length === 0 ? target.rows : target.columns]);
        } else {
          result.push(values.flat(this.expression(), this.peek().line));
        }
        if (this.isOp(',')) this.at++;
      }
      this.expect(')');
      return result;
    });
  }

  private expression(): MatlabValue {
    let left = this.additive();
    while (this.peek().kind === 'op' && this.peek().text in COMPARE) {
      const operator = this.next();
      const compare = COMPARE[operator.text]!;
      left = values.combine(left, this.additive(), (a, b) => Number(compare(a, b)), operator.line);
    }
    if (!this.isOp(':') || this.bracketDepth > 0) return left;
    const { line } = this.next();
    const to = values.scalar(this.additive(), line);
    const data: number[] = [];
    for (let k = values.scalar(left, line); k <= to && data.length < 1e6; k++) data.push(k);
    return values.rowVector(data);
  }

  private additive(): MatlabValue {
    let left = this.multiplicative();
    for (;;) {
      const token = this.peek();
      if (token.kind !== 'op' || (token.text !== '+' && token.text !== '-')) return left;
      // Inside brackets "1 -2" is two elements, "1 - 2" is one.
      if (this.bracketDepth > 0 && token.spaceBefore && !this.peek(1).spaceBefore) return left;
      this.at++;
      const sign = token.text === '+' ? 1 : -1;
      left = values.combine(left, this.multiplicative(), (a, b) => a + sign * b, token.line);
    }
  }

  private multiplicative(): MatlabValue {
    let left = this.unary();
    for (;;) {
      const token = this.peek();
      if (token.kind !== 'op' || !['*', '/', '.*', './'].includes(token.text)) return left;
      this.at++;
      const right = this.unary();
      const product = token.text === '*' && isMatrix(left) && isMatrix(right);
      if (product || (token.text === '/' && isMatrix(right))) {
        throw malformed(token.line, 'matrix products and divisions are not carried out');
      }
      const apply = token.text.endsWith('*') ? (a: number, b: number) => a * b : (a: number, b: number) => a / b;
      left = values.combine(left, right, apply, token.line);
    }
  }

  private unary(): MatlabValue {
    const token = this.peek();
    if (this.isOp('-') || this.isOp('+')) {
      this.at++;
      const value = this.unary();
      return token.text === '-' ? values.mapValue(value, (x) => -x, token.line) : value;
    }
    let base = this.primary();
    while (this.isOp('^') || this.isOp('.^')) {
      const { line } = this.next();
      base = values.combine(base, this.unary(), (a, b) => a ** b, line);
    }
    if (this.isOp("'") && isMatrix(base)) {
      this.at++;
      base = values.transpose(base);
    }
    return base;
  }

  private primary(): MatlabValue {
    const token = this.next();
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'string') return token.text;
    if (token.kind === 'name') return this.nameOrCall(token);
    if (token.text === '(') {
      return this.outsideBrackets(() => {
        const value = this.expression();
        this.expect(')');
        return value;
      });
    }
    if (token.text === '[') return this.matrix(token.line);
    if (token.text === '{') return this.cell(token.line);
    throw malformed(token.line, `'${token.text.trim() || 'the end of the line'}' is not a value`);
  }

  private nameOrCall(token: Token): MatlabValue {
    const path = this.fieldPath(token.text);
    const called = this.isOp('(') && !(this.bracketDepth > 0 && this.peek().spaceBefore);
    const value = this.lookup(path);
    if (value !== undefined) return called ? values.readFrom(value, this.indices(value), token.line) : value;
    const call = values.FUNCTIONS[token.text];
    if (call === undefined || !called) throw malformed(token.line, `'${path.join('.')}' is not known`);
    return this.outsideBrackets(() => {
      this.expect('(');
      const argument = this.expression();
      this.expect(')');
      return values.mapValue(argument, call, token.line);
    });
  }

  /** Calls `element` for each element up to the closing bracket and `row` at each row's end. */
  private elements(close: string, line: number, element: () => void, row: () => void): void {
    this.bracketDepth++;
    while (!this.isOp(close)) {
      const token = this.peek();
      if (token.kind === 'end') throw malformed(line, `a bracket is not closed, '${close}' is missing`);
      if (token.kind === 'end-of-line' || this.isOp(';')) {
        this.at++;
        row();
      } else if (this.isOp(',')) {
        this.at++;
      } else {
        element();
      }
    }
    row();
    this.at++;
    this.bracketDepth--;
  }

  private matrix(line: number): Matrix {
    const rows: number[][] = [];
    let row: number[] = [];
    const closeRow = (): void => {
      if (row.length > 0) rows.push(row);
      row = [];
    };
    this.elements(']', line, () => row.push(...values.flat(this.expression(), this.peek().line)), closeRow);
    const columns = rows[0]?.length ?? 0;
    const uneven = rows.findIndex((r) => r.length !== columns);
    if (uneven >= 0) {
      throw malformed(
        line,
        `row ${uneven + 1} of the matrix has ${rows[uneven]!.length} columns where the first has ${columns}`,
      );
    }
    return { rows: rows.length, columns, data: rows.flat() };
  }

  private cell(line: number): MatlabValue[] {
    const items: MatlabValue[] = [];
    this.elements(
      '}',
      line,
      () => items.push(this.expression()),
      () => {},
    );
    return items;
  }
}
