import type { busTable, PageData, partsChart, powerChart, priceChart, voltageChart } from './bus-charts.js';
import type { lineChart } from './charts.js';

interface Drawing {
  readonly lineChart: typeof lineChart;
  readonly powerChart: typeof powerChart;
  readonly voltageChart: typeof voltageChart;
  readonly priceChart: typeof priceChart;
  readonly partsChart: typeof partsChart;
  readonly busTable: typeof busTable;
}

/** Runs in the page: redraws the figures of the chosen bus. Without it the page shows the default bus. */
export function startPage(data: PageData, draw: Drawing): void {
  const select = document.querySelector<HTMLSelectElement>('#bus');
  if (select === null) return;
  const show = (id: string, svg: string) => {
    const place = document.getElementById(id);
    if (place) place.innerHTML = svg;
  };
  const redraw = () => {
    const index = Number(select.value);
    show('power', draw.powerChart(draw.lineChart, data, index));
    show('voltage', draw.voltageChart(draw.lineChart, data, index));
    if (data.buses[index]!.dlmp.length > 0) show('price', draw.priceChart(draw.lineChart, data, index));
    if (data.buses[index]!.parts) show('parts', draw.partsChart(draw.lineChart, data, index));
    const body = document.querySelector('#bus-table tbody');
    if (!body) return;
    body.replaceChildren(
      ...draw.busTable(data, index).map((cells) => {
        const row = document.createElement('tr');
        for (const text of cells) row.insertCell().textContent = text;
        return row;
      }),
    );
  };
  select.addEventListener('change', redraw);
  // A browser may restore the choice of an earlier visit.
  redraw();
}
