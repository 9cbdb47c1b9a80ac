import { add, card, field, h, show } from '../kit/dom.js';
import { attempt, tell } from '../kit/notice.js';
import { enrolHeld, enrolWithOwnKey, signInWithKey, signInWithSecret } from '../kit/session.js';
import { keptIds } from '../kit/vault.js';

/** Accounts of the installation: their keys are always the service's. */
const ALWAYS_HELD = new Set(['operator', 'meter', 'auditor']);

/** Enrol once with a one-time secret, or sign in. A link of the operator fills the form in. */
export function signInView(place: HTMLElement, query: URLSearchParams, done: () => Promise<void>): void {
  add(
    place,
    h(
      'p',
      { class: 'lead' },
      'Offers for your battery, car and solar panels: you decide, and every answer is on a ledger that you can check.',
    ),
  );
  const columns = h('div', { class: 'grid' });
  add(columns, enrolCard(place, query, done), signInCard(done));
  add(place, columns);
}

function enrolCard(place: HTMLElement, query: URLSearchParams, done: () => Promise<void>): HTMLElement {
  const id = h('input', {
    name: 'id',
    required: true,
    maxlength: 128,
    autocomplete: 'username',
    value: query.get('id') ?? '',
    spellcheck: 'false',
  });
  const secret = h('input', {
    name: 'secret',
    required: true,
    minlength: 8,
    autocomplete: 'one-time-code',
    value: query.get('secret') ?? '',
    spellcheck: 'false',
  });
  const own = h('input', { type: 'radio', name: 'key', value: 'own', checked: true });
  const held = h('input', { type: 'radio', name: 'key', value: 'held' });
  const button = h('button', { type: 'submit' }, 'Enrol');
  const form = h(
    'form',
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          const member = id.value.trim();
          if (!held.checked && !ALWAYS_HELD.has(member)) {
            await enrolWithOwnKey(member, secret.value.trim());
            tell('Enrolled. Your key was made in this browser and stays here.');
            await done();
            return;
          }
          const loginSecret = await enrolHeld(member, secret.value.trim());
          showLoginSecret(place, loginSecret, done);
        });
      },
    },
    field('Your id', id),
    field('One-time secret', secret, 'From your operator; it works once.'),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Your key'),
      h(
        'label',
        { class: 'choice' },
        own,
        h(
          'span',
          {},
          'Made and kept in this browser. ',
          h('small', { class: 'soft' }, 'Nobody else can sign for you; use this browser again.'),
        ),
      ),
      h(
        'label',
        { class: 'choice' },
        held,
        h(
          'span',
          {},
          'Held for me by the service. ',
          h('small', { class: 'soft' }, 'Works in any browser; your certificate says that the key is held.'),
        ),
      ),
    ),
    h('p', { class: 'soft small' }, 'Keys of operator, meter and auditor are always held by the service.'),
    button,
  );
  return card('Enrol', form);
}

function showLoginSecret(place: HTMLElement, secret: string, done: () => Promise<void>): void {
  const title = h('h2', { tabindex: -1 }, 'Keep this secret');
  const go = h('button', { type: 'button', onclick: () => void done() }, 'I have kept it: go on');
  const text = h('p', {}, 'You sign in with it from now on. It is shown this once.');
  show(place, h('section', { class: 'card' }, title, text, h('p', {}, h('code', { class: 'secret' }, secret)), go));
  title.focus();
}

function signInCard(done: () => Promise<void>): HTMLElement {
  const known = h('div', { class: 'stack' });
  void keptIds()
    .then((ids) => {
      for (const id of ids) {
        const button = h('button', { type: 'button' }, `Sign in as ${id}`);
        button.addEventListener('click', () =>
          attempt(button, async () => {
            await signInWithKey(id);
            await done();
          }),
        );
        add(known, button);
      }
      if (ids.length > 0) add(known, h('p', { class: 'soft small' }, 'With the key in this browser.'));
    })
    .catch(() => undefined);
  const id = h('input', { name: 'id', required: true, maxlength: 128, autocomplete: 'username', spellcheck: 'false' });
  const secret = h('input', {
    name: 'secret',
    type: 'password',
    required: true,
    minlength: 8,
    autocomplete: 'current-password',
  });
  const button = h('button', { type: 'submit' }, 'Sign in');
  const form = h(
    'form',
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void attempt(button, async () => {
          await signInWithSecret(id.value.trim(), secret.value.trim());
          await done();
        });
      },
    },
    field('Your id', id),
    field('Sign-in secret', secret, 'Shown to you when you enrolled with a held key.'),
    button,
  );
  return card('Sign in', known, form);
}
