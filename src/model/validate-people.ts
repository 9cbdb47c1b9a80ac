import type { Case } from './case.js';
import { brief, type Problems } from './problems.js';

/**
 * Who owns each load: `owner` where the case says it, else the only crowdsourcee at the load's bus,
 * else nobody (undefined: a load of the utility's ordinary customers). In the case's order.
 */
export function loadOwners(source: Case): (string | undefined)[] {
  const here = crowdsourceesByBus(source);
  return source.loads.map((load) => {
    if (load.owner !== undefined) return load.owner;
    const neighbours = here.get(load.bus);
    return neighbours?.length === 1 ? neighbours[0] : undefined;
  });
}

/** Crowdsourcees, and that every owner is one of them and sits on the device's bus. */
export function checkPeople(source: Case, buses: ReadonlyMap<string, number>, problems: Problems): void {
  for (const [k, person] of source.crowdsourcees.entries()) {
    if (problems.full) return;
    if (!buses.has(person.bus)) unknownBus(`crowdsourcees[${k}]`, person, problems);
  }
  const busOf = new Map(source.crowdsourcees.map((person) => [person.id, person.bus]));
  const here = crowdsourceesByBus(source);
  for (const list of ['solar', 'batteries', 'shapables', 'loads'] as const) {
    for (const [k, device] of source[list].entries()) {
      if (problems.full) return;
      const path = `${list}[${k}]`;
      if (!buses.has(device.bus)) unknownBus(path, device, problems);
      else if (device.owner !== undefined) checkOwner(path, device.id, device.owner, device.bus, busOf, problems);
      else if ((here.get(device.bus)?.length ?? 0) > 1) {
        const sit = here.get(device.bus)?.slice(0, 4).map(brief).join(', ');
        const text = `is missing, and ${sit} sit at bus ${brief(device.bus)}; it must name one of them`;
        problems.add('input/invalid', `${path}.owner`, device.id, text);
      }
    }
  }
  checkIncentives(source, problems);
}

function checkOwner(
  path: string,
  id: string,
  owner: string,
  bus: string,
  busOf: ReadonlyMap<string, string>,
  problems: Problems,
): void {
  const home = busOf.get(owner);
  if (home === undefined) {
    const text = `is ${brief(owner)}; it must be the id of one of the crowdsourcees`;
    problems.add('input/invalid', `${path}.owner`, id, text);
  } else if (home !== bus) {
    const text = `is ${brief(owner)}, who sits at bus ${brief(home)}; it must be a crowdsourcee at bus ${brief(bus)}`;
    problems.add('input/invalid', `${path}.owner`, id, text);
  }
}

function checkIncentives(source: Case, problems: Problems): void {
  const rules = source.incentives;
  if (rules === undefined || rules.floorPerMwh <= rules.capPerMwh) return;
  const text = `is ${rules.floorPerMwh}, above capPerMwh ${rules.capPerMwh}; it must be at most that`;
  problems.add('input/invalid', 'incentives.floorPerMwh', undefined, text);
}

export function unknownBus(path: string, element: { id: string; bus: string }, problems: Problems): void {
  const text = `is ${brief(element.bus)}; it must be the id of one of the buses`;
  problems.add('input/invalid', `${path}.bus`, element.id, text);
}

function crowdsourceesByBus(source: Case): Map<string, string[]> {
  const here = new Map<string, string[]>();
  for (const person of source.crowdsourcees) {
    const known = here.get(person.bus);
    if (known === undefined) here.set(person.bus, [person.id]);
    else known.push(person.id);
  }
  return here;
}
