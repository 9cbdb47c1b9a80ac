/**
 * Small SVG charts as text. This file imports nothing: the report's page carries its compiled text
 * and draws with it in the browser, so that a figure on paper and on screen are the same figure.
 */

/** A line; a point whose y is null or not finite breaks it. */
export interface ChartSeries {
  readonly label: string;
  readonly points: readonly (readonly [number, number | null])[];
  /** Index of the colour and dash, 0..7; default: the place in the list. */
  readonly tone?: number;
  readonly markers?: boolean;
  /** Fills between this line and zero, lightly. */
  readonly filled?: boolean;
}

export interface LineChart {
  readonly title: string;
  /** What a reader who does not see the chart should know. */
  readonly description?: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly ChartSeries[];
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly xTicks?: readonly number[];
  /** Values that must be inside the y axis. */
  readonly yIncludes?: readonly number[];
  /** Horizontal rules, for instance limits. */
  readonly rules?: readonly { readonly y: number; readonly label: string }[];
  /** A shaded range behind the lines: (x, low, high). */
  readonly band?: { readonly label: string; readonly points: readonly (readonly [number, number, number])[] };
  readonly width?: number;
  readonly height?: number;
  /** Adds the namespace and the style sheet: a file of its own instead of a part of a page. */
  readonly standalone?: boolean;
}

export interface HeatMap {
  readonly title: string;
  readonly description?: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** rows × columns */
  readonly values: readonly (readonly number[])[];
  readonly unit: string;
  readonly width?: number;
  readonly standalone?: boolean;
}

/** Colours of both themes; the page and every standalone file use them. */
export const CHART_STYLE = `
.cw-chart{--ink:#1b2430;--soft:#5a6675;--grid:#dde3ea;--paper:#ffffff;--band:#9db7d5;--s0:#0b5cad;--s1:#c2410c;--s2:#15803d;--s3:#7c3aed;--s4:#b0126b;--s5:#0e7490;--s6:#8a6100;--s7:#374151}
@media (prefers-color-scheme:dark){.cw-chart{--ink:#e8edf3;--soft:#a3afbd;--grid:#303b48;--paper:#151b23;--band:#3f5f85;--s0:#6cb2ff;--s1:#ff9b63;--s2:#62d58b;--s3:#b79bff;--s4:#ff86c4;--s5:#5fd3ea;--s6:#e2b64b;--s7:#c3ccd6}}
@media print{.cw-chart{--ink:#1b2430;--soft:#5a6675;--grid:#dde3ea;--paper:#ffffff;--band:#9db7d5;--s0:#0b5cad;--s1:#c2410c;--s2:#15803d;--s3:#7c3aed;--s4:#b0126b;--s5:#0e7490;--s6:#8a6100;--s7:#374151}}
.cw-chart text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.cw-chart .soft{fill:var(--soft)}
.cw-chart .head{font-weight:600;font-size:14px}
.cw-chart .grid{stroke:var(--grid);stroke-width:1}
.cw-chart .zero{stroke:var(--soft);stroke-width:1}
.cw-chart .rule{stroke:var(--soft);stroke-width:1.25;stroke-dasharray:2 4}
.cw-chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.cw-chart .fill{stroke:none;opacity:.14}
.cw-chart .band{fill:var(--band);opacity:.38}
`;

const DASHES = ['', '7 4', '', '2 4', '', '9 3 2 3', '4 3', '12 4'];

/** Text made safe for markup, attributes included. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A number as a person writes it, with a true minus sign. */
export function label(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const short = Number(value.toPrecision(6));
  const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? short.toExponential() : String(short);
  return text.replaceAll('-', '−').replace('e+', 'e');
}

/** Round ticks that cover [low, high]. */
export function niceTicks(low: number, high: number, about = 6): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const raw = span / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? power * 10;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    ticks.push(Number((k * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / 8));
  for (let k = first; k <= last; k += every) ticks.push(10 ** k);
  return ticks.length >= 2 ? ticks : [low, high];
}

/** Below this nothing is drawn apart from zero; it keeps denormal numbers out of divisions. */
const TINY = 1e-100;

