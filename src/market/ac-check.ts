import type { Case } from '../model/case.js';
import { compileCase } from '../model/index.js';
import { worstViolation } from '../solver/certificate.js';
import { closeWith } from '../solver/planned-flow.js';
import { idleSchedule, injectionsOf } from '../solver/point.js';
import { sweep } from '../solver/powerflow.js';
import type { Solution } from '../solver/solution.js';
import type { RunReport } from './documents.js';

export type AcCheck = RunReport['acCheck'];

/**
 * Replays a realised day in AC: everything but the generators is in the case's loads, the generators
 * stand where the dispatch puts them, the substation closes the balance.
 *
 * Voltages count in pu, powers as a share of the feeder's peak.
 *
 * @param feeder a realised case: no devices
 * @param dispatch solution whose generators (by id) and shed loads are taken
 */
export function checkRealisedDay(feeder: Case, dispatch: Solution): AcCheck {
  const problem = compileCase(feeder);
  const schedule = idleSchedule(problem);
  const byId = new Map(dispatch.generators!.map((generator) => [generator.id, generator]));
  const fill = (target: Float64Array, row: number, values: readonly number[]) => {
    values.forEach((mw, t) => {
      target[row * problem.periods + t] = mw / problem.baseMva;
    });
  };
  feeder.generators.forEach((generator, g) => {
    const given = byId.get(generator.id);
    if (!given) return;
    fill(schedule.generatorP, g, given.pMw);
    fill(schedule.generatorQ, g, given.qMvar);
  });
  const shed = new Map((dispatch.shed ?? []).map((entry) => [entry.id, entry.pMw]));
  problem.sheddable.load.forEach((load, k) => {
    fill(schedule.shedP, k, shed.get(feeder.loads[load]!.id) ?? []);
  });
  const replay = sweep(problem, injectionsOf(problem, schedule));
  if (!replay.converged)
    return { violationMaxPu: Number.MAX_VALUE, where: 'the AC power flow of the realised day does not converge' };
  const { generatorP, generatorQ } = closeWith(problem, schedule, replay);
  const { size, where } = worstViolation(problem, replay, { p: generatorP, q: generatorQ });
  return { violationMaxPu: size, where };
}
