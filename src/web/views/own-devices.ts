import { list, maybe } from '../kit/api.js';
import { chosenDay, type DayView, phase } from '../kit/days.js';
import { add, badge, card, field, h, select, show } from '../kit/dom.js';
import { clock, number } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import { type Device, type Me, type Participant, transact } from '../kit/session.js';
import { ticking, timeLeft } from '../kit/ticking.js';
import { redraw, type View } from '../kit/view.js';

interface DevicePreference {
  id: string;
  startPeriod?: number;
  endPeriod?: number;
  powerW?: number;
  energyWh?: number;
  finalWh?: number;
  sell?: boolean;
}
interface Preferences {
  readonly version: number;
  readonly optOut: boolean;
  readonly document?: { readonly optOut?: boolean; readonly devices?: readonly DevicePreference[] };
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  battery: 'Battery',
  shapable: 'Flexible load',
  solar: 'Solar panels',
  generator: 'Generator',
  load: 'Own load',
};

/** What may be used of my devices on a day; until the gate closes. */
export const devicesView: View = {
  path: 'devices',
  title: 'My devices',
  tab: 'Devices',
  roles: ['participant'],
  async draw(place, scene) {
    const { me, live, signal } = scene;
    const head = h('div', { class: 'row' });
    const body = h('div');
    add(place, head, body);
    ticking(body, signal);
    let drawn = '';
    const load = async () => {
      const { day, chooser } = await chosenDay(scene, 'devices');
      const record = await maybe<Participant>('/api/me/devices', signal);
      // A form that is being filled in is not taken away; only another phase of the day redraws it.
      const state = JSON.stringify([day?.day, day?.next, day?.state, record?.devices.length]);
      if (state === drawn) return;
      drawn = state;
      show(head, chooser, day ? badge(phase(day)) : null);
      if (!record) {
        show(body, h('p', {}, 'You are enrolled. Your devices appear here when the operator opens the first day.'));
        return;
      }
      const [preferences] = day ? await list<Preferences>(`/api/me/preferences?day=${day.day}`, signal) : [];
      show(
        body,
        form(me, record, day, preferences, () => {
          drawn = '';
          ask();
        }),
      );
    };
    const ask = redraw(load, signal);
    live.on('day', ask, signal);
    await load();
  },
};

function form(
  me: Me,
  record: Participant,
  day: DayView | undefined,
  mine: Preferences | undefined,
  changed: () => void,
): HTMLElement {
  const isOpen = day?.next === 'gate' && (day.state === 'waiting' || day.state === 'running');
  const periods = day?.record?.periods ?? 24;
  const minutes = day?.record?.minutesPerPeriod ?? 60;
  const editors = record.devices
    .filter((device) => device.kind !== 'load')
    .map((device) =>
      editor(
        device,
        mine?.document?.devices?.find((each) => each.id === device.id),
        periods,
        minutes,
      ),
    );
  const out = h('input', { type: 'checkbox', checked: mine?.optOut ?? false });
  const button = h('button', { type: 'submit', class: 'main' }, mine ? 'Change my preferences' : 'Send my preferences');
  const state = mine
    ? `In force: version ${mine.version}${mine.optOut ? ', not taking part' : ''}.`
    : 'None sent: all your devices may be used within their nameplates.';
  const until = day?.gateClosesAt ? [' The gate closes in ', timeLeft(day.gateClosesAt), '.'] : [];
  const fields = h(
    'fieldset',
    { class: 'bare', disabled: !isOpen },
    h('legend', { class: 'hidden' }, 'Preferences of the day'),
    h(
      'div',
      { class: 'grid' },
      editors.map(({ element }) => element),
    ),
    h('label', { class: 'choice' }, out, h('span', {}, 'I do not take part on this day')),
    button,
  );
  return h(
    'form',
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          const devices = editors.map(({ read }) => read()).filter((each) => Object.keys(each).length > 1);
          const optOut = out.checked;
          const intent = {
            name: 'SubmitPreferences',
            args: { day: day!.day, participant: me.id, optOut },
            what: `Preferences for ${day!.day}`,
          };
          await transact(
            me,
            '/api/me/preferences',
            { day: day!.day, optOut, ...(devices.length ? { devices } : {}) },
            intent,
          );
          tell('Your preferences are on the ledger; what they say is not.');
          changed();
        });
      },
    },
    h(
      'p',
      {},
      `Bus ${record.bus}, ${record.type === 1 ? 'by contract, a day ahead' : 'you answer offers as they come'}. ${state}`,
      ...until,
    ),
    isOpen || !day
      ? null
      : h('p', { class: 'soft' }, 'The gate is closed: preferences of this day cannot be changed any more.'),
    fields,
  );
}

function editor(device: Device, now: DevicePreference | undefined, periods: number, minutes: number) {
  const kilo = (value: number | undefined) => (value === undefined ? '' : String(value / 1000));
  const amount = (value: number | undefined, most: number | undefined) =>
    h('input', {
      type: 'number',
      min: 0,
      max: most === undefined ? undefined : most / 1000,
      step: 'any',
      inputmode: 'decimal',
      value: kilo(value),
    });
  const times = (last: boolean, value: number | undefined) =>
    select(
      [
        ['', last ? 'end of day' : 'start of day'],
        ...Array.from({ length: periods - 1 }, (_, k) => [String(k + 1), clock(k + 1, minutes)] as const),
      ],
      value === undefined ? '' : String(value),
    );
  const stores = device.energyWh !== undefined;
  const start = times(false, now?.startPeriod);
  const end = times(true, now?.endPeriod);
  const power = amount(now?.powerW, device.powerW);
  const energy = amount(now?.energyWh, device.energyWh);
  const final = amount(now?.finalWh, device.energyWh);
  const sell = h('input', { type: 'checkbox', checked: now?.sell ?? true });
  const plate = `${number(device.powerW / 1000, 1)} kW${stores ? `, ${number(device.energyWh! / 1000, 1)} kWh` : ''}`;
  const isSolar = device.kind === 'solar';
  const element = card(
    KIND_WORDS[device.kind] ?? device.kind,
    h('p', { class: 'soft' }, `${device.id} · ${plate}`),
    isSolar
      ? h('label', { class: 'choice' }, sell, h('span', {}, 'Sell what they make'))
      : [
          h('div', { class: 'row' }, field('From', start), field('Until', end)),
          field('At most (kW)', power, `Nameplate ${number(device.powerW / 1000, 1)} kW when left empty`),
          stores ? field(device.kind === 'battery' ? 'Use at most (kWh)' : 'Energy needed (kWh)', energy) : null,
          device.kind === 'battery' ? field('Left at the end of the day, at least (kWh)', final) : null,
        ],
  );
  const read = (): DevicePreference => {
    const wanted: DevicePreference = { id: device.id };
    if (isSolar) {
      if (!sell.checked) wanted.sell = false;
      return wanted;
    }
    if (start.value) wanted.startPeriod = Number(start.value);
    if (end.value) wanted.endPeriod = Number(end.value);
    const whole = (input: HTMLInputElement) => Math.round(Number(input.value) * 1000);
    if (power.value) wanted.powerW = whole(power);
    if (stores && energy.value) wanted.energyWh = whole(energy);
    if (device.kind === 'battery' && final.value) wanted.finalWh = whole(final);
    return wanted;
  };
  return { element, read };
}
