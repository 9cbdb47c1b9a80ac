import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CrowdwattError } from '../../errors.js';
import { type DssScript, findFile } from './script.js';
import { Properties, splitList, toNumber } from './values.js';

/** Multipliers over a day, hour by hour. */
export interface DailyShape {
  readonly values: readonly number[];
  /** The values are kW themselves and not multiples of the element's kW. */
  readonly actual: boolean;
}

export type DailyShapes = ReadonlyMap<string, DailyShape>;

export const HOURS = 24;

/** Load shapes of the script as 24 hourly means of their first day. */
export async function readShapes(script: DssScript): Promise<Map<string, DailyShape>> {
  const shapes = new Map<string, DailyShape>();
  for (const object of script.objects.filter((o) => o.kind === 'loadshape')) {
    const p = new Properties(object);
    const folder = script.folderOf.get(object)!;
    const step = p.has('sinterval')
      ? p.number('sinterval', 0) / 3600
      : p.has('minterval')
        ? p.number('minterval', 0) / 60
        : p.number('interval', 1);
    if (!(step > 0))
      throw new CrowdwattError(
        'input/invalid',
        `${object.where}: ${p.id} has no fixed interval; shapes with their own hours cannot be used`,
        { id: p.id },
      );
    const source = p.text('mult') || p.text('pmult');
    let values =
      source !== ''
        ? await numbersFrom(source, folder, p)
        : p.has('csvfile')
          ? await column(resolve(folder, p.text('csvfile').replaceAll('\\', '/')), 1, p)
          : [];
    const count = p.number('npts', values.length);
    values = values.slice(0, count);
    if (values.length === 0)
      throw new CrowdwattError('input/invalid', `${object.where}: ${p.id} has no values`, { id: p.id });
    if (/^n/i.test(p.text('action'))) {
      const top = Math.max(...values.map(Math.abs));
      values = values.map((v) => v / top);
    }
    shapes.set(object.name, { values: hourly(values, step), actual: p.flag('useactual', false) });
  }
  return shapes;
}

/** Means of each hour of the first 24; what is shorter than a day is repeated, as OpenDSS does. */
function hourly(values: readonly number[], step: number): number[] {
  return Array.from({ length: HOURS }, (_, hour) => {
    const first = Math.floor(hour / step + 1e-9);
    const last = Math.max(first + 1, Math.floor((hour + 1) / step + 1e-9));
    let sum = 0;
    for (let k = first; k < last; k++) sum += values[k % values.length]!;
    return sum / (last - first);
  });
}

async function numbersFrom(source: string, folder: string, p: Properties): Promise<number[]> {
  const reference =
    /^\s*(?:\(|\[)?\s*(?:file|csvfile)\s*=\s*["']?([^"')\],]+)["']?(?:\s*,?\s*col(?:umn)?\s*=\s*(\d+))?/i.exec(source);
  if (reference !== null)
    return await column(
      resolve(folder, reference[1]!.trim().replaceAll('\\', '/')),
      Number(reference[2] ?? 1),
      p,
      /header\s*=\s*y/i.test(source),
    );
  return splitList(source).map((part) => toNumber(part, `${p.object.where}: ${p.id}`));
}

async function column(path: string, index: number, p: Properties, header = false): Promise<number[]> {
  let content: string;
  try {
    content = await readFile(await findFile(path), 'utf8');
  } catch (cause) {
    throw new CrowdwattError(
      'input/unreadable',
      `${p.object.where}: ${p.id} names a shape file that cannot be read`,
      { path },
      { cause },
    );
  }
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(header ? 1 : 0).map((line) => toNumber(splitList(line)[index - 1] ?? '', `${p.id}: shape file`));
}
