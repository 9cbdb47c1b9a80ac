import { CrowdwattError } from '../errors.js';
import type { Bus, Case, Line, Load } from '../model/case.js';
import { draw } from './seeded.js';

export interface FeederOptions {
  readonly buses: number;
  readonly seed: string;
  readonly baseKv?: number;
  /** Sum of the peak loads; default grows with the square root of the size, so that voltages stay realistic. */
  readonly peakMw?: number;
  /** Share of buses with load. */
  readonly loaded?: number;
}

const MOST_BUSES = 1_000_000;

/**
 * A radial feeder like real ones: a few mains with laterals of geometric length, thicker conductors
 * near the substation, and impedances scaled so that the deepest bus drops about 4% at peak load.
 */
export function generateFeeder(options: FeederOptions): Case {
  const { buses: count, seed, baseKv = 12, loaded = 0.7 } = options;
  if (!Number.isInteger(count) || count < 2 || count > MOST_BUSES) {
    throw new CrowdwattError('usage', `buses is ${count}; a whole number from 2 to ${MOST_BUSES} is needed`);
  }
  const parent = new Int32Array(count);
  const depth = new Int32Array(count);
  for (let i = 1; i < count; i++) {
    // Mostly go on from the last bus; now and then branch off somewhere among the earlier ones, the root's side first.
    const u = draw(seed, i, 'branch');
    const from = i === 1 || u < 0.72 ? i - 1 : Math.floor((i - 1) * draw(seed, i, 'from') ** 1.5);
    // No run longer than real feeders have: restart near the root.
    const p = depth[from]! < 60 + 2 * Math.sqrt(count) ? from : Math.floor(draw(seed, i, 'restart') * Math.min(i, 20));
    parent[i] = p;
    depth[i] = depth[p]! + 1;
  }
  const peakMw = options.peakMw ?? 0.6 * Math.sqrt(count);
  const weight = new Float64Array(count);
  let sum = 0;
  for (let i = 1; i < count; i++) {
    if (i === 1 || draw(seed, i, 'loaded') < loaded) weight[i] = 0.2 + draw(seed, i, 'load') ** 3 * 4;
    sum += weight[i]!;
  }
  const p = weight.map((w) => (peakMw * w) / sum);
  const downstream = Float64Array.from(p);
  for (let i = count - 1; i > 0; i--) downstream[parent[i]!]! += downstream[i]!;

  const length = Array.from({ length: count }, (_, i) => 0.1 + draw(seed, i, 'length'));
  // Conductors are chosen by what they carry: resistance per length falls with the load behind them.
  const raw = length.map((l, i) => (i === 0 ? 0 : l / (0.05 + Math.sqrt(downstream[i]! / peakMw))));
  const drop = new Float64Array(count);
  let worst = 0;
  for (let i = 1; i < count; i++) {
    drop[i] = drop[parent[i]!]! + raw[i]! * downstream[i]! * 1.35;
    worst = Math.max(worst, drop[i]!);
  }
  const scale = (0.04 * baseKv ** 2) / worst;
  const id = (i: number): string => String(i + 1);
  const buses: Bus[] = [];
  const lines: Line[] = [];
  const loads: Load[] = [];
  for (let i = 0; i < count; i++) {
    buses.push({ id: id(i), vMinPu: 0.9, vMaxPu: 1.1 });
    if (i > 0)
      lines.push({
        id: `${id(parent[i]!)}-${id(i)}`,
        from: id(parent[i]!),
        to: id(i),
        rOhm: digits(raw[i]! * scale),
        xOhm: digits(raw[i]! * scale * (0.6 + 0.5 * draw(seed, i, 'x/r'))),
      });
    if (p[i]! > 0) loads.push({ id: `load-${id(i)}`, bus: id(i), pMw: [digits(p[i]!)], qMvar: [digits(p[i]! * 0.45)] });
  }
  const most = digits(3 * peakMw);
  return {
    format: 'crowdwatt-case/1',
    name: `generated feeder, ${count} buses, seed=${seed}`,
    baseMva: 1,
    baseKv,
    root: id(0),
    rootVoltagePu: 1,
    periods: 1,
    hoursPerPeriod: 1,
    buses,
    lines,
    loads,
    solar: [],
    batteries: [],
    shapables: [],
    generators: [
      {
        id: 'substation',
        bus: id(0),
        pMinMw: -most,
        pMaxMw: most,
        qMinMvar: -most,
        qMaxMvar: most,
        costQuadratic: 0,
        costLinear: [30],
        costConstant: 0,
      },
    ],
    crowdsourcees: [],
  };
}

function digits(value: number): number {
  return Number(value.toPrecision(6));
}
