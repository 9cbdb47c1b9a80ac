import { get, maybe } from '../kit/api.js';
import { add, badge, card, field, h, show, table } from '../kit/dom.js';
import { moment, short, words } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import type { Me } from '../kit/session.js';
import { redraw, type View } from '../kit/view.js';

interface Transaction {
  readonly txId: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly operationId: string;
  readonly creator: string;
  readonly timestamp: number;
  readonly valid: boolean;
  readonly code?: string;
  readonly block?: number;
}
interface Block {
  readonly number: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly timestamp: number;
  readonly transactions: readonly Transaction[];
  readonly others?: number;
}

const PAGE = 25;
const MOST_OFFERS = 200;

/** Blocks and transactions of the ledger. */
export const exploreView: View = {
  path: 'explore',
  title: 'Ledger',
  tab: 'Ledger',
  roles: ['operator', 'participant', 'auditor', 'meter'],
  async draw(place, scene) {
    const { me, query, live, signal } = scene;
    const tx = query.get('tx');
    const block = query.get('block');
    if (tx)
      return show(
        place,
        backLink(),
        transactionCard(me, await get<Transaction>(`/api/ledger/transactions/${encodeURIComponent(tx)}`, signal)),
      );
    if (block)
      return show(
        place,
        backLink(),
        blockCard(me, await get<Block>(`/api/ledger/blocks/${encodeURIComponent(block)}`, signal)),
      );
    const head = h('div');
    const list = h('div');
    const find = h('input', { inputmode: 'text', autocomplete: 'off', spellcheck: 'false' });
    const form = h(
      'form',
      {
        class: 'row end',
        onsubmit: (event: Event) => {
          event.preventDefault();
          const wanted = find.value.trim();
          if (wanted) location.hash = /^\d+$/.test(wanted) ? `#/explore?block=${wanted}` : `#/explore?tx=${wanted}`;
        },
      },
      field('Block number or transaction id', find),
      h('button', { type: 'submit' }, 'Find'),
      me.role === 'operator' || me.role === 'auditor' ? verifyButton() : null,
    );
    add(place, head, form, list);
    const load = async () => {
      const { height, hash, kind } = await get<{ height: number; hash: string; kind: string }>(
        '/api/ledger/head',
        signal,
      );
      const before = Math.min(height, Number(query.get('before') ?? height));
      const from = Math.max(0, before - PAGE);
      const { items } = await get<{ items: Block[] }>(`/api/ledger/blocks?from=${from}&to=${before}`, signal);
      show(head, h('p', {}, `${height} blocks, ${kind} ledger. Last block `, h('code', {}, short(hash)), '.'));
      show(
        list,
        blockTable([...items].reverse()),
        from > 0 ? h('p', {}, h('a', { href: `#/explore?before=${from}` }, 'Older blocks')) : null,
      );
    };
    if (!query.get('before')) live.on('block', redraw(load, signal, 500), signal);
    await load();
  },
};

const backLink = () => h('p', {}, h('a', { href: '#/explore' }, '← All blocks'));

function verifyButton(): HTMLElement {
  const button = h('button', { type: 'button', class: 'quiet' }, 'Verify the whole ledger');
  button.addEventListener('click', () =>
    attempt(button, async () => {
      const { ok, height, problems } = await get<{ ok: boolean; height: number; problems: { message: string }[] }>(
        '/api/ledger/verify',
      );
      if (!ok) throw new Error(problems[0]?.message ?? 'the ledger does not verify');
      tell(`All ${height} blocks hold.`);
    }),
  );
  return button;
}

function blockTable(blocks: readonly Block[]): HTMLElement {
  return table(
    'Blocks, newest first',
    [
      {
        title: 'Block',
        cell: (block: Block) => h('a', { href: `#/explore?block=${block.number}` }, `#${block.number}`),
      },
      { title: 'Transactions', cell: (block) => whatIn(block) },
      { title: 'Ledger time', cell: (block) => moment(block.timestamp) },
      { title: 'Hash', cell: (block) => h('code', {}, short(block.hash)) },
    ],
    blocks,
  );
}

function whatIn({ transactions, others, number }: Block): string {
  const counts = new Map<string, number>();
  for (const { name } of transactions) counts.set(name, (counts.get(name) ?? 0) + 1);
  const own = [...counts].map(([name, count]) => (count > 1 ? `${count} × ${words(name)}` : words(name)));
  if (others) own.push(`${others} of others`);
  return own.join(', ') || (number === 0 ? 'the beginning' : 'none');
}

