import { CrowdwattError } from '../../errors.js';

export interface Token {
  readonly kind: 'number' | 'name' | 'string' | 'op' | 'end-of-line' | 'end';
  readonly text: string;
  readonly line: number;
  readonly spaceBefore: boolean;
}

export function malformed(line: number, what: string): CrowdwattError {
  return new CrowdwattError('input/invalid', `line ${line}: ${what}`, { line });
}

const OPERATORS = ['...', '.*', './', '.^', '==', '~=', '<=', '>='];

/** MATLAB source → tokens; comments and continuations are gone, line ends stay. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let spaceBefore = false;
  const push = (kind: Token['kind'], value: string): void => {
    tokens.push({ kind, text: value, line, spaceBefore });
    spaceBefore = false;
  };
  while (at < text.length) {
    const c = text[at]!;
    if (c === '\n') {
      push('end-of-line', '\n');
      line++;
      at++;
    } else if (c === ' ' || c === '\t' || c === '\r' || c === '\uFEFF') {
      spaceBefore = true;
      at++;
    } else if (c === '%' || c === '#') {
      while (at < text.length && text[at] !== '\n') at++;
    } else if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(text[at + 1] ?? ''))) {
      const match = /^(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?/.exec(text.slice(at, at + 64))!;
      push('number', match[0].replace(/[dD]/, 'e'));
      at += match[0].length;
    } else if (/[A-Za-z]/.test(c)) {
      const match = /^[A-Za-z][A-Za-z0-9_]*/.exec(text.slice(at, at + 256))!;
      push('name', match[0]);
      at += match[0].length;
    } else if (c === "'" && opensString(tokens, spaceBefore)) {
      const end = closingQuote(text, at, line);
      push('string', text.slice(at + 1, end).replaceAll("''", "'"));
      at = end + 1;
    } else {
      const operator = OPERATORS.find((o) => text.startsWith(o, at)) ?? c;
      if (operator === '...') {
        while (at < text.length && text[at] !== '\n') at++;
        at++;
        line++;
        spaceBefore = true;
        continue;
      }
      push('op', operator);
      at += operator.length;
    }
  }
  push('end-of-line', '\n');
  push('end', '');
  return tokens;
}

/** A quote right after a value is a transpose; anywhere else it opens a string. */
function opensString(tokens: readonly Token[], spaceBefore: boolean): boolean {
  const last = tokens[tokens.length - 1];
  if (last === undefined || spaceBefore) return true;
  return !(last.kind === 'number' || last.kind === 'name' || last.text === ')' || last.text === ']');
}

function closingQuote(text: string, from: number, line: number): number {
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] !== "'") continue;
    if (text[at + 1] === "'") at++;
    else return at;
  }
  throw malformed(line, 'a string is not closed');
}
