import type { Solution } from '../solver/solution.js';
import {
  BUS_TABLE_HEAD,
  busTable,
  type PageData,
  partsChart,
  powerChart,
  priceChart,
  voltageChart,
} from './bus-charts.js';
import { CHART_STYLE, escapeText, lineChart } from './charts.js';
import { convergenceChart, incentiveChart, offeredPriceChart, priceHeatMap } from './figures.js';
import type { ReportInput } from './input.js';
import { PAGE_STYLE } from './page-style.js';
import { incentiveSeries } from './series.js';
import {
  certificateTable,
  ledgerTable,
  money,
  number,
  offersTable,
  type ReportTable,
  resultsTable,
  secondsTable,
  statementsTable,
} from './tables.js';

/** The whole page as one text: no request leaves it (its own policy forbids any). `scripts` is what runs in it. */
export function renderPage(input: ReportInput, data: PageData, bus: number, scripts: readonly string[]): string {
  const { case: source, solution, report } = input;
  const title = `${source.name}${report ? `, ${report.day}` : ''}`;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeText(title)} · crowdwatt</title>
<style>${CHART_STYLE}${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
<p class="soft">${escapeText(subtitle(input))}</p>
${warnings(input)}
${cards(input)}
</header>
<main class="grid">
<div class="stack">${busSection(data, bus)}${report ? voltages(data, bus) : ''}</div>
${report ? incentives(input, data) : convergence(solution)}
${prices(data, bus, report ? convergence(solution) : '')}
${table(resultsTable(source, solution))}
${table(certificateTable(solution))}
${report ? table(offersTable(report, source.hoursPerPeriod)) : ''}
${report ? [ledgerTable(report), statementsTable(report), secondsTable(report)].map(table).join('\n') : ''}
</main>
<script type="module">
${scripts.join('\n')}
startPage(${scriptJson(data)}, { lineChart, powerChart, voltageChart, priceChart, partsChart, busTable });
</script>
</body>
</html>
`;
}

/** JSON that cannot end the script it stands in. */
const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

function subtitle({ case: source, report }: ReportInput): string {
  const devices = source.solar.length + source.batteries.length + source.shapables.length;
  const what = `${source.buses.length} buses, ${source.periods} periods of ${source.hoursPerPeriod} h, ${devices} devices of ${source.crowdsourcees.length} crowdsourcees`;
  return report ? `A day of crowdsourced energy: ${what}.` : `Schedule and prices: ${what}.`;
}

function warnings({ solution, report }: ReportInput): string {
  const lines = [...solution.warnings, ...(report?.warnings ?? [])];
  if (solution.certificate?.verdict === 'inexact') {
    lines.unshift('INEXACT: the relaxation did not give a physical schedule; its prices are not to be traded on.');
  }
  if (solution.reason) lines.push(solution.reason);
  return [...new Set(lines)].map((line) => `<p class="warn">${escapeText(line)}</p>`).join('');
}

function cards({ solution, report }: ReportInput): string {
  const items: [string, string, string?][] = [];
  const verdict = solution.certificate?.verdict;
  const cost = solution.objective === undefined ? '–' : money(solution.objective);
  items.push([cost, 'cost of the schedule']);
  items.push([verdict ?? solution.status, 'verdict', verdict === 'inexact' || !verdict ? 'bad' : 'good']);
  const prices = (solution.buses ?? []).flatMap((bus) => bus.dlmpPerMwh ?? []);
  if (prices.length > 0) {
    const low = prices.reduce((a, b) => Math.min(a, b));
    const high = prices.reduce((a, b) => Math.max(a, b));
    items.push([`${number(low, 2)} to ${number(high, 2)}`, 'prices, $/MWh']);
  }
  if (report) {
    const accepted = report.offers.filter((offer) => offer.outcome === 'accepted').length;
    items.push([`${accepted} of ${report.offers.length}`, 'offers accepted']);
    items.push([String(report.supplements.length), 'supplements by generators']);
    items.push([`${report.ledger.height}`, `blocks, ${report.ledger.transactions} transactions`]);
  }
  const cell = ([value, what, tone]: [string, string, string?]) =>
    `<li><b${tone ? ` class="${tone}"` : ''}>${escapeText(value)}</b><span>${escapeText(what)}</span></li>`;
  return `<ul class="cards">${items.map(cell).join('')}</ul>`;
}

function busSection(data: PageData, bus: number): string {
  const options = data.buses.map(
    (one, k) =>
      `<option value="${k}"${k === bus ? ' selected' : ''}>${escapeText(one.id)}${one.devices > 0 ? ` (${one.devices} devices)` : ''}</option>`,
  );
  const head = BUS_TABLE_HEAD.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = busTable(data, bus).map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<section>
<p class="chooser"><label for="bus">Bus</label><select id="bus" autocomplete="off">${options.join('')}</select></p>
<figure><div id="power" aria-live="polite">${powerChart(lineChart, data, bus)}</div>
<figcaption>Who uses and who gives power at this bus (the paper's Fig. 3, left).</figcaption></figure>
<details><summary>The numbers</summary><div class="scroll" tabindex="0"><table id="bus-table"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div></details>
</section>`;
}

