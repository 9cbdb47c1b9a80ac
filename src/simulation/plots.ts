import { type ChartSeries, lineChart } from '../report/charts.js';
import type { Simulation } from './simulate.js';
import type { DaySummary } from './summary.js';

const BUSES_SHOWN = 6;

/** SVG files of a simulation, by file name. */
export function simulationPlots({ days, case: name }: Simulation): Record<string, string> {
  const points = (value: (day: DaySummary) => number): [number, number][] => days.map((day, k) => [k + 1, value(day)]);
  const chart = (title: string, yLabel: string, series: ChartSeries[], yIncludes: number[] = []): string =>
    lineChart({ title: `${title}: ${name}`.slice(0, 120), xLabel: 'day', yLabel, series, yIncludes, standalone: true });
  return {
    'cost.svg': chart('What the days cost', '$', [
      { label: 'equilibrium', points: points((d) => d.cost) },
      { label: 'with supplements', points: points((d) => d.cost + d.supplementCost) },
      { label: 'rewards', points: points((d) => d.rewards) },
    ]),
    'acceptance.svg': chart(
      'Offers accepted',
      'share, %',
      [{ label: 'accepted', points: points((d) => (d.offers === 0 ? 100 : (100 * d.accepted) / d.offers)) }],
      [0, 100],
    ),
    'incentives.svg': chart('Mean reward of accepted offers by bus', '$/MWh', incentives(days)),
    'energy.svg': chart(
      'Energy',
      'MWh',
      [
        { label: 'load', points: points((d) => d.loadMwh) },
        { label: 'solar', points: points((d) => d.solarMwh) },
        { label: 'bought', points: points((d) => d.importMwh) },
        { label: 'lost in lines', points: points((d) => d.lossMwh) },
      ],
      [0],
    ),
    'self-consumption.svg': chart(
      'Solar energy used on the feeder',
      'share, %',
      [{ label: 'self-consumption', points: points((d) => 100 * d.selfConsumption) }],
      [0, 100],
    ),
  };
}

function incentives(days: readonly DaySummary[]): ChartSeries[] {
  const counts = new Map<string, number>();
  for (const day of days)
    for (const bus of Object.keys(day.incentiveByBus)) counts.set(bus, (counts.get(bus) ?? 0) + 1);
  const shown = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, BUSES_SHOWN);
  return shown.map(([bus]) => ({
    label: `bus ${bus}`,
    points: days.map((day, k) => [k + 1, day.incentiveByBus[bus] ?? null]),
  }));
}
