import { z } from 'zod';
import { Refusal, type RefusalCode } from './refusals.js';

/** Building blocks of the argument schemas: strict objects, safe integers, bounded everything. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/;

/** U+10FFFF is what Fabric ends composite ranges with. */
export const id = z
  .string()
  .min(1)
  .max(128)
  .refine((text) => !CONTROL.test(text) && !LONE_SURROGATE.test(text) && !text.includes('\u{10FFFF}'), {
    message: 'an id holds 1 to 128 characters, none of them a control character',
  });

export const hash = z.string().regex(/^[0-9a-f]{64}$/, { message: 'a hash is 64 lower-case hex digits' });

export const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { message: 'a day is written YYYY-MM-DD' })
  .refine(isCalendarDay, { message: 'there is no such day in the calendar' });

/** Largest energy in one entry (1 TWh) and largest price (1,000,000 $/MWh): far past any feeder, far inside 2^53. */
export const MAX_WH = 1e12;
export const MAX_PRICE = 1e9;
export const MAX_PERIODS = 1440;
export const MAX_BATCH = 2000;

const whole = z.int();
export const time = whole.min(0).max(8.64e15);
export const period = whole.min(0).max(MAX_PERIODS - 1);
export const round = whole.min(1).max(99);
export const energy = whole.min(0).max(MAX_WH);
export const signedEnergy = whole.min(-MAX_WH).max(MAX_WH);
export const price = whole.min(-MAX_PRICE).max(MAX_PRICE);
export const reward = price;
export const power = whole.min(0).max(MAX_WH);
export const amount = z.union([whole, z.string().regex(/^-?[1-9]\d{15,29}$/)], {
  message: 'an amount is a whole number, as a decimal string past 2^53',
});
export const budget = z.union([whole.min(0), z.string().regex(/^[1-9]\d{15,29}$/)], {
  message: 'a budget is a whole number of micro-dollars, zero or more',
});

export const page = {
  /** Entries wanted. */
  limit: whole.min(1).max(1000).optional(),
  /** `next` of the page before. */
  after: z.string().max(4000).optional(),
};

export function batch<Item extends z.ZodType>(item: Item) {
  return z.array(item).min(1).max(MAX_BATCH);
}

function isCalendarDay(text: string): boolean {
  const [year, month, date] = text.split('-').map(Number) as [number, number, number];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && date >= 1 && date <= lengths[month - 1]!;
}

/** Checks arguments against a schema; what does not fit is a coded refusal that names the path. */
export function parseArguments<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  throw new Refusal(codeOf(issue), `${path.replace(/^\./, '') || 'arguments'}: ${issue.message}`);
}

function codeOf(issue: z.core.$ZodIssue): RefusalCode {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'unknown-field';
    case 'too_big':
      return 'huge';
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? 'negative' : 'arguments';
    case 'invalid_type':
      return issue.expected === 'int' ? 'not-an-integer' : 'arguments';
    default:
      return 'arguments';
  }
}
