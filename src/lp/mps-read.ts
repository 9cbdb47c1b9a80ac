import { CrowdwattError } from '../errors.js';
import { MpsBuilder } from './mps-build.js';
import type { LpModel } from './types.js';

const SECTIONS = new Set([
  'NAME',
  'OBJSENSE',
  'OBJSENS',
  'OBJNAME',
  'ROWS',
  'COLUMNS',
  'RHS',
  'RANGES',
  'BOUNDS',
  'ENDATA',
]);
const UNSUPPORTED = new Set([
  'QUADOBJ',
  'QMATRIX',
  'QSECTION',
  'QCMATRIX',
  'CSECTION',
  'SOS',
  'SOS1',
  'SOS2',
  'INDICATORS',
  'LAZYCONS',
  'USERCUTS',
]);
/** Fields of fixed MPS, as [from, to) character columns. */
const FIXED_FIELDS = [
  [1, 3],
  [4, 12],
  [14, 22],
  [24, 36],
  [39, 47],
  [49, 61],
] as const;

type Layout = 'free' | 'fixed';

/**
 * Reads an MPS file, free or fixed form. Free form is tried first, because it also reads every fixed
 * file whose names hold no spaces; where that fails, the fixed columns are.
 * @throws CrowdwattError `lp/malformed` with the line number and the reason.
 */
export function parseMps(text: string): LpModel {
  if (text.includes('\0'))
    throw new CrowdwattError('lp/malformed', 'line 1: this is a binary file, not MPS text', { line: 1 });
  const lines = text.split('\n');
  let first: unknown;
  try {
    return read(lines, 'free');
  } catch (thrown) {
    first = thrown;
  }
  try {
    return read(lines, 'fixed');
  } catch (second) {
    // The reading that got further is the form the file is meant to be in.
    throw lineOf(second) > lineOf(first) ? second : first;
  }
}

function lineOf(thrown: unknown): number {
  return thrown instanceof CrowdwattError && typeof thrown.details.line === 'number' ? thrown.details.line : 0;
}

function read(lines: readonly string[], layout: Layout): LpModel {
  const builder = new MpsBuilder();
  let section = '';
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at]!;
    if (line.endsWith('\r')) line = line.slice(0, -1);
    if (at === 0 && line.charCodeAt(0) === 0xfeff) line = line.slice(1);
    if (line.startsWith('*') || line.trim() === '') continue;
    builder.line = at + 1;
    const lead = line.charCodeAt(0);
    if (lead !== 32 && lead !== 9) {
      const words = line.trim().split(/\s+/);
      const word = words[0]!.toUpperCase();
      if (UNSUPPORTED.has(word)) builder.fail(`section ${word} goes beyond linear programs`);
      if (SECTIONS.has(word) && (words.length === 1 || word === 'NAME' || word.startsWith('OBJ') || section === '')) {
        section = word;
        if (word === 'NAME') builder.name = words[1] ?? '';
        if (word.startsWith('OBJSENS') && words.length > 1) builder.sense(words[1]!);
        if (word === 'OBJNAME' && words.length > 1) builder.objective(words[1]!);
        if (word === 'ENDATA') return builder.finish();
        continue;
      }
      if (section === '') builder.fail(`'${clip(words[0]!)}' is no section of an MPS file; NAME or ROWS comes first`);
    }
    const fields = layout === 'free' ? freeFields(line, section) : fixedFields(line, section);
    record(builder, section, fields, line);
  }
  builder.line = lines.length;
  return builder.fail('the file ends without ENDATA');
}

/** Fields as [code, name, name, value, name, value]; empty where absent. */
function freeFields(line: string, section: string): string[] {
  const words = line.trim().split(/\s+/);
  // A dollar sign opens a comment in the field positions 3 and 5.
  const dollar = words.findIndex((word, k) => k > 0 && word.startsWith('$'));
  if (dollar > 0 && section !== 'ROWS') words.length = dollar;
  return words;
}

function fixedFields(line: string, section: string): string[] {
  const fields = FIXED_FIELDS.map(([from, to]) => line.slice(from, to).trimEnd().replace(/^ +$/, ''));
  if (section === 'ROWS') return [fields[0]!.trim(), fields[1]!];
  if (section === 'BOUNDS')
    return [fields[0]!.trim(), fields[1]!, fields[2]!, fields[3]!.trim()].filter((f, k) => k < 3 || f !== '');
  const rest = [fields[1]!, fields[2]!, fields[3]!.trim(), fields[4]!, fields[5]!.trim()];
  while (rest.length > 0 && rest.at(-1) === '') rest.pop();
  return rest;
}

function record(builder: MpsBuilder, section: string, fields: readonly string[], line: string): void {
  if (section === 'ROWS') {
    if (fields.length !== 2) builder.fail(`a row is a type and a name, found '${clip(line.trim())}'`);
    builder.row(fields[0]!, fields[1]!);
  } else if (section === 'COLUMNS') entries(builder, fields, line);
  else if (section === 'RHS' || section === 'RANGES') sides(builder, section, fields, line);
  else if (section === 'BOUNDS') bound(builder, fields, line);
  else if (section.startsWith('OBJSENS')) builder.sense(line.trim());
  else if (section === 'OBJNAME') builder.objective(line.trim());
  else builder.fail(`data outside of a section: '${clip(line.trim())}'`);
}

function entries(builder: MpsBuilder, fields: readonly string[], line: string): void {
  if (fields.some((field) => field === "'MARKER'")) {
    builder.marker(line);
    return;
  }
  if (fields.length !== 3 && fields.length !== 5) {
    builder.fail(`a column entry is a column, then one or two pairs of row and number, found '${clip(line.trim())}'`);
  }
  builder.entry(fields[0]!, fields[1]!, fields[2]!);
  if (fields.length === 5) builder.entry(fields[0]!, fields[3]!, fields[4]!);
}

function sides(builder: MpsBuilder, section: 'RHS' | 'RANGES', fields: readonly string[], line: string): void {
  if (fields.length < 2 || fields.length > 5) {
    builder.fail(
      `${section} takes an optional set name, then one or two pairs of row and number, found '${clip(line.trim())}'`,
    );
  }
  const named = fields.length % 2 === 1;
  const set = named ? fields[0]! : '';
  const pairs = named ? fields.slice(1) : fields;
  for (let k = 0; k < pairs.length; k += 2) {
    if (section === 'RHS') builder.rhs(set, pairs[k]!, pairs[k + 1]!);
    else builder.range(set, pairs[k]!, pairs[k + 1]!);
  }
}

function bound(builder: MpsBuilder, fields: readonly string[], line: string): void {
  const [kind, ...rest] = fields;
  const type = (kind ?? '').toUpperCase();
  const fail = () =>
    builder.fail(`a bound is a type, an optional set name, a column and a number, found '${clip(line.trim())}'`);
  if (rest.length === 0 || rest.length > 3) fail();
  if (type === 'FR' || type === 'MI' || type === 'PL' || type === 'BV') {
    // `FR x 0` without a set name would otherwise read as set x, column 0.
    const bare = rest.length === 1 || (rest.length === 2 && builder.isColumn(rest[0]!) && !builder.isColumn(rest[1]!));
    builder.bound(type, bare ? '' : rest[0]!, bare ? rest[0]! : rest[1]!, undefined);
    return;
  }
  if (rest.length === 1) fail();
  const named = rest.length === 3;
  builder.bound(type, named ? rest[0]! : '', rest[named ? 1 : 0]!, rest[named ? 2 : 1]!);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
