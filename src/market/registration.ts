import { hashOf, type NameplateDevice, type ParticipantRecord } from '../../chaincode/src/domain/index.js';
import type { Case } from '../model/case.js';
import { batches, type MarketDay } from './market-day.js';
import { devicesByParticipant, type ParticipantDevices } from './own-plan.js';

type Registration = Pick<ParticipantRecord, 'id' | 'bus' | 'type' | 'role' | 'devices'>;

/** Makes sure that everybody of the feeder is on the ledger with the nameplates of today's case. */
export async function registerParticipants(day: MarketDay): Promise<void> {
  const known = new Map(
    (await day.list<ParticipantRecord>('ListParticipants', {})).map((record) => [record.id, record]),
  );
  const wanted = registrations(day.feeder);
  const operator = await day.operator();
  const missing = wanted.filter((entry) => !known.has(entry.id));
  for (const participants of batches(missing)) {
    const operation = `register/${hashOf(participants)}`;
    await day.submit(operator, 'RegisterParticipant', { participants }, operation, day.clock.registered);
  }
  const changed = wanted.filter((entry) => {
    const record = known.get(entry.id);
    if (!record) return false;
    const { id, bus, type, role, devices } = record;
    return hashOf({ id, bus, type, role, devices }) !== hashOf(entry);
  });
  await day.inFlight(changed, (entry) =>
    day.submit(operator, 'UpdateParticipant', entry, `update/${hashOf(entry)}`, day.clock.registered),
  );
}

function registrations(feeder: Case): Registration[] {
  const crowd = devicesByParticipant(feeder).map((devices): Registration => {
    const { id, bus, type } = devices.person;
    return { id, bus, type, role: 'crowdsourcee', devices: nameplates(feeder, devices) };
  });
  const generators = feeder.generators.map((generator): Registration => {
    const powerW = watts(Math.max(Math.abs(generator.pMinMw), Math.abs(generator.pMaxMw)));
    return {
      id: generator.id,
      bus: generator.bus,
      type: 1,
      role: 'generator',
      devices: [{ id: generator.id, kind: 'generator', powerW }],
    };
  });
  return [...crowd, ...generators];
}

function nameplates(feeder: Case, devices: ParticipantDevices): NameplateDevice[] {
  return [
    ...devices.solar.map((place): NameplateDevice => {
      const panel = feeder.solar[place]!;
      return { id: panel.id, kind: 'solar', powerW: watts(Math.max(0, ...panel.forecastMw)) };
    }),
    ...devices.batteries.map((place): NameplateDevice => {
      const { id, powerMw, energyMwh } = feeder.batteries[place]!;
      return { id, kind: 'battery', powerW: watts(powerMw), energyWh: watts(energyMwh) };
    }),
    ...devices.shapables.map((place): NameplateDevice => {
      const { id, maxMw, energyMwh } = feeder.shapables[place]!;
      return { id, kind: 'shapable', powerW: watts(maxMw), energyWh: watts(energyMwh) };
    }),
  ];
}

/** MW or MWh in whole W or Wh, rounded up: a nameplate must cover what the case says. */
function watts(mega: number): number {
  return Math.ceil(mega * 1e6);
}
