import type { CompiledCase } from '../../model/compiled.js';
import { dualValue, type Multipliers, multipliersOf } from './dual-bound.js';
import type { AdmmSession } from './session.js';

/** Σ |terms| must not explain the positive value as rounding or as a nearly feasible case. */
const MARGIN = 1e-6;

/** Watches the multipliers between slices: of an infeasible problem they grow along a certificate. */
export class InfeasibilityWatch {
  #last: Multipliers | undefined;
  #next = 60;

  /**
   * A reason in words once the multipliers, or what they grew by, prove that no schedule exists: at
   * zero cost their dual objective is positive (Farkas; a rigorous proof, see `dualValue`).
   */
  look(session: AdmmSession): string | undefined {
    if (session.iteration < this.#next) return undefined;
    this.#next = Math.ceil(session.iteration * 1.3);
    const now = multipliersOf(session);
    const last = this.#last;
    this.#last = now;
    for (const direction of last === undefined ? [now] : [difference(now, last), now]) {
      const { value, scale } = dualValue(session, direction, 0);
      if (value > MARGIN * scale) return explain(session.scene.problem, direction);
    }
    return undefined;
  }
}

function difference(a: Multipliers, b: Multipliers): Multipliers {
  const minus = (x: Float64Array, y: Float64Array) => x.map((value, k) => value - y[k]!);
  return {
    nuP: minus(a.nuP, b.nuP),
    nuQ: minus(a.nuQ, b.nuQ),
    mu: minus(a.mu, b.mu),
    share: Math.max(0, a.share - b.share),
  };
}

/** Where the certificate pushes hardest: a voltage limit, or power itself. */
function explain(problem: CompiledCase, at: Multipliers): string {
  const { busCount, periods, parent, source, busOfPosition, shunt } = problem;
  const below = new Float64Array(busCount * periods);
  for (let bus = busCount - 1; bus > 0; bus -= 1) {
    for (let t = 0; t < periods; t += 1) below[parent[bus]! * periods + t]! += at.mu[bus * periods + t]!;
  }
  let [voltage, where] = [0, 0];
  let [power, short] = [0, 0];
  const demand = new Float64Array(periods);
  for (let bus = 1; bus < busCount; bus += 1) {
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      const force = at.mu[k]! - below[k]! - shunt[bus]! * at.nuQ[k]!;
      if (Math.abs(force) > Math.abs(voltage)) [voltage, where] = [force, k];
      demand[t]! += at.nuP[k]! * problem.loadP[k]!;
    }
  }
  for (let t = 0; t < periods; t += 1) if (Math.abs(demand[t]!) > Math.abs(power)) [power, short] = [demand[t]!, t];
  const name = (k: number) => source.buses[busOfPosition[Math.floor(k / periods)]!]!.id;
  const proof = 'no schedule meets all limits (proven by a dual certificate)';
  if (Math.abs(voltage) * 0.1 > Math.abs(power)) {
    const limit = voltage > 0 ? 'lower' : 'upper';
    return `${proof}; the ${limit} voltage limit at bus ${name(where)} in period ${where % periods} clashes most with what flows`;
  }
  const side = power > 0 ? 'cannot be covered' : 'cannot be absorbed';
  return `${proof}; power in period ${short} ${side} within the limits of generators, devices and lines`;
}
