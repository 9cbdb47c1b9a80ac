import { call, get, post } from '../kit/api.js';
import { Convergence, type Progress } from '../kit/convergence.js';
import { allDays, chosenDay, type DayView, phase, STEP_WORDS } from '../kit/days.js';
import { add, badge, card, field, h, select, show } from '../kit/dom.js';
import { short } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import { ticking, timeLeft } from '../kit/ticking.js';
import { redraw, type Scene, type View } from '../kit/view.js';

interface CaseCard {
  readonly id: string;
  readonly name: string;
  readonly buses: number;
  readonly periods: number;
  readonly crowdsourcees: number;
}
interface BlockNews {
  readonly number: number;
  readonly hash: string;
  readonly transactions: readonly { readonly txId: string; readonly name: string }[];
}

const MOST_LINES = 60;
const isActive = (day: DayView) => day.state === 'running' || day.state === 'waiting';

/** A day, step by step or at once, with what the solver and the ledger do meanwhile. */
export const dayView: View = {
  path: 'day',
  title: 'Run a day',
  tab: 'Day',
  roles: ['operator', 'auditor'],
  async draw(place, scene) {
    const { me, live, signal } = scene;
    const head = h('div', { class: 'row' });
    const control = h('div', { class: 'stack' });
    const convergence = new Convergence(signal);
    const log = h('ol', { class: 'log', tabindex: 0, 'aria-label': 'Progress of the day' });
    const blocks = h('ol', { class: 'log', tabindex: 0, 'aria-label': 'Blocks as they come' });
    add(
      place,
      head,
      control,
      h('div', { class: 'grid' }, card('Solver', convergence.element), card('Blocks', blocks), card('Progress', log)),
    );
    ticking(control, signal);
    let drawn = '';
    let said = '';
    const load = async () => {
      const { day, chooser } = await chosenDay(scene, 'day');
      const detail = day ? await get<DayView>(`/api/days/${day.day}`, signal) : undefined;
      const active = (await allDays(signal)).some(isActive);
      const state = JSON.stringify([detail, active]);
      if (state === drawn) return;
      drawn = state;
      show(head, chooser, detail ? badge(phase(detail), detail.state === 'failed' ? 'bad' : 'plain') : null);
      if (detail && said && said !== phase(detail)) tell(`Day ${detail.day}: ${phase(detail)}.`);
      if (detail) said = phase(detail);
      const had = document.activeElement?.getAttribute('data-keep');
      show(
        control,
        detail ? steps(detail, me.role === 'operator') : null,
        me.role === 'operator' && !active ? await beginCard(scene, () => ask()) : null,
      );
      // The button that was pressed has been drawn anew: whoever works by keyboard stays where they were.
      if (had) control.querySelector<HTMLElement>(`[data-keep="${had}"]`)?.focus();
    };
    const ask = redraw(load, signal, 100);
    live.on('day', ask, signal);
    live.on(
      'progress',
      (progress: Progress & { day: string }) => {
        convergence.add(progress);
        if (progress.stage !== 'solve') line(log, h('li', {}, `${progress.stage}: ${progress.message}`));
      },
      signal,
    );
    const told = (block: BlockNews) => line(blocks, blockLine(block));
    live.on('block', told, signal);
    const { items } = await get<{ items: BlockNews[] }>('/api/ledger/blocks', signal);
    for (const block of items.slice(-MOST_LINES)) told(block);
    await load();
  },
};

function line(list: HTMLElement, item: HTMLElement): void {
  list.prepend(item);
  while (list.childElementCount > MOST_LINES) list.lastElementChild?.remove();
}

