import type { OfferView } from '../../chaincode/src/domain/index.js';
import { designIncentives } from '../market/design-incentives.js';
import type { IncentiveProblem, IncentiveTask } from '../market/documents.js';
import { openMarket } from '../market/incentives.js';
import type { DayRecords, Findings } from './day-records.js';
import type { AuditOptions } from './types.js';

/** Offers may cost this much more than the best, relative to what is at stake: rounding to whole Wh and µ$. */
const SHARE = 2e-3;

/**
 * First-round offers against CES-ID solved anew on the published equilibrium: an operator that asks
 * the dearer one and passes over the cheaper pays more than it has to, and both are named.
 */
export async function auditIncentives(day: DayRecords, options: AuditOptions, findings: Findings): Promise<void> {
  const { feeder, solution, equilibrium, offers, rules } = day;
  if (rules?.learn === true) {
    findings.leave('the choice of offers', 'its terms were learnt from earlier days');
    return;
  }
  const market = openMarket({
    feeder,
    solution,
    caseHash: equilibrium.caseHash,
    solutionHash: equilibrium.solutionHash,
  });
  const first = offers.filter(({ round }) => round === 1);
  for (const { market: here } of market.periods) {
    options.signal?.throwIfAborted();
    if (here.tasks.length === 0) continue;
    const answer = await designIncentives(here.problem, { signal: options.signal });
    if (answer.status !== 'optimal') {
      findings.leave(`the choice of offers in period ${here.period}`, `CES-ID is ${answer.status} there`);
      continue;
    }
    const made = first.filter(({ period }) => period === here.period);
    judge(here.problem, here.period, new Map(answer.tasks!.map((task) => [task.id, task])), made, findings);
  }
}

interface Asked {
  readonly mw: number;
  readonly incentivePerMwh: number;
}

function judge(
  problem: IncentiveProblem,
  period: number,
  best: ReadonlyMap<string, Asked>,
  made: readonly OfferView[],
  findings: Findings,
): void {
  const asked = new Map(
    made.map((offer) => [
      offer.participant,
      { mw: offer.wh / 1e6 / problem.hours, incentivePerMwh: offer.incentiveMicroPerKwh / 1000 },
    ]),
  );
  const ours = objectiveOf(problem, best);
  const theirs = objectiveOf(problem, asked);
  const scale = problem.tasks.reduce((sum, task) => sum + weightOf(task) * task.equilibriumMw, 0) * problem.hours;
  if (theirs - ours <= SHARE * scale + 1e-4) return;
  const shift = (task: IncentiveTask) => (asked.get(task.id)?.mw ?? 0) - (best.get(task.id)?.mw ?? 0);
  const noticeable = (task: IncentiveTask) => Math.max(1e-6, 0.01 * task.equilibriumMw);
  const passedOver = problem.tasks.filter((task) => shift(task) < -noticeable(task));
  const dearer = problem.tasks.filter((task) => shift(task) > noticeable(task) || paysMore(task, asked, best));
  const excess = (theirs - ours).toFixed(4);
  const instead = dearer.length > 0 ? `, while ${dearer.map(({ id }) => id).join(', ')} got more` : '';
  if (passedOver.length === 0)
    findings.fault('incentive', `offers cost ${excess} $ more than CES-ID's${instead}`, undefined, period);
  for (const task of passedOver) {
    findings.fault(
      'incentive',
      `${task.id} was passed over by ${(-shift(task)).toPrecision(3)} MW${instead}; the offers cost ${excess} $ more than CES-ID's`,
      task.id,
      period,
    );
  }
}

function paysMore(task: IncentiveTask, asked: ReadonlyMap<string, Asked>, best: ReadonlyMap<string, Asked>): boolean {
  const [theirs, ours] = [asked.get(task.id), best.get(task.id)];
  return theirs !== undefined && ours !== undefined && theirs.incentivePerMwh > ours.incentivePerMwh + 0.01;
}

const paid = (task: IncentiveTask) => (task.direction === 1 ? task.energyPricePerMwh : 0);
const weightOf = (task: IncentiveTask) => task.eta * (Math.abs(paid(task)) + task.capPerMwh) + task.zeta;

/** (2a) of the paper for given offers, with the supplement that they leave to the generators. */
function objectiveOf(problem: IncentiveProblem, offers: ReadonlyMap<string, Asked>): number {
  const { hours, tasks, demandMw, sense } = problem;
  let value = 0;
  let given = 0;
  for (const task of tasks) {
    const { mw, incentivePerMwh } = offers.get(task.id) ?? { mw: 0, incentivePerMwh: 0 };
    value +=
      task.eta * hours * (paid(task) + incentivePerMwh) * mw + task.zeta * hours * Math.abs(mw - task.equilibriumMw);
    given += task.direction * mw;
  }
  const missing = Math.max(0, sense === 'atMost' ? given - demandMw : demandMw - given);
  return value + hours * missing * (problem.supplementPricePerMwh ?? 0);
}