function incentives({ case: source, report }: ReportInput, data: PageData): string {
  if (!report) return '';
  const series = incentiveSeries(source, report);
  const caption = 'The additional reward offered in the first round to those with most offers (Fig. 3, right).';
  const reward = figure('incentives', incentiveChart(data, series), caption);
  const whole = 'The same offers with the price of energy at the bus: what a MWh that is fed in earns.';
  return `<div class="stack">${reward}${figure('offered', offeredPriceChart(data, series), whole)}</div>`;
}

const convergence = (solution: Solution): string =>
  figure('convergence', convergenceChart(solution), 'How the solver got there.');

const voltages = (data: PageData, bus: number): string =>
  figure('voltage', voltageChart(lineChart, data, bus), 'The band holds every bus of the feeder but the substation.');

/** Left what concerns all buses, right the price at the chosen one; two stacks of much the same height. */
function prices(data: PageData, bus: number, last: string): string {
  const { dlmp, parts } = data.buses[bus]!;
  const map = figure('dlmp', priceHeatMap(data), 'Every cell is what one more MWh costs at that bus in that hour.');
  const left = last === '' ? [map, voltages(data, bus)] : [map, last];
  const priced = dlmp.length > 0 ? priceChart(lineChart, data, bus) : undefined;
  const added = parts ? partsChart(lineChart, data, bus) : undefined;
  const right = [
    figure('price', priced, 'The price of real power at the chosen bus.'),
    figure('parts', added, 'With the price of energy at the substation these add up to the price at the bus.'),
  ];
  return `<div class="stack">${left.join('')}</div><div class="stack">${right.join('')}</div>`;
}

function figure(id: string, svg: string | undefined, caption: string): string {
  if (svg === undefined) return '';
  return `<section><figure><div id="${id}">${svg}</div><figcaption>${escapeText(caption)}</figcaption></figure></section>`;
}

function table(content: ReportTable | undefined): string {
  if (content === undefined) return '';
  const from = content.numbersFrom ?? 1;
  const mark = (k: number) => (k >= from && content.head.length > 2 ? ' class="n"' : '');
  const named = content.head.some((name) => name !== '');
  const head = named
    ? `<thead><tr>${content.head.map((name, k) => `<th scope="col"${mark(k)}>${escapeText(name)}</th>`).join('')}</tr></thead>`
    : '';
  const rows = content.rows.map(
    ([first = '', ...rest]) =>
      `<tr><th scope="row"${mark(0)}>${escapeText(first)}</th>${rest.map((cell, k) => `<td${mark(k + 1)}>${escapeText(cell)}</td>`).join('')}</tr>`,
  );
  const note = content.note ? `<p class="soft">${escapeText(content.note)}</p>` : '';
  const wide = content.head.length > 4 && content.rows.length > 8 ? ' class="wide"' : '';
  return `<section${wide}><h2>${escapeText(content.title)}</h2>${note}<div class="scroll" tabindex="0" role="region" aria-label="${escapeText(content.title)}"><table>${head}<tbody>${rows.join('')}</tbody></table></div></section>`;
}
