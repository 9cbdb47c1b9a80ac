import type { Battery, Case, Generator, Shapable, Solar } from './case.js';
import type { Problems } from './problems.js';
import { unknownBus } from './validate-people.js';

/** Files carry rounded decimals: an energy that just fits its window must pass. */
const ROUNDING = 1e-6;

/**
 * What a device cannot do on its own, whatever the network: bad input, not infeasible
 * (docs/formats.md). Buses and owners were checked before.
 */
export function checkDevices(source: Case, buses: ReadonlyMap<string, number>, problems: Problems): void {
  for (const [k, device] of source.solar.entries()) if (!problems.full) checkSolar(`solar[${k}]`, device, problems);
  for (const [k, device] of source.batteries.entries()) {
    if (!problems.full) checkBattery(`batteries[${k}]`, device, source, problems);
  }
  for (const [k, device] of source.shapables.entries()) {
    if (!problems.full) checkShapable(`shapables[${k}]`, device, source, problems);
  }
  for (const [k, device] of source.generators.entries()) {
    if (problems.full) return;
    if (!buses.has(device.bus)) unknownBus(`generators[${k}]`, device, problems);
    checkGenerator(`generators[${k}]`, device, problems);
  }
  if (!source.generators.some((generator) => generator.bus === source.root)) {
    const text = `have none at the root bus "${source.root}"; one must be there (the substation closes the balance)`;
    problems.add('input/invalid', 'generators', undefined, text);
  }
}

function checkSolar(path: string, device: Solar, problems: Problems): void {
  const rating = device.sMaxMva;
  if (device.curtailable || rating === undefined) return;
  const t = device.forecastMw.findIndex((power) => power > rating * (1 + ROUNDING));
  if (t < 0) return;
  const text = `is ${device.forecastMw[t]} MW, above its sMaxMva ${rating}, and it is not curtailable; it must be at most that`;
  problems.add('case/device', `${path}.forecastMw[${t}]`, device.id, text);
}

function checkBattery(path: string, device: Battery, source: Case, problems: Problems): void {
  const { energyMwh, initialMwh, finalMwh } = device;
  for (const [field, value] of [
    ['initialMwh', initialMwh],
    ['finalMwh', finalMwh],
  ] as const) {
    if (value <= energyMwh) continue;
    const text = `is ${value} MWh, above its capacity energyMwh ${energyMwh}; it must be at most that`;
    problems.add('case/device', `${path}.${field}`, device.id, text);
    return;
  }
  const power = Math.min(device.powerMw, device.sMaxMva ?? Number.POSITIVE_INFINITY);
  const hours = source.periods * source.hoursPerPeriod;
  const highest = initialMwh + hours * power * device.chargeEfficiency;
  const lowest = initialMwh - (hours * power) / device.dischargeEfficiency;
  const slack = ROUNDING * Math.max(energyMwh, 1e-9);
  if (finalMwh > highest + slack || finalMwh < lowest - slack) {
    const low = Math.max(lowest, 0).toPrecision(6);
    const high = Math.min(highest, energyMwh).toPrecision(6);
    const text = `is ${finalMwh} MWh, out of reach from ${initialMwh} MWh within ${hours} h; it must be from ${low} to ${high}`;
    problems.add('case/device', `${path}.finalMwh`, device.id, text);
  }
}

function checkShapable(path: string, device: Shapable, source: Case, problems: Problems): void {
  const { startPeriod, endPeriod } = device;
  if (endPeriod > source.periods || startPeriod > endPeriod) {
    const [field, value] = endPeriod > source.periods ? ['endPeriod', endPeriod] : ['startPeriod', startPeriod];
    const limit = endPeriod > source.periods ? `the number of periods ${source.periods}` : `endPeriod ${endPeriod}`;
    problems.add('case/device', `${path}.${field}`, device.id, `is ${value}; it must be at most ${limit}`);
    return;
  }
  const most = (endPeriod - startPeriod) * source.hoursPerPeriod * device.maxMw;
  if (device.energyMwh <= most * (1 + ROUNDING)) return;
  const text = `is ${device.energyMwh} MWh, more than periods ${startPeriod} to ${endPeriod} can take at maxMw ${device.maxMw}; it must be at most ${most.toPrecision(6)}`;
  problems.add('case/device', `${path}.energyMwh`, device.id, text);
}

function checkGenerator(path: string, device: Generator, problems: Problems): void {
  for (const [low, high] of [
    ['pMinMw', 'pMaxMw'],
    ['qMinMvar', 'qMaxMvar'],
  ] as const) {
    if (device[low] <= device[high]) continue;
    problems.add(
      'case/device',
      `${path}.${low}`,
      device.id,
      `is ${device[low]}, above ${high} ${device[high]}; it must be at most that`,
    );
  }
}
