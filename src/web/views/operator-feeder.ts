import { extent, ramp } from '../kit/colour.js';
import { phase } from '../kit/days.js';
import { add, badge, card, field, h, select, show, svg, table } from '../kit/dom.js';
import { type Equilibrium, equilibrium } from '../kit/equilibrium.js';
import { clock, number } from '../kit/format.js';
import { legend } from '../kit/legend.js';
import { layOut } from '../kit/tree.js';
import { redraw, type View } from '../kit/view.js';
import { tile } from './own-plan.js';

/** The feeder as a tree: voltages and loading by hour. */
export const feederView: View = {
  path: 'feeder',
  title: 'Feeder',
  tab: 'Feeder',
  roles: ['operator', 'auditor'],
  async draw(place, scene) {
    const { live, query, signal } = scene;
    const head = h('div', { class: 'row' });
    const body = h('div', { class: 'stack' });
    add(place, head, body);
    let drawn = '';
    const load = async () => {
      const { day, chooser, found } = await equilibrium(scene, 'feeder');
      const state = `${day?.day}/${found !== undefined}`;
      if (state === drawn) return;
      drawn = state;
      show(head, chooser, day ? badge(phase(day)) : null);
      const person = found?.source.crowdsourcees.find(({ id }) => id === query.get('person'));
      if (found) feeder(body, found, query.get('bus') ?? person?.bus ?? null);
      else show(body, h('p', { class: 'soft' }, 'The feeder is drawn when the equilibrium of the day is published.'));
    };
    const ask = redraw(load, signal);
    live.on('day', ask, signal);
    await load();
  },
};

