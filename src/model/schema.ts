import { z } from 'zod';

/**
 * zod schemas of `crowdwatt-case/1`, one per kind of element. They hold what one field can get wrong
 * by itself; what needs two fields or two elements is in the validate files. Every message says what
 * would be right: the wrong value and its path are put before it by `problems.ts`.
 */

/** Periods beyond this are refused before anything is allocated (a year of five-minute periods fits). */
export const MAX_PERIODS = 200_000;
/** Buses × periods beyond this would not fit the memory of a solve. */
export const MAX_BUS_PERIODS = 20_000_000;
/** No quantity of a feeder is larger in its field's unit; squares and products still are finite. */
const HUGE = 1e12;

/** Printable text of 1 to 128 characters (no C0/C1 controls, no line separators). */
const idText = 'must be text of 1 to 128 characters without control characters';
const idSchema = z
  .string({ error: idText })
  .min(1, { error: idText })
  .max(128, { error: idText })
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, { error: idText });

function between(low: number, high: number, words: string) {
  const error = `must be ${words}`;
  return z.number({ error }).gte(low, { error }).lte(high, { error });
}

/** An object with these fields and no others. */
const element = <S extends z.core.$ZodLooseShape>(shape: S) => z.strictObject(shape, { error: 'must be an object' });

const signed = between(-HUGE, HUGE, 'a finite number of at most 1e12 in size');
const atLeastZero = between(0, HUGE, 'a number from 0 to 1e12');
const share = between(0, 1, 'a number from 0 to 1');
const fraction = z
  .number({ error: 'must be a number above 0 and at most 1' })
  .gt(0, { error: 'must be above 0 and at most 1' })
  .lte(1, { error: 'must be above 0 and at most 1' });
const efficiency = between(1e-3, 1, 'a number from 0.001 to 1');
const flag = z.boolean({ error: 'must be true or false' });
const wholeNumber = (low: number, high: number) => {
  const error = `must be a whole number from ${low} to ${high}`;
  return z.int({ error }).gte(low, { error }).lte(high, { error });
};

/** Length T is checked before a series is parsed, so that a wrong length is one problem, not thousands. */
const series = z.array(signed, { error: 'must be an array with one number per period' });
const positiveSeries = z.array(atLeastZero, { error: 'must be an array with one number of 0 or more per period' });

export const busSchema = element({
  id: idSchema,
  vMinPu: between(0, 10, 'a voltage from 0 to 10 pu'),
  vMaxPu: between(0, 10, 'a voltage from 0 to 10 pu'),
  shuntMvar: signed.optional(),
});

export const lineSchema = element({
  id: idSchema,
  from: idSchema,
  to: idSchema,
  rOhm: atLeastZero,
  xOhm: atLeastZero,
  limitMva: z
    .number({ error: 'must be a number above 0 (leave it out for no limit)' })
    .gt(0, { error: 'must be above 0 (leave it out for no limit)' })
    .lte(HUGE, { error: 'must be at most 1e12' })
    .optional(),
  open: flag.optional(),
});

export const loadSchema = element({
  id: idSchema,
  bus: idSchema,
  owner: idSchema.optional(),
  pMw: series,
  qMvar: series,
  shedCostPerMwh: atLeastZero.optional(),
});

export const solarSchema = element({
  id: idSchema,
  bus: idSchema,
  owner: idSchema,
  forecastMw: positiveSeries,
  curtailable: flag,
  sMaxMva: atLeastZero.optional(),
});

export const batterySchema = element({
  id: idSchema,
  bus: idSchema,
  owner: idSchema,
  powerMw: atLeastZero,
  energyMwh: atLeastZero,
  initialMwh: atLeastZero,
  finalMwh: atLeastZero,
  chargeEfficiency: efficiency,
  dischargeEfficiency: efficiency,
  throughputCost: atLeastZero,
  sMaxMva: atLeastZero.optional(),
});

