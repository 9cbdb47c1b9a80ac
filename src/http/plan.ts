import type { DayRecord, DeliveryRecord, EquilibriumRecord, OfferView } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import { type DevicePlan, devicesByParticipant, netOf, ownPlan } from '../market/own-plan.js';
import { scheduledPlan } from '../market/tasks.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { Reading } from './reading.js';

export interface PublishedDay {
  readonly record: EquilibriumRecord;
  readonly feeder: Case;
  readonly solution: Solution;
}

/** The equilibria of late, by their hashes: documents of megabytes are not read again for every visitor. */
const recent = new WeakMap<Reading, Map<string, PublishedDay>>();
const MOST_RECENT = 4;

/**
 * What was published of a day's equilibrium, with the documents behind the hashes.
 * @throws CrowdwattError `http/conflict` before it is published, `http/not-found`
 */
export async function publishedDay(reading: Reading, day: string): Promise<PublishedDay> {
  const found = await reading.query<EquilibriumRecord | null>('GetEquilibrium', { day });
  if (!found) {
    const exists = await reading.query<DayRecord | null>('GetDay', { day });
    if (!exists) throw new CrowdwattError('http/not-found', `there is no day ${day}`, { day });
    throw new CrowdwattError('http/conflict', `the equilibrium of ${day} is not published yet`, { day });
  }
  const kept = recent.get(reading) ?? new Map<string, PublishedDay>();
  recent.set(reading, kept);
  const key = `${found.caseHash}/${found.solutionHash}`;
  const known = kept.get(key);
  if (known) return known;
  const feeder = (await reading.ledger.getObject(found.caseHash)) as Case | undefined;
  const solution = (await reading.ledger.getObject(found.solutionHash)) as Solution | undefined;
  if (!feeder || !solution) {
    throw new CrowdwattError('http/not-found', `the documents behind the equilibrium of ${day} are not kept here`, {
      day,
    });
  }
  const published = { record: found, feeder, solution };
  kept.set(key, published);
  for (const old of kept.keys()) {
    if (kept.size <= MOST_RECENT) break;
    kept.delete(old);
  }
  return published;
}

/** One participant's day: device by device as planned, its own plan without the market, and what came of it. */
export async function planOf(reading: Reading, participant: string, day: string): Promise<object> {
  const { feeder, solution } = await publishedDay(reading, day);
  const devices = devicesByParticipant(feeder).find((each) => each.person.id === participant);
  if (!devices) throw new CrowdwattError('http/not-found', `${participant} is not on the feeder of ${day}`, { day });
  const planned = scheduledPlan(solution, devices);
  const offers = await reading.list<OfferView>('ListOffers', { day, participant });
  const deliveries = await reading.list<DeliveryRecord>('ListDeliveries', { day, participant });
  const acceptedWh = new Array<number>(feeder.periods).fill(0);
  for (const offer of offers) if (offer.outcome === 'accepted') acceptedWh[offer.period]! += offer.direction * offer.wh;
  const deliveredWh = new Array<number | null>(feeder.periods).fill(null);
  for (const { period, wh } of deliveries) deliveredWh[period] = Math.sign(acceptedWh[period] ?? 0) * wh;
  return {
    day,
    participant,
    periods: feeder.periods,
    minutesPerPeriod: feeder.hoursPerPeriod * 60,
    devices: [
      ...named('solar', devices.solar, feeder.solar, planned.solarMw),
      ...named('battery', devices.batteries, feeder.batteries, planned.batteryMw),
      ...named('shapable', devices.shapables, feeder.shapables, planned.shapableMw),
    ],
    ownMw: netOf(ownPlan(feeder, devices), feeder.periods),
    plannedMw: netOf(planned, feeder.periods),
    acceptedWh,
    deliveredWh,
  };
}

function named(
  kind: 'solar' | 'battery' | 'shapable',
  places: readonly number[],
  list: readonly { readonly id: string }[],
  plannedMw: DevicePlan['solarMw'],
): object[] {
  return places.map((place, k) => ({ id: list[place]!.id, kind, plannedMw: plannedMw[k]! }));
}
