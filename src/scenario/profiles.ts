import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { CrowdwattError } from '../errors.js';

/** Shapes over a day, one number per period. Loads peak at 1; solar is a share of the plant's rating; price is $/MWh. */
export interface DayProfiles {
  readonly residential: readonly number[];
  readonly commercial: readonly number[];
  readonly solar: readonly number[];
  readonly price: readonly number[];
}

const PROFILE_NAMES = ['residential', 'commercial', 'solar', 'price'] as const;

const bell = (hour: number, centre: number, width: number): number => Math.exp(-(((hour - centre) / width) ** 2));

/** Shapes without a file: see docs/scenarios.md for the formulae. */
export function builtInProfiles(periods: number): DayProfiles {
  const hours = Array.from({ length: periods }, (_, k) => ((k + 0.5) * 24) / periods);
  return {
    residential: peakAtOne(hours.map((h) => 0.4 + 0.22 * bell(h, 7.5, 1.8) + 0.6 * bell(h, 19.5, 2.5))),
    commercial: peakAtOne(hours.map((h) => 0.35 + 0.65 * Math.exp(-(((h - 13) / 4.2) ** 4)))),
    solar: hours.map((h) => (h > 6 && h < 18 ? Math.sin((Math.PI * (h - 6)) / 12) ** 1.3 : 0)),
    price: hours.map((h) => 32 + 24 * bell(h, 19, 2.3) + 9 * bell(h, 8, 2) - 9 * bell(h, 13, 3)),
  };
}

/**
 * Profiles from a CSV with any of the columns residential, commercial (or load, for both), solar
 * and price, rows spread evenly over one day (24 hourly, 96 quarter-hourly, …), resampled to the
 * periods by time-weighted means. Columns that are missing keep the built-in shape.
 */
export async function profilesFromCsv(path: string, periods: number): Promise<DayProfiles> {
  const otherwise = builtInProfiles(periods);
  let rows: Record<string, string>[];
  try {
    rows = parse(await readFile(path, 'utf8'), {
      columns: (header: string[]) => header.map((h) => h.trim().toLowerCase()),
      skip_empty_lines: true,
      trim: true,
      bom: true,
    });
  } catch (cause) {
    throw new CrowdwattError('input/unreadable', `${path}: ${(cause as Error).message}`, { path }, { cause });
  }
  if (rows.length < 2)
    throw new CrowdwattError(
      'input/invalid',
      `${path}: a day of profiles needs at least 2 rows, it has ${rows.length}`,
    );
  const column = (name: string): number[] | undefined => {
    if (!(name in rows[0]!)) return undefined;
    const values = rows.map((row, k) => {
      const value = Number(row[name]);
      if (row[name] === '' || !Number.isFinite(value))
        throw new CrowdwattError(
          'input/invalid',
          `${path} line ${k + 2}: ${name} is '${row[name]}', a number is needed`,
        );
      if (value < 0 && name !== 'price')
        throw new CrowdwattError(
          'input/invalid',
          `${path} line ${k + 2}: ${name} is ${value}, a share of 0 or more is needed`,
        );
      return value;
    });
    return resample(values, periods);
  };
  const load = column('load');
  const known = PROFILE_NAMES.filter((name) => name in rows[0]!).length;
  if (known === 0 && load === undefined) {
    throw new CrowdwattError(
      'input/invalid',
      `${path}: none of the columns load, residential, commercial, solar, price; it has ${Object.keys(rows[0]!).join(', ')}`,
    );
  }
  return {
    residential: peakAtOne(column('residential') ?? load ?? otherwise.residential),
    commercial: peakAtOne(column('commercial') ?? load ?? otherwise.commercial),
    solar: column('solar') ?? otherwise.solar,
    price: column('price') ?? otherwise.price,
  };
}

/** Time-weighted means of a step function on another even grid over the same span. */
export function resample(values: readonly number[], periods: number): number[] {
  const n = values.length;
  return Array.from({ length: periods }, (_, t) => {
    const start = (t * n) / periods;
    const end = ((t + 1) * n) / periods;
    let sum = 0;
    for (let k = Math.floor(start); k < Math.min(n, Math.ceil(end - 1e-12)); k++) {
      sum += values[k]! * (Math.min(end, k + 1) - Math.max(start, k));
    }
    return sum / (end - start);
  });
}

function peakAtOne(values: readonly number[]): number[] {
  const top = Math.max(...values);
  return top > 0 ? values.map((v) => v / top) : [...values];
}
