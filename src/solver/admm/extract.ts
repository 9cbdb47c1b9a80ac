import type { CompiledCase } from '../../model/compiled.js';
import * as abi from '../../wasm/admm-abi.js';
import type { NetworkDuals, NetworkPoint, TracePoint } from '../engine.js';
import { idleSchedule, injectionsOf, substation } from '../point.js';
import { multipliersOf } from './dual-bound.js';
import type { AdmmSession } from './session.js';

/**
 * The point: devices from the x-block (each meets its own limits exactly), the network from the
 * z-block (it meets the branch-flow equations exactly); the two differ by the primal residual.
 */
export function extractPoint(session: AdmmSession): NetworkPoint {
  const { problem, settings } = session.scene;
  const { busCount, periods } = problem;
  const perLine = settings.variant === 'bus' ? 8 : 4;
  const z = session.vector('z');
  const network = (row: number) => {
    const out = new Float64Array(busCount * periods);
    for (let bus = 0; bus < busCount; bus += 1) {
      const from = (bus * perLine + row) * periods;
      out.set(z.subarray(from, from + periods), bus * periods);
    }
    return out;
  };
  const point = { v: network(0), ell: network(1), flowP: network(2), flowQ: network(3), ...idleSchedule(problem) };
  settleFreeCurrents(session, point);
  extractDevices(session, point);
  closeBalance(problem, point);
  return point;
}

/**
 * The devices' blocks meet the balances to the tolerance at each bus; over a whole feeder those errors
 * add up. The substation takes the sum, with the point's own losses, so that what a replay in AC then
 * differs by is what the relaxation burns and nothing else.
 */
function closeBalance(problem: CompiledCase, point: NetworkPoint): void {
  const { periods, busCount, r, x, shunt } = problem;
  const row = substation(problem) * periods;
  const { p, q } = injectionsOf(problem, point);
  for (let i = 0; i < busCount; i++) {
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      point.generatorP[row + t]! += r[i]! * point.ell[k]! - p[k]!;
      point.generatorQ[row + t]! += x[i]! * point.ell[k]! - q[k]! - shunt[i]! * point.v[k]!;
    }
  }
}

/** A line without impedance has any current; the least one goes with its flow. */
function settleFreeCurrents(session: AdmmSession, point: NetworkPoint): void {
  const { busCount, periods, r, x } = session.scene.problem;
  for (let bus = 1; bus < busCount; bus += 1) {
    if (r[bus] !== 0 || x[bus] !== 0) continue;
    for (let k = bus * periods; k < (bus + 1) * periods; k += 1) {
      point.ell[k] = (point.flowP[k]! ** 2 + point.flowQ[k]! ** 2) / point.v[k]!;
    }
  }
}

function extractDevices(session: AdmmSession, point: NetworkPoint): void {
  const { problem, entities } = session.scene;
  const { periods } = problem;
  const z = session.vector('z');
  const w = session.vector('w');
  const f = session.vector('f');
  let row = session.layout.shape.networkRows;
  for (const [index, entity] of entities.entries()) {
    const at = entity.index * periods;
    const x = (j: number) => {
      const from = (row + j) * periods;
      return Float64Array.from({ length: periods }, (_, t) => z[from + t]! + f[from + t]!);
    };
    switch (entity.kind) {
      case abi.KIND_GENERATOR:
        point.generatorP.set(x(0), at);
        point.generatorQ.set(x(1), at);
        break;
      case abi.KIND_SOLAR:
        point.solarP.set(x(0), at);
        break;
      case abi.KIND_SOLAR_INVERTER:
        point.solarP.set(x(0), at);
        point.solarQ.set(x(1), at);
        break;
      case abi.KIND_SHAPABLE:
        point.shapableP.set(x(0), at);
        break;
      case abi.KIND_SHED:
        point.shedP.set(x(0), at);
        break;
      default: {
        const spare = session.vector('spare');
        const base = session.layout.regions.spare.offset;
        const rows = entity.rows.length;
        for (let k = 0; k < rows * periods; k += 1) spare[k] = 2 * z[row * periods + k]! - w[row * periods + k]!;
        const charge = base + 3 * periods * 8;
        const discharge = base + 4 * periods * 8;
        session.exports.proxRows(session.layout.context, 0, index, base, charge, discharge, 0);
        point.charge.set(spare.subarray(3 * periods, 4 * periods), at);
        point.discharge.set(spare.subarray(4 * periods, 5 * periods), at);
        if (rows === 3) {
          point.batteryQ.set(x(2), at);
          clipToRating(point, at, periods, entity.parameters[7]!);
        }
      }
    }
    row += entity.rows.length;
  }
}

