import type { CompiledCase } from '../../model/compiled.js';
import { costOf } from '../cost.js';
import { injectionsOf, type Schedule, substation } from '../point.js';
import { type SweepResult, sweep } from '../powerflow.js';

/** A schedule with the AC state it leads to: the substation's power is what the replay closes with. */
export interface AcState {
  readonly schedule: Schedule;
  readonly flow: SweepResult;
  /** $ */
  readonly cost: number;
  /** Σ |cost terms|, $. */
  readonly scale: number;
  /** Σ of what breaks squared-voltage and thermal limits and the root generators' limits, pu. */
  readonly violation: number;
  /** Largest single one, voltages in pu and powers as a share of S. */
  readonly worst: number;
}

/** Replays a schedule; undefined where the AC power flow has no solution. */
export function replay(problem: CompiledCase, schedule: Schedule): AcState | undefined {
  const flow = sweep(problem, injectionsOf(problem, schedule));
  if (!flow.converged) return undefined;
  const { periods, generators } = problem;
  const closing = substation(problem);
  const generatorP = schedule.generatorP.slice();
  const generatorQ = schedule.generatorQ.slice();
  let violation = 0;
  let worst = 0;
  const note = (amount: number, size: number): void => {
    if (amount <= 0) return;
    violation += amount;
    worst = Math.max(worst, size);
  };
  for (let t = 0; t < periods; t++) {
    const k = closing * periods + t;
    generatorP[k]! += flow.rootP[t]!;
    generatorQ[k]! += flow.rootQ[t]!;
    for (const [value, low, high] of [
      [generatorP[k]!, generators.pMin[closing]!, generators.pMax[closing]!],
      [generatorQ[k]!, generators.qMin[closing]!, generators.qMax[closing]!],
    ] as const) {
      const beyond = Math.max(value - high, low - value);
      note(beyond, beyond / problem.peakPu);
    }
  }
  for (let i = 1; i < problem.busCount; i++) {
    const low = problem.vMin[i]!;
    const high = problem.vMax[i]!;
    const limit = problem.limit[i]!;
    for (let k = i * periods; k < (i + 1) * periods; k++) {
      const v = flow.v[k]!;
      note(v - high, Math.sqrt(v) - Math.sqrt(high));
      note(low - v, Math.sqrt(low) - Math.sqrt(v));
      if (limit < Number.POSITIVE_INFINITY) {
        const over = Math.hypot(flow.flowP[k]!, flow.flowQ[k]!) - limit;
        note(over, over / problem.peakPu);
      }
    }
  }
  const closed = { ...schedule, generatorP, generatorQ };
  const { total, scale } = costOf(problem, closed);
  return { schedule: closed, flow, cost: total, scale, violation, worst };
}
