import { call, get, post } from '../kit/api.js';
import { add, badge, card, field, h, select, show, table } from '../kit/dom.js';
import { short } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import type { View } from '../kit/view.js';

interface MemberRow {
  readonly id: string;
  readonly role: string;
  readonly status: 'invited' | 'enrolled' | 'revoked';
  readonly held: boolean;
  readonly fingerprint?: string;
}

const TONE = { invited: 'warn', enrolled: 'good', revoked: 'bad' } as const;

/** Invite, see who has enrolled, revoke. */
export const membersView: View = {
  path: 'members',
  title: 'Members',
  tab: 'Members',
  roles: ['operator', 'auditor'],
  async draw(place, { me, signal }) {
    const list = h('div');
    const load = async () => {
      const { items } = await get<{ items: MemberRow[] }>('/api/members', signal);
      show(list, card('Who is who', rows(items, me.role === 'operator', load)));
    };
    if (me.role === 'operator') add(place, inviteCard(load));
    add(place, list);
    await load();
  },
};

function inviteCard(changed: () => Promise<void>): HTMLElement {
  const id = h('input', { required: true, maxlength: 128, autocomplete: 'off', spellcheck: 'false' });
  const role = select([
    ['participant', 'participant'],
    ['meter', 'meter'],
    ['auditor', 'auditor'],
  ]);
  const button = h('button', { type: 'submit', class: 'main' }, 'Make a one-time secret');
  const secrets = h('div', { class: 'stack', role: 'status' });
  const form = h(
    'form',
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          const member = id.value.trim();
          const { secret } = await post<{ secret: string }>('/api/members', { id: member, role: role.value });
          secrets.prepend(secretLine(member, secret));
          id.value = '';
          id.focus();
          await changed();
        });
      },
    },
    h(
      'div',
      { class: 'columns' },
      field('Id', id, 'A participant’s is its crowdsourcee id in the case.'),
      field('Role', role),
    ),
    button,
  );
  return card('Invite', form, secrets);
}

function secretLine(id: string, secret: string): HTMLElement {
  // After the #: what stands there is never sent to a server or written to its log.
  const link = `${location.origin}/#/enrol?id=${encodeURIComponent(id)}&secret=${encodeURIComponent(secret)}`;
  const copy = h(
    'button',
    { type: 'button', class: 'quiet' },
    'Copy link',
    h('span', { class: 'hidden' }, ` for ${id}`),
  );
  copy.addEventListener('click', () =>
    attempt(copy, async () => {
      await navigator.clipboard.writeText(link);
      tell('Copied.');
    }),
  );
  return h(
    'p',
    { class: 'row' },
    h('b', {}, id),
    h('code', { class: 'secret', 'data-link': link }, secret),
    copy,
    h('span', { class: 'soft small' }, 'shown once, valid for a week'),
  );
}

function rows(items: readonly MemberRow[], mayAct: boolean, changed: () => Promise<void>): HTMLElement {
  return table(
    'Members',
    [
      { title: 'Id', cell: (row: MemberRow) => row.id },
      { title: 'Role', cell: (row) => row.role },
      { title: 'Status', cell: (row) => badge(row.status, TONE[row.status]) },
      {
        title: 'Key',
        cell: (row) => (row.status === 'enrolled' ? (row.held ? 'held by the service' : 'their own') : '–'),
      },
      { title: 'Certificate', cell: (row) => (row.fingerprint ? h('code', {}, short(row.fingerprint)) : '–') },
      {
        title: 'Action',
        cell: (row) => {
          if (!mayAct || row.status !== 'enrolled' || row.id === 'operator') return '–';
          const button = h(
            'button',
            { type: 'button', class: 'quiet' },
            'Revoke',
            h('span', { class: 'hidden' }, ` ${row.id}`),
          );
          button.addEventListener('click', () => {
            if (!confirm(`Revoke ${row.id}? Its certificate is void on the ledger from then on.`)) return;
            void attempt(button, async () => {
              await call('DELETE', `/api/members/${encodeURIComponent(row.id)}`);
              tell(`${row.id} is revoked.`);
              await changed();
            });
          });
          return button;
        },
      },
    ],
    items,
  );
}
