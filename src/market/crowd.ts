import { z } from 'zod';
import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';
import { brief, Problems } from '../model/problems.js';
import type { CrowdFile } from './documents.js';
import { idSchema } from './incentive-schema.js';

/** An offer as its participant sees it. */
export interface SeenOffer {
  readonly participant: string;
  readonly period: number;
  readonly round: number;
  /** λ^a */
  readonly incentivePerMwh: number;
}

export type Answer = 'accept' | 'refuse' | 'silent';

/** How the people of a simulated day behave. */
export interface Crowd {
  answer(offer: SeenOffer): Answer;
  /** Share of an accepted task that is really done, 0..1. */
  deliveredShare(participant: string, period: number, round: number): number;
  /** What tells this crowd from another one: hashed into the day's record, never shown. */
  readonly identity: unknown;
}

/** `accept`: everybody takes everything; `reservation`: each by its own least price; or a file. */
export type CrowdChoice = 'accept' | 'reservation' | CrowdFile;

export function crowdOf(choice: CrowdChoice, feeder: Case): Crowd {
  if (choice === 'accept') return { answer: () => 'accept', deliveredShare: () => 1, identity: { kind: 'accept' } };
  if (choice === 'reservation') return reservationCrowd(feeder);
  return crowdFromFile(choice, feeder);
}

/** The only place that may read `reservationPrice`: here a person decides, elsewhere the operator does. */
function reservationCrowd(feeder: Case): Crowd {
  const leastPrice = new Map(feeder.crowdsourcees.map((person) => [person.id, person.reservationPrice]));
  return {
    answer: ({ participant, incentivePerMwh }) =>
      incentivePerMwh >= (leastPrice.get(participant) ?? Infinity) ? 'accept' : 'refuse',
    deliveredShare: () => 1,
    identity: { kind: 'reservation', prices: [...leastPrice] },
  };
}

/** The entry that says most about an offer (period, then round) decides; among equals the later one. */
function crowdFromFile(value: CrowdFile, feeder: Case): Crowd {
  const file = parseCrowd(value, feeder);
  const byParticipant = new Map<string, CrowdFile['answers'][number][]>();
  for (const entry of file.answers) {
    const known = byParticipant.get(entry.participant);
    if (known) known.push(entry);
    else byParticipant.set(entry.participant, [entry]);
  }
  const find = (participant: string, period: number, round: number) => {
    let best: CrowdFile['answers'][number] | undefined;
    let most = -1;
    for (const entry of byParticipant.get(participant) ?? []) {
      if (entry.period !== undefined && entry.period !== period) continue;
      if (entry.round !== undefined && entry.round !== round) continue;
      const said = (entry.period === undefined ? 0 : 2) + (entry.round === undefined ? 0 : 1);
      if (said >= most) [best, most] = [entry, said];
    }
    return best;
  };
  return {
    answer: ({ participant, period, round }) => find(participant, period, round)?.answer ?? file.default,
    deliveredShare: (participant, period, round) => find(participant, period, round)?.deliveredShare ?? 1,
    identity: { kind: 'file', file },
  };
}

const answerText = 'must be "accept", "refuse" or "silent"';
const answer = z.enum(['accept', 'refuse', 'silent'], { error: answerText });
const header = z.strictObject({
  format: z.literal('crowdwatt-crowd/1', { error: 'must be "crowdwatt-crowd/1"' }),
  default: answer,
  answers: z.array(z.unknown(), { error: 'must be an array of answers' }),
});
const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const shareText = 'must be a number from 0 to 1';

/**
 * Reads a `crowdwatt-crowd/1` document against the people of a case.
 *
 * @throws CrowdwattError `input/invalid`: a wrong field, an unknown participant, a period beyond the day
 */
export function parseCrowd(value: unknown, feeder: Case): CrowdFile {
  const problems = new Problems();
  if (!problems.parse(header, value, '')) problems.throwIfAny();
  const file = value as CrowdFile;
  const entrySchema = z.strictObject({
    participant: idSchema,
    period: whole(0, feeder.periods - 1).optional(),
    round: whole(1, 99).optional(),
    answer,
    deliveredShare: z.number({ error: shareText }).min(0, { error: shareText }).max(1, { error: shareText }).optional(),
  });
  const people = new Set(feeder.crowdsourcees.map((person) => person.id));
  for (const [k, entry] of file.answers.entries()) {
    if (problems.full) break;
    if (!problems.parse(entrySchema, entry, `answers[${k}]`) || people.has(entry.participant)) continue;
    const text = `is ${brief(entry.participant)}; it must be the id of one of the case's crowdsourcees`;
    problems.add('input/invalid', `answers[${k}].participant`, undefined, text);
  }
  problems.throwIfAny();
  return file;
}

/** The `--crowd` argument: a word, or the path of a file that `read` gets. */
export async function crowdChoice(text: string, read: (path: string) => Promise<unknown>): Promise<CrowdChoice> {
  if (text === 'accept' || text === 'reservation') return text;
  const value = await read(text);
  if (typeof value !== 'object' || value === null) {
    throw new CrowdwattError(
      'input/invalid',
      `${text}: the document is ${brief(value)}; it must be a crowdwatt-crowd/1 object`,
    );
  }
  return value as CrowdFile;
}
