import { get, list } from '../kit/api.js';
import { chosenDay, phase } from '../kit/days.js';
import { add, badge, card, h, show, table } from '../kit/dom.js';
import { cents, dollars, energy, span } from '../kit/format.js';
import { redraw, type View } from '../kit/view.js';
import { linesTable, type Statement } from './own-statements.js';

interface Supplement {
  readonly period: number;
  readonly generator: string;
  readonly wh: number;
  readonly priceMicroPerKwh: number;
  readonly covers: readonly { readonly participant: string; readonly round: number }[];
}
interface Spent {
  readonly day?: string;
  readonly period?: number;
  readonly micro: number | string;
}

/** Budget used, supplements bought, and what everybody gets in the end. */
export const moneyView: View = {
  path: 'money',
  title: 'Money',
  tab: 'Money',
  roles: ['operator', 'auditor'],
  async draw(place, scene) {
    const { live, signal } = scene;
    const head = h('div', { class: 'row' });
    const body = h('div', { class: 'stack' });
    add(place, head, body);
    let drawn = '';
    const load = async () => {
      const { day, chooser } = await chosenDay(scene, 'money');
      show(head, chooser, day ? badge(phase(day)) : null);
      if (!day) return;
      const path = `/api/days/${day.day}`;
      const spent = await list<Spent>(`${path}/budgets`, signal);
      const supplements = await list<Supplement>(`${path}/supplements`, signal);
      const { items: statements } = await get<{ items: Statement[] }>(`${path}/statements`, signal);
      const state = JSON.stringify([day.day, spent, supplements.length, statements.length]);
      if (state === drawn) return;
      drawn = state;
      const minutes = day.record?.minutesPerPeriod ?? 60;
      const budgets = day.record?.budgetsMicro ?? [];
      show(
        body,
        card('Budget', budgetTable(spent, budgets, minutes)),
        card('Supplements', supplementTable(supplements, minutes)),
        card('Statements', statementTable(statements)),
      );
    };
    const ask = redraw(load, signal, 400);
    live.on('block', ask, signal);
    await load();
  },
};

function budgetTable(
  spent: readonly Spent[],
  budgets: readonly (number | string | null)[],
  minutes: number,
): HTMLElement {
  return table(
    'Budget by period: what the offers cost if all are kept',
    [
      { title: 'Period', cell: (row: Spent) => (row.period === undefined ? '–' : span(row.period, minutes)) },
      { title: 'Committed', number: true, cell: (row) => dollars(row.micro, 4) },
      {
        title: 'Budget',
        number: true,
        cell: (row) =>
          row.period === undefined || budgets[row.period] == null ? 'no limit' : dollars(budgets[row.period]!),
      },
      {
        title: 'Used',
        cell: (row) => {
          const limit = row.period === undefined ? null : budgets[row.period];
          if (limit === null || limit === undefined || Number(limit) === 0) return '–';
          const share = Number(row.micro) / Number(limit);
          return h(
            'span',
            { class: 'row' },
            h('meter', {
              min: 0,
              max: 1,
              value: Math.min(1, share),
              'aria-label': `budget used in period ${row.period}`,
            }),
            `${Math.round(share * 100)} %`,
          );
        },
      },
    ],
    spent,
    'No offers have been made yet.',
  );
}

function supplementTable(supplements: readonly Supplement[], minutes: number): HTMLElement {
  return table(
    'Supplements of generators',
    [
      { title: 'Generator', cell: (row: Supplement) => row.generator },
      { title: 'Period', cell: (row) => span(row.period, minutes) },
      { title: 'Energy', number: true, cell: (row) => energy(row.wh) },
      { title: 'Price', number: true, cell: (row) => cents(row.priceMicroPerKwh) },
      {
        title: 'Stands in for',
        cell: (row) =>
          h(
            'span',
            { class: 'wrap' },
            [...new Set(row.covers.map(({ participant }) => participant))].join(', ') || '–',
          ),
      },
    ],
    supplements,
    'No supplement has been bought.',
  );
}

function statementTable(statements: readonly Statement[]): HTMLElement {
  const sum = statements.reduce((total, each) => total + BigInt(each.totalMicro), 0n);
  const chosen = h('div', { class: 'stack', role: 'status' });
  const rows = table(
    'Statements',
    [
      { title: 'Account', cell: (row: Statement) => row.participant },
      { title: 'Lines', number: true, cell: (row) => row.lines.length },
      { title: 'Total', number: true, cell: (row) => dollars(row.totalMicro, 4) },
      {
        title: 'Show',
        cell: (row) =>
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              onclick: () => show(chosen, h('h3', {}, row.participant), linesTable(row)),
            },
            'Lines',
            h('span', { class: 'hidden' }, ` of ${row.participant}`),
          ),
      },
    ],
    statements,
    'The day has not been settled yet.',
  );
  const balance = statements.length
    ? h(
        'p',
        {},
        badge(sum === 0n ? '✓ balanced' : '✗ unbalanced', sum === 0n ? 'good' : 'bad'),
        ' All totals together: ',
        dollars(String(sum), 6),
      )
    : null;
  return h('div', {}, balance, rows, chosen);
}
