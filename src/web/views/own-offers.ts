import { list } from '../kit/api.js';
import { hashOf } from '../kit/bytes.js';
import { chosenDay, type DayView, phase } from '../kit/days.js';
import { add, badge, h, show, type Tone } from '../kit/dom.js';
import { cents, dollars, energy, span } from '../kit/format.js';
import { attempt, tell } from '../kit/notice.js';
import { type Me, transact } from '../kit/session.js';
import { ticking, timeLeft } from '../kit/ticking.js';
import { redraw, type View } from '../kit/view.js';

export interface Offer {
  readonly day: string;
  readonly participant: string;
  readonly period: number;
  readonly round: number;
  readonly direction: 1 | -1;
  readonly wh: number;
  readonly energyPriceMicroPerKwh: number;
  readonly incentiveMicroPerKwh: number;
  readonly expiry: number;
  readonly termsHash: string;
  readonly outcome: 'open' | 'accepted' | 'refused' | 'withdrawn' | 'expired';
  readonly earnsMicro: number | string;
  readonly answerBy: number | null;
}

export const OUTCOME_TONE: Readonly<Record<Offer['outcome'], Tone>> = {
  open: 'warn',
  accepted: 'good',
  refused: 'bad',
  withdrawn: 'plain',
  expired: 'plain',
};

export const offersView: View = {
  path: 'offers',
  title: 'My offers',
  tab: 'Offers',
  roles: ['participant'],
  async draw(place, scene) {
    const { live, signal } = scene;
    const head = h('div', { class: 'row' });
    const summary = h('p', { class: 'lead' });
    const openList = h('ul', { class: 'offers', 'aria-label': 'Offers that wait for your answer' });
    const past = h('ul', { class: 'offers', 'aria-label': 'Answered and expired offers' });
    add(place, head, summary, openList, past);
    let day: DayView | undefined;
    const load = async () => {
      const chosen = await chosenDay(scene, 'offers');
      day = chosen.day;
      show(head, chosen.chooser, day ? badge(phase(day)) : null);
      if (!day) return;
      const offers = await list<Offer>(`/api/me/offers?day=${day.day}`, signal);
      render(day, offers);
    };
    const render = (of: DayView, offers: readonly Offer[]) => {
      const minutes = of.record?.minutesPerPeriod ?? 60;
      const waiting = offers.filter((offer) => offer.outcome === 'open');
      const rest = offers.filter((offer) => offer.outcome !== 'open').reverse();
      const worth = waiting.reduce((sum, offer) => sum + Math.max(0, Number(offer.earnsMicro)), 0);
      summary.textContent =
        waiting.length === 0
          ? rest.length === 0
            ? 'No offers yet. They appear here by themselves as soon as the operator makes them.'
            : 'Nothing waits for your answer.'
          : `${waiting.length} ${waiting.length === 1 ? 'offer waits' : 'offers wait'}: up to ${dollars(worth)} for you.`;
      show(
        openList,
        waiting.map((offer) => offerItem(scene.me, offer, minutes, ask)),
      );
      show(
        past,
        rest.map((offer) => offerItem(scene.me, offer, minutes, ask)),
      );
    };
    const ask = redraw(load, signal);
    live.on(
      'offers',
      ({ count }: { count: number }) => {
        tell(`${count} new ${count === 1 ? 'offer' : 'offers'}.`);
        ask();
      },
      signal,
    );
    live.on('day', ask, signal);
    ticking(place, signal);
    await load();
  },
};

function offerItem(me: Me, offer: Offer, minutes: number, changed: () => void): HTMLElement {
  const when = span(offer.period, minutes);
  const what = offer.direction === 1 ? `Give ${energy(offer.wh)} more` : `Take ${energy(offer.wh)} more`;
  const hint = offer.direction === 1 ? 'than your plan: discharge, or use less' : 'than your plan: charge, or use more';
  const micro = Number(offer.earnsMicro);
  const item = h(
    'li',
    { class: 'card offer' },
    h(
      'div',
      { class: 'row between' },
      h('h2', {}, when, h('span', { class: 'hidden' }, `: ${what}`)),
      badge(offer.outcome, OUTCOME_TONE[offer.outcome]),
    ),
    h('p', { class: 'what', 'aria-hidden': 'true' }, what),
    h('p', { class: 'soft small' }, hint),
    h(
      'dl',
      { class: 'facts' },
      fact(
        `${micro < 0 ? 'You pay' : 'You earn'}${offer.outcome === 'accepted' ? '' : ' if you accept'}`,
        h('b', { class: micro < 0 ? 'earn pays' : 'earn' }, dollars(Math.abs(micro), 4)),
      ),
      fact(offer.direction === 1 ? 'Energy, paid to you' : 'Energy, paid by you', cents(offer.energyPriceMicroPerKwh)),
      fact('Incentive, paid to you', cents(offer.incentiveMicroPerKwh)),
      offer.outcome === 'open' ? fact('Answer within', left(offer)) : null,
      offer.round > 1 ? fact('Round', String(offer.round)) : null,
    ),
  );
  if (offer.outcome === 'open') add(item, answers(me, offer, when, changed));
  return item;
}

const fact = (name: string, value: string | Node): HTMLElement => h('div', {}, h('dt', {}, name), h('dd', {}, value));

function left(offer: Offer): HTMLElement {
  if (offer.answerBy === null) return h('span', {}, 'until the operator closes the round');
  return timeLeft(offer.answerBy);
}

function answers(me: Me, offer: Offer, when: string, changed: () => void): HTMLElement {
  const row = h('div', { class: 'row answers' });
  const button = (answer: 'accept' | 'refuse', label: string) => {
    const each = h(
      'button',
      { type: 'button', class: answer === 'accept' ? 'main' : 'quiet' },
      label,
      h('span', { class: 'hidden' }, ` the offer for ${when}`),
    );
    each.addEventListener('click', () =>
      attempt(each, async () => {
        await reply(me, offer, answer);
        tell(answer === 'accept' ? `Accepted: ${when}. The receipt is under Money.` : `Refused: ${when}.`);
        // The list is about to lose the button that has the focus.
        document.querySelector<HTMLElement>('h1')?.focus();
        changed();
      }),
    );
    return each;
  };
  add(row, button('accept', 'Accept'), button('refuse', 'Refuse'));
  return row;
}

/** Signs the hash of the terms as they stand on this page, made here, not as the service names it. */
async function reply(me: Me, offer: Offer, answer: 'accept' | 'refuse'): Promise<void> {
  const { day, participant, period, round, direction, wh, energyPriceMicroPerKwh, incentiveMicroPerKwh, expiry } =
    offer;
  const termsHash = await hashOf({
    day,
    participant,
    period,
    round,
    direction,
    wh,
    energyPriceMicroPerKwh,
    incentiveMicroPerKwh,
    expiry,
  });
  if (termsHash !== offer.termsHash) {
    throw new Error('The terms shown here are not those of the offer on the ledger. Nothing was signed.');
  }
  const intent = {
    name: answer === 'accept' ? 'AcceptOffer' : 'RejectOffer',
    args: { day, period, round, participant: me.id, termsHash },
    what: `${answer === 'accept' ? 'Accepted' : 'Refused'} ${day}, period ${period}, round ${round}`,
  };
  await transact(me, '/api/me/answers', { day, period, round, termsHash, answer }, intent);
}
