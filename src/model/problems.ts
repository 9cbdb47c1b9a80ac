import type { z } from 'zod';
import { CrowdwattError, type ErrorCode } from '../errors.js';

/** One thing wrong with an input: where, whose, what, and what would be right. */
export interface Problem {
  readonly code: ErrorCode;
  readonly path: string;
  readonly id?: string;
  readonly text: string;
}

/** As many problems as one error lists; what a hostile file can make of them is bounded by this. */
const LISTED = 10;

/** Collects problems up to a handful, and throws them as one `CrowdwattError` with one line. */
export class Problems {
  readonly listed: Problem[] = [];
  #more = 0;

  add(code: ErrorCode, path: string, id: string | undefined, text: string): void {
    if (this.listed.length < LISTED) this.listed.push({ code, path, id, text });
    else this.#more += 1;
  }

  /** True once nothing more would be listed: loops over large lists stop there. */
  get full(): boolean {
    return this.listed.length >= LISTED;
  }

  /** Parses `value`, which sits at `path`; true where it is right, else its problems are added. */
  parse(schema: z.ZodObject, value: unknown, path: string): boolean {
    const parsed = schema.safeParse(value);
    if (!parsed.success) this.#addZod(parsed.error, schema, value, path);
    return parsed.success;
  }

  #addZod(error: z.ZodError, schema: z.ZodObject, value: unknown, path: string): void {
    for (const issue of error.issues) {
      if (this.full) {
        this.#more += 1;
        continue;
      }
      this.#addIssue(issue, schema, value, path);
    }
  }

  #addIssue(issue: z.core.$ZodIssue, schema: z.ZodObject, root: unknown, path: string): void {
    const at = join(path, issue.path);
    const id = idOf(root);
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0] ?? '';
      const others = issue.keys.length > 1 ? ` (nor are ${issue.keys.length - 1} others)` : '';
      const fields = Object.keys(schema.shape).join(', ');
      this.add('input/invalid', join(at, [key]), id, `is not a field of the format${others}; fields here: ${fields}`);
      return;
    }
    const value = valueAt(root, issue.path);
    const found = value === undefined ? 'is missing' : `is ${brief(value)}`;
    this.add('input/invalid', at || 'the document', id, `${found}; it ${issue.message}`);
  }

  /** Throws the first problem as one line that also counts the others; `details.problems` lists them. */
  throwIfAny(): void {
    const first = this.listed[0];
    if (first === undefined) return;
    const others = this.listed.length - 1 + this.#more;
    const tail =
      others > 0 ? ` (and ${others}${this.full ? ' or more' : ''} other problem${others > 1 ? 's' : ''})` : '';
    throw new CrowdwattError(first.code, `${line(first)}${tail}`, {
      path: first.path,
      id: first.id,
      problems: this.listed.map(line),
    });
  }
}

function line(problem: Problem): string {
  const whose = problem.id === undefined ? '' : ` (${clean(problem.id)})`;
  return `${problem.path}${whose} ${problem.text}`;
}

/** A value as it is shown in a message: one short line whatever was in the file. */
export function brief(value: unknown): string {
  if (typeof value === 'string') return clean(value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** Control characters and line breaks out, length bounded: messages go to terminals and logs. */
export function clean(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return short.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\uFFFD');
}

function join(path: string, keys: readonly PropertyKey[]): string {
  let out = path;
  for (const key of keys) {
    if (typeof key === 'number') out += `[${key}]`;
    else out += `${out === '' ? '' : '.'}${clean(String(key))}`;
  }
  return out;
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const id = (value as { id?: unknown }).id;
  return typeof id === 'string' && id.length > 0 ? clean(id) : undefined;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
