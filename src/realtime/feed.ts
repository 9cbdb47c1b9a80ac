import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { draw } from '../scenario/seeded.js';

const factor = z.number().min(0).max(100);
const recordSchema = z.strictObject({
  step: z.int().min(0),
  /** Realised load over forecast, for all loads that are not given by id. */
  loadFactor: factor.optional(),
  solarFactor: factor.optional(),
  loads: z.record(z.string(), z.strictObject({ pMw: z.number(), qMvar: z.number() })).optional(),
  solar: z.record(z.string(), z.number().min(0)).optional(),
});

/** What was measured in one step; what it leaves out went as forecast. */
export type FeedRecord = z.infer<typeof recordSchema>;

/** One JSON object a line, steps in rising order; lines for steps that are over already are passed by. */
export async function* feedFrom(stream: Readable, feeder: Case): AsyncGenerator<FeedRecord, void, void> {
  const loads = new Set(feeder.loads.map((load) => load.id));
  const plants = new Set(feeder.solar.map((plant) => plant.id));
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new CrowdwattError('input/not-json', `feed line ${line} is not JSON`, { line }, { cause });
    }
    const parsed = recordSchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new CrowdwattError(
        'input/invalid',
        `feed line ${line}: ${issue.path.join('.') || 'record'}: ${issue.message}`,
        { line },
      );
    }
    for (const [ids, known, what] of [
      [parsed.data.loads, loads, 'load'],
      [parsed.data.solar, plants, 'solar plant'],
    ] as const) {
      for (const id of Object.keys(ids ?? {})) {
        if (!known.has(id))
          throw new CrowdwattError('input/invalid', `feed line ${line}: the case has no ${what} '${id}'`, { line, id });
      }
    }
    yield parsed.data;
  }
}

/** A feed made up from a seed: slow drifts of ±10% in load and passing clouds. */
export async function* simulatedFeed(steps: number, seed: string): AsyncGenerator<FeedRecord, void, void> {
  let load = 1;
  let cloud = 1;
  for (let step = 0; step < steps; step++) {
    load += 0.1 * (1 - load) + 0.03 * (draw(seed, step, 'load') - 0.5);
    cloud += 0.2 * (0.95 - cloud) + 0.25 * (draw(seed, step, 'cloud') - 0.5);
    cloud = Math.min(1, Math.max(0.3, cloud));
    yield { step, loadFactor: load, solarFactor: cloud };
  }
}
