import { get, maybe } from '../kit/api.js';
import { canonical } from '../kit/bytes.js';
import { add, badge, card, h, show, table } from '../kit/dom.js';
import { dollars, energy, moment, words } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import { type Check, checkReceipt, merkleRoot, type Receipt } from '../kit/receipt.js';
import type { Me } from '../kit/session.js';
import { pin, receiptsOf } from '../kit/vault.js';
import { redraw, type View } from '../kit/view.js';

export interface StatementLine {
  readonly day: string;
  readonly period: number;
  readonly kind: string;
  readonly wh: number;
  readonly microDollars: number | string;
}
export interface Statement {
  readonly participant: string;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly StatementLine[];
  readonly linesRoot: string;
  readonly totalMicro: number | string;
}
interface OwnTransaction {
  readonly txId: string;
  readonly block: number;
  readonly name: string;
  readonly timestamp: number;
}

/** Money, line by line, and the proof of everything that was signed in my name. */
export const statementsView: View = {
  path: 'statements',
  title: 'My statements',
  tab: 'Money',
  roles: ['participant'],
  async draw(place, { me, live, signal }) {
    const statements = h('div', { class: 'stack' });
    const receipts = h('div', { class: 'stack' });
    add(place, statements, receipts);
    let shown = '';
    const load = async () => {
      const money = (await get<{ items: Statement[] }>('/api/me/statements', signal)).items;
      const own = (await get<{ items: OwnTransaction[] }>('/api/me/transactions', signal)).items;
      const state = `${money.length}/${own.length}`;
      if (state === shown) return;
      shown = state;
      show(
        statements,
        money.length
          ? money.map(statementCard).reverse()
          : card('Statements', h('p', { class: 'soft' }, 'The first statement comes when a day has been settled.')),
      );
      show(receipts, receiptsCard(me, own));
    };
    const ask = redraw(load, signal);
    live.on('block', ask, signal);
    await load();
  },
};

function statementCard(statement: Statement): HTMLElement {
  const result = h('p', { role: 'status' });
  const button = h('button', { type: 'button' }, 'Check in this browser');
  button.addEventListener('click', () =>
    attempt(button, async () => {
      const checks = await checkStatement(statement);
      show(result, checks.map(checkLine));
    }),
  );
  const range = statement.from === statement.to ? statement.from : `${statement.from} to ${statement.to}`;
  return card(
    range,
    h(
      'p',
      { class: 'big' },
      dollars(statement.totalMicro),
      h('span', { class: 'soft small' }, Number(statement.totalMicro) < 0 ? ' you owe' : ' for you'),
    ),
    h(
      'details',
      {},
      h('summary', {}, statement.lines.length === 1 ? '1 line' : `${statement.lines.length} lines`),
      linesTable(statement),
    ),
    button,
    result,
  );
}

export function linesTable(statement: Statement): HTMLElement {
  return table(
    `Lines of ${statement.participant}`,
    [
      { title: 'Day', cell: (line: StatementLine) => line.day },
      { title: 'Period', number: true, cell: (line) => line.period },
      { title: 'For', cell: (line) => line.kind },
      { title: 'Energy', number: true, cell: (line) => energy(line.wh) },
      { title: 'Money', number: true, cell: (line) => dollars(line.microDollars, 4) },
    ],
    statement.lines,
  );
}

async function checkStatement({ lines, linesRoot, totalMicro }: Statement): Promise<Check[]> {
  const sum = lines.reduce((total, line) => total + BigInt(line.microDollars), 0n);
  return [
    { what: 'The lines add up to the total, to the micro-dollar', ok: sum === BigInt(totalMicro) },
    {
      what: 'The lines have the Merkle root that the statement names',
      ok: (await merkleRoot(lines.map(canonical))) === linesRoot,
    },
  ];
}

const checkLine = ({ what, ok }: Check): HTMLElement =>
  h('span', { class: 'check' }, badge(ok ? '✓ holds' : '✗ fails', ok ? 'good' : 'bad'), ` ${what}.`);

function receiptsCard(me: Me, own: readonly OwnTransaction[]): HTMLElement {
  const results = new Map(own.map(({ txId }) => [txId, h('span', { class: 'soft' }, 'not checked')]));
  const report = h('div', { role: 'status' });
  const button = h('button', { type: 'button', class: 'main', disabled: own.length === 0 }, 'Check all receipts here');
  const check = async (only: readonly OwnTransaction[]) => {
    const kept = new Map((await receiptsOf(me.id)).map((each) => [each.txId, each.receipt]));
    const head = await get<{ ledgerId: string; nodeCertificate?: string }>('/api/ledger/head');
    const certificate = head.nodeCertificate && (await pin(head.ledgerId, head.nodeCertificate));
    let bad = 0;
    let last: Check[] = [];
    for (const { txId, block } of only) {
      const fresh = kept.get(txId) ?? (await maybe<Receipt>(`/api/ledger/receipts/${txId}`));
      const shown = await get<{ hash: string }>(`/api/ledger/blocks/${block}`);
      const checks = fresh
        ? await checkReceipt(fresh, certificate, shown.hash)
        : [{ what: 'There is a receipt', ok: false }];
      checks.unshift({ what: 'The receipt is of this transaction', ok: fresh?.txId === txId && fresh.block === block });
      const failed = checks.filter(({ ok }) => !ok);
      if (failed.length) bad++;
      last = failed.length ? failed : checks;
      show(results.get(txId)!, badge(failed.length ? '✗ fails' : '✓ proven', failed.length ? 'bad' : 'good'));
    }
    show(
      report,
      h(
        'p',
        {},
        bad
          ? `${bad} of ${only.length} receipts fail.`
          : `All ${only.length} receipts are proven with this browser’s own cryptography.`,
      ),
      last.map(checkLine),
    );
    tell(bad ? `${bad} receipts fail.` : 'All receipts are proven.');
  };
  button.addEventListener('click', () => attempt(button, () => check(own)));
  const list = table(
    'What I signed',
    [
      { title: 'What', cell: (row: OwnTransaction) => h('a', { href: `#/explore?tx=${row.txId}` }, words(row.name)) },
      { title: 'Block', number: true, cell: (row) => row.block },
      { title: 'Ledger time', cell: (row) => moment(row.timestamp) },
      { title: 'Proof', cell: (row) => results.get(row.txId) },
    ],
    own,
    'You have signed nothing yet.',
  );
  return card(
    'My receipts',
    h(
      'p',
      { class: 'soft' },
      'Each is a path from what you signed to a block that the ledger signed. Receipts are kept in this browser: a ledger that is rewritten later no longer fits them.',
    ),
    button,
    report,
    list,
  );
}
