import type { Case } from './case.js';
import type {
  CompiledBatteries,
  CompiledCase,
  CompiledGenerators,
  CompiledShapables,
  CompiledSheddable,
  CompiledSolar,
} from './compiled.js';
import { radialOrder } from './radial.js';
import { choosePowerBase, peakOf } from './scale.js';

/** What the device compilers share. */
interface Scale {
  readonly periods: number;
  readonly hours: number;
  readonly base: number;
  readonly position: (bus: string) => number;
}

/**
 * A checked case as flat arrays in per unit (see `CompiledCase` for order and units). Deterministic:
 * the same case gives the same bytes.
 */
export function compileCase(source: Case): CompiledCase {
  const tree = radialOrder(source);
  const base = choosePowerBase(source);
  const busCount = source.buses.length;
  const busIndex = new Map(source.buses.map((bus, k) => [bus.id, k]));
  const scale: Scale = {
    periods: source.periods,
    hours: source.hoursPerPeriod,
    base,
    position: (bus) => tree.positionOfBus[busIndex.get(bus)!]!,
  };
  const ohm = (source.baseKv * source.baseKv) / base;
  const perBus = (value: (k: number) => number) => Float64Array.from(tree.busOfPosition, (k) => value(k));
  const perLine = (value: (k: number) => number) =>
    Float64Array.from(tree.lineOfPosition, (k) => (k < 0 ? 0 : value(k)));
  const { loadP, loadQ } = sumLoads(source, scale, busCount);
  const rootVoltage = source.rootVoltagePu ?? 1;
  return {
    source,
    periods: source.periods,
    hours: source.hoursPerPeriod,
    baseMva: base,
    peakPu: peakOf(source) / base,
    busCount,
    ...tree,
    r: perLine((k) => source.lines[k]!.rOhm / ohm),
    x: perLine((k) => source.lines[k]!.xOhm / ohm),
    limit: perLine((k) => (source.lines[k]!.limitMva ?? Number.POSITIVE_INFINITY) / base),
    vMin: perBus((k) => source.buses[k]!.vMinPu ** 2),
    vMax: perBus((k) => source.buses[k]!.vMaxPu ** 2),
    vRoot: rootVoltage * rootVoltage,
    shunt: perBus((k) => (source.buses[k]!.shuntMvar ?? 0) / base),
    loadP,
    loadQ,
    solar: compileSolar(source, scale),
    batteries: compileBatteries(source, scale),
    shapables: compileShapables(source, scale),
    generators: compileGenerators(source, scale),
    sheddable: compileSheddable(source, scale),
    minRenewableShare: source.minRenewableShare ?? 0,
    constantCost:
      source.generators.reduce((sum, g) => sum + g.costConstant, 0) * source.periods * source.hoursPerPeriod,
  };
}

function sumLoads(source: Case, scale: Scale, busCount: number): { loadP: Float64Array; loadQ: Float64Array } {
  const loadP = new Float64Array(busCount * scale.periods);
  const loadQ = new Float64Array(busCount * scale.periods);
  for (const load of source.loads) {
    const row = scale.position(load.bus) * scale.periods;
    for (let t = 0; t < scale.periods; t += 1) {
      loadP[row + t]! += load.pMw[t]! / scale.base;
      loadQ[row + t]! += load.qMvar[t]! / scale.base;
    }
  }
  return { loadP, loadQ };
}

function positions(devices: readonly { bus: string }[], scale: Scale): Int32Array {
  return Int32Array.from(devices, (device) => scale.position(device.bus));
}

/** One row of T numbers per device, multiplied by `factor`. */
function rows<D>(
  devices: readonly D[],
  scale: Scale,
  factor: number,
  series: (device: D) => readonly number[] | undefined,
): Float64Array {
  const out = new Float64Array(devices.length * scale.periods);
  for (const [k, device] of devices.entries()) {
    const values = series(device);
    if (values === undefined) continue;
    for (let t = 0; t < scale.periods; t += 1) out[k * scale.periods + t] = values[t]! * factor;
  }
  return out;
}

