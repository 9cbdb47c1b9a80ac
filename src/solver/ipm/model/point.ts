import type { CompiledCase } from '../../../model/compiled.js';
import type { DeviceDuals, NetworkDuals, NetworkPoint } from '../../engine.js';
import type { ConicDuals } from '../conic.js';
import type { NetworkProgram } from './network.js';

/** The network's point from the program's x. */
export function networkPoint(problem: CompiledCase, network: NetworkProgram, x: Float64Array): NetworkPoint {
  const { periods } = problem;
  const pick = (columns: Int32Array): Float64Array =>
    Float64Array.from(columns, (column) => (column < 0 ? 0 : x[column]!));
  const runs = (first: Int32Array): Float64Array => {
    const out = new Float64Array(first.length * periods);
    for (let d = 0; d < first.length; d++) {
      if (first[d]! < 0) continue;
      for (let t = 0; t < periods; t++) out[d * periods + t] = x[first[d]! + t]!;
    }
    return out;
  };
  const v = pick(network.v);
  const flowP = pick(network.flowP);
  const flowQ = pick(network.flowQ);
  const ell = pick(network.ell);
  for (let k = periods; k < ell.length; k++) {
    if (network.ell[k]! < 0) ell[k] = (flowP[k]! ** 2 + flowQ[k]! ** 2) / v[k]!;
  }
  const { devices } = network;
  const shapableP = new Float64Array(problem.shapables.count * periods);
  for (let s = 0; s < problem.shapables.count; s++) {
    const start = problem.shapables.start[s]!;
    for (let t = start; t < problem.shapables.end[s]!; t++) {
      shapableP[s * periods + t] = x[devices.shapableP[s]! + t - start]!;
    }
  }
  return {
    v,
    ell,
    flowP,
    flowQ,
    solarP: runs(devices.solarP),
    solarQ: runs(devices.solarQ),
    charge: runs(devices.charge),
    discharge: runs(devices.discharge),
    batteryQ: runs(devices.batteryQ),
    shapableP,
    generatorP: runs(devices.generatorP),
    generatorQ: runs(devices.generatorQ),
    shedP: runs(devices.shedP),
  };
}

/** Prices and multipliers of limits, by bus and period. */
export function networkDuals(problem: CompiledCase, network: NetworkProgram, duals: ConicDuals): NetworkDuals {
  const { periods } = problem;
  const size = problem.busCount * periods;
  const vMin = new Float64Array(size);
  const vMax = new Float64Array(size);
  const thermal = new Float64Array(size);
  for (let k = periods; k < size; k++) {
    vMin[k] = duals.zLower[network.v[k]!]!;
    vMax[k] = duals.zUpper[network.v[k]!]!;
    const cone = network.thermal[k]!;
    if (cone >= 0) thermal[k] = duals.cone[network.program.conePtr.get(cone)]!;
  }
  const share = network.devices.shareRow;
  return {
    balanceP: Float64Array.from(network.balanceP, (row) => duals.row[row]!),
    balanceQ: Float64Array.from(network.balanceQ, (row) => duals.row[row]!),
    vMin,
    vMax,
    thermal,
    devices: deviceDuals(problem, network, duals),
    ...(share >= 0 ? { renewableShare: Math.abs(duals.row[share]!) } : {}),
  };
}

/** Multipliers of the devices' bounds, ramps and discs. */
export function deviceDuals(
  problem: CompiledCase,
  { devices, program }: NetworkProgram,
  duals: ConicDuals,
): DeviceDuals {
  const { periods, shapables } = problem;
  const table = (count: number, value: (device: number, t: number) => number): Float64Array => {
    const out = new Float64Array(count * periods);
    for (let d = 0; d < count; d++) for (let t = 0; t < periods; t++) out[d * periods + t] = value(d, t);
    return out;
  };
  const bound = (first: Int32Array, z: Float64Array) =>
    table(first.length, (d, t) => (first[d]! < 0 ? 0 : z[first[d]! + t]!));
  const ramp = (sign: number) =>
    table(devices.rampRow.length, (g, t) => {
      const row = devices.rampRow[g]!;
      return row < 0 || t === 0 ? 0 : Math.max(0, sign * duals.row[row + t - 1]!);
    });
  const disc = (first: Int32Array) =>
    table(first.length, (d, t) => (first[d]! < 0 ? 0 : duals.cone[program.conePtr.get(first[d]! + t)]!));
  return {
    energyMax: bound(devices.energy, duals.zUpper),
    energyMin: bound(devices.energy, duals.zLower),
    chargeMax: bound(devices.charge, duals.zUpper),
    dischargeMax: bound(devices.discharge, duals.zUpper),
    shapableMax: table(shapables.count, (s, t) => {
      const within = t >= shapables.start[s]! && t < shapables.end[s]!;
      return within ? duals.zUpper[devices.shapableP[s]! + t - shapables.start[s]!]! : 0;
    }),
    rampUp: ramp(1),
    rampDown: ramp(-1),
    solarRating: disc(devices.solarDisc),
    batteryRating: disc(devices.batteryDisc),
  };
}
