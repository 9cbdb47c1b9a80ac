import type { Battery, Case, Generator, Line, Load, Shapable, Solar } from '../../src/model/case.js';
import { Random } from './random.js';

export interface RandomCaseOptions {
  readonly buses?: number;
  readonly periods?: number;
  readonly vMinPu?: number;
  readonly vMaxPu?: number;
  /** Multiplies loads and devices; 1 is comfortable. */
  readonly scale?: number;
  /** Chance that a bus has a device of each kind. Default 0.5. */
  readonly devices?: number;
}

/**
 * A random radial feeder with every kind of device: inverters with and without rating, lossless
 * batteries, fixed solar, discomfort, sheddable loads, shunts, thermal limits, ramps, lines without
 * impedance. Feasible by its size (ample substation, wide band) unless the options make it tight.
 */
export function randomCase(seed: number, options: RandomCaseOptions = {}): Case {
  const random = new Random(seed);
  const count = options.buses ?? random.whole(2, 14);
  const periods = options.periods ?? random.whole(1, 8);
  const scale = options.scale ?? 1;
  const share = options.devices ?? 0.5;
  const series = (low: number, high: number) =>
    Array.from({ length: periods }, () => Number(random.between(low, high).toFixed(5)));
  const ids = Array.from({ length: count }, (_, i) => `b${i}`);
  const lines: Line[] = [];
  const loads: Load[] = [];
  const solar: Solar[] = [];
  const batteries: Battery[] = [];
  const shapables: Shapable[] = [];
  const generators: Generator[] = [];
  const peak = 0.4 * scale;
  const hoursPerPeriod = random.pick([0.25, 1, 2]);
  for (let i = 1; i < count; i++) {
    const up = random.chance(0.6) ? i - 1 : random.whole(0, i - 1);
    const lossless = random.chance(0.08);
    const reversed = random.chance(0.3);
    lines.push({
      id: `l${i}`,
      from: ids[reversed ? i : up]!,
      to: ids[reversed ? up : i]!,
      rOhm: lossless ? 0 : random.between(0.05, 0.6),
      xOhm: lossless ? 0 : random.between(0.05, 0.6),
      ...(random.chance(0.2) ? { limitMva: peak * count * 1.5 } : {}),
    });
    const bus = ids[i]!;
    const owner = `c${i}`;
    if (random.chance(0.8)) {
      loads.push({
        id: `load${i}`,
        bus,
        owner,
        pMw: series(0.2 * peak, peak),
        qMvar: series(0, 0.5 * peak),
        ...(random.chance(0.3) ? { shedCostPerMwh: random.between(60, 400) } : {}),
      });
    }
    if (random.chance(share)) {
      const forecastMw = series(0, 1.2 * peak);
      if (random.chance(0.3)) forecastMw[0] = 0;
      solar.push({
        id: `pv${i}`,
        bus,
        owner,
        forecastMw,
        curtailable: random.chance(0.8),
        ...(random.chance(0.5) ? { sMaxMva: 1.35 * peak } : {}),
      });
    }
    if (random.chance(share)) {
      const lossy = random.chance(0.8);
      batteries.push({
        id: `bat${i}`,
        bus,
        owner,
        powerMw: 0.6 * peak,
        energyMwh: 1.8 * peak,
        initialMwh: 0.9 * peak,
        finalMwh: 0.9 * peak,
        chargeEfficiency: lossy ? random.between(0.8, 0.98) : 1,
        dischargeEfficiency: lossy ? random.between(0.8, 0.98) : 1,
        throughputCost: random.between(0.1, 4),
        ...(random.chance(0.4) ? { sMaxMva: 0.8 * peak } : {}),
      });
    }
    if (random.chance(share)) {
      const startPeriod = random.whole(0, periods - 1);
      const endPeriod = random.whole(startPeriod + 1, periods);
      const maxMw = 0.5 * peak;
      shapables.push({
        id: `ev${i}`,
        bus,
        owner,
        energyMwh: hoursPerPeriod * maxMw * (endPeriod - startPeriod) * random.pick([0, 0.3, 0.6, 1]),
        maxMw,
        startPeriod,
        endPeriod,
        powerFactor: random.pick([1, 0.97, 0.9]),
        ...(random.chance(0.4) ? { preferredMw: series(0, maxMw), discomfortCost: random.between(0, 30) } : {}),
      });
    }
  }
  const ample = 3 * peak * count;
  generators.push({
    id: 'substation',
    bus: ids[0]!,
    pMinMw: -ample,
    pMaxMw: ample,
    qMinMvar: -ample,
    qMaxMvar: ample,
    costQuadratic: random.between(0, 3),
    costLinear: series(random.chance(0.15) ? -30 : 15, 70),
    costConstant: random.between(0, 2),
  });
  if (count > 2 && random.chance(0.6)) {
    generators.push({
      id: 'inner',
      bus: random.pick(ids.slice(1)),
      pMinMw: 0,
      pMaxMw: peak * 2,
      qMinMvar: -peak,
      qMaxMvar: peak,
      costQuadratic: random.between(0, 10),
      costLinear: series(20, 60),
      costConstant: 0,
      ...(random.chance(0.6) ? { rampMwPerHour: 0.5 * peak } : {}),
    });
  }
  return {
    format: 'crowdwatt-case/1',
    name: `random ${seed}`,
    baseMva: random.pick([0.5, 1, 10, 100]),
    baseKv: 12.66,
    root: ids[0]!,
    rootVoltagePu: random.pick([1, 1.01, 0.99]),
    periods,
    hoursPerPeriod,
    buses: ids.map((id) => ({
      id,
      vMinPu: options.vMinPu ?? 0.88,
      vMaxPu: options.vMaxPu ?? 1.12,
      ...(random.chance(0.2) ? { shuntMvar: random.between(-0.1, 0.2) * scale } : {}),
    })),
    lines,
    loads,
    solar,
    batteries,
    shapables,
    generators,
    crowdsourcees: ids.slice(1).map((bus, k) => ({
      id: `c${k + 1}`,
      bus,
      type: random.chance(0.5) ? 1 : 2,
      willingness: 0.5,
      reservationPrice: 5,
    })),
  } as Case;
}
