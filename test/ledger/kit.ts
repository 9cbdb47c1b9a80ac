import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  commitmentOf,
  hashOf,
  type OfferTerms,
  type OfferView,
  type Page,
  type RefusalCode,
  termsHashOf,
} from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../../src/errors.js';
import type { Commit, Ledger, Member } from '../../src/ledger/types.js';

/** A small market to drive any ledger with: simulated times that only go forward. */
export const HOUR = 3_600_000;
export const anyHash = (seed: string): string => hashOf({ seed });

export interface Cast {
  readonly operator: Member;
  readonly auditor: Member;
  readonly meter: Member;
  readonly anna: Member;
  readonly bert: Member;
  readonly carl: Member;
}

/** Ids get a prefix, so that one network can be used for many tests. */
export async function cast(ledger: Ledger, prefix = ''): Promise<Cast> {
  const [operator, auditor, meter, anna, bert, carl] = await Promise.all([
    ledger.member('operator', 'operator'),
    ledger.member('auditor', 'auditor'),
    ledger.member('meter', 'meter'),
    ledger.member(`${prefix}anna`, 'participant'),
    ledger.member(`${prefix}bert`, 'participant'),
    ledger.member(`${prefix}carl`, 'participant'),
  ]);
  return { operator, auditor, meter, anna, bert, carl };
}

export interface DayTimes {
  readonly day: string;
  readonly start: number;
  readonly gate: number;
}

export function timesOf(day: string): DayTimes {
  const start = Date.parse(`${day}T00:00:00Z`);
  return { day, start, gate: start - 12 * HOUR };
}

export const PERIODS = 3;

export async function register(ledger: Ledger, members: Cast, prefix = ''): Promise<void> {
  const { operator, anna, bert, carl } = members;
  const two = (id: string) => ({
    id,
    bus: '5',
    type: 2,
    role: 'crowdsourcee',
    devices: [
      { id: `bat-${id}`, kind: 'battery', powerW: 10_000, energyWh: 40_000 },
      { id: `pv-${id}`, kind: 'solar', powerW: 5_000 },
    ],
  });
  await ledger.transact(operator, {
    name: 'RegisterParticipant',
    timestamp: 0,
    args: {
      participants: [
        two(anna.id),
        two(bert.id),
        { ...two(carl.id), type: 1 },
        {
          id: `${prefix}grid`,
          bus: '1',
          type: 1,
          role: 'generator',
          devices: [{ id: 'grid', kind: 'generator', powerW: 1_000_000 }],
        },
      ],
    },
  });
}

export async function openDay(
  ledger: Ledger,
  operator: Member,
  times: DayTimes,
  changes: object = {},
): Promise<Commit> {
  return ledger.transact(operator, {
    name: 'OpenDay',
    timestamp: times.gate - HOUR,
    args: {
      day: times.day,
      periods: PERIODS,
      minutesPerPeriod: 60,
      startTime: times.start,
      gateTime: times.gate,
      meterDeadline: times.start + 48 * HOUR,
      maxRounds: 2,
      feederHash: anyHash('feeder'),
      rulesHash: anyHash('rules'),
      crowdHash: anyHash('crowd'),
      budgetsMicro: [10_000_000, 10_000_000, null],
      ...changes,
    },
  });
}

/** Opens the gate's far side: day priced and ready for contracts and offers. */
export async function priceDay(ledger: Ledger, operator: Member, times: DayTimes): Promise<void> {
  const gate = await ledger.transact<{ root: string }>(operator, {
    name: 'CloseGate',
    timestamp: times.gate,
    args: { day: times.day },
  });
  await publish(ledger, operator, times, gate.result.root);
}

export function publish(ledger: Ledger, operator: Member, times: DayTimes, preferencesRoot: string): Promise<Commit> {
  return ledger.transact(operator, {
    name: 'PublishEquilibrium',
    timestamp: times.gate + 1,
    args: {
      day: times.day,
      preferencesRoot,
      caseHash: anyHash('case'),
      solutionHash: anyHash('solution'),
      dlmpDigest: anyHash('dlmp'),
      totals: { objectiveMicro: 1_000_000, lowerBoundMicro: 999_000, generationWh: 100, loadWh: 90, lossWh: 10 },
    },
  });
}

