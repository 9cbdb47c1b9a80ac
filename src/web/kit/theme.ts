import { h } from './dom.js';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'crowdwatt-theme';

function kept(): Theme {
  const value = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === value) ?? 'auto';
}

function apply(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event('theme'));
}

/** A button that goes from the system's choice to light to dark. */
export function themeButton(): HTMLElement {
  const button = h('button', { type: 'button', class: 'quiet' });
  const label = () => {
    button.textContent = `Theme: ${kept()}`;
  };
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(kept()) + 1) % THEMES.length]!;
    localStorage.setItem(KEY, next);
    apply(next);
    label();
  });
  apply(kept());
  label();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('theme')));
  return button;
}
