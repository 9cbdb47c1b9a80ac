import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { h, table } from './dom.js';
import { number } from './format.js';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly stepped?: boolean;
  readonly dashed?: boolean;
}

interface ChartOptions {
  readonly unit: string;
  readonly log?: boolean;
  readonly height?: number;
  /** What stands under the axis, by x. */
  readonly tick?: (x: number) => string;
  readonly xTitle: string;
  readonly digits?: number;
}

const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'];
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Of the marks of a logarithmic axis the powers of ten, every second one where there are many. */
function decades(ticks: readonly number[]): (number | null)[] {
  const exponents = ticks.map((tick) => Math.log10(tick));
  const isWhole = (exponent: number) => Math.abs(exponent - Math.round(exponent)) < 1e-9;
  const step = exponents.filter(isWhole).length > 6 ? 2 : 1;
  return ticks.map((tick, k) => (isWhole(exponents[k]!) && Math.round(exponents[k]!) % step === 0 ? tick : null));
}

/** A line chart that follows its width and the theme, with its numbers as a table for whoever cannot see it. */
export function chart(
  title: string,
  x: readonly number[],
  series: readonly Series[],
  options: ChartOptions,
): HTMLElement {
  const { unit, log, height = 220, tick = (value: number) => number(value, 0), digits = 3 } = options;
  const place = h('div', {
    class: 'plot',
    role: 'img',
    'aria-label': `${title}, in ${unit}; the numbers follow as a table`,
  });
  const make = () => {
    const width = Math.max(260, place.clientWidth);
    const ink = colour('--soft');
    const edge = colour('--edge');
    const font = '12px system-ui, sans-serif';
    const axis = { stroke: ink, font, grid: { stroke: edge, width: 1 }, ticks: { stroke: edge, width: 1 } };
    place.replaceChildren();
    return new uPlot(
      {
        width,
        height,
        legend: { show: true, live: false },
        cursor: { drag: { x: false, y: false } },
        scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
        axes: [
          { ...axis, values: (_, ticks) => ticks.map((value) => (Number.isInteger(value) ? tick(value) : '')) },
          {
            ...axis,
            size: 64,
            label: unit,
            labelFont: font,
            labelSize: 18,
            ...(log
              ? {
                  values: (_: uPlot, ticks: number[]) => decades(ticks).map((v) => v?.toExponential(0) ?? ''),
                  grid: { ...axis.grid, filter: (_: uPlot, ticks: number[]) => decades(ticks) },
                  ticks: { ...axis.ticks, filter: (_: uPlot, ticks: number[]) => decades(ticks) },
                }
              : {}),
          },
        ],
        series: [
          {},
          ...series.map(({ label, stepped, dashed }, k) => ({
            label,
            stroke: colour(COLOURS[k % COLOURS.length]!),
            width: 2,
            ...(dashed ? { dash: [6, 4] } : {}),
            points: { show: x.length < 3 },
            ...(stepped ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
          })),
        ],
      },
      [x as number[], ...series.map(({ values }) => values as (number | null)[])],
      place,
    );
  };
  let plot: uPlot | undefined;
  const watcher = new ResizeObserver(() => {
    if (!place.isConnected) {
      watcher.disconnect();
      removeEventListener('theme', renew);
      plot?.destroy();
    } else if (plot && place.clientWidth > 0) plot.setSize({ width: Math.max(260, place.clientWidth), height });
    else plot = make();
  });
  const renew = () => {
    plot?.destroy();
    plot = place.isConnected ? make() : undefined;
  };
  addEventListener('theme', renew);
  watcher.observe(place);
  const columns = [
    { title: options.xTitle, cell: (k: number) => tick(x[k]!) },
    ...series.map(({ label, values }) => ({
      title: `${label} (${unit})`,
      number: true,
      cell: (k: number) =>
        values[k] === null || values[k] === undefined
          ? '–'
          : log
            ? values[k].toExponential(2)
            : number(values[k], digits),
    })),
  ];
  const numbers = h('details', {}, h('summary', {}, `Numbers: ${title}`));
  // Made when it is opened: tables of all charts at once would be slow.
  numbers.addEventListener('toggle', () => {
    if (numbers.childElementCount === 1) numbers.append(table(title, columns, [...x.keys()]));
  });
  return h('figure', {}, h('figcaption', {}, title), place, numbers);
}
