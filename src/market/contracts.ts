import type { Case, Generator } from '../model/case.js';
import { microPerKwh, wattHours } from '../units.js';
import type { RunReport } from './documents.js';
import type { Equilibrium } from './equilibrium.js';
import { batches, type MarketDay } from './market-day.js';
import { devicesByParticipant, netOf } from './own-plan.js';
import { scheduledPlan } from './tasks.js';

export type Contract = RunReport['contracts'][number];

/** Line 3 of Algorithm 1: a contract for every generator and every Type-1 crowdsourcee. */
export async function establishContracts(day: MarketDay, equilibrium: Equilibrium): Promise<Contract[]> {
  const contracts = contractsOf(equilibrium);
  const operator = await day.operator();
  for (const [k, slice] of batches(contracts).entries()) {
    const args = { day: day.day, contracts: slice };
    await day.submit(operator, 'EstablishContract', args, `contracts/${k}`, day.clock.contracted);
  }
  return contracts;
}

/**
 * Schedules at the equilibrium and their prices: the DLMP at the participant's bus in each period or
 * its own `contractPricePerMwh`; a generator gets at least what its energy costs.
 */
export function contractsOf({ feeder, solution }: Equilibrium): Contract[] {
  const dlmp = new Map(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh!]));
  const hours = feeder.hoursPerPeriod;
  const generators = feeder.generators.map((generator, place): Contract => {
    const { pMw } = solution.generators![place]!;
    const price = pMw.map((mw, t) => generatorPrice(generator, mw, t, dlmp.get(generator.bus)![t]!));
    return contract(generator.id, pMw, price, hours);
  });
  const crowd = devicesByParticipant(feeder)
    .filter((devices) => devices.person.type === 1)
    .map((devices): Contract => {
      const { id, bus, contractPricePerMwh } = devices.person;
      const net = netOf(scheduledPlan(solution, devices), feeder.periods);
      const price = net.map((_, t) => contractPricePerMwh ?? dlmp.get(bus)![t]!);
      return contract(id, net, price, hours);
    });
  return [...generators, ...crowd];
}

function contract(participant: string, mw: readonly number[], price: readonly number[], hours: number): Contract {
  return {
    participant,
    wh: mw.map((power) => wattHours(power, hours)),
    priceMicroPerKwh: price.map(microPerKwh),
  };
}

/** λ, or the mean cost of its energy where that is better for the generator. */
function generatorPrice(generator: Generator, mw: number, t: number, dlmp: number): number {
  if (mw === 0) return dlmp;
  const mean = generator.costQuadratic * mw + generator.costLinear[t]!;
  return mw > 0 ? Math.max(dlmp, mean) : Math.min(dlmp, mean);
}

/** $ that a generator's power of a period costs, constant left out. */
export function generatorCost(feeder: Case, place: number, mw: number, t: number): number {
  const generator = feeder.generators[place]!;
  return feeder.hoursPerPeriod * (generator.costQuadratic * mw + generator.costLinear[t]!) * mw;
}