export interface OfferSpec {
  readonly participant: string;
  readonly period: number;
  readonly direction: 1 | -1;
  readonly wh: number;
  readonly energyPriceMicroPerKwh: number;
  readonly incentiveMicroPerKwh: number;
}

export function offerTo(participant: string, period: number, changes: Partial<OfferSpec> = {}): OfferSpec {
  return {
    participant,
    period,
    direction: 1,
    wh: 8_000,
    energyPriceMicroPerKwh: 40_000,
    incentiveMicroPerKwh: 5_000,
    ...changes,
  };
}

/** Round r is offered at gate + r h and expires half an hour later. */
export const offeredAt = (times: DayTimes, round: number): number => times.gate + round * HOUR;
export const expiryOf = (times: DayTimes, round: number): number => offeredAt(times, round) + HOUR / 2;

export function makeOffers(
  ledger: Ledger,
  operator: Member,
  times: DayTimes,
  round: number,
  offers: OfferSpec[],
): Promise<Commit> {
  return ledger.transact(operator, {
    name: 'MakeOffer',
    timestamp: offeredAt(times, round),
    args: { day: times.day, round, expiry: expiryOf(times, round), offers },
  });
}

export function termsOf(times: DayTimes, round: number, offer: OfferSpec): OfferTerms {
  return { ...offer, day: times.day, round, expiry: expiryOf(times, round) };
}

export function answer(
  ledger: Ledger,
  member: Member,
  times: DayTimes,
  round: number,
  offer: OfferSpec,
  name: 'AcceptOffer' | 'RejectOffer' = 'AcceptOffer',
  changes: { operationId?: string; timestamp?: number; args?: object } = {},
): Promise<Commit> {
  const terms = termsOf(times, round, offer);
  return ledger.transact(member, {
    name,
    timestamp: changes.timestamp ?? offeredAt(times, round) + 1000,
    operationId: changes.operationId,
    args: {
      day: terms.day,
      period: terms.period,
      round,
      participant: terms.participant,
      termsHash: termsHashOf(terms),
      ...changes.args,
    },
  });
}

export function closeRound(ledger: Ledger, operator: Member, times: DayTimes, round: number): Promise<Commit> {
  return ledger.transact(operator, {
    name: 'CloseRound',
    timestamp: expiryOf(times, round) + 1,
    args: { day: times.day, round },
  });
}

export function preferencesCall(member: Member, times: DayTimes, document: object, timestamp = times.gate - 1000) {
  const salt = randomBytes(16).toString('hex');
  const whole = { format: 'crowdwatt-preferences/1', day: times.day, participant: member.id, ...document };
  const optOut = (whole as { optOut?: boolean }).optOut ?? false;
  return {
    name: 'SubmitPreferences',
    timestamp,
    args: { day: times.day, participant: member.id, commitment: commitmentOf(salt, whole), optOut },
    transient: { preferences: { salt, document: whole } },
  };
}

export const afterDay = (times: DayTimes): number => times.start + PERIODS * HOUR;

export async function offersOf(ledger: Ledger, member: Member, day: string): Promise<readonly OfferView[]> {
  return (await ledger.query<Page<OfferView>>(member, 'ListOffers', { day, limit: 1000 })).items;
}

/** The transaction must be refused, with this code and as the one error class. */
export async function refused(work: Promise<unknown>, code: RefusalCode): Promise<void> {
  const outcome = await work.then(
    () => 'committed',
    (error: unknown) => error,
  );
  if (!(outcome instanceof CrowdwattError)) throw new Error(`expected refusal ${code}, got ${String(outcome)}`);
  expect({ code: outcome.code, refusal: outcome.details.refusal, message: outcome.message }).toMatchObject({
    code: 'ledger/refused',
    refusal: code,
  });
}