function compileSolar(source: Case, scale: Scale): CompiledSolar {
  const devices = source.solar;
  return {
    count: devices.length,
    bus: positions(devices, scale),
    forecast: rows(devices, scale, 1 / scale.base, (d) => d.forecastMw),
    curtailable: Uint8Array.from(devices, (d) => (d.curtailable ? 1 : 0)),
    sMax: Float64Array.from(devices, (d) => (d.sMaxMva ?? Number.NaN) / scale.base),
  };
}

function compileBatteries(source: Case, scale: Scale): CompiledBatteries {
  const devices = source.batteries;
  const each = (value: (d: (typeof devices)[number]) => number) => Float64Array.from(devices, value);
  return {
    count: devices.length,
    bus: positions(devices, scale),
    power: each((d) => d.powerMw / scale.base),
    energy: each((d) => d.energyMwh / scale.base),
    initial: each((d) => d.initialMwh / scale.base),
    final: each((d) => d.finalMwh / scale.base),
    chargeEfficiency: each((d) => d.chargeEfficiency),
    dischargeEfficiency: each((d) => d.dischargeEfficiency),
    cost: each((d) => d.throughputCost * scale.hours * scale.base),
    sMax: each((d) => (d.sMaxMva ?? Number.NaN) / scale.base),
  };
}

function compileShapables(source: Case, scale: Scale): CompiledShapables {
  const devices = source.shapables;
  const each = (value: (d: (typeof devices)[number]) => number) => Float64Array.from(devices, value);
  return {
    count: devices.length,
    bus: positions(devices, scale),
    energy: each((d) => d.energyMwh / scale.base),
    max: each((d) => d.maxMw / scale.base),
    start: Int32Array.from(devices, (d) => d.startPeriod),
    end: Int32Array.from(devices, (d) => d.endPeriod),
    // sqrt(1 − f²)/f rather than tan(acos f): exactly zero at unity.
    tanPhi: each((d) => Math.sqrt(1 - d.powerFactor * d.powerFactor) / d.powerFactor),
    preferred: rows(devices, scale, 1 / scale.base, (d) => d.preferredMw),
    discomfort: each((d) => (d.discomfortCost ?? 0) * scale.hours * scale.base * scale.base),
  };
}

function compileGenerators(source: Case, scale: Scale): CompiledGenerators {
  const devices = source.generators;
  const each = (value: (d: (typeof devices)[number]) => number) => Float64Array.from(devices, value);
  return {
    count: devices.length,
    bus: positions(devices, scale),
    pMin: each((d) => d.pMinMw / scale.base),
    pMax: each((d) => d.pMaxMw / scale.base),
    qMin: each((d) => d.qMinMvar / scale.base),
    qMax: each((d) => d.qMaxMvar / scale.base),
    quadratic: each((d) => d.costQuadratic * scale.hours * scale.base * scale.base),
    linear: rows(devices, scale, scale.hours * scale.base, (d) => d.costLinear),
    ramp: each((d) => ((d.rampMwPerHour ?? Number.POSITIVE_INFINITY) * scale.hours) / scale.base),
  };
}

/** Only consumption can be shed; a load that injects in a period keeps doing so. */
function compileSheddable(source: Case, scale: Scale): CompiledSheddable {
  const index = source.loads.flatMap((load, k) => (load.shedCostPerMwh === undefined ? [] : [k]));
  const devices = index.map((k) => source.loads[k]!);
  const consumes = (load: (typeof devices)[number], t: number) => load.pMw[t]! > 0;
  return {
    count: devices.length,
    bus: positions(devices, scale),
    load: Int32Array.from(index),
    p: rows(devices, scale, 1 / scale.base, (d) => d.pMw.map((p) => Math.max(p, 0))),
    q: rows(devices, scale, 1 / scale.base, (d) => d.qMvar.map((q, t) => (consumes(d, t) ? q : 0))),
    cost: Float64Array.from(devices, (d) => d.shedCostPerMwh! * scale.hours * scale.base),
  };
}