/** The chain's power and the disc's reactive power come from two copies: q gives way where both leave the disc. */
function clipToRating(point: NetworkPoint, from: number, periods: number, rating: number): void {
  for (let k = from; k < from + periods; k += 1) {
    const p = point.discharge[k]! - point.charge[k]!;
    const room = Math.sqrt(Math.max(0, rating * rating - p * p));
    point.batteryQ[k] = Math.min(room, Math.max(-room, point.batteryQ[k]!));
  }
}

/**
 * Prices are the z-block's multipliers. Duals of a bus's own limits come from its x-block: the force
 * W (2z − w − x) that its projection holds is split into cone, voltage band and thermal disc.
 */
export function extractDuals(session: AdmmSession): NetworkDuals {
  const { problem, priceScale, settings } = session.scene;
  const { nuP, nuQ, share } = multipliersOf(session);
  const duals = {
    balanceP: nuP.map((value) => value * priceScale),
    balanceQ: nuQ.map((value) => value * priceScale),
    ...(problem.minRenewableShare > 0 ? { renewableShare: share * priceScale } : {}),
  };
  // with consensus copies the forces of one bus lie with its neighbours; only the tree variant has them together
  return settings.variant === 'tree' ? { ...duals, ...limitForces(session) } : duals;
}

function limitForces(session: AdmmSession): Required<Pick<NetworkDuals, 'vMax' | 'vMin' | 'thermal'>> {
  const { problem, priceScale } = session.scene;
  const { busCount, periods, r, x, limit } = problem;
  const [w, z, f, weight] = [session.vector('w'), session.vector('z'), session.vector('f'), session.vector('weight')];
  const out = {
    vMax: new Float64Array(busCount * periods),
    vMin: new Float64Array(busCount * periods),
    thermal: new Float64Array(busCount * periods),
  };
  for (let bus = 1; bus < busCount; bus += 1) {
    const cone = r[bus] !== 0 || x[bus] !== 0;
    for (let t = 0; t < periods; t += 1) {
      const k = bus * periods + t;
      const at = (row: number) => (4 * bus + row) * periods + t;
      const force = (row: number) => weight[4 * bus + row]! * (z[at(row)]! - w[at(row)]! - f[at(row)]!);
      const value = (row: number) => z[at(row)]! + f[at(row)]!;
      const v = value(0);
      const s = Math.sqrt(value(2) ** 2 + value(3) ** 2);
      const eta = cone ? Math.max(0, -force(1)) : 0;
      const band = force(0) + (eta * s * s) / (v * v);
      // only where the limit holds; elsewhere the remainder is rounding
      if (v >= problem.vMax[bus]!) out.vMax[k] = Math.max(0, band) * priceScale;
      if (v <= problem.vMin[bus]!) out.vMin[k] = Math.max(0, -band) * priceScale;
      if (s >= limit[bus]! * (1 - 1e-12) && s > 0) {
        const along = (force(2) * value(2) + force(3) * value(3)) / s;
        out.thermal[k] = Math.max(0, along - (2 * eta * s) / v) * priceScale;
      }
    }
  }
  return out;
}

export function extractTrace(session: AdmmSession): TracePoint[] {
  const points = session.vector('trace');
  const { priceScale } = session.scene;
  return Array.from({ length: session.words[abi.TRACE_COUNT]! }, (_, k) => ({
    iteration: points[4 * k]!,
    primalResidual: points[4 * k + 1]!,
    dualResidual: points[4 * k + 2]!,
    objective: points[4 * k + 3]! * priceScale,
  }));
}