function feeder(body: HTMLElement, { source, solution }: Equilibrium, wanted: string | null): void {
  const minutes = source.hoursPerPeriod * 60;
  const tree = layOut(source);
  const volts = new Map((solution.buses ?? []).map((bus) => [bus.id, bus]));
  const all = [...volts.values()].flatMap((bus) => bus.voltagePu);
  const [least, most] = extent(all);
  const slider = h('input', {
    type: 'range',
    min: 0,
    max: source.periods - 1,
    step: 1,
    value: String(Math.min(12, source.periods - 1)),
  });
  const buses = select(
    source.buses.map(({ id }) => [id, id]),
    source.buses.some(({ id }) => id === wanted) ? wanted! : source.root,
  );
  const hour = h('output', { class: 'big' });
  const facts = h('div');
  const dots = new Map<string, SVGCircleElement>();
  const lines = tree.edges.map((edge) => {
    const { up, down } = edge;
    return { ...edge, path: svg('path', { d: `M${up.x} ${up.y}V${down.y}H${down.x}`, fill: 'none' }) };
  });
  for (const { id, x, y } of tree.places.values()) {
    const dot = svg('circle', { cx: x, cy: y, r: 7, class: 'bus' }, svg('title', {}, `bus ${id}`));
    dot.addEventListener('click', () => {
      buses.value = id;
      draw();
    });
    dots.set(id, dot);
  }
  const names =
    tree.places.size <= 200
      ? [...tree.places.values()].map(({ id, x, y }) => svg('text', { x: x + 9, y: y - 5, class: 'name' }, id))
      : [];
  const drawing = svg(
    'svg',
    { width: tree.width, height: tree.height, viewBox: `0 0 ${tree.width} ${tree.height}`, role: 'img' },
    lines.map(({ path }) => path),
    [...dots.values()],
    names,
  );
  const loadingOf = (index: number, t: number) => solution.lines?.[index]?.loading?.[t];
  const draw = () => {
    const t = Number(slider.value);
    hour.textContent = `${clock(t, minutes)}–${clock(t + 1, minutes)}`;
    slider.setAttribute('aria-valuetext', hour.textContent);
    const flows = lines.map(({ index }) => Math.abs(solution.lines?.[index]?.pMw[t] ?? 0));
    const largest = Math.max(extent(flows)[1], 1e-9);
    for (const [k, { index, path }] of lines.entries()) {
      const loading = loadingOf(index, t);
      path.setAttribute('stroke-width', String(1 + (5 * flows[k]!) / largest));
      path.setAttribute(
        'class',
        loading === undefined ? 'line' : loading > 0.98 ? 'line full' : loading > 0.8 ? 'line busy' : 'line',
      );
    }
    for (const [id, dot] of dots) {
      dot.setAttribute('fill', ramp(volts.get(id)?.voltagePu[t] ?? 1, least, most));
      dot.classList.toggle('chosen', id === buses.value);
    }
    const now = [...volts.values()].map((bus) => bus.voltagePu[t]!);
    const lowest = [...volts.values()].reduce((low, bus) => (bus.voltagePu[t]! < low.voltagePu[t]! ? bus : low));
    drawing.setAttribute(
      'aria-label',
      `Feeder at ${hour.textContent}: voltages from ${number(extent(now)[0], 4)} (bus ${lowest.id}) to ${number(extent(now)[1], 4)} per unit`,
    );
    show(facts, busFacts(source, solution, buses.value, t));
  };
  slider.addEventListener('input', draw);
  buses.addEventListener('change', draw);
  const voltageTable = h('details', {}, h('summary', {}, 'Voltages and flows of this hour as tables'));
  voltageTable.addEventListener('toggle', () => {
    const t = Number(slider.value);
    const rows = [...volts.values()];
    show(
      voltageTable,
      h('summary', {}, 'Voltages and flows of this hour as tables'),
      h(
        'div',
        { class: 'grid' },
        table(
          `Voltages at ${clock(t, minutes)}`,
          [
            { title: 'Bus', cell: (bus: (typeof rows)[number]) => bus.id },
            { title: 'Voltage (pu)', number: true, cell: (bus) => number(bus.voltagePu[t]!, 5) },
          ],
          rows,
        ),
        table(
          `Lines at ${clock(t, minutes)}`,
          [
            { title: 'Line', cell: ({ line }: (typeof lines)[number]) => `${line.id} (${line.from}–${line.to})` },
            { title: 'Flow (MW)', number: true, cell: ({ index }) => number(solution.lines?.[index]?.pMw[t] ?? 0, 4) },
            {
              title: 'Loading',
              number: true,
              cell: ({ index }) =>
                loadingOf(index, t) === undefined ? 'no limit' : `${number(100 * loadingOf(index, t)!, 0)} %`,
            },
          ],
          lines,
        ),
      ),
    );
  });
  show(
    body,
    card(
      'Voltages and flows',
      h('div', { class: 'row end' }, field('Hour', slider), hour, field('Bus', buses)),
      h(
        'div',
        { class: 'scroll drawing', tabindex: 0, role: 'region', 'aria-label': 'Drawing of the feeder' },
        drawing,
      ),
      legend('Voltage (pu)', number(least, 3), number(most, 3)),
      h(
        'p',
        { class: 'soft small' },
        'Lines are as wide as their flow; amber from 80 % and red from 98 % of their limit.',
      ),
    ),
    facts,
    voltageTable,
  );
  draw();
}

function busFacts(
  source: Equilibrium['source'],
  solution: Equilibrium['solution'],
  id: string,
  t: number,
): HTMLElement {
  const bus = solution.buses?.find((each) => each.id === id);
  const limits = source.buses.find((each) => each.id === id);
  const at = <Item extends { bus: string; id: string }>(items: readonly Item[]) =>
    items.filter((item) => item.bus === id).map((item) => item.id);
  const devices = [...at(source.generators), ...at(source.solar), ...at(source.batteries), ...at(source.shapables)];
  return card(
    `Bus ${id}`,
    h(
      'ul',
      { class: 'cards' },
      tile(`Voltage, limits ${limits?.vMinPu} to ${limits?.vMaxPu}`, `${number(bus?.voltagePu[t] ?? 1, 4)} pu`),
      tile('DLMP', bus?.dlmpPerMwh ? `$${number(bus.dlmpPerMwh[t]!, 2)}/MWh` : '–'),
      tile('People', at(source.crowdsourcees).join(', ') || '–'),
      tile('Devices', devices.join(', ') || '–'),
    ),
  );
}
