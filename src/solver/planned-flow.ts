import type { Case } from '../model/case.js';
import type { CompiledCase } from '../model/compiled.js';
import { compileCase, parseCase } from '../model/index.js';
import { costOf } from './cost.js';
import type { NetworkPoint } from './engine.js';
import { idleSchedule, injectionsOf, type Schedule, substation } from './point.js';
import { type SweepResult, sweep } from './powerflow.js';
import { elements } from './result.js';
import type { Solution } from './solution.js';
import { scheduleWarnings } from './warnings.js';

/**
 * AC power flow of a case with nobody steering it: solar at forecast (within the inverter's rating),
 * batteries idle, shapable loads at `preferredMw` or 0, every generator but the substation at 0.
 * Limits are not enforced; what they would say is in `warnings`.
 *
 * A feeder that cannot carry its load gives status `iteration-limit` and a `reason`, no arrays.
 */
export function powerFlow(source: Case): Solution {
  return powerFlowChecked(parseCase(source));
}

/** `powerFlow` for a case that `parseCase` or `readCase` gave. */
export function powerFlowChecked(source: Case): Solution {
  const started = performance.now();
  const problem = compileCase(source);
  const compiled = performance.now();
  const schedule = plannedSchedule(problem);
  const replay = sweep(problem, injectionsOf(problem, schedule));
  const seconds = {
    setup: (compiled - started) / 1000,
    solve: (performance.now() - compiled) / 1000,
    total: (performance.now() - started) / 1000,
  };
  const head = {
    format: 'crowdwatt-solution/1',
    case: problem.source.name,
    method: 'powerflow',
    exactness: 'off',
    iterations: replay.iterations,
    seconds,
  } as const;
  if (!replay.converged) return { ...head, status: 'iteration-limit', warnings: [], reason: whyNot(problem, replay) };
  const point = closeWith(problem, schedule, replay);
  return {
    ...head,
    status: 'optimal',
    objective: costOf(problem, point).total,
    ...elements(problem, point),
    warnings: [
      ...bandWarnings(problem, point),
      ...scheduleWarnings(problem, point).filter((line) => line.startsWith('loading')),
    ],
  };
}

function plannedSchedule(problem: CompiledCase): Schedule {
  const schedule = idleSchedule(problem);
  const { solar, shapables, periods } = problem;
  for (let k = 0; k < schedule.solarP.length; k += 1) {
    const rating = solar.sMax[Math.floor(k / periods)]!;
    schedule.solarP[k] = Number.isNaN(rating) ? solar.forecast[k]! : Math.min(solar.forecast[k]!, rating);
  }
  schedule.shapableP.set(shapables.preferred);
  return schedule;
}

/** The replay's state with the closing power given to the substation. */
export function closeWith(problem: CompiledCase, schedule: Schedule, replay: SweepResult): NetworkPoint {
  const generatorP = schedule.generatorP.slice();
  const generatorQ = schedule.generatorQ.slice();
  const row = substation(problem) * problem.periods;
  for (let t = 0; t < problem.periods; t += 1) {
    generatorP[row + t]! += replay.rootP[t]!;
    generatorQ[row + t]! += replay.rootQ[t]!;
  }
  const { v, ell, flowP, flowQ } = replay;
  return { ...schedule, generatorP, generatorQ, v, ell, flowP, flowQ };
}

function whyNot(problem: CompiledCase, replay: SweepResult): string {
  const bus = problem.source.buses[problem.busOfPosition[replay.worst.position]!]!.id;
  return `the power flow does not converge after ${replay.iterations} sweeps; worst at bus ${bus}, period ${replay.worst.period}: the feeder cannot carry this load (voltage collapse)`;
}

/** Buses outside their band: nothing in a power flow keeps them inside. */
function bandWarnings(problem: CompiledCase, point: NetworkPoint): string[] {
  let worst = 0;
  let where = '';
  let outside = 0;
  for (let i = 1; i < problem.busCount; i += 1) {
    let out = false;
    for (let t = 0; t < problem.periods; t += 1) {
      const voltage = Math.sqrt(point.v[i * problem.periods + t]!);
      const beyond = Math.max(Math.sqrt(problem.vMin[i]!) - voltage, voltage - Math.sqrt(problem.vMax[i]!));
      if (beyond <= 1e-9) continue;
      out = true;
      if (beyond <= worst) continue;
      worst = beyond;
      where = `bus ${problem.source.buses[problem.busOfPosition[i]!]!.id}, period ${t}: ${voltage.toFixed(4)} pu`;
    }
    if (out) outside += 1;
  }
  return outside === 0 ? [] : [`${outside} buses leave their voltage band, worst ${where}`];
}
