import { h } from './dom.js';
import { countdown } from './format.js';

/** Time left until a moment of the wall clock, ms. */
export const timeLeft = (until: number): HTMLElement =>
  h('span', { class: 'count', 'data-until': until }, countdown(until - Date.now()));

/** Counts all of them down together while the view lives; not in a live region, so nobody has to hear every second. */
export function ticking(place: HTMLElement, signal: AbortSignal): void {
  const timer = setInterval(() => {
    for (const time of place.querySelectorAll<HTMLElement>('[data-until]')) {
      const left = Number(time.dataset.until) - Date.now();
      time.textContent = left > 0 ? countdown(left) : 'time is over';
    }
  }, 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
