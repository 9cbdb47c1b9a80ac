import type { Case } from './case.js';
import { brief, Problems } from './problems.js';
import { radialOrder } from './radial.js';
import {
  headerSchema,
  INCENTIVES_PER_PERIOD,
  incentivesSchema,
  LISTS,
  type ListName,
  MAX_BUS_PERIODS,
} from './schema.js';
import { checkDevices } from './validate-devices.js';
import { checkPeople } from './validate-people.js';

/**
 * Checks any value against `crowdwatt-case/1` and gives it back as a `Case` (a shallow copy in which
 * missing device lists are empty ones; nothing else is changed). The order matters: the header first, so that the number
 * of periods is known and sane before a series is looked at; then each element alone; then what needs
 * several elements; the tree last.
 *
 * @throws CrowdwattError `input/invalid`, `input/too-large`, `case/device` or `case/topology`; the
 * message names path, id, what is wrong and what would be right, `details.problems` up to ten of them.
 */
export function parseCase(value: unknown): Case {
  const problems = new Problems();
  checkHeader(value, problems);
  const draft = value as Record<string, unknown>;
  const filled = { ...draft };
  for (const name of Object.keys(LISTS) as ListName[]) {
    filled[name] = draft[name] ?? [];
    checkList(name, filled[name] as unknown[], draft.periods as number, problems);
  }
  if (draft.incentives !== undefined) {
    checkSeries(draft.incentives, INCENTIVES_PER_PERIOD, draft.periods as number, 'incentives', problems);
    problems.throwIfAny();
    problems.parse(incentivesSchema, draft.incentives, 'incentives');
  }
  problems.throwIfAny();
  const checked = filled as unknown as Case;
  const buses = checkNetwork(checked, problems);
  checkPeople(checked, buses, problems);
  checkDevices(checked, buses, problems);
  problems.throwIfAny();
  radialOrder(checked);
  return checked;
}

function checkHeader(value: unknown, problems: Problems): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(
      'input/invalid',
      'the document',
      undefined,
      `is ${brief(value)}; it must be a JSON object of crowdwatt-case/1`,
    );
    problems.throwIfAny();
  }
  const format = (value as { format?: unknown }).format;
  if (format !== 'crowdwatt-case/1') {
    const found = format === undefined ? 'is missing' : `is ${brief(format)}`;
    problems.add('input/invalid', 'format', undefined, `${found}; it must be "crowdwatt-case/1"`);
    problems.throwIfAny();
  }
  problems.parse(headerSchema, value, '');
  problems.throwIfAny();
  const { periods, buses } = value as { periods: number; buses: unknown[] };
  if (periods * buses.length > MAX_BUS_PERIODS) {
    const text = `times the number of buses is ${periods * buses.length}; it must be at most ${MAX_BUS_PERIODS}`;
    problems.add('input/too-large', 'periods', undefined, text);
    problems.throwIfAny();
  }
}

function checkList(name: ListName, elements: readonly unknown[], periods: number, problems: Problems): void {
  const { schema, perPeriod } = LISTS[name];
  const seen = new Map<string, number>();
  for (let k = 0; k < elements.length && !problems.full; k += 1) {
    const path = `${name}[${k}]`;
    if (!checkSeries(elements[k], perPeriod, periods, path, problems)) continue;
    if (!problems.parse(schema, elements[k], path)) continue;
    const { id } = elements[k] as { id: string };
    const first = seen.get(id);
    if (first === undefined) seen.set(id, k);
    else
      problems.add(
        'input/invalid',
        `${path}.id`,
        id,
        `is also the id of ${name}[${first}]; ids must differ within ${name}`,
      );
  }
}

/** Lengths before contents: a series of the wrong length is one problem and is not parsed. */
function checkSeries(
  element: unknown,
  fields: readonly string[],
  periods: number,
  path: string,
  problems: Problems,
): boolean {
  if (typeof element !== 'object' || element === null) return true;
  let right = true;
  for (const field of fields) {
    const series = (element as Record<string, unknown>)[field];
    if (!Array.isArray(series) || series.length === periods) continue;
    const id = (element as { id?: unknown }).id;
    const text = `has ${series.length} numbers; it must have one per period, ${periods}`;
    problems.add('input/invalid', `${path}.${field}`, typeof id === 'string' ? id : undefined, text);
    right = false;
  }
  return right;
}

/** Ids of buses against lines, bands in order. Gives the buses by id. */
function checkNetwork(source: Case, problems: Problems): Map<string, number> {
  const buses = new Map(source.buses.map((bus, k) => [bus.id, k]));
  if (!buses.has(source.root)) {
    problems.add('input/invalid', 'root', undefined, `is ${brief(source.root)}; it must be the id of one of the buses`);
  }
  for (const [k, bus] of source.buses.entries()) {
    if (problems.full) break;
    if (bus.vMinPu <= bus.vMaxPu) continue;
    const text = `is ${bus.vMinPu}, above vMaxPu ${bus.vMaxPu}; it must be at most that`;
    problems.add('input/invalid', `buses[${k}].vMinPu`, bus.id, text);
  }
  for (const [k, line] of source.lines.entries()) {
    if (problems.full) break;
    for (const end of ['from', 'to'] as const) {
      if (buses.has(line[end])) continue;
      const text = `is ${brief(line[end])}; it must be the id of one of the buses`;
      problems.add('input/invalid', `lines[${k}].${end}`, line.id, text);
    }
    if (line.from === line.to) {
      problems.add(
        'case/topology',
        `lines[${k}]`,
        line.id,
        `joins bus ${brief(line.from)} to itself; its ends must differ`,
      );
    }
  }
  return buses;
}
