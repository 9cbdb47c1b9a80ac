import { contractsOf } from '../market/contracts.js';
import { documentHash } from '../market/document-hash.js';
import { shiftPlans, tasksOf } from '../market/tasks.js';
import { microDollars, microPerKwh, wattHours } from '../units.js';
import type { DayRecords, Findings } from './day-records.js';

/** Published totals and prices against the documents behind them. */
export function auditEquilibrium({ equilibrium, solution, feeder }: DayRecords, findings: Findings): void {
  const digest = documentHash(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh, bus.dlmpReactivePerMvarh]));
  if (digest !== equilibrium.dlmpDigest)
    findings.fault('price', 'the DLMPs of the solution are not the ones of PublishEquilibrium');
  const { hoursPerPeriod: hours } = feeder;
  const energy = (series: readonly (readonly number[])[]) =>
    wattHours(
      series.flat().reduce((sum, mw) => sum + mw, 0),
      hours,
    );
  const wanted = {
    objectiveMicro: microDollars(solution.objective!),
    lowerBoundMicro: microDollars(solution.lowerBound ?? solution.objective!),
    generationWh: energy(solution.generators!.map(({ pMw }) => pMw)),
    loadWh: energy(feeder.loads.map(({ pMw }) => pMw)),
    lossWh: energy(solution.lines!.map(({ lossMw }) => lossMw)),
  };
  for (const [name, value] of Object.entries(wanted)) {
    const stated = equilibrium.totals[name as keyof typeof wanted];
    // Sums in another order may differ in the last Wh.
    if (Math.abs(Number(stated) - value) > 2)
      findings.fault('document', `totals.${name} is ${stated}, but the documents give ${value}`);
  }
}

/** Every generator and Type-1 participant has its contract, on its schedule and at its price. */
export function auditContracts(day: DayRecords, findings: Findings): void {
  const { feeder, solution, equilibrium } = day;
  const wanted = contractsOf({
    feeder,
    solution,
    caseHash: equilibrium.caseHash,
    solutionHash: equilibrium.solutionHash,
  });
  const found = new Map(day.contracts.map((contract) => [contract.participant, contract]));
  for (const { participant, wh, priceMicroPerKwh } of wanted) {
    const contract = found.get(participant);
    found.delete(participant);
    if (!contract) {
      findings.fault('contract', `${participant} has no contract`, participant);
      continue;
    }
    for (const [t, energy] of wh.entries()) {
      if (Math.abs(contract.wh[t]! - energy) > 1) {
        findings.fault(
          'contract',
          `${participant} is scheduled for ${contract.wh[t]} Wh, the equilibrium says ${energy}`,
          participant,
          t,
        );
      }
      const price = priceMicroPerKwh[t]!;
      if (Math.abs(contract.priceMicroPerKwh[t]! - price) > 1) {
        findings.fault(
          'price',
          `${participant} gets ${contract.priceMicroPerKwh[t]} µ$/kWh, its price is ${price}`,
          participant,
          t,
        );
      }
    }
  }
  for (const participant of found.keys())
    findings.fault('contract', `${participant} has a contract that the equilibrium does not know`, participant);
}

/** Every offer is for a task of the equilibrium, at the DLMP of its bus, with a reward inside floor and cap. */
export function auditOffers({ feeder, solution, offers, rules }: DayRecords, findings: Findings): void {
  const plans = shiftPlans(feeder, solution);
  const tasks = new Map(
    tasksOf(feeder, plans).flatMap((here) => here.map((task) => [`${task.period}/${task.participant}`, task])),
  );
  const busOf = new Map(feeder.crowdsourcees.map(({ id, bus }) => [id, bus]));
  const priceAt = new Map(solution.buses!.map((bus) => [bus.id, bus.dlmpPerMwh!]));
  const cap = typeof rules?.capPerMwh === 'number' ? microPerKwh(rules.capPerMwh) : undefined;
  for (const offer of offers) {
    const { participant, period, round } = offer;
    const task = tasks.get(`${period}/${participant}`);
    if (!task || task.direction !== offer.direction) {
      findings.fault(
        'offer',
        `${participant} was offered what the equilibrium does not ask of it (round ${round})`,
        participant,
        period,
      );
      continue;
    }
    const price = microPerKwh(priceAt.get(busOf.get(participant)!)![period]!);
    if (offer.energyPriceMicroPerKwh !== price) {
      findings.fault(
        'price',
        `${participant} was offered λ = ${offer.energyPriceMicroPerKwh} µ$/kWh, the DLMP of its bus is ${price}`,
        participant,
        period,
      );
    }
    const highest = cap === undefined ? undefined : Math.max(cap, offer.direction === 1 ? -price : 0);
    if (highest !== undefined && offer.incentiveMicroPerKwh > highest + 1) {
      findings.fault(
        'incentive',
        `${participant} was offered λ^a = ${offer.incentiveMicroPerKwh} µ$/kWh, over the cap of ${highest}`,
        participant,
        period,
      );
    }
  }
}

/** Supplements are paid what they cost the generator: its own curve, from its contract on. */
export function auditSupplements({ feeder, contracts, supplements, solution }: DayRecords, findings: Findings): void {
  const placeOf = new Map(feeder.generators.map(({ id }, place) => [id, place]));
  const contractOf = new Map(contracts.map((contract) => [contract.participant, contract]));
  const hours = feeder.hoursPerPeriod;
  for (const { generator: id, period, wh, priceMicroPerKwh } of supplements) {
    const place = placeOf.get(id);
    const contract = contractOf.get(id);
    if (place === undefined || !contract) {
      findings.fault('supplement', `${id} supplements without a contract`, id, period);
      continue;
    }
    const generator = feeder.generators[place]!;
    const before = solution.generators![place]!.pMw[period]!;
    const after = before + wh / 1e6 / hours;
    const cost = (mw: number) => (generator.costQuadratic * mw + generator.costLinear[period]!) * mw;
    const price = ((cost(after) - cost(before)) / (after - before)) * 1000;
    // A watt-hour of rounding moves a mean price by the curve's slope over the energy.
    const slack = 2 + (2000 * generator.costQuadratic) / hours / 1e6 + 1000 / Math.abs(wh);
    if (Math.abs(priceMicroPerKwh - price) > slack + 1e-6 * Math.abs(price)) {
      findings.fault(
        'supplement',
        `${id} gets ${priceMicroPerKwh} µ$/kWh for its supplement, its cost is ${price.toFixed(0)}`,
        id,
        period,
      );
    }
  }
}
