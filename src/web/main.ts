import './style.css';
import { h, show } from './kit/dom.js';
import { Live } from './kit/live.js';
import { messageOf, tell, warn } from './kit/notice.js';
import { type Me, signOut, whoAmI } from './kit/session.js';
import { themeButton } from './kit/theme.js';
import type { View } from './kit/view.js';
import { VIEWS } from './views/index.js';
import { signInView } from './views/sign-in.js';

const live = new Live();
const main = h('main', { id: 'main', tabindex: -1 });
const bar = h('nav', { 'aria-label': 'Views' });
const person = h('div', { class: 'person' });
const line = h('span', { class: 'line soft' });
let me: Me | undefined;
let leave = new AbortController();

function address(): { path: string; query: URLSearchParams } {
  const [path = '', search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path, query: new URLSearchParams(search) };
}

function header(): void {
  const mine = me ? VIEWS.filter((view) => view.tab && view.roles.includes(me!.role)) : [];
  show(
    bar,
    h(
      'ul',
      {},
      mine.map((view) => h('li', {}, h('a', { href: `#/${view.path}`, 'data-path': view.path }, view.tab))),
    ),
  );
  bar.hidden = mine.length === 0;
  const out = h('button', { type: 'button', class: 'quiet', onclick: () => void end() }, 'Sign out');
  show(
    person,
    me ? [h('span', {}, h('b', {}, me.id), h('span', { class: 'role' }, ` · ${me.role}`)), line, out] : null,
    themeButton(),
  );
}

async function end(): Promise<void> {
  await signOut().catch(() => undefined);
  await start();
}

async function route(focus: boolean): Promise<void> {
  leave.abort();
  leave = new AbortController();
  const { path, query } = address();
  const own = VIEWS.filter((view) => me && view.roles.includes(me.role));
  const view: View | undefined = own.find((each) => each.path === path) ?? own[0];
  for (const link of bar.querySelectorAll('a')) {
    if (link.dataset.path === view?.path) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const title = h('h1', { tabindex: -1 }, me ? (view?.title ?? 'Nothing here') : 'Welcome');
  const place = h('div', { class: 'view' });
  show(main, title, place);
  document.title = `${title.textContent} · crowdwatt`;
  main.setAttribute('aria-busy', 'true');
  try {
    if (!me) signInView(place, query, start);
    else await view?.draw(place, { me, live, query, signal: leave.signal });
  } catch (thrown) {
    if (!leave.signal.aborted) await failed(place, thrown);
  }
  main.removeAttribute('aria-busy');
  if (focus && title.isConnected) title.focus();
}

async function failed(place: HTMLElement, thrown: unknown): Promise<void> {
  if ((thrown as { status?: number }).status === 401) {
    warn('The session is over: sign in again.');
    return start();
  }
  const again = h('button', { type: 'button', onclick: () => void route(true) }, 'Try again');
  show(place, h('div', { class: 'card warnbox' }, h('p', {}, messageOf(thrown)), again));
}

/** Finds out who is there, and shows what is theirs. */
async function start(): Promise<void> {
  live.close();
  me = await whoAmI().catch((thrown) => {
    warn(messageOf(thrown));
    return undefined;
  });
  header();
  if (me) {
    let was = true;
    live.open((connected) => {
      line.textContent = connected ? '● live' : '○ reconnecting';
      if (connected !== was) tell(connected ? 'Connected again.' : 'The connection is lost; trying again.');
      was = connected;
    });
    if (address().path === 'enrol') history.replaceState(null, '', '#/');
  }
  await route(me !== undefined);
}

show(
  document.getElementById('app')!,
  h('header', { class: 'top' }, h('a', { class: 'brand', href: '#/' }, 'crowdwatt'), person, bar),
  main,
);
// The address after the # is the view's: the skip link moves the focus and nothing else.
document.querySelector('.skip')!.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', () => void route(true));
await start();
