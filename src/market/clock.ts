import { CrowdwattError } from '../errors.js';
import type { Case } from '../model/case.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The day that the paper's test is run on when the ledger is empty. */
export const FIRST_DAY = '2018-08-05';

/**
 * The simulated instants of a market day, ms since 1970. Every transaction carries one of them, so
 * that the same day leaves the same world state whenever it is run.
 */
export interface DayClock {
  readonly minutesPerPeriod: number;
  readonly start: number;
  readonly end: number;
  readonly registered: number;
  readonly opened: number;
  readonly preferences: number;
  readonly gate: number;
  readonly published: number;
  readonly contracted: number;
  readonly supplemented: number;
  readonly metered: number;
  readonly meterDeadline: number;
  readonly reconciled: number;
  /** Offers of a round go out, are answered, expire, and the round is closed. */
  round(round: number): {
    readonly offered: number;
    readonly answered: number;
    readonly expiry: number;
    readonly closed: number;
  };
}

/** What the ledger's rules allow. */
const MOST_PERIODS = 1440;
const MOST_ROUNDS = 99;

/** @throws CrowdwattError `input/invalid` where the case's periods or rounds do not fit a market day */
export function dayClock(day: string, feeder: Case, maxRounds: number): DayClock {
  const { periods } = feeder;
  if (periods > MOST_PERIODS) {
    throw new CrowdwattError('input/invalid', `periods is ${periods}; a market day has at most ${MOST_PERIODS}`, {
      path: 'periods',
    });
  }
  if (maxRounds > MOST_ROUNDS) {
    const text = `incentives.maxRounds is ${maxRounds}; a market day has at most ${MOST_ROUNDS} rounds`;
    throw new CrowdwattError('input/invalid', text, { path: 'incentives.maxRounds' });
  }
  const minutesPerPeriod = feeder.hoursPerPeriod * 60;
  if (!Number.isInteger(minutesPerPeriod) || minutesPerPeriod < 1 || minutesPerPeriod > 1440) {
    const text = `hoursPerPeriod is ${feeder.hoursPerPeriod}; a market day needs whole minutes, from 1 to 1440`;
    throw new CrowdwattError('input/invalid', text, { path: 'hoursPerPeriod' });
  }
  const start = Date.parse(`${day}T00:00:00Z`);
  const end = start + feeder.periods * minutesPerPeriod * MINUTE;
  const gate = start - 12 * HOUR;
  const firstRound = gate + 30 * MINUTE;
  // All rounds end before the day begins, with an hour left for the supplements.
  const roundLength = Math.min(HOUR, Math.floor((11 * HOUR - 30 * MINUTE) / maxRounds));
  const roundStart = (round: number) => firstRound + (round - 1) * roundLength;
  return {
    minutesPerPeriod,
    start,
    end,
    registered: gate - 3 * HOUR,
    opened: gate - 2 * HOUR,
    preferences: gate - HOUR,
    gate,
    published: gate + 10 * MINUTE,
    contracted: gate + 15 * MINUTE,
    supplemented: roundStart(maxRounds + 1),
    metered: end + 5 * MINUTE,
    meterDeadline: end + DAY,
    reconciled: end + HOUR,
    round: (round) => ({
      offered: roundStart(round),
      answered: roundStart(round) + Math.floor(roundLength / 3),
      expiry: roundStart(round) + Math.floor((2 * roundLength) / 3),
      closed: roundStart(round) + Math.floor((2 * roundLength) / 3) + 1000,
    }),
  };
}

export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
}

/** @throws CrowdwattError `usage` unless it is a day of the calendar, YYYY-MM-DD */
export function checkDay(day: string): string {
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(parsed) || parsed < 0 || new Date(parsed).toISOString().slice(0, 10) !== day) {
    throw new CrowdwattError('usage', `day is "${day}"; it must be a day of the calendar from 1970 on, YYYY-MM-DD`);
  }
  return day;
}
