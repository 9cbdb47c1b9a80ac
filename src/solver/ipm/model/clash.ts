import type { CompiledCase } from '../../../model/compiled.js';
import type { ConicDuals } from '../conic.js';
import type { NetworkProgram } from './network.js';

/** One limit that a proof of infeasibility rests on. */
export interface Clash {
  readonly kind:
    | 'voltage-min'
    | 'voltage-max'
    | 'voltage-max-lossless'
    | 'thermal'
    | 'generator-p-max'
    | 'generator-p-min'
    | 'generator-q-max'
    | 'generator-q-min'
    | 'ramp'
    | 'solar'
    | 'solar-rating'
    | 'battery-power'
    | 'battery-energy'
    | 'battery-rating'
    | 'shapable'
    | 'renewable-share';
  /** Id of the bus, line or device; empty for the share. */
  readonly id: string;
  /** −1 where the limit spans all periods. */
  readonly period: number;
  /** Its part in the proof, the largest being 1. */
  readonly weight: number;
}

/**
 * The limits behind a Farkas certificate, heaviest first: multipliers times the size of what they
 * limit, so that voltages and powers can be compared.
 */
export function findClashes(problem: CompiledCase, network: NetworkProgram, certificate: ConicDuals): Clash[] {
  const found: { kind: Clash['kind']; id: string; period: number; weight: number }[] = [];
  const { periods, source, peakPu } = problem;
  const add = (kind: Clash['kind'], id: string, period: number, weight: number): void => {
    if (weight > 0) found.push({ kind, id, period, weight });
  };
  const { zLower, zUpper, cone, row } = certificate;
  const head = (index: number) => cone[network.program.conePtr.get(index)]!;
  // a squared voltage may move by about this much
  const voltage = 0.1;
  for (let i = 1; i < problem.busCount; i++) {
    const bus = source.buses[problem.busOfPosition[i]!]!.id;
    const line = source.lines[problem.lineOfPosition[i]!]!.id;
    for (let t = 0; t < periods; t++) {
      const k = i * periods + t;
      add('voltage-min', bus, t, voltage * zLower[network.v[k]!]!);
      add('voltage-max', bus, t, voltage * zUpper[network.v[k]!]!);
      if (network.vLossless) add('voltage-max-lossless', bus, t, voltage * zUpper[network.vLossless[k]!]!);
      if (network.thermal[k]! >= 0) add('thermal', line, t, problem.limit[i]! * head(network.thermal[k]!));
    }
  }
  const { devices } = network;
  const runs = (
    first: Int32Array,
    ids: readonly { id: string }[],
    duals: Float64Array,
    kind: Clash['kind'],
    scale: (device: number, period: number) => number,
  ): void => {
    for (let d = 0; d < first.length; d++) {
      if (first[d]! < 0) continue;
      for (let t = 0; t < periods; t++) add(kind, ids[d]!.id, t, scale(d, t) * duals[first[d]! + t]!);
    }
  };
  const power = () => peakPu;
  const { solar, batteries } = problem;
  runs(devices.generatorP, source.generators, zUpper, 'generator-p-max', power);
  runs(devices.generatorP, source.generators, zLower, 'generator-p-min', power);
  runs(devices.generatorQ, source.generators, zUpper, 'generator-q-max', power);
  runs(devices.generatorQ, source.generators, zLower, 'generator-q-min', power);
  runs(devices.solarP, source.solar, zUpper, 'solar', (d, t) => solar.forecast[d * periods + t]!);
  runs(devices.charge, source.batteries, zUpper, 'battery-power', (b) => batteries.power[b]!);
  runs(devices.discharge, source.batteries, zUpper, 'battery-power', (b) => batteries.power[b]!);
  runs(devices.energy, source.batteries, zUpper, 'battery-energy', (b) => batteries.energy[b]!);
  runs(devices.energy, source.batteries, zLower, 'battery-energy', (b) => batteries.energy[b]!);
  for (let d = 0; d < devices.solarDisc.length; d++) {
    if (devices.solarDisc[d]! < 0) continue;
    for (let t = 0; t < periods; t++) {
      add('solar-rating', source.solar[d]!.id, t, problem.solar.sMax[d]! * head(devices.solarDisc[d]! + t));
    }
  }
  for (let d = 0; d < devices.batteryDisc.length; d++) {
    if (devices.batteryDisc[d]! < 0) continue;
    for (let t = 0; t < periods; t++) {
      add('battery-rating', source.batteries[d]!.id, t, problem.batteries.sMax[d]! * head(devices.batteryDisc[d]! + t));
    }
  }
  for (let g = 0; g < devices.rampRow.length; g++) {
    if (devices.rampRow[g]! < 0) continue;
    for (let t = 1; t < periods; t++) {
      const size = problem.generators.ramp[g]! * Math.abs(row[devices.rampRow[g]! + t - 1]!);
      add('ramp', source.generators[g]!.id, t, size);
    }
  }
  for (let s = 0; s < devices.shapableRow.length; s++) {
    if (devices.shapableRow[s]! < 0) continue;
    add(
      'shapable',
      source.shapables[s]!.id,
      -1,
      problem.shapables.energy[s]! * Math.abs(row[devices.shapableRow[s]!]!),
    );
  }
  if (devices.shareRow >= 0) add('renewable-share', '', -1, peakPu * Math.abs(row[devices.shareRow]!));
  found.sort((a, b) => b.weight - a.weight);
  const most = found[0]?.weight ?? 1;
  return found
    .filter((clash) => clash.weight > 1e-3 * most)
    .map((clash) => ({ ...clash, weight: clash.weight / most }));
}

