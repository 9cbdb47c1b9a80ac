import { z } from 'zod';
import { DAY_STEPS } from './day-steps.js';

/** What requests are checked against, and what the OpenAPI document says of them. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const whole = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
/** A number in a query string or a path. */
const digits = (least: number, most: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error })
    .transform(Number)
    .pipe(whole(least, most));
};

export const id = z
  .string({ error: 'must be an id, 1 to 128 characters' })
  .min(1, { error: 'must not be empty' })
  .max(128, { error: 'must have at most 128 characters' })
  .refine((text) => !CONTROL.test(text), { error: 'must hold no control character' });
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a day, YYYY-MM-DD' });
export const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 lower-case hex digits' });
export const role = z.enum(['operator', 'participant', 'meter', 'auditor'], {
  error: 'must be operator, participant, meter or auditor',
});
export const base64 = z.string().regex(/^[A-Za-z0-9+/]{20,2000}={0,2}$/, { error: 'must be base64' });
export const secret = z.string().min(8, { error: 'must be a secret' }).max(200, { error: 'must be a secret' });

export const dayParams = z.strictObject({ day });
export const dayQuery = z.strictObject({ day });
export const pageQuery = { limit: digits(1, 1000).optional(), after: z.string().max(4000).optional() };
export const dayPage = z.strictObject({ day, ...pageQuery });
export const page = z.strictObject(pageQuery);
export const periodPart = digits(0, 1439);
export const roundPart = digits(1, 99);
export const height = digits(0, 1e12);

export const solveOptions = {
  method: z.enum(['ipm', 'admm', 'admm-bus'], { error: 'must be ipm, admm or admm-bus' }).optional(),
  exactness: z.enum(['off', 'bound', 'recover'], { error: 'must be off, bound or recover' }).optional(),
  tolerance: z.number().min(1e-12).max(0.1).optional(),
};
export const newSolve = z.strictObject({
  case: id,
  ...solveOptions,
  timeLimitSeconds: z.number().min(0).max(86_400).optional(),
  maxIterations: whole(1, 1e9).optional(),
  workers: whole(1, 16).optional(),
});

export const newDay = z.strictObject({
  case: id,
  day: day.optional(),
  mode: z.enum(['steps', 'run'], { error: 'must be steps or run' }).default('steps'),
  crowd: z
    .union([z.enum(['accept', 'reservation']), z.looseObject({ format: z.literal('crowdwatt-crowd/1') })], {
      error: 'must be accept, reservation or a crowdwatt-crowd/1 document',
    })
    .default('reservation'),
  seed: whole(0, 4_294_967_295).default(1),
  ...solveOptions,
  allowInexact: z.boolean().default(false),
  gateSeconds: z.number().min(0).max(86_400).optional(),
  answerSeconds: z.number().min(0).max(86_400).optional(),
  meters: z.enum(['simulated', 'live'], { error: 'must be simulated or live' }).default('simulated'),
});
export const wait = z.number().min(0).max(60).default(0);
export const advance = z.strictObject({ to: z.enum([...DAY_STEPS, 'end']).optional(), wait });
export const stepBody = z.strictObject({ wait });

export const enrolPrepare = z.strictObject({ id, secret, publicKey: base64 });
export const enrol = z.union(
  [
    z.strictObject({ id, secret, publicKey: base64, signature: base64, cookie: z.boolean().default(false) }),
    z.strictObject({ id, secret, held: z.literal(true), cookie: z.boolean().default(false) }),
  ],
  { error: 'must be {id, secret, publicKey, signature} or {id, secret, held: true}, with cookie if wanted' },
);
export const login = z.union(
  [
    z.strictObject({ id, challenge: z.string().max(100), signature: base64, cookie: z.boolean().default(false) }),
    z.strictObject({ id, loginSecret: secret, cookie: z.boolean().default(false) }),
  ],
  { error: 'must be {id, challenge, signature} or {id, loginSecret}, with cookie if wanted' },
);
export const invite = z.strictObject({ id, role });

const energy = whole(0, 1e12);
export const preferences = z.strictObject({
  day,
  optOut: z.boolean().optional(),
  devices: z
    .array(
      z.strictObject({
        id,
        startPeriod: whole(0, 1439).optional(),
        endPeriod: whole(0, 1440).optional(),
        powerW: energy.optional(),
        energyWh: energy.optional(),
        finalWh: energy.optional(),
        sell: z.boolean().optional(),
      }),
    )
    .max(200)
    .optional(),
});
export const answer = z.strictObject({
  day,
  period: whole(0, 1439),
  round: whole(1, 99),
  termsHash: hash,
  answer: z.enum(['accept', 'refuse'], { error: 'must be accept or refuse' }),
});
export const dispute = z.strictObject({ from: day, reasonHash: hash });
export const deliveries = z.strictObject({
  readings: z
    .array(z.strictObject({ participant: id, period: whole(0, 1439), wh: energy }))
    .min(1)
    .max(2000),
});
export const submit = z.strictObject({
  prepared: z.uuid({ error: 'must be the id of a prepared transaction' }),
  signature: base64,
});

// Answers, as far as a program wants to know them beforehand.
export const anything = z.unknown();
export const items = z.object({ items: z.array(z.unknown()), next: z.string().optional() });
export const preparedAnswer = z.object({
  prepared: z.string(),
  txId: z.string(),
  bytes: z.string(),
  expiresAt: z.number(),
});
export const commitAnswer = z.object({
  txId: z.string(),
  block: z.number(),
  blockHash: z.string(),
  result: z.unknown(),
  receipt: z.unknown().optional(),
});
export const sessionAnswer = z.object({
  member: z.object({ id: z.string(), role, held: z.boolean() }),
  certificate: z.string(),
  token: z.string().optional(),
  expiresAt: z.number(),
  loginSecret: z.string().optional(),
});
export const jobAnswer = z.object({
  id: z.string(),
  case: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  submittedAt: z.number(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  progress: z.unknown().optional(),
  status: z.string().optional(),
  objective: z.number().optional(),
  error: z.unknown().optional(),
});
export const dayAnswer = z.object({
  day: z.string(),
  case: z.string().nullable(),
  mode: z.enum(['steps', 'run']).nullable(),
  state: z.enum(['running', 'waiting', 'done', 'failed', 'cancelled', 'recorded']),
  step: z.string().nullable(),
  next: z.string().nullable(),
  round: z.number().nullable(),
  gateClosesAt: z.number().nullable(),
  answersCloseAt: z.number().nullable(),
  live: z.array(z.string()).optional(),
  warnings: z.array(z.string()),
  error: z.unknown().optional(),
  record: z.unknown().nullable(),
});
