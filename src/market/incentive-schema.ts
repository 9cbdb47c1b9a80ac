import { z } from 'zod';
import { brief, Problems } from '../model/problems.js';
import type { IncentiveProblem } from './documents.js';

/** Far beyond any feeder or price, and far from where sums of doubles lose cents. */
const LARGEST = 1e12;
const numberText = 'must be a finite number of at most 1e12 in size';
const number = z.number({ error: numberText }).min(-LARGEST, { error: numberText }).max(LARGEST, { error: numberText });
const positiveText = 'must be a number from 0 to 1e12';
const notNegative = z
  .number({ error: positiveText })
  .min(0, { error: positiveText })
  .max(LARGEST, { error: positiveText });
const hoursText = 'must be a length above 0 and at most 100000 hours';
const idText = 'must be text of 1 to 128 characters without control characters';
export const idSchema = z
  .string({ error: idText })
  .min(1, { error: idText })
  .max(128, { error: idText })
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, { error: idText });

const header = z.strictObject({
  format: z.literal('crowdwatt-incentive/1', { error: 'must be "crowdwatt-incentive/1"' }),
  hours: z.number({ error: hoursText }).gt(0, { error: hoursText }).max(1e5, { error: hoursText }),
  budget: number,
  demandMw: number,
  sense: z.enum(['atLeast', 'atMost'], { error: 'must be "atLeast" (feeder short) or "atMost" (surplus)' }),
  tasks: z.array(z.unknown(), { error: 'must be an array of tasks' }),
  supplementPricePerMwh: notNegative.optional(),
  network: z.array(z.unknown(), { error: 'must be an array of network rows' }).optional(),
  fairness: z.unknown().optional(),
});

const pieceText = 'must be an array of at most 1000 pieces {slopePerMwh, offset}';
const task = z.strictObject({
  id: idSchema,
  direction: z.union([z.literal(1), z.literal(-1)], { error: 'must be 1 (inject more) or -1 (consume more)' }),
  energyPricePerMwh: number,
  equilibriumMw: notNegative,
  minMw: notNegative,
  maxMw: notNegative,
  floorPerMwh: number,
  capPerMwh: number,
  eta: notNegative,
  zeta: notNegative,
  response: z
    .array(z.strictObject({ slopePerMwh: number, offset: number }, { error: 'must be {slopePerMwh, offset}' }), {
      error: pieceText,
    })
    .max(1000, { error: pieceText })
    .optional(),
});

const networkRow = z.strictObject({
  coefficients: z.record(z.string(), number, { error: 'must be an object of task ids and finite numbers' }),
  lower: number,
  upper: number,
});

const groupsText = 'must be an array of groups, each an array of two or more task ids';
const fairness = z.strictObject({
  maxSpreadPerMwh: notNegative,
  groups: z
    .array(z.array(idSchema, { error: groupsText }).min(2, { error: groupsText }), { error: groupsText })
    .optional(),
});

/**
 * Reads a `crowdwatt-incentive/1` problem from plain data: strict on field names, types, ids and on
 * what must hold between fields.
 *
 * @throws CrowdwattError `input/invalid` with the path, the id, what is wrong and what would be right
 */
export function parseIncentiveProblem(value: unknown): IncentiveProblem {
  const problems = new Problems();
  if (!problems.parse(header, value, '')) problems.throwIfAny();
  const problem = value as IncentiveProblem;
  const ids = new Set<string>();
  for (const [k, entry] of problem.tasks.entries()) {
    if (problems.full) break;
    if (problems.parse(task, entry, `tasks[${k}]`)) checkTask(`tasks[${k}]`, entry, ids, problems);
  }
  problems.throwIfAny();
  checkNetwork(problem, ids, problems);
  checkFairness(problem, ids, problems);
  problems.throwIfAny();
  return problem;
}

function checkTask(path: string, entry: IncentiveProblem['tasks'][number], ids: Set<string>, problems: Problems): void {
  const wrong = (field: string, text: string) => problems.add('input/invalid', `${path}.${field}`, entry.id, text);
  if (ids.has(entry.id)) wrong('id', `is ${brief(entry.id)}, as another task's is; ids must be unique`);
  ids.add(entry.id);
  if (entry.minMw > entry.maxMw)
    wrong('minMw', `is ${entry.minMw}, above maxMw ${entry.maxMw}; it must be at most that`);
  if (entry.floorPerMwh > entry.capPerMwh) {
    wrong('floorPerMwh', `is ${entry.floorPerMwh}, above capPerMwh ${entry.capPerMwh}; it must be at most that`);
  }
}

function checkNetwork(problem: IncentiveProblem, ids: ReadonlySet<string>, problems: Problems): void {
  for (const [k, row] of (problem.network ?? []).entries()) {
    if (problems.full) return;
    const path = `network[${k}]`;
    if (!problems.parse(networkRow, row, path)) continue;
    if (row.lower > row.upper) {
      problems.add('input/invalid', `${path}.lower`, undefined, `is ${row.lower}, above upper ${row.upper}`);
    }
    for (const id of Object.keys(row.coefficients)) {
      if (!ids.has(id) && !problems.full) unknownTask(`${path}.coefficients`, id, problems);
    }
  }
}

function checkFairness(problem: IncentiveProblem, ids: ReadonlySet<string>, problems: Problems): void {
  if (problem.fairness === undefined) return;
  if (!problems.parse(fairness, problem.fairness, 'fairness')) return;
  const grouped = new Set<string>();
  for (const [k, group] of (problem.fairness.groups ?? []).entries()) {
    for (const id of group) {
      if (problems.full) return;
      const path = `fairness.groups[${k}]`;
      if (!ids.has(id)) unknownTask(path, id, problems);
      if (grouped.has(id)) problems.add('input/invalid', path, id, 'names a task twice; groups must not overlap');
      grouped.add(id);
    }
  }
}

function unknownTask(path: string, id: string, problems: Problems): void {
  problems.add('input/invalid', path, undefined, `names ${brief(id)}; it must be the id of one of the tasks`);
}
