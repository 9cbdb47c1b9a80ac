import { list } from '../kit/api.js';
import { chosenDay, type DayView, phase } from '../kit/days.js';
import { add, badge, card, field, h, select, show, table } from '../kit/dom.js';
import { cents, dollars, energy, span } from '../kit/format.js';
import { redraw, type View } from '../kit/view.js';
import { type Offer, OUTCOME_TONE } from './own-offers.js';
import { tile } from './own-plan.js';

interface Round {
  readonly period: number;
  readonly round: number;
  readonly accepted: number;
  readonly refused: number;
  readonly expired: number;
  readonly acceptedWh: number;
  readonly acceptedMicro: number | string;
}
type BoardOffer = Omit<Offer, 'earnsMicro' | 'answerBy'>;

/** Who was offered what, and what they said; second rounds beside the first. */
export const boardView: View = {
  path: 'board',
  title: 'Offers board',
  tab: 'Offers',
  roles: ['operator', 'auditor'],
  async draw(place, scene) {
    const { live, query, signal } = scene;
    const head = h('div', { class: 'row' });
    const board = h('div', { class: 'stack' });
    add(place, head, board);
    let period = query.get('period') ?? '';
    let outcome = '';
    const load = async () => {
      const { day, chooser } = await chosenDay(scene, 'board');
      if (!day) return show(head, chooser);
      const offers = await list<BoardOffer>(`/api/days/${day.day}/offers`, signal);
      const rounds = await list<Round>(`/api/days/${day.day}/rounds`, signal);
      const minutes = day.record?.minutesPerPeriod ?? 60;
      const periods = [...new Set(offers.map((offer) => offer.period))].sort((a, b) => a - b);
      const byPeriod = select(
        [['', 'all periods'], ...periods.map((each) => [String(each), span(each, minutes)] as const)],
        period,
      );
      const byOutcome = select(
        [['', 'all answers'], ...Object.keys(OUTCOME_TONE).map((each) => [each, each] as const)],
        outcome,
      );
      const again = () => {
        period = byPeriod.value;
        outcome = byOutcome.value;
        show(board, content(day, offers, rounds, period, outcome));
      };
      byPeriod.addEventListener('change', again);
      byOutcome.addEventListener('change', again);
      // A list that somebody has open is not drawn anew under their hands.
      if (!head.contains(document.activeElement)) {
        show(head, chooser, field('Period', byPeriod), field('Answer', byOutcome), badge(phase(day)));
      }
      show(board, content(day, offers, rounds, period, outcome));
    };
    const ask = redraw(load, signal, 400);
    live.on('block', ask, signal);
    live.on('day', ask, signal);
    await load();
  },
};

function content(day: DayView, all: readonly BoardOffer[], rounds: readonly Round[], period: string, outcome: string) {
  const minutes = day.record?.minutesPerPeriod ?? 60;
  const of = (kind: Offer['outcome']) => all.filter((offer) => offer.outcome === kind).length;
  const second = all.filter((offer) => offer.round > 1);
  const offers = all.filter(
    (offer) => (period === '' || offer.period === Number(period)) && (outcome === '' || offer.outcome === outcome),
  );
  return [
    h(
      'ul',
      { class: 'cards' },
      tile('Offers', String(all.length)),
      tile('Open', String(of('open'))),
      tile('Accepted', String(of('accepted'))),
      tile('Refused', String(of('refused'))),
      tile('Expired', String(of('expired'))),
      tile('In second and later rounds', String(second.length)),
    ),
    all.length ? card('By period', matrix(all, minutes)) : null,
    card(
      'Offers',
      table(
        'Offers',
        [
          { title: 'Participant', cell: (offer: BoardOffer) => offer.participant },
          { title: 'Period', cell: (offer) => span(offer.period, minutes) },
          { title: 'Round', number: true, cell: (offer) => offer.round },
          {
            title: 'Task',
            number: true,
            cell: (offer) => `${offer.direction === 1 ? 'give' : 'take'} ${energy(offer.wh)}`,
          },
          { title: 'Energy λ', number: true, cell: (offer) => cents(offer.energyPriceMicroPerKwh) },
          { title: 'Incentive λᵃ', number: true, cell: (offer) => cents(offer.incentiveMicroPerKwh) },
          { title: 'Answer', cell: (offer) => badge(offer.outcome, OUTCOME_TONE[offer.outcome]) },
        ],
        offers,
        'No offers to show.',
      ),
    ),
    card(
      'Closed rounds',
      table(
        'Closed rounds',
        [
          { title: 'Period', cell: (round: Round) => span(round.period, minutes) },
          { title: 'Round', number: true, cell: (round) => round.round },
          { title: 'Accepted', number: true, cell: (round) => round.accepted },
          { title: 'Refused', number: true, cell: (round) => round.refused },
          { title: 'Expired', number: true, cell: (round) => round.expired },
          { title: 'Energy', number: true, cell: (round) => energy(round.acceptedWh) },
          { title: 'Cost', number: true, cell: (round) => dollars(round.acceptedMicro, 4) },
        ],
        rounds.filter((round) => period === '' || round.period === Number(period)),
        'No round has been closed yet.',
      ),
    ),
  ];
}

const MARK: Readonly<Record<Offer['outcome'], string>> = {
  open: '?',
  accepted: '✓',
  refused: '✗',
  withdrawn: '↩',
  expired: '·',
};

/** Participants by periods: the answer of every round in one cell. */
function matrix(offers: readonly BoardOffer[], minutes: number): HTMLElement {
  const people = [...new Set(offers.map((offer) => offer.participant))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const periods = [...new Set(offers.map((offer) => offer.period))].sort((a, b) => a - b);
  const at = new Map<string, BoardOffer[]>();
  for (const offer of offers) {
    const key = `${offer.participant}/${offer.period}`;
    at.set(key, [...(at.get(key) ?? []), offer]);
  }
  const cell = (person: string, period: number) => {
    const marks = (at.get(`${person}/${period}`) ?? []).sort((a, b) => a.round - b.round);
    return h(
      'span',
      { class: 'marks' },
      marks.map((offer) =>
        h(
          'span',
          { class: `mark ${OUTCOME_TONE[offer.outcome]}`, title: `round ${offer.round}: ${offer.outcome}` },
          h('span', { 'aria-hidden': 'true' }, MARK[offer.outcome]),
          h('span', { class: 'hidden' }, `round ${offer.round} ${offer.outcome}`),
        ),
      ),
    );
  };
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'soft small' },
      '? open  ✓ accepted  ✗ refused  · expired  ↩ withdrawn; the second mark is the second round',
    ),
    table(
      'Answers by participant and period',
      [
        { title: 'Participant', cell: (person: string) => person },
        ...periods.map((period) => ({
          title: span(period, minutes).slice(0, 5),
          cell: (person: string) => cell(person, period),
        })),
      ],
      people,
    ),
  );
}
