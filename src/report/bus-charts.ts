import type { lineChart } from './charts.js';

/**
 * The figures of one bus. Like charts.ts this file imports nothing at run time (the chart function is
 * handed in): the page carries its compiled text to redraw when another bus is chosen.
 */
export interface BusSeries {
  readonly id: string;
  /** Number of solar plants, batteries and shapable loads. */
  readonly devices: number;
  /** All in MW per period. */
  readonly load: readonly number[];
  readonly solar: readonly number[];
  readonly forecast: readonly number[];
  /** Discharging positive. */
  readonly battery: readonly number[];
  readonly shapable: readonly number[];
  readonly generator: readonly number[];
  /** What the bus takes from the feeder. */
  readonly net: readonly number[];
  readonly voltage: readonly number[];
  /** $/MWh */
  readonly dlmp: readonly number[];
  readonly parts?: {
    readonly energy: readonly number[];
    readonly loss: readonly number[];
    readonly voltage: readonly number[];
    readonly congestion: readonly number[];
  };
}

export interface PageData {
  /** Hours per period. */
  readonly hours: number;
  readonly buses: readonly BusSeries[];
  /** Lowest and highest voltage of the feeder by period, the root left out. */
  readonly voltageLow: readonly number[];
  readonly voltageHigh: readonly number[];
  /** Limits, where all buses share them. */
  readonly vMin: number | null;
  readonly vMax: number | null;
}

/** A value that holds for a whole period is a step, not a slope. */
export function stairs(values: readonly number[], hours: number): [number, number][] {
  return values.flatMap((value, t): [number, number][] => [
    [t * hours, value],
    [(t + 1) * hours, value],
  ]);
}

export function hourTicks(periods: number, hours: number): number[] {
  const span = periods * hours;
  const step = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 168].find((size) => span / size <= 12) ?? span / 8;
  const ticks: number[] = [];
  for (let at = 0; at <= span + 1e-9; at += step) ticks.push(at);
  return ticks;
}

/** Fig. 3 (left) of the paper for one bus: who uses and who gives power over the day. */
export function powerChart(chart: typeof lineChart, data: PageData, index: number, standalone = false): string {
  const bus = data.buses[index]!;
  const used = (values: readonly number[]) => values.some((value) => Math.abs(value) > 1e-9);
  const series = [{ label: 'load', points: stairs(bus.load, data.hours), tone: 0, filled: true }];
  const more = (label: string, values: readonly number[], tone: number, filled = false) => {
    if (used(values)) series.push({ label, points: stairs(values, data.hours), tone, filled });
  };
  more('solar', bus.solar, 6, true);
  const curtailed = bus.forecast.some((value, t) => value - bus.solar[t]! > 1e-3 * Math.max(...bus.forecast));
  if (curtailed) more('solar forecast', bus.forecast, 7);
  more('battery (discharging +)', bus.battery, 2);
  more('shapable load', bus.shapable, 1);
  more('generator', bus.generator, 5);
  series.push({ label: 'net demand', points: stairs(bus.net, data.hours), tone: 3, filled: false });
  return chart({
    title: `Bus ${bus.id}: power over the day`,
    description: 'Load, solar, battery, shapable load and net demand in MW, by period.',
    xLabel: 'hour of the day',
    yLabel: 'MW',
    series,
    xTicks: hourTicks(bus.load.length, data.hours),
    yIncludes: [0],
    standalone,
  });
}

/** Where the feeder's voltages lie, and this bus among them. */
export function voltageChart(chart: typeof lineChart, data: PageData, index: number, standalone = false): string {
  const bus = data.buses[index]!;
  const band = data.voltageLow.flatMap((low, t): [number, number, number][] => {
    const high = data.voltageHigh[t]!;
    if (!Number.isFinite(low)) return [];
    return [
      [t * data.hours, low, high],
      [(t + 1) * data.hours, low, high],
    ];
  });
  const low = Math.min(...data.voltageLow);
  const high = Math.max(...data.voltageHigh);
  // A limit far away would flatten what there is to see; it is named in words then.
  const near = (limit: number | null, edge: number) =>
    limit !== null && Math.abs(limit - edge) < Math.max(high - low, 0.01);
  const rules: { y: number; label: string }[] = [];
  if (near(data.vMax, high)) rules.push({ y: data.vMax!, label: `limit ${data.vMax} pu` });
  if (near(data.vMin, low)) rules.push({ y: data.vMin!, label: `limit ${data.vMin} pu` });
  const limits = data.vMin !== null && data.vMax !== null ? `, allowed ${data.vMin} to ${data.vMax}` : '';
  return chart({
    title: 'Voltages',
    description: `Lowest to highest voltage of the feeder by period, and the voltage of bus ${bus.id}.`,
    xLabel: 'hour of the day',
    yLabel: `pu${limits}`,
    band: { label: 'all buses, lowest to highest', points: band },
    rules,
    series: [{ label: `bus ${bus.id}`, points: stairs(bus.voltage, data.hours), tone: 0 }],
    xTicks: hourTicks(bus.voltage.length, data.hours),
    standalone,
  });
}

/** The price at one bus, beside the price of energy at the substation where the solution tells them apart. */
export function priceChart(chart: typeof lineChart, data: PageData, index: number, standalone = false): string {
  const bus = data.buses[index]!;
  const series = [{ label: 'price at the bus (DLMP)', points: stairs(bus.dlmp, data.hours), tone: 0 }];
  if (bus.parts)
    series.push({ label: 'energy at the substation', points: stairs(bus.parts.energy, data.hours), tone: 1 });
  return chart({
    title: `Bus ${bus.id}: price`,
    description: 'Distribution locational marginal price of real power in dollars per MWh, by period.',
    xLabel: 'hour of the day',
    yLabel: '$/MWh',
    series,
    xTicks: hourTicks(bus.dlmp.length, data.hours),
    standalone,
  });
}

/** What the feeder adds to the price of energy at one bus: losses, voltage limits and full lines. */
export function partsChart(chart: typeof lineChart, data: PageData, index: number, standalone = false): string {
  const bus = data.buses[index]!;
  const names = { loss: 'losses', voltage: 'voltage limits', congestion: 'full lines' } as const;
  const series = Object.entries(names).flatMap(([name, label], k) => {
    const values = bus.parts?.[name as keyof typeof names];
    return values ? [{ label, points: stairs(values, data.hours), tone: k + 2 }] : [];
  });
  return chart({
    title: `Bus ${bus.id}: what the feeder adds to the price`,
    description: 'Parts of the price that losses, voltage limits and full lines add, in dollars per MWh, by period.',
    xLabel: 'hour of the day',
    yLabel: '$/MWh',
    series,
    xTicks: hourTicks(bus.dlmp.length, data.hours),
    yIncludes: [0],
    standalone,
  });
}

/** The numbers behind the power figure, for those who read rather than see, as rows of text. */
export function busTable(data: PageData, index: number): string[][] {
  const bus = data.buses[index]!;
  const text = (value: number | undefined, places: number) => (value === undefined ? '–' : value.toFixed(places));
  return bus.load.map((_, t) => [
    String(t * data.hours),
    ...[bus.load, bus.solar, bus.battery, bus.shapable, bus.net].map((values) => text(values[t], 4)),
    text(bus.voltage[t], 4),
    text(bus.dlmp[t], 2),
  ]);
}

export const BUS_TABLE_HEAD = [
  'hour',
  'load MW',
  'solar MW',
  'battery MW',
  'shapable MW',
  'net MW',
  'voltage pu',
  '$/MWh',
];
