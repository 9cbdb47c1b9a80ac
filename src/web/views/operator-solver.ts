import type { Solution } from '../../solver/solution.js';
import { call, get, post } from '../kit/api.js';
import { Convergence, type Progress } from '../kit/convergence.js';
import { add, badge, card, field, h, select, show, table } from '../kit/dom.js';
import { moment, number } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import { redraw, type View } from '../kit/view.js';
import { tile } from './own-plan.js';

interface Job {
  readonly id: string;
  readonly case: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly submittedAt: number;
  readonly status?: string;
  readonly objective?: number;
  readonly error?: { readonly message: string };
}

const isOver = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** Solves a feeder and shows how the solver gets on. */
export const solverView: View = {
  path: 'solver',
  title: 'Solver',
  tab: 'Solver',
  roles: ['operator', 'auditor'],
  async draw(place, { me, live, signal }) {
    const convergence = new Convergence(signal);
    const outcome = h('div', { role: 'status' });
    const jobs = h('div');
    let stream: EventSource | undefined;
    signal.addEventListener('abort', () => stream?.close(), { once: true });
    const { items: cases } = await get<{ items: { id: string; name: string }[] }>('/api/cases', signal);
    const nameOf = new Map(cases.map(({ id, name }) => [id, name]));

    const follow = (id: string) => {
      stream?.close();
      const source = new EventSource(`/api/solves/${id}/events`);
      stream = source;
      source.addEventListener('progress', (event) => convergence.add(JSON.parse(event.data) as Progress));
      source.addEventListener('state', (event) => {
        const job = JSON.parse((event as MessageEvent<string>).data) as Job;
        show(outcome, h('p', {}, 'State: ', badge(job.state), ' ', isOver(job) ? null : cancelButton(id)));
        if (!isOver(job)) return;
        // The browser would take the end of the stream for a broken line and ask again.
        source.close();
        void finish(job);
      });
    };
    const finish = async (job: Job) => {
      if (job.state !== 'done') {
        if (job.error) add(outcome, h('p', { class: 'warnbox' }, job.error.message));
        return;
      }
      const solution = await get<Solution>(`/api/solves/${job.id}/result`, signal);
      if (solution.trace?.length) convergence.set(solution.trace);
      show(outcome, summary(solution));
    };
    const load = async () => {
      const { items } = await get<{ items: Job[] }>('/api/solves', signal);
      show(jobs, card('Solves', jobTable(items, nameOf, follow)));
    };
    const ask = redraw(load, signal);
    live.on('job', ask, signal);
    if (me.role === 'operator') {
      add(
        place,
        newSolve(cases, (id) => {
          follow(id);
          ask();
        }),
      );
    }
    add(place, card('Convergence', outcome, convergence.element), jobs);
    await load();
  },
};

function newSolve(cases: readonly { id: string; name: string }[], begun: (id: string) => void): HTMLElement {
  const which = select(cases.map(({ id, name }) => [id, name]));
  const method = select([
    ['ipm', 'interior point'],
    ['admm', 'ADMM'],
    ['admm-bus', 'ADMM, bus by bus'],
  ]);
  const button = h('button', { type: 'submit', class: 'main', disabled: cases.length === 0 }, 'Solve');
  const form = h(
    'form',
    {
      class: 'row end',
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          const job = await post<Job>('/api/solves', { case: which.value, method: method.value });
          begun(job.id);
        });
      },
    },
    field('Feeder', which),
    field('Method', method),
    button,
  );
  return card('New solve', form);
}

function cancelButton(id: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'quiet' }, 'Cancel');
  button.addEventListener('click', () =>
    attempt(button, async () => {
      await call('DELETE', `/api/solves/${id}`);
      tell('Cancelled.');
    }),
  );
  return button;
}

function summary(solution: Solution): HTMLElement {
  const { certificate, objective, lowerBound, seconds } = solution;
  const good = solution.status === 'optimal';
  return h(
    'div',
    {},
    h(
      'ul',
      { class: 'cards' },
      tile('Status', badge(solution.status, good ? 'good' : 'bad')),
      tile(
        'Verdict',
        certificate ? badge(certificate.verdict, certificate.verdict === 'inexact' ? 'bad' : 'good') : '–',
      ),
      tile('Cost', objective === undefined ? '–' : `$${number(objective, 4)}`),
      tile('Lower bound', lowerBound === undefined ? '–' : `$${number(lowerBound, 4)}`),
      tile('Iterations', number(solution.iterations, 0)),
      tile('Seconds', number(seconds.total, 3)),
    ),
    solution.reason ? h('p', { class: 'warnbox' }, solution.reason) : null,
  );
}

function jobTable(
  items: readonly Job[],
  nameOf: ReadonlyMap<string, string>,
  follow: (id: string) => void,
): HTMLElement {
  return table(
    'Solves, newest first',
    [
      { title: 'Feeder', cell: (job: Job) => nameOf.get(job.case) ?? job.case },
      { title: 'Submitted', cell: (job) => moment(job.submittedAt) },
      { title: 'State', cell: (job) => badge(job.status ?? job.state, job.status === 'optimal' ? 'good' : 'plain') },
      {
        title: 'Cost ($)',
        number: true,
        cell: (job) => (job.objective === undefined ? '–' : number(job.objective, 4)),
      },
      {
        title: 'Show',
        cell: (job) =>
          h(
            'button',
            { type: 'button', class: 'quiet', onclick: () => follow(job.id) },
            'Show',
            h('span', { class: 'hidden' }, ` the solve of ${moment(job.submittedAt)}`),
          ),
      },
    ],
    items,
    'No solve yet.',
  );
}