export const shapableSchema = element({
  id: idSchema,
  bus: idSchema,
  owner: idSchema,
  energyMwh: atLeastZero,
  maxMw: atLeastZero,
  startPeriod: wholeNumber(0, MAX_PERIODS),
  endPeriod: wholeNumber(0, MAX_PERIODS),
  powerFactor: between(0.01, 1, 'a power factor from 0.01 to 1'),
  preferredMw: positiveSeries.optional(),
  discomfortCost: atLeastZero.optional(),
});

export const generatorSchema = element({
  id: idSchema,
  bus: idSchema,
  pMinMw: signed,
  pMaxMw: signed,
  qMinMvar: signed,
  qMaxMvar: signed,
  costQuadratic: atLeastZero,
  costLinear: series,
  costConstant: signed,
  rampMwPerHour: atLeastZero.optional(),
});

export const crowdsourceeSchema = element({
  id: idSchema,
  bus: idSchema,
  type: z.union([z.literal(1), z.literal(2)], { error: 'must be 1 (commits day-ahead) or 2 (decides in real time)' }),
  willingness: fraction,
  reservationPrice: atLeastZero,
  contractPricePerMwh: signed.optional(),
});

export const incentivesSchema = element({
  floorPerMwh: atLeastZero,
  capPerMwh: atLeastZero,
  stepPerMwh: between(1e-6, HUGE, 'a number above 0'),
  budgetPerPeriod: positiveSeries.optional(),
  maxRounds: wholeNumber(1, 100).optional(),
  deviationMw: series.optional(),
  zeta0: atLeastZero.optional(),
});

const list = (what: string) => z.array(z.unknown(), { error: `must be an array of ${what}` });

/** Everything but the insides of the lists and of `incentives`; those are parsed one element at a time. */
export const headerSchema = z.strictObject({
  format: z.literal('crowdwatt-case/1', { error: 'must be "crowdwatt-case/1"' }),
  name: z.string({ error: 'must be text' }).max(1000, { error: 'must be at most 1000 characters' }),
  baseMva: between(1e-9, 1e9, 'a power base from 1e-9 to 1e9 MVA'),
  baseKv: between(1e-6, 1e6, 'a voltage base from 1e-6 to 1e6 kV'),
  root: idSchema,
  rootVoltagePu: between(0.01, 10, 'a voltage from 0.01 to 10 pu').optional(),
  periods: wholeNumber(1, MAX_PERIODS),
  hoursPerPeriod: between(1e-4, 1e5, 'a length from 0.0001 to 100000 hours'),
  minRenewableShare: share.optional(),
  buses: list('buses').min(1, { error: 'must hold at least one bus' }),
  lines: list('lines'),
  loads: list('loads'),
  solar: list('solar plants').optional(),
  batteries: list('batteries').optional(),
  shapables: list('shapable loads').optional(),
  generators: list('generators').min(1, { error: 'must hold at least the generator at the root' }),
  crowdsourcees: list('crowdsourcees').optional(),
  incentives: z.unknown().optional(),
});

/** Schema of each list's elements and the fields that hold one number per period. */
export const LISTS = {
  buses: { schema: busSchema, perPeriod: [] },
  lines: { schema: lineSchema, perPeriod: [] },
  loads: { schema: loadSchema, perPeriod: ['pMw', 'qMvar'] },
  solar: { schema: solarSchema, perPeriod: ['forecastMw'] },
  batteries: { schema: batterySchema, perPeriod: [] },
  shapables: { schema: shapableSchema, perPeriod: ['preferredMw'] },
  generators: { schema: generatorSchema, perPeriod: ['costLinear'] },
  crowdsourcees: { schema: crowdsourceeSchema, perPeriod: [] },
} as const satisfies Record<string, { schema: z.ZodObject; perPeriod: readonly string[] }>;

export type ListName = keyof typeof LISTS;
export const INCENTIVES_PER_PERIOD = ['budgetPerPeriod', 'deviationMw'] as const;
