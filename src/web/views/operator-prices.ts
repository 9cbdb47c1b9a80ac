import { chart } from '../kit/chart.js';
import { extent, ramp } from '../kit/colour.js';
import { phase } from '../kit/days.js';
import { add, badge, card, field, h, select, show } from '../kit/dom.js';
import { type Equilibrium, equilibrium } from '../kit/equilibrium.js';
import { clock, number } from '../kit/format.js';
import { legend } from '../kit/legend.js';
import { redraw, type View } from '../kit/view.js';

/** Prices at every bus and hour, and what each is made of. */
export const pricesView: View = {
  path: 'prices',
  title: 'Prices (DLMP)',
  tab: 'Prices',
  roles: ['operator', 'auditor'],
  async draw(place, scene) {
    const { live, query, signal } = scene;
    const head = h('div', { class: 'row' });
    const body = h('div', { class: 'stack' });
    add(place, head, body);
    let drawn = '';
    const load = async () => {
      const { day, chooser, found } = await equilibrium(scene, 'prices');
      const state = `${day?.day}/${found !== undefined}`;
      if (state === drawn) return;
      drawn = state;
      show(head, chooser, day ? badge(phase(day)) : null);
      if (found) prices(body, found, query.get('bus'), signal);
      else show(body, h('p', { class: 'soft' }, 'Prices are there when the equilibrium of the day is published.'));
    };
    const ask = redraw(load, signal);
    live.on('day', ask, signal);
    await load();
  },
};

function prices(
  body: HTMLElement,
  { source, solution }: Equilibrium,
  wanted: string | null,
  signal: AbortSignal,
): void {
  const minutes = source.hoursPerPeriod * 60;
  const buses = (solution.buses ?? []).filter((bus) => bus.dlmpPerMwh);
  const all = buses.flatMap((bus) => bus.dlmpPerMwh!);
  const [least, most] = extent(all);
  const dearest = buses.find((bus) => bus.dlmpPerMwh!.includes(most));
  const chooser = select(
    buses.map(({ id }) => [id, id]),
    buses.some(({ id }) => id === wanted) ? wanted! : dearest?.id,
  );
  const rowHeight = buses.length > 400 ? 1 : buses.length > 120 ? 3 : 10;
  const columnWidth = 24;
  const map = h('canvas', {
    width: source.periods * columnWidth,
    height: buses.length * rowHeight,
    role: 'img',
    'aria-label': `Prices of ${buses.length} buses over ${source.periods} periods, from ${number(least)} to ${number(most)} dollars a megawatt-hour; choose a bus for its numbers`,
  });
  const paint = map.getContext('2d')!;
  const draw = () => {
    for (const [row, bus] of buses.entries()) {
      for (const [t, price] of bus.dlmpPerMwh!.entries()) {
        paint.fillStyle = ramp(price, least, most);
        paint.fillRect(t * columnWidth, row * rowHeight, columnWidth, rowHeight);
      }
      if (bus.id !== chooser.value) continue;
      paint.strokeStyle = '#ff3df2';
      paint.lineWidth = 2;
      paint.strokeRect(1, row * rowHeight, map.width - 2, Math.max(2, rowHeight));
    }
  };
  const under = h('p', { class: 'small', 'aria-hidden': 'true' }, 'Point at the map for a price.');
  const placeOf = (event: MouseEvent) => {
    const box = map.getBoundingClientRect();
    const row = Math.min(
      buses.length - 1,
      Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * buses.length)),
    );
    const t = Math.min(
      source.periods - 1,
      Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * source.periods)),
    );
    return { bus: buses[row]!, t };
  };
  map.addEventListener('mousemove', (event) => {
    const { bus, t } = placeOf(event);
    under.textContent = `Bus ${bus.id}, ${clock(t, minutes)}: $${number(bus.dlmpPerMwh![t]!, 3)}/MWh`;
  });
  const parts = h('div');
  const choose = () => {
    draw();
    show(parts, partsOf(source, buses.find((bus) => bus.id === chooser.value)!));
  };
  map.addEventListener('click', (event) => {
    chooser.value = placeOf(event).bus.id;
    choose();
  });
  chooser.addEventListener('change', choose);
  addEventListener('theme', draw, { signal });
  const hours = Array.from({ length: 5 }, (_, k) => clock(Math.round((k * source.periods) / 4), minutes));
  show(
    body,
    card(
      'DLMP by bus and hour',
      h('div', { class: 'row end' }, field('Bus', chooser), under),
      h(
        'div',
        { class: 'heat' },
        map,
        h(
          'div',
          { class: 'row between soft small', 'aria-hidden': 'true' },
          hours.map((each) => h('span', {}, each)),
        ),
      ),
      legend('DLMP ($/MWh)', number(least), number(most)),
    ),
    parts,
  );
  choose();
}

function partsOf(
  source: Equilibrium['source'],
  bus: NonNullable<Equilibrium['solution']['buses']>[number],
): HTMLElement {
  const minutes = source.hoursPerPeriod * 60;
  const x = Array.from({ length: source.periods }, (_, k) => k);
  const real = bus.dlmpParts?.real;
  const series = real
    ? [
        { label: 'DLMP', values: bus.dlmpPerMwh! },
        { label: 'energy', values: real.energy, dashed: true },
        { label: 'losses', values: real.loss },
        { label: 'voltage', values: real.voltage },
        { label: 'congestion', values: real.congestion },
      ]
    : [{ label: 'DLMP', values: bus.dlmpPerMwh! }];
  return card(
    `Bus ${bus.id}`,
    chart(`DLMP of bus ${bus.id} and its parts`, x, series, {
      unit: '$/MWh',
      tick: (k) => clock(k, minutes),
      xTitle: 'From',
    }),
    real ? null : h('p', { class: 'soft' }, 'This solution came without the parts of its prices.'),
  );
}