const WORDS: Readonly<Record<Clash['kind'], string>> = {
  'voltage-min': 'the lower voltage limit at bus',
  'voltage-max': 'the upper voltage limit at bus',
  'voltage-max-lossless': 'the upper limit on the lossless voltage (Gan-Li bound) at bus',
  thermal: 'the thermal limit of line',
  'generator-p-max': 'the largest real power of generator',
  'generator-p-min': 'the least real power of generator',
  'generator-q-max': 'the largest reactive power of generator',
  'generator-q-min': 'the least reactive power of generator',
  ramp: 'the ramp limit of generator',
  solar: 'the forecast of solar plant',
  'solar-rating': 'the inverter rating of solar plant',
  'battery-power': 'the power of battery',
  'battery-energy': 'the capacity of battery',
  'battery-rating': 'the inverter rating of battery',
  shapable: 'the energy of shapable load',
  'renewable-share': 'the minimum renewable share',
};

/** At most this many limits are named. */
const NAMED = 4;
/** Limits lighter than this share of the heaviest are not named. */
const WORTH_NAMING = 0.1;

/** What the devices can give at most: named only where nothing of the network is in the way. */
const SUPPORT: ReadonlySet<Clash['kind']> = new Set([
  'solar',
  'solar-rating',
  'battery-power',
  'battery-energy',
  'battery-rating',
]);

/** Limits of the grid itself are named first. */
const NETWORK: ReadonlySet<Clash['kind']> = new Set([
  'voltage-min',
  'voltage-max',
  'voltage-max-lossless',
  'thermal',
  'renewable-share',
  'ramp',
]);

/** The clash in one sentence. */
export function describeClashes(all: readonly Clash[]): string {
  const hard = all.filter((clash) => !SUPPORT.has(clash.kind));
  const chosen = hard.length > 0 ? hard : all;
  const most = chosen[0]?.weight ?? 1;
  const rank = (clash: Clash) => (NETWORK.has(clash.kind) ? 0 : 1);
  const clashes = chosen
    .map((clash) => ({ ...clash, weight: clash.weight / most }))
    .filter((clash) => clash.weight >= WORTH_NAMING)
    .sort((a, b) => rank(a) - rank(b) || b.weight - a.weight);
  const named: string[] = [];
  const seen = new Set<string>();
  for (const clash of clashes) {
    if (named.length === NAMED) break;
    const key = `${clash.kind} ${clash.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const periods = clashes
      .filter((other) => other.kind === clash.kind && other.id === clash.id)
      .map((other) => other.period)
      .filter((period) => period >= 0)
      .sort((a, b) => a - b);
    const when = periods.length === 0 ? '' : ` in period${periods.length > 1 ? 's' : ''} ${listPeriods(periods)}`;
    named.push(`${WORDS[clash.kind]}${clash.id === '' ? '' : ` ${clash.id}`}${when}`);
  }
  if (named.length === 0) return 'the limits cannot all be kept together (proven by a dual certificate)';
  return `no schedule keeps all limits (proven by a dual certificate); those that clash: ${named.join('; ')}`;
}

function listPeriods(periods: readonly number[]): string {
  const parts: string[] = [];
  for (let k = 0; k < periods.length; ) {
    let end = k;
    while (end + 1 < periods.length && periods[end + 1] === periods[end]! + 1) end++;
    parts.push(end > k + 1 ? `${periods[k]}-${periods[end]}` : periods.slice(k, end + 1).join(', '));
    k = end + 1;
  }
  return parts.join(', ');
}
