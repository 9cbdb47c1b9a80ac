import { rampSteps } from './colour.js';
import { h, svg } from './dom.js';

/** What the colours mean. */
export function legend(name: string, least: string, most: string): HTMLElement {
  const steps = rampSteps(24).map((fill, k) => svg('rect', { x: k * 6, y: 0, width: 6.5, height: 12, fill }));
  return h(
    'p',
    { class: 'legend small' },
    `${name} ${least} `,
    svg('svg', { width: 144, height: 12, 'aria-hidden': 'true' }, steps),
    ` ${most}`,
  );
}