function blockLine({ number, hash, transactions }: BlockNews): HTMLElement {
  const counts = new Map<string, number>();
  for (const { name } of transactions) counts.set(name, (counts.get(name) ?? 0) + 1);
  const what = [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(', ');
  return h(
    'li',
    {},
    h('a', { href: `#/explore?block=${number}` }, `#${number}`),
    ` ${what || 'genesis'} `,
    h('code', { class: 'soft' }, short(hash)),
  );
}

function steps(day: DayView, mayAct: boolean): HTMLElement {
  const names = Object.keys(STEP_WORDS);
  const place = day.next === null ? names.length : names.indexOf(day.next);
  const ended = day.state === 'done' || day.record?.status === 'settled';
  const list = names.map((name, k) => {
    const state =
      ended || k < place ? 'done' : k === place ? (day.state === 'running' ? 'under way' : 'next') : 'to come';
    const props = {
      class: `step ${state.replace(' ', '-')}`,
      ...(k === place && !ended ? { 'aria-current': 'step' } : {}),
    };
    const round = day.round && (name === 'offers' || name === 'close') ? ` (round ${day.round})` : '';
    return h('li', props, STEP_WORDS[name], round, h('span', { class: 'soft small' }, ` – ${state}`));
  });
  const until = day.answersCloseAt ?? day.gateClosesAt;
  return card(
    `Day ${day.day}`,
    h('ol', { class: 'steps' }, list),
    day.error ? h('p', { class: 'warnbox' }, day.error.message) : null,
    until ? h('p', {}, 'Goes on by itself in ', timeLeft(until), '.') : null,
    day.live?.length ? h('p', { class: 'soft' }, `Acting for themselves: ${day.live.join(', ')}.`) : null,
    day.warnings.length
      ? h(
          'details',
          {},
          h('summary', {}, `${day.warnings.length} warnings`),
          h(
            'ul',
            {},
            day.warnings.map((text) => h('li', {}, text)),
          ),
        )
      : null,
    mayAct && isActive(day) ? buttons(day) : null,
  );
}

function buttons(day: DayView): HTMLElement {
  const waiting = day.state === 'waiting';
  const button = (keep: string, label: string, kind: string, path: string, body: object, disabled: boolean) => {
    const each = h('button', { type: 'button', class: kind, 'data-keep': keep, disabled }, label);
    each.addEventListener('click', () =>
      attempt(each, async () => void (await post(`/api/days/${day.day}/${path}`, body))),
    );
    return each;
  };
  const next = waiting && day.next ? STEP_WORDS[day.next]! : 'Working …';
  return h(
    'div',
    { class: 'row' },
    button('next', next, 'main', 'advance', {}, !waiting),
    button('end', 'Run to the end', 'quiet', 'advance', { to: 'end' }, !waiting),
    button('stop', 'Stop the run', 'quiet', 'cancel', {}, false),
  );
}

async function beginCard({ signal }: Scene, changed: () => void): Promise<HTMLElement> {
  const { items } = await get<{ items: CaseCard[] }>('/api/cases', signal);
  const cases = select(
    items.map(({ id, name, buses, periods }) => [id, `${name} (${buses} buses, ${periods} periods)`]),
  );
  const file = h('input', { type: 'file', accept: '.json,application/json' });
  const mode = select([
    ['steps', 'step by step'],
    ['run', 'all at once'],
  ]);
  const crowd = select([
    ['reservation', 'by their reservation price'],
    ['accept', 'accept everything'],
  ]);
  const method = select([
    ['', 'as the service chooses'],
    ['ipm', 'interior point'],
    ['admm', 'ADMM'],
    ['admm-bus', 'ADMM, bus by bus'],
  ]);
  const seconds = () => h('input', { type: 'number', min: 0, max: 86_400, inputmode: 'numeric' });
  const gate = seconds();
  const answers = seconds();
  const button = h('button', { type: 'submit', class: 'main', disabled: items.length === 0 }, 'Open the day');
  file.addEventListener('change', () =>
    attempt(null, async () => {
      const [chosen] = file.files ?? [];
      if (!chosen) return;
      const added = await post<CaseCard>('/api/cases', JSON.parse(await chosen.text()));
      tell(`${added.name} is there.`);
      cases.append(h('option', { value: added.id, selected: true }, added.name));
      button.disabled = false;
    }),
  );
  const form = h(
    'form',
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          const optional = {
            ...(method.value ? { method: method.value } : {}),
            ...(gate.value ? { gateSeconds: Number(gate.value) } : {}),
            ...(answers.value ? { answerSeconds: Number(answers.value) } : {}),
          };
          const day = await call<DayView>('POST', '/api/days', {
            case: cases.value,
            mode: mode.value,
            crowd: crowd.value,
            ...optional,
          });
          tell(`Day ${day.day} is being opened.`);
          if (location.hash.includes('day=')) location.hash = '#/day';
          changed();
        });
      },
    },
    h(
      'div',
      { class: 'columns' },
      field('Feeder', cases),
      field('Another case file', file, 'crowdwatt-case/1'),
      field('Run', mode),
      field('Those who have not enrolled', crowd),
      field('Solver', method),
      field('Gate closes after (s)', gate, 'Empty: when you say so'),
      field('Answers close after (s)', answers, 'Empty: when you say so'),
    ),
    button,
  );
  return card('Open a day', form);
}
