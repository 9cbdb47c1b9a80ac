import type { Case, Crowdsourcee } from '../model/case.js';
import { compileCase } from '../model/index.js';
import type { Solution } from '../solver/solution.js';
import type { IncentiveProblem, IncentiveTask } from './documents.js';
import { headroomOf } from './headroom.js';
import { paidEnergyPrice, requiredReward } from './incentive-lp.js';
import type { Learned } from './learning.js';
import { networkRows, type PlacedTask, reactiveShare } from './network-rows.js';
import type { ShiftPlan, Task } from './tasks.js';
import { firstTerms, type Rules, raisedTerms, rulesOf, type Terms } from './terms.js';

/** π over the period's highest DLMP: what power from the generators is thought to cost in real time. */
const SUPPLEMENT_MARKUP = 1.5;

/** A period's tasks with everything CES-ID needs to know, before the first round. */
export interface PeriodMarket {
  readonly period: number;
  readonly tasks: readonly Task[];
  readonly terms: ReadonlyMap<string, Terms>;
  readonly problem: IncentiveProblem;
}

/** Sets up the T independent CES-ID problems, (2) of the paper, at the equilibrium. */
export function periodMarkets(
  feeder: Case,
  solution: Solution,
  plans: readonly ShiftPlan[],
  tasks: readonly (readonly Task[])[],
  learned?: Learned,
): PeriodMarket[] {
  const rules = rulesOf(feeder.incentives);
  const deviationMw = feeder.incentives?.deviationMw ?? [];
  const compiled = compileCase(feeder);
  const busPlace = new Map(feeder.buses.map((bus, place) => [bus.id, place]));
  const planOf = new Map(plans.map((plan) => [plan.devices.person.id, plan]));
  const headroom = new Map(
    plans.map((plan) => {
      const own = tasks.flatMap((period) => period.filter((task) => task.participant === plan.devices.person.id));
      return [plan.devices.person.id, headroomOf(feeder, solution, plan, own, deviationMw)];
    }),
  );
  const price = (person: Crowdsourcee, t: number) => solution.buses![busPlace.get(person.bus)!]!.dlmpPerMwh![t]!;

  return tasks.map((here, period) => {
    const terms = new Map<string, Terms>();
    const entries = here.map((task) => {
      const { person } = planOf.get(task.participant)!.devices;
      const energyPrice = price(person, period);
      const first = (learned?.termsOf.bind(learned) ?? firstTerms)(task, energyPrice, person.willingness, rules);
      terms.set(task.participant, first);
      return taskEntry(task, first, energyPrice, headroom.get(task.participant)![period]!);
    });
    const placed = here.map((task): PlacedTask => {
      const plan = planOf.get(task.participant)!;
      const position = compiled.positionOfBus[busPlace.get(plan.devices.person.bus)!]!;
      return { task, position, reactiveShare: reactiveShare(feeder, plan, period) };
    });
    const deviation = deviationMw[period] ?? 0;
    const highest = Math.max(...solution.buses!.map((bus) => bus.dlmpPerMwh![period]!));
    const asked = here.reduce((sum, task) => sum + task.direction * task.equilibriumMw, 0);
    const problem: IncentiveProblem = {
      format: 'crowdwatt-incentive/1',
      hours: feeder.hoursPerPeriod,
      budget: feeder.incentives?.budgetPerPeriod?.[period] ?? defaultBudget(entries, feeder.hoursPerPeriod, rules),
      demandMw: asked + deviation,
      sense: deviation < 0 ? 'atMost' : 'atLeast',
      tasks: entries,
      supplementPricePerMwh: Math.max(0, SUPPLEMENT_MARKUP * highest),
      network: networkRows(compiled, solution, period, placed),
    };
    return { period, tasks: here, terms, problem };
  });
}

/** The same problem after a round: accepted tasks pinned, refused ones with floor and curve a step up. */
export function nextRound(
  market: PeriodMarket,
  rules: Rules,
  accepted: ReadonlyMap<string, number>,
  refused: ReadonlySet<string>,
): PeriodMarket {
  const terms = new Map(market.terms);
  const entries = market.problem.tasks.map((entry, i) => {
    const task = market.tasks[i]!;
    const mw = accepted.get(entry.id);
    // "d and b less what was accepted": the pinned task stays in both rows, which is the same, and
    // keeps the columns of the last basis.
    if (mw !== undefined) return { ...entry, minMw: mw, maxMw: mw };
    if (!refused.has(entry.id)) return entry;
    const raised = raisedTerms(terms.get(entry.id)!, task, entry.energyPricePerMwh, rules);
    terms.set(entry.id, raised);
    const { floorPerMwh, response, eta, zeta } = raised;
    return { ...entry, floorPerMwh, response, eta, zeta };
  });
  // What is pinned is spent: a rounding over the budget must not make the rest of the period infeasible.
  const spent = entries.reduce((sum, entry) => sum + leastCost(entry, market.problem.hours), 0);
  const budget = Math.max(market.problem.budget, spent);
  return { ...market, terms, problem: { ...market.problem, budget, tasks: entries } };
}

/** What a task costs the budget at the least it can be asked for, $. */
function leastCost(entry: IncentiveTask, hours: number): number {
  return hours * (paidEnergyPrice(entry) * entry.minMw + requiredReward(entry, entry.minMw));
}

function taskEntry(task: Task, terms: Terms, energyPrice: number, headroomMw: number): IncentiveTask {
  return {
    id: task.participant,
    direction: task.direction,
    energyPricePerMwh: energyPrice,
    equilibriumMw: task.equilibriumMw,
    minMw: 0,
    maxMw: task.equilibriumMw + headroomMw,
    floorPerMwh: terms.floorPerMwh,
    capPerMwh: terms.capPerMwh,
    eta: terms.eta,
    zeta: terms.zeta,
    response: terms.response,
  };
}

/** 1.2·h·Σ s max(λ, 0) m^eq + h·0.25·cap·Σ m^eq */
function defaultBudget(tasks: readonly IncentiveTask[], hours: number, rules: Rules): number {
  return tasks.reduce((sum, task) => {
    const energy = 1.2 * Math.max(0, paidEnergyPrice(task)) * task.equilibriumMw;
    return sum + hours * (energy + 0.25 * rules.capPerMwh * task.equilibriumMw);
  }, 0);
}