function blockCard(me: Me, block: Block): HTMLElement {
  return card(
    `Block ${block.number}`,
    facts([
      ['Hash', h('code', {}, block.hash)],
      [
        'Before it',
        block.number > 0
          ? h('a', { href: `#/explore?block=${block.number - 1}` }, h('code', {}, block.previousHash))
          : '–',
      ],
      ['Ledger time', moment(block.timestamp)],
    ]),
    table(
      'Transactions of the block',
      [
        {
          title: 'Transaction',
          cell: (each: Transaction) => h('a', { href: `#/explore?tx=${each.txId}` }, words(each.name)),
        },
        { title: 'Concerns', cell: (each) => links(me, each) },
        {
          title: 'State',
          cell: (each) => badge(each.valid ? 'valid' : (each.code ?? 'invalid'), each.valid ? 'good' : 'bad'),
        },
        { title: 'Id', cell: (each) => h('code', {}, short(each.txId)) },
      ],
      block.transactions,
      block.others
        ? `${block.others} transactions of others, which are theirs to see.`
        : 'No transaction: the beginning of the ledger.',
    ),
    block.others && block.transactions.length ? h('p', { class: 'soft' }, `And ${block.others} of others.`) : null,
  );
}

function facts(rows: readonly (readonly [string, string | Node])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts wide' },
    rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

function transactionCard(me: Me, transaction: Transaction): HTMLElement {
  const proof = h('p', { role: 'status' });
  void maybe<{ path: unknown[] }>(`/api/ledger/receipts/${transaction.txId}`)
    .then((receipt) =>
      show(
        proof,
        receipt ? `There is a receipt: ${receipt.path.length} steps from this transaction to its block.` : null,
      ),
    )
    .catch(() => undefined);
  return card(
    words(transaction.name),
    facts([
      ['Id', h('code', {}, transaction.txId)],
      ['Block', h('a', { href: `#/explore?block=${transaction.block}` }, `#${transaction.block}`)],
      [
        'State',
        badge(transaction.valid ? 'valid' : (transaction.code ?? 'invalid'), transaction.valid ? 'good' : 'bad'),
      ],
      ['Ledger time', moment(transaction.timestamp)],
      ['Signed with certificate', h('code', {}, transaction.creator)],
      ['Concerns', links(me, transaction)],
    ]),
    proof,
    h('h3', {}, 'What was signed'),
    h(
      'pre',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Arguments' },
      JSON.stringify(transaction.args, null, 2),
    ),
  );
}

/** From a transaction to its day, its offer and its bus, as far as the arguments name them and the reader may see. */
function links(me: Me, { args }: Transaction): HTMLElement {
  const overview = me.role === 'operator' || me.role === 'auditor';
  const found = h('span', { class: 'links' });
  const link = (href: string, text: string) => add(found, h('a', { href }, text), ' ');
  const { day, period, bus, participant, offers, from, to } = args ?? {};
  if (typeof from === 'string' && typeof to === 'string')
    link(overview ? `#/money?day=${from}` : '#/statements', from === to ? from : `${from} to ${to}`);
  const anOffer = typeof day === 'string' && typeof period === 'number';
  if (anOffer)
    link(overview ? `#/board?day=${day}&period=${period}` : `#/offers?day=${day}`, `offer, period ${period}`);
  else if (typeof day === 'string') link(overview ? `#/day?day=${day}` : `#/offers?day=${day}`, day);
  if (overview && Array.isArray(offers) && typeof day === 'string') {
    const periods = new Set((offers as { period?: number }[]).slice(0, MOST_OFFERS).map((offer) => offer.period));
    for (const each of periods)
      if (each !== undefined) link(`#/board?day=${day}&period=${each}`, `offers, period ${each}`);
  }
  if (typeof bus === 'string') link(overview ? `#/feeder?bus=${encodeURIComponent(bus)}` : '#/devices', `bus ${bus}`);
  else if (me.participant && participant === me.id) link('#/devices', `bus ${me.participant.bus}`);
  else if (overview && typeof participant === 'string' && typeof day === 'string') {
    link(`#/feeder?day=${day}&person=${encodeURIComponent(participant)}`, `bus of ${participant}`);
  }
  return found;
}
