import { maybe } from '../kit/api.js';
import { chart } from '../kit/chart.js';
import { chosenDay, phase } from '../kit/days.js';
import { add, badge, card, h, show } from '../kit/dom.js';
import { clock, energy } from '../kit/format.js';
import { redraw, type View } from '../kit/view.js';

interface Plan {
  readonly day: string;
  readonly periods: number;
  readonly minutesPerPeriod: number;
  readonly devices: readonly { readonly id: string; readonly kind: string; readonly plannedMw: readonly number[] }[];
  readonly ownMw: readonly number[];
  readonly plannedMw: readonly number[];
  readonly acceptedWh: readonly number[];
  readonly deliveredWh: readonly (number | null)[];
}

const kilowatts = (values: readonly number[]) => values.map((value) => value * 1000);

/** What I was to do, what I agreed to beyond it, and what the meter saw. */
export const planView: View = {
  path: 'plan',
  title: 'My day',
  tab: 'My day',
  roles: ['participant'],
  async draw(place, scene) {
    const { live, signal } = scene;
    const head = h('div', { class: 'row' });
    const body = h('div', { class: 'stack' });
    add(place, head, body);
    let drawn = '';
    const load = async () => {
      const { day, chooser } = await chosenDay(scene, 'plan');
      show(head, chooser, day ? badge(phase(day)) : null);
      if (!day) return;
      const plan = await maybe<Plan>(`/api/me/plan?day=${day.day}`, signal);
      const state = JSON.stringify([day.day, plan]);
      if (state === drawn) return;
      drawn = state;
      if (plan) show(body, charts(plan));
      else
        show(
          body,
          h('p', { class: 'soft' }, 'The plan is made after the gate has closed, when the equilibrium is published.'),
        );
    };
    const ask = redraw(load, signal);
    live.on('day', ask, signal);
    await load();
  },
};

function charts(plan: Plan): HTMLElement[] {
  const x = Array.from({ length: plan.periods }, (_, k) => k);
  const tick = (k: number) => clock(k, plan.minutesPerPeriod);
  const options = { tick, xTitle: 'From' };
  const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const accepted = plan.acceptedWh.reduce((total, value) => total + Math.abs(value), 0);
  // Where nothing was accepted there is nothing to meter: the line goes on at zero.
  const metered = plan.deliveredWh.map((value, k) => value ?? (plan.acceptedWh[k] === 0 ? 0 : null));
  const delivered = plan.deliveredWh.some((value) => value !== null);
  const kwh = (values: readonly (number | null)[]) => values.map((value) => (value === null ? null : value / 1000));
  return [
    h(
      'ul',
      { class: 'cards' },
      tile('Planned with the market', energy(sum(plan.plannedMw) * 1e6 * (plan.minutesPerPeriod / 60))),
      tile('Tasks accepted', energy(accepted)),
      tile(
        'Delivered',
        delivered
          ? energy(plan.deliveredWh.reduce<number>((total, value) => total + Math.abs(value ?? 0), 0))
          : 'not metered yet',
      ),
    ),
    card(
      'Plan',
      h('p', { class: 'soft' }, 'Above zero you give, below you take.'),
      chart(
        'My power over the day',
        x,
        [
          { label: 'With the market', values: kilowatts(plan.plannedMw), stepped: true },
          { label: 'On my own', values: kilowatts(plan.ownMw), stepped: true, dashed: true },
        ],
        { ...options, unit: 'kW', digits: 2 },
      ),
    ),
    card(
      'What happened',
      chart(
        'Accepted tasks and what was metered of them',
        x,
        [
          { label: 'Accepted', values: kwh(plan.acceptedWh), stepped: true },
          { label: 'Metered', values: kwh(metered), stepped: true, dashed: true },
        ],
        { ...options, unit: 'kWh', digits: 2 },
      ),
    ),
    card(
      'My devices',
      chart(
        'Planned power of each device',
        x,
        plan.devices.slice(0, 5).map(({ id, kind, plannedMw }) => ({
          label: `${id} (${kind})`,
          values: kilowatts(plannedMw),
          stepped: true,
        })),
        { ...options, unit: 'kW', digits: 2 },
      ),
    ),
  ];
}

export const tile = (name: string, value: string | Node): HTMLElement =>
  h('li', {}, h('b', {}, value), h('span', {}, name));
