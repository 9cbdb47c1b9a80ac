import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { FeederDraft } from './draft.js';
import type { Imported } from './notes.js';

const text = z.union([z.string(), z.number()]).transform(String);
const feederSchema = z.object({
  name: z.string(),
  base_kv: z.number().positive(),
  base_mva: z.number().positive(),
  root: text,
});

/** Lines and peak loads of a feeder folder, before devices and profiles. */
export interface FeederTables {
  readonly name: string;
  readonly baseKv: number;
  readonly baseMva: number;
  readonly root: string;
  readonly lines: readonly {
    readonly from: string;
    readonly to: string;
    readonly rOhm: number;
    readonly xOhm: number;
    readonly limitMva?: number;
  }[];
  readonly buses: readonly {
    readonly id: string;
    readonly peakMw: number;
    readonly peakMvar: number;
    readonly shuntMvar: number;
    readonly pvMw: number;
  }[];
}

/** Reads `feeder.json`, `lines.csv` and `buses.csv` of a folder. */
export async function readFeederFolder(folder: string): Promise<FeederTables> {
  const feeder = feederSchema.safeParse(json(await file(folder, 'feeder.json'), 'feeder.json'));
  if (!feeder.success) {
    const issue = feeder.error.issues[0]!;
    throw new CrowdwattError('input/invalid', `feeder.json: ${issue.path.join('.')}: ${issue.message}`);
  }
  const lines = rows(await file(folder, 'lines.csv'), 'lines.csv', ['from', 'to', 'r_ohm', 'x_ohm']).map((row, k) => {
    const where = `lines.csv line ${k + 2}`;
    const limit = number(row, 'limit_mva', where);
    return {
      from: row.from!,
      to: row.to!,
      rOhm: number(row, 'r_ohm', where) ?? 0,
      xOhm: number(row, 'x_ohm', where) ?? 0,
      ...(limit === undefined ? {} : { limitMva: limit }),
    };
  });
  const given = rows(await file(folder, 'buses.csv'), 'buses.csv', ['bus', 'p_peak_mw', 'q_peak_mvar']).map(
    (row, k) => {
      const where = `buses.csv line ${k + 2}`;
      return {
        id: row.bus!,
        peakMw: number(row, 'p_peak_mw', where) ?? 0,
        peakMvar: number(row, 'q_peak_mvar', where) ?? 0,
        shuntMvar: number(row, 'shunt_mvar', where) ?? 0,
        pvMw: number(row, 'pv_mw', where) ?? 0,
      };
    },
  );
  const known = new Map(given.map((bus) => [bus.id, bus]));
  // A bus may stand in lines.csv only: it then has no load.
  for (const line of lines) {
    for (const id of [line.from, line.to]) {
      if (!known.has(id)) known.set(id, { id, peakMw: 0, peakMvar: 0, shuntMvar: 0, pvMw: 0 });
    }
  }
  const { name, base_kv, base_mva, root } = feeder.data;
  return { name, baseKv: base_kv, baseMva: base_mva, root, lines, buses: [...known.values()] };
}

/** Feeder folder → one-period case at peak load, with a substation that can carry and absorb three times the peak. */
export async function importCsv(folder: string): Promise<Imported<Case>> {
  const tables = await readFeederFolder(folder);
  const draft = new FeederDraft(tables.name, tables.baseMva, 1, 1);
  const puPerOhm = tables.baseMva / tables.baseKv ** 2;
  let peak = 0;
  for (const bus of tables.buses) {
    draft.bus(bus.id, 0.9, 1.1);
    if (bus.peakMw !== 0 || bus.peakMvar !== 0) draft.load(`load-${bus.id}`, bus.id, [bus.peakMw], [bus.peakMvar]);
    draft.shunt(bus.id, bus.shuntMvar);
    if (bus.pvMw !== 0)
      draft.leftOut.add(
        'solar plants (pv_mw is a nameplate without a profile; the scenario builder adds solar)',
        `${bus.id}: ${bus.pvMw} MW`,
      );
    peak += Math.hypot(bus.peakMw, bus.peakMvar);
  }
  draft.approximations.add('the folder gives no voltage band: 0.9 to 1.1 pu everywhere');
  for (const line of tables.lines)
    draft.branch(
      `${line.from}-${line.to}`,
      line.from,
      line.to,
      line.rOhm * puPerOhm,
      line.xOhm * puPerOhm,
      line.limitMva,
    );
  const most = 3 * Math.max(peak, 1e-3);
  draft.approximations.add('the folder gives no supply: a substation of three times the peak at 30 $/MWh');
  draft.generator({
    id: 'substation',
    bus: tables.root,
    pMinMw: -most,
    pMaxMw: most,
    qMinMvar: -most,
    qMaxMvar: most,
    costQuadratic: 0,
    costLinear: [30],
    costConstant: 0,
  });
  return draft.finish(tables.root, tables.baseKv, 1);
}

async function file(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    throw new CrowdwattError(
      'input/unreadable',
      `${join(folder, name)} cannot be read; a feeder folder holds feeder.json, lines.csv and buses.csv`,
      {},
      { cause },
    );
  }
}

function json(content: string, name: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new CrowdwattError('input/not-json', `${name} is not JSON: ${(cause as Error).message}`, {}, { cause });
  }
}

type Row = Readonly<Record<string, string>>;

function rows(content: string, name: string, needed: readonly string[]): Row[] {
  let parsed: Row[];
  try {
    parsed = parse(content, { columns: true, skip_empty_lines: true, trim: true, bom: true }) as Row[];
  } catch (cause) {
    throw new CrowdwattError('input/invalid', `${name}: ${(cause as Error).message}`, {}, { cause });
  }
  for (const column of needed) {
    if (parsed.length > 0 && !(column in parsed[0]!))
      throw new CrowdwattError('input/invalid', `${name} has no column '${column}'`);
  }
  return parsed;
}

function number(row: Row, column: string, where: string): number | undefined {
  const cell = row[column];
  if (cell === undefined || cell === '') return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value))
    throw new CrowdwattError('input/invalid', `${where}: ${column} is '${cell}', a number is needed`);
  return value;
}
