import type { CompiledCase } from '../../model/compiled.js';
import { substation } from '../point.js';
import type { Scene } from './fill.js';
import type { AdmmSession } from './session.js';

/**
 * Moves a warm state to where changed data will want it, to first order: loads and solar at its
 * forecast changed by known amounts, the substation makes up for it, the flows on the way follow
 * (lossless), and its marginal cost moves all prices of the period. `before` is the scene the state
 * belongs to; the session already holds the new data. w = z + y / W with y the multipliers, so both
 * z and y are shifted.
 */
export function predictState(session: AdmmSession, before: Scene): void {
  const { problem } = session.scene;
  const shift = deviceShift(session, before);
  const price = priceShift(session, before.problem, problem, shift);
  const [w, z, weight] = [session.vector('w'), session.vector('z'), session.vector('weight')];
  const { periods } = problem;
  const root = substation(problem);
  const nuRoot = session.vector('node').slice(0, periods);
  shiftNetwork(session, shift, price, nuRoot);
  let row = session.layout.shape.networkRows;
  for (const entity of session.scene.entities) {
    const first = entity.rows[0]!;
    const makesUp = entity.source === 'generators' && entity.index === root;
    for (const [j, device] of entity.rows.entries()) {
      for (let t = 0; t < periods; t += 1) {
        const k = (row + j) * periods + t;
        let dz = 0;
        if (makesUp) dz = j === 0 ? shift.total[t]! : shift.totalQ[t]!;
        else if (entity.source === 'solar' && j === 0) dz = shift.solar[entity.index * periods + t]!;
        const share = device.follows || device.paired ? 0.5 : 1;
        w[k]! += dz - (share * (device.p || (device.follows ? first.p : 0)) * price[t]!) / weight[row + j]!;
        z[k]! += dz;
      }
    }
    row += entity.rows.length;
  }
}

interface Shift {
  /** N × T: more real and reactive power drawn at each bus. */
  readonly drawP: Float64Array;
  readonly drawQ: Float64Array;
  /** T: what the substation makes up for. */
  readonly total: Float64Array;
  readonly totalQ: Float64Array;
  /** count × T: solar that was at its forecast follows it. */
  readonly solar: Float64Array;
}

function deviceShift(session: AdmmSession, before: Scene): Shift {
  const { problem, entities } = session.scene;
  const { periods } = problem;
  const drawP = problem.loadP.map((value, k) => value - before.problem.loadP[k]!);
  const drawQ = problem.loadQ.map((value, k) => value - before.problem.loadQ[k]!);
  const solar = new Float64Array(problem.solar.count * periods);
  const [z, f] = [session.vector('z'), session.vector('f')];
  let row = session.layout.shape.networkRows;
  for (const entity of entities) {
    if (entity.source === 'solar') {
      for (let t = 0; t < periods; t += 1) {
        const at = entity.index * periods + t;
        const [old, now] = [before.problem.solar.forecast[at]!, problem.solar.forecast[at]!];
        const used = z[row * periods + t]! + f[row * periods + t]!;
        // at the forecast: it follows; below it: only a forecast under the present use matters
        const next = used >= old - 1e-9 * (1 + old) ? now : Math.min(used, now);
        solar[at] = next - used;
        drawP[entity.bus * periods + t]! -= next - used;
      }
    }
    row += entity.rows.length;
  }
  const total = new Float64Array(periods);
  const totalQ = new Float64Array(periods);
  for (const [k, value] of drawP.entries()) total[k % periods]! += value;
  for (const [k, value] of drawQ.entries()) totalQ[k % periods]! += value;
  return { drawP, drawQ, total, totalQ, solar };
}

/** T: by how much the substation's marginal cost moves, in scaled prices. */
function priceShift(session: AdmmSession, old: CompiledCase, now: CompiledCase, shift: Shift): Float64Array {
  const root = substation(now);
  const { periods } = now;
  const { priceScale } = session.scene;
  return Float64Array.from({ length: periods }, (_, t) => {
    if (root < 0) return 0;
    const linear = now.generators.linear[root * periods + t]! - old.generators.linear[root * periods + t]!;
    return (linear + 2 * now.generators.quadratic[root]! * shift.total[t]!) / priceScale;
  });
}

/** Flows carry the shift to the substation, voltages answer, and the network's multipliers go with the price. */
function shiftNetwork(session: AdmmSession, shift: Shift, price: Float64Array, nuRoot: Float64Array): void {
  const { problem, settings } = session.scene;
  if (settings.variant !== 'tree') return;
  const { busCount, periods, parent, r, x } = problem;
  const [w, z] = [session.vector('w'), session.vector('z')];
  const flowP = shift.drawP.map((value) => -value);
  const flowQ = shift.drawQ.map((value) => -value);
  for (let bus = busCount - 1; bus > 0; bus -= 1) {
    for (let t = 0; t < periods; t += 1) {
      const up = parent[bus]! * periods + t;
      flowP[up]! += flowP[bus * periods + t]!;
      flowQ[up]! += flowQ[bus * periods + t]!;
    }
  }
  const rise = new Float64Array(busCount * periods);
  for (let bus = 1; bus < busCount; bus += 1) {
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      rise[k] = rise[parent[bus]! * periods + t]! + 2 * (r[bus]! * flowP[k]! + x[bus]! * flowQ[k]!);
      const at = (row: number) => (4 * bus + row) * periods + t;
      const [p, q] = [z[at(2)]!, z[at(3)]!];
      const [dP, dQ] = [flowP[k]!, flowQ[k]!];
      const dEll = (2 * (p * dP + q * dQ) + dP * dP + dQ * dQ) / Math.max(0.25, z[at(0)]!);
      const steps = [rise[k]!, dEll, dP, dQ];
      const ratio = Math.abs(nuRoot[t]!) > 1e-3 ? Math.max(-0.5, Math.min(0.5, price[t]! / nuRoot[t]!)) : 0;
      for (let row = 0; row < 4; row += 1) {
        const y = w[at(row)]! - z[at(row)]!;
        w[at(row)]! += steps[row]! + (row === 0 ? 0 : ratio * y);
        z[at(row)]! += steps[row]!;
      }
    }
  }
}
