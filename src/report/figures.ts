import type { Solution } from '../solver/solution.js';
import { hourTicks, type PageData } from './bus-charts.js';
import { heatMap, lineChart } from './charts.js';
import type { IncentiveSeries } from './series.js';

/** More rows than this are averaged in groups: finer than a pixel nobody sees. */
const MAX_HEAT_ROWS = 320;

export function priceHeatMap(data: PageData, standalone = false): string | undefined {
  const priced = data.buses.filter((bus) => bus.dlmp.length > 0);
  if (priced.length === 0) return undefined;
  const group = Math.ceil(priced.length / MAX_HEAT_ROWS);
  const rows: string[] = [];
  const values: number[][] = [];
  for (let k = 0; k < priced.length; k += group) {
    const members = priced.slice(k, k + group);
    rows.push(members[0]!.id);
    values.push(members[0]!.dlmp.map((_, t) => members.reduce((sum, bus) => sum + bus.dlmp[t]!, 0) / members.length));
  }
  const columns = priced[0]!.dlmp.map((_, t) => String(t * data.hours));
  const grouped = group > 1 ? `, ${group} buses a row` : '';
  return heatMap({
    title: `Price of real power (DLMP) by bus and hour${grouped}`,
    description: 'Rows are buses in the order of the case, columns are periods, colour is dollars per MWh.',
    xLabel: 'hour of the day',
    yLabel: 'bus',
    rows,
    columns,
    values,
    unit: '$/MWh',
    standalone,
  });
}

/** Fig. 3 (right) of the paper: the additional reward λ^a over the day at several buses. */
export function incentiveChart(data: PageData, series: readonly IncentiveSeries[], standalone = false) {
  const text = 'Additional reward in dollars per MWh offered in the first round to several participants, by period.';
  return offerChart(data, series, (one) => one.perMwh, ['Incentives over the day', 'λᵃ, $/MWh', text], standalone);
}

/** The same offers with the price of energy: what an injecting participant is paid for a MWh. */
export function offeredPriceChart(data: PageData, series: readonly IncentiveSeries[], standalone = false) {
  const text = 'Price of energy plus reward in dollars per MWh, offered in the first round, by period.';
  const words = ['Price and incentive together', 'λ + λᵃ, $/MWh', text] as const;
  return offerChart(data, series, (one) => one.withEnergy, words, standalone, []);
}

function offerChart(
  data: PageData,
  series: readonly IncentiveSeries[],
  values: (one: IncentiveSeries) => readonly (number | null)[],
  [title, yLabel, description]: readonly [string, string, string],
  standalone: boolean,
  yIncludes: readonly number[] = [0],
): string | undefined {
  if (series.length === 0) return undefined;
  const { hours } = data;
  return lineChart({
    title,
    description,
    xLabel: 'hour of the day',
    yLabel,
    series: series.map((one, tone) => ({
      label: `bus ${one.bus}`,
      tone,
      markers: true,
      points: values(one).map((value, t): [number, number | null] => [(t + 0.5) * hours, value]),
    })),
    xTicks: hourTicks(series[0]!.perMwh.length, hours),
    yIncludes,
    standalone,
  });
}

/** Residuals by iteration, as the solver's trace has them. */
export function convergenceChart(solution: Solution, standalone = false): string | undefined {
  const trace = solution.trace ?? [];
  if (trace.length < 2) return undefined;
  const points = (of: (point: (typeof trace)[number]) => number) =>
    trace.map((point): [number, number] => [point.iteration, of(point)]);
  return lineChart({
    title: `Convergence of ${solution.method}`,
    description: 'Relative primal and dual residual by iteration, logarithmic.',
    xLabel: 'iteration',
    yLabel: 'relative residual',
    logY: true,
    series: [
      { label: 'primal residual', points: points((point) => point.primalResidual) },
      { label: 'dual residual', points: points((point) => point.dualResidual) },
    ],
    standalone,
  });
}