/** True where a range is too narrow for its numbers to be told apart. */
const isFlat = (low: number, high: number): boolean =>
  !(high - low > 1e-12 * Math.max(Math.abs(low), Math.abs(high), TINY));

interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Maps [low, high] to [from, to]; a flat range is opened a little so that the line shows. */
function axis(values: readonly number[], from: number, to: number, log: boolean, ticks?: readonly number[]): Axis {
  const usable = values.filter((value) => Number.isFinite(value) && (!log || value > TINY));
  let low = usable.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = usable.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (usable.length === 0) [low, high] = log ? [0.1, 1] : [0, 1];
  if (isFlat(low, high)) {
    const room = Math.abs(low) > TINY ? Math.abs(low) * 0.05 : 1;
    [low, high] = log ? [low / 10, high * 10] : [low - room, high + room];
  }
  const scale = log ? Math.log10 : (value: number) => value;
  const found = ticks ?? (log ? logTicks(low, high) : niceTicks(low, high));
  const bottom = scale(low);
  const per = (to - from) / (scale(high) - bottom);
  return { at: (value) => from + (scale(value) - bottom) * per, ticks: found };
}

/** Widens a range to whole ticks so that lines do not touch the frame. */
function padded(values: readonly number[]): number[] {
  const finite = values.filter((value) => Number.isFinite(value));
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (finite.length === 0 || isFlat(low, high)) return [...finite];
  const ticks = niceTicks(low, high);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : high - low;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

const px = (value: number): string => (Math.round(value * 10) / 10).toString();

/** Rough width of a text in the charts' 12 px face: enough to wrap a legend. */
const textWidth = (text: string): number => 6.6 * [...text].length;

interface LegendItem {
  readonly label: string;
  readonly mark: (x: number, y: number) => string;
}

function legend(
  items: readonly LegendItem[],
  left: number,
  right: number,
  top: number,
): { svg: string; height: number } {
  let x = left;
  let y = top;
  const parts: string[] = [];
  for (const item of items) {
    const width = 34 + textWidth(item.label) + 14;
    if (x > left && x + width > right) {
      x = left;
      y += 18;
    }
    parts.push(item.mark(x, y), `<text x="${px(x + 32)}" y="${px(y + 4)}">${escapeText(item.label)}</text>`);
    x += width;
  }
  return { svg: parts.join(''), height: items.length === 0 ? 0 : y - top + 18 };
}

function frame(
  width: number,
  height: number,
  chart: { title: string; description?: string; standalone?: boolean },
  body: string,
) {
  const words = chart.description ?? '';
  const open = chart.standalone
    ? `<svg xmlns="http://www.w3.org/2000/svg" class="cw-chart" width="${width}" height="${height}"`
    : `<svg class="cw-chart"`;
  const style = chart.standalone
    ? `<style>${CHART_STYLE}</style><rect width="100%" height="100%" fill="var(--paper)"/>`
    : '';
  return (
    `${open} viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(`${chart.title}. ${words}`.trim())}">` +
    `<title>${escapeText(chart.title)}</title>${words ? `<desc>${escapeText(words)}</desc>` : ''}${style}${body}</svg>`
  );
}

/** The stretches of a series that can be drawn, in pixels: a gap in the data is a gap in the line. */
function stretches(points: ChartSeries['points'], x: Axis, y: Axis, log: boolean): [number, number][][] {
  const runs: [number, number][][] = [[]];
  for (const [at, value] of points) {
    const usable = value !== null && Number.isFinite(value) && (!log || value > TINY) && Number.isFinite(x.at(at));
    if (usable) runs.at(-1)!.push([x.at(at), y.at(value)]);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** Draws lines over a numeric x axis. */
export function lineChart(chart: LineChart): string {
  const width = chart.width ?? 640;
  const right = width - 18;
  const shown = chart.series.flatMap((series) => series.points);
  const ys = shown.flatMap(([, value]) => (value === null ? [] : [value]));
  ys.push(...(chart.yIncludes ?? []), ...(chart.rules ?? []).map((rule) => rule.y));
  for (const [, low, high] of chart.band?.points ?? []) ys.push(low, high);
  const yValues = chart.logY ? ys : padded(ys);
  const widest = axis(yValues, 0, 1, chart.logY === true).ticks.reduce(
    (most, tick) => Math.max(most, textWidth(label(tick))),
    0,
  );
  const left = Math.ceil(Math.max(48, widest + 36));
  const items: LegendItem[] = chart.series.map((series, index) => {
    const tone = (series.tone ?? index) % DASHES.length;
    return {
      label: series.label,
      mark: (x, y) =>
        `<path class="line" stroke="var(--s${tone})" stroke-dasharray="${DASHES[tone]}" d="M${px(x)} ${px(y)}h26"/>` +
        (series.markers ? `<circle cx="${px(x + 13)}" cy="${px(y)}" r="3" fill="var(--s${tone})"/>` : ''),
    };
  });
  if (chart.band) {
    const mark = (x: number, y: number) => `<rect class="band" x="${px(x)}" y="${px(y - 6)}" width="26" height="12"/>`;
    items.unshift({ label: chart.band.label, mark });
  }
  const head = legend(items, left, right, 42);
  const top = 42 + head.height + 4;
  const height = chart.height ?? 300 + head.height;
  const bottom = height - 46;

  const x = axis(
    [...shown.map(([value]) => value), ...(chart.xTicks ?? [])],
    left,
    right,
    chart.logX === true,
    chart.xTicks,
  );
  const y = axis(yValues, bottom, top, chart.logY === true);

  const parts = [`<text class="head" x="${left}" y="22">${escapeText(chart.title)}</text>`, head.svg];
  for (const tick of y.ticks) {
    const at = px(y.at(tick));
    parts.push(`<path class="${tick === 0 ? 'zero' : 'grid'}" d="M${left} ${at}H${right}"/>`);
    parts.push(`<text class="soft" x="${left - 8}" y="${px(y.at(tick) + 4)}" text-anchor="end">${label(tick)}</text>`);
  }
  for (const tick of x.ticks) {
    const at = px(x.at(tick));
    parts.push(`<path class="grid" d="M${at} ${bottom}v5"/>`);
    parts.push(`<text class="soft" x="${at}" y="${bottom + 18}" text-anchor="middle">${label(tick)}</text>`);
  }
  parts.push(`<path class="zero" d="M${left} ${bottom}H${right}"/>`);
  const middle = (top + bottom) / 2;
  parts.push(
    `<text class="soft" x="${px((left + right) / 2)}" y="${height - 8}" text-anchor="middle">${escapeText(chart.xLabel)}</text>`,
  );
  parts.push(
    `<text class="soft" transform="translate(16 ${px(middle)}) rotate(-90)" text-anchor="middle">${escapeText(chart.yLabel)}</text>`,
  );
  if (chart.band) {
    const high = chart.band.points.map(([at, , value]) => `${px(x.at(at))} ${px(y.at(value))}`);
    const low = chart.band.points.map(([at, value]) => `${px(x.at(at))} ${px(y.at(value))}`).reverse();
    parts.push(`<path class="band" d="M${[...high, ...low].join('L')}Z"/>`);
  }
  for (const rule of chart.rules ?? []) {
    const at = px(y.at(rule.y));
    parts.push(`<path class="rule" d="M${left} ${at}H${right}"/>`);
    parts.push(
      `<text class="soft" x="${right - 4}" y="${px(y.at(rule.y) - 5)}" text-anchor="end">${escapeText(rule.label)}</text>`,
    );
  }
  chart.series.forEach((series, index) => {
    const tone = (series.tone ?? index) % DASHES.length;
    for (const run of stretches(series.points, x, y, chart.logY === true)) {
      const path = run.map(([a, b]) => `${px(a)} ${px(b)}`).join('L');
      if (series.filled) {
        const base = px(y.at(0));
        parts.push(
          `<path class="fill" fill="var(--s${tone})" d="M${px(run[0]![0])} ${base}L${path}L${px(run.at(-1)![0])} ${base}Z"/>`,
        );
      }
      if (run.length > 1) {
        parts.push(`<path class="line" stroke="var(--s${tone})" stroke-dasharray="${DASHES[tone]}" d="M${path}"/>`);
      }
      if (series.markers || run.length === 1) {
        for (const [a, b] of run) parts.push(`<circle cx="${px(a)}" cy="${px(b)}" r="3" fill="var(--s${tone})"/>`);
      }
    }
  });
  return frame(width, height, chart, parts.join(''));
}

/** A perceptually even ramp from dark blue to yellow, the same in both themes. */
const RAMP = [
  [53, 42, 105],
  [49, 96, 160],
  [33, 145, 140],
  [94, 190, 98],
  [253, 221, 60],
] as const;

export function rampColour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const low = Math.min(RAMP.length - 2, Math.floor(at));
  const rest = at - low;
  const mix = RAMP[low]!.map((value, k) => Math.round(value + (RAMP[low + 1]![k]! - value) * rest));
  return `rgb(${mix.join(' ')})`;
}

/** Rows × columns as coloured cells, with a scale beside. */
export function heatMap(map: HeatMap): string {
  const width = map.width ?? 640;
  const left = 74;
  const right = width - 96;
  const rowHeight = Math.max(1.5, Math.min(18, 520 / Math.max(1, map.rows.length)));
  const top = 40;
  const bottom = top + Math.max(40, rowHeight * map.rows.length);
  const height = bottom + 46;
  const flat = map.values.flat().filter((value) => Number.isFinite(value));
  const low = flat.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = flat.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const share = (value: number) => (high > low ? (value - low) / (high - low) : 0.5);
  const cell = (right - left) / Math.max(1, map.columns.length);
  const tall = (bottom - top) / Math.max(1, map.rows.length);
  const parts = [`<text class="head" x="${left}" y="22">${escapeText(map.title)}</text>`];
  map.values.forEach((row, r) => {
    row.forEach((value, c) => {
      if (!Number.isFinite(value)) return;
      // Half a pixel of overlap hides the seams that anti-aliasing leaves between neighbours.
      const box = `x="${px(left + c * cell)}" y="${px(top + r * tall)}" width="${px(cell + 0.5)}" height="${px(tall + 0.5)}"`;
      parts.push(`<rect ${box} fill="${rampColour(share(value))}"/>`);
    });
  });
  const everyRow = Math.max(1, Math.ceil(14 / tall));
  map.rows.forEach((name, r) => {
    if (r % everyRow !== 0) return;
    const text = name.length > 9 ? `${name.slice(0, 8)}…` : name;
    parts.push(
      `<text class="soft" x="${left - 6}" y="${px(top + (r + 0.5) * tall + 4)}" text-anchor="end">${escapeText(text)}</text>`,
    );
  });
  const everyColumn = Math.max(1, Math.ceil(map.columns.length / 12));
  map.columns.forEach((name, c) => {
    if (c % everyColumn !== 0) return;
    parts.push(
      `<text class="soft" x="${px(left + (c + 0.5) * cell)}" y="${bottom + 18}" text-anchor="middle">${escapeText(name)}</text>`,
    );
  });
  parts.push(
    `<text class="soft" x="${px((left + right) / 2)}" y="${height - 8}" text-anchor="middle">${escapeText(map.xLabel)}</text>`,
  );
  const middle = px((top + bottom) / 2);
  parts.push(
    `<text class="soft" transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">${escapeText(map.yLabel)}</text>`,
  );
  const barX = right + 18;
  const steps = 40;
  const barHeight = Math.min(220, bottom - top);
  for (let k = 0; k < steps; k++) {
    const y = top + barHeight - ((k + 1) * barHeight) / steps;
    parts.push(
      `<rect x="${barX}" y="${px(y)}" width="14" height="${px(barHeight / steps + 0.5)}" fill="${rampColour((k + 0.5) / steps)}"/>`,
    );
  }
  if (flat.length > 0) {
    for (const value of high > low ? [low, (low + high) / 2, high] : [low]) {
      const y = top + barHeight * (1 - share(value));
      parts.push(`<text class="soft" x="${barX + 19}" y="${px(y + 4)}">${label(Number(value.toPrecision(4)))}</text>`);
    }
  }
  parts.push(`<text class="soft" x="${barX}" y="${top - 12}">${escapeText(map.unit)}</text>`);
  return frame(width, height, map, parts.join(''));
}
