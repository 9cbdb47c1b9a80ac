import type { CompiledCase } from '../model/compiled.js';
import type { DeviceDuals, NetworkDuals, NetworkPoint } from './engine.js';
import type { DualPartArrays, DualParts } from './prices.js';
import type { BindingDual, Revenue } from './solution.js';

/** A limit's dual counts as binding when loosening it by this much would save more than its share of the cost. */
const LOOSENING = { voltagePu: 1e-3, powerShare: 1e-3, costShare: 1e-7 };

/**
 * Multipliers of every binding limit but the balances (those are the DLMPs): voltage bands, thermal
 * limits, generators' and solar plants' limits, the renewable share. Signs: $ saved per unit of loosening.
 * The limits of generators and solar plants are priced from the DLMP at their bus; a generator with a
 * ramp limit is left out of those in periods where the ramp binds, since its share cannot be told apart.
 * Storage, shapable loads, ramps and inverter ratings come from the method where it has them.
 */
export function bindingDuals(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: NetworkDuals,
  costScale: number,
): BindingDual[] {
  const found: BindingDual[] = [];
  const threshold = LOOSENING.costShare * costScale;
  const power = LOOSENING.powerShare * problem.peakPu;
  const { periods, source } = problem;
  for (let i = 1; i < problem.busCount; i += 1) {
    const bus = source.buses[problem.busOfPosition[i]!]!;
    const line = source.lines[problem.lineOfPosition[i]!]!;
    for (let period = 0; period < periods; period += 1) {
      const k = i * periods + period;
      // d/dV of V² is 2V: the file's limits are on the voltage, the model's on its square.
      const high = (duals.vMax?.[k] ?? 0) * 2 * bus.vMaxPu;
      const low = (duals.vMin?.[k] ?? 0) * 2 * bus.vMinPu;
      const thermal = duals.thermal?.[k] ?? 0;
      if (high * LOOSENING.voltagePu > threshold) {
        found.push({ constraint: 'voltage-max', id: bus.id, period, dual: high, unit: 'pu' });
      }
      if (low * LOOSENING.voltagePu > threshold) {
        found.push({ constraint: 'voltage-min', id: bus.id, period, dual: low, unit: 'pu' });
      }
      if (thermal * power > threshold) {
        found.push({ constraint: 'thermal', id: line.id, period, dual: thermal / problem.baseMva, unit: 'MVA' });
      }
    }
  }
  deviceDuals(problem, point, duals, threshold / power, found);
  if (duals.devices !== undefined) storageDuals(problem, duals.devices, threshold / power, found);
  if (duals.renewableShare !== undefined && duals.renewableShare > threshold) {
    const use = renewableBase(problem, point);
    found.push({ constraint: 'renewable-share', id: '', dual: duals.renewableShare * use, unit: 'share' });
  }
  return found;
}

/** What the share is taken of: Σ_t (p^u + p^s), pu·period. */
function renewableBase(problem: CompiledCase, point: NetworkPoint): number {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return sum(problem.loadP) + sum(point.shapableP);
}

function deviceDuals(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: NetworkDuals,
  threshold: number,
  found: BindingDual[],
): void {
  const { generators, solar, periods, source, baseMva } = problem;
  const close = 1e-4 * problem.peakPu;
  const push = (constraint: string, id: string, period: number, dual: number, unit: string) => {
    if (dual > threshold) found.push({ constraint, id, period, dual: dual / baseMva, unit });
  };
  for (let g = 0; g < generators.count; g += 1) {
    const { id } = source.generators[g]!;
    for (let t = 0; t < periods; t += 1) {
      const k = g * periods + t;
      const p = point.generatorP[k]!;
      const priceP = duals.balanceP[generators.bus[g]! * periods + t]!;
      const priceQ = duals.balanceQ[generators.bus[g]! * periods + t]!;
      const margin = priceP - 2 * generators.quadratic[g]! * p - generators.linear[k]!;
      if (!rampBinds(problem, point, g, t, close)) {
        if (generators.pMax[g]! - p < close) push('generator-p-max', id, t, margin, 'MW');
        if (p - generators.pMin[g]! < close) push('generator-p-min', id, t, -margin, 'MW');
      }
      if (generators.qMax[g]! - point.generatorQ[k]! < close) push('generator-q-max', id, t, priceQ, 'Mvar');
      if (point.generatorQ[k]! - generators.qMin[g]! < close) push('generator-q-min', id, t, -priceQ, 'Mvar');
    }
  }
  for (let s = 0; s < solar.count; s += 1) {
    if (!Number.isNaN(solar.sMax[s]!)) continue;
    for (let t = 0; t < periods; t += 1) {
      const k = s * periods + t;
      if (solar.forecast[k]! === 0 || solar.forecast[k]! - point.solarP[k]! > close) continue;
      push('solar-forecast', source.solar[s]!.id, t, duals.balanceP[solar.bus[s]! * periods + t]!, 'MW');
    }
  }
}

