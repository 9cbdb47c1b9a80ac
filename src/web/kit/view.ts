import type { Live } from './live.js';
import type { Me, Role } from './session.js';

/** What a view gets: who looks, where it draws, what is told meanwhile, and the end of its life. */
export interface Scene {
  readonly me: Me;
  readonly live: Live;
  /** Of the address: `#/offers?day=2018-08-05`. */
  readonly query: URLSearchParams;
  /** Aborted when another view comes. */
  readonly signal: AbortSignal;
}

export interface View {
  readonly path: string;
  readonly title: string;
  /** In the bar; left out where there is another way in. */
  readonly tab?: string;
  readonly roles: readonly Role[];
  /** Fills the place; calls that its signal cuts off may reject. */
  readonly draw: (place: HTMLElement, scene: Scene) => Promise<void> | void;
}

/** Draws again when something has happened, once for many things at a time, never twice at once. */
export function redraw(work: () => Promise<void>, signal: AbortSignal, ms = 250): () => void {
  let timer: number | undefined;
  let busy = false;
  let again = false;
  const run = async () => {
    timer = undefined;
    if (signal.aborted) return;
    busy = true;
    again = false;
    await work().catch(() => undefined);
    busy = false;
    if (again) ask();
  };
  const ask = () => {
    if (busy) again = true;
    else timer ??= setTimeout(run, ms) as unknown as number;
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  return ask;
}
