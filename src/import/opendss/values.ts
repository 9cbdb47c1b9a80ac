import { CrowdwattError } from '../../errors.js';
import type { DssObject } from './script.js';

/** The properties of one element, the last value given winning, with typed access. */
export class Properties {
  private readonly last = new Map<string, string>();

  constructor(readonly object: DssObject) {
    for (const [name, value] of object.properties) this.last.set(name, value);
  }

  get id(): string {
    return `${this.object.kind}.${this.object.name}`;
  }

  has(name: string): boolean {
    return this.last.has(name);
  }

  text(name: string, otherwise = ''): string {
    return this.last.get(name) ?? otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.last.get(name);
    return value === undefined ? otherwise : /^(y|t)/i.test(value);
  }

  number(name: string, otherwise: number): number {
    const value = this.last.get(name);
    return value === undefined ? otherwise : toNumber(value, `${this.object.where}: ${this.id} ${name}`);
  }

  numbers(name: string): number[] | undefined {
    const value = this.last.get(name);
    if (value === undefined) return undefined;
    return splitList(value).map((part) => toNumber(part, `${this.object.where}: ${this.id} ${name}`));
  }

  words(name: string): string[] | undefined {
    const value = this.last.get(name);
    return value === undefined ? undefined : splitList(value);
  }

  /** A matrix given by rows, lower triangle or full: mean of its diagonal and of what is off it. */
  means(name: string): { self: number; mutual: number; order: number } | undefined {
    const value = this.last.get(name);
    if (value === undefined) return undefined;
    const rows = value
      .split('|')
      .map((row) => splitList(row).map((part) => toNumber(part, `${this.object.where}: ${this.id} ${name}`)));
    let self = 0;
    let mutual = 0;
    let pairs = 0;
    rows.forEach((row, i) => {
      self += row[i] ?? 0;
      for (let j = 0; j < i; j++) {
        mutual += row[j] ?? 0;
        pairs++;
      }
    });
    return { self: self / rows.length, mutual: pairs === 0 ? 0 : mutual / pairs, order: rows.length };
  }
}

export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

/** A number, or an expression in reverse Polish as OpenDSS writes them: `(3 sqrt 2 *)`. */
export function toNumber(text: string, where: string): number {
  const direct = Number(text);
  if (text.trim() !== '' && Number.isFinite(direct)) return direct;
  const stack: number[] = [];
  for (const part of splitList(text.replace(/[()[\]{}]/g, ' '))) {
    const value = Number(part);
    if (Number.isFinite(value)) {
      stack.push(value);
      continue;
    }
    const b = stack.pop() ?? Number.NaN;
    if (part === 'sqrt') stack.push(Math.sqrt(b));
    else if (part === 'sqr') stack.push(b * b);
    else if (part === 'inv') stack.push(1 / b);
    else {
      const a = stack.pop() ?? Number.NaN;
      const result = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '^': a ** b }[part];
      stack.push(result ?? Number.NaN);
    }
  }
  const result = stack[stack.length - 1];
  if (stack.length !== 1 || result === undefined || !Number.isFinite(result)) {
    throw new CrowdwattError('input/invalid', `${where} is '${text}', a number is needed`);
  }
  return result;
}

/** `671.1.2.3` → bus and number of phases named (0: not said). */
export function busOf(text: string): { bus: string; phases: number } {
  const [bus = '', ...nodes] = text.toLowerCase().split('.');
  return { bus, phases: new Set(nodes.filter((n) => n !== '0')).size };
}

const METRES: Readonly<Record<string, number>> = {
  mi: 1609.344,
  kft: 304.8,
  km: 1000,
  m: 1,
  me: 1,
  ft: 0.3048,
  in: 0.0254,
  cm: 0.01,
  mm: 0.001,
};

/** How many of unit `to` one of unit `from` is; 1 where one of them is not said. */
export function unitRatio(from: string, to: string): number {
  const a = METRES[from.toLowerCase()];
  const b = METRES[to.toLowerCase()];
  return a === undefined || b === undefined ? 1 : a / b;
}