/** Storage, shapable loads, ramps and inverter ratings, where the method has their multipliers. */
function storageDuals(problem: CompiledCase, devices: DeviceDuals, threshold: number, found: BindingDual[]): void {
  const { source, periods, baseMva } = problem;
  const each = (constraint: string, list: readonly { readonly id: string }[], values: Float64Array, unit: string) => {
    for (let k = 0; k < values.length; k += 1) {
      if (values[k]! <= threshold) continue;
      const { id } = list[Math.floor(k / periods)]!;
      found.push({ constraint, id, period: k % periods, dual: values[k]! / baseMva, unit });
    }
  };
  each('battery-energy-max', source.batteries, devices.energyMax, 'MWh');
  each('battery-energy-min', source.batteries, devices.energyMin, 'MWh');
  each('battery-charge-max', source.batteries, devices.chargeMax, 'MW');
  each('battery-discharge-max', source.batteries, devices.dischargeMax, 'MW');
  each('battery-rating', source.batteries, devices.batteryRating, 'MVA');
  each('solar-rating', source.solar, devices.solarRating, 'MVA');
  each('shapable-max', source.shapables, devices.shapableMax, 'MW');
  each('generator-ramp-up', source.generators, devices.rampUp, 'MW');
  each('generator-ramp-down', source.generators, devices.rampDown, 'MW');
}

function rampBinds(problem: CompiledCase, point: NetworkPoint, g: number, t: number, close: number): boolean {
  const { generators, periods } = problem;
  const at = (u: number) => point.generatorP[g * periods + u]!;
  const ramp = generators.ramp[g]!;
  const reached = (a: number, b: number) => ramp - Math.abs(at(a) - at(b)) < close;
  return (t > 0 && reached(t - 1, t)) || (t + 1 < periods && reached(t, t + 1));
}

/**
 * Revenue reconciliation in $: everyone pays or is paid the real and reactive price at the bus. What is
 * left when loads have paid and devices and generators were paid is the rent of losses and limits.
 */
export function reconcileRevenue(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: Pick<NetworkDuals, 'balanceP' | 'balanceQ'>,
): Revenue {
  const { periods } = problem;
  const value = (bus: Int32Array, p: (k: number) => number, q: (k: number) => number) => {
    let sum = 0;
    for (let device = 0; device < bus.length; device += 1) {
      for (let t = 0; t < periods; t += 1) {
        const at = bus[device]! * periods + t;
        const k = device * periods + t;
        sum += duals.balanceP[at]! * p(k) + duals.balanceQ[at]! * q(k);
      }
    }
    return sum;
  };
  const everyBus = Int32Array.from({ length: problem.busCount }, (_, i) => i);
  const { sheddable, shapables } = problem;
  const shedQ = (k: number) => (sheddable.p[k]! > 0 ? (point.shedP[k]! * sheddable.q[k]!) / sheddable.p[k]! : 0);
  const loadsPay =
    value(
      everyBus,
      (k) => problem.loadP[k]!,
      (k) => problem.loadQ[k]!,
    ) - value(sheddable.bus, (k) => point.shedP[k]!, shedQ);
  const devicesGet =
    value(
      problem.solar.bus,
      (k) => point.solarP[k]!,
      (k) => point.solarQ[k]!,
    ) +
    value(
      problem.batteries.bus,
      (k) => point.discharge[k]! - point.charge[k]!,
      (k) => point.batteryQ[k]!,
    ) -
    value(
      shapables.bus,
      (k) => point.shapableP[k]!,
      (k) => point.shapableP[k]! * shapables.tanPhi[Math.floor(k / periods)]!,
    );
  const generatorsGet = value(
    problem.generators.bus,
    (k) => point.generatorP[k]!,
    (k) => point.generatorQ[k]!,
  );
  return { loadsPay, devicesGet, generatorsGet, rent: loadsPay - devicesGet - generatorsGet };
}

/** `reconcileRevenue` with its rent split by the parts of the prices. */
export function splitRevenue(
  problem: CompiledCase,
  point: NetworkPoint,
  duals: NetworkDuals,
  parts: DualParts | undefined,
): Revenue {
  const whole = reconcileRevenue(problem, point, duals);
  if (parts === undefined) return whole;
  const limits = (arrays: DualPartArrays) => arrays.voltage.map((value, k) => value + arrays.congestion[k]!);
  const prices = { balanceP: limits(parts.real), balanceQ: limits(parts.reactive) };
  const limitRent = reconcileRevenue(problem, point, prices).rent;
  return { ...whole, lossRent: whole.rent - limitRent, limitRent };
}
