type Listener = (data: never) => void;
const NAMES = ['block', 'day', 'progress', 'offers', 'job', 'closing'] as const;
export type LiveEvent = (typeof NAMES)[number];

/** One stream of what the service tells its member; it comes back by itself after a break. */
export class Live {
  readonly #listeners = new Map<LiveEvent, Set<Listener>>();
  #source: EventSource | undefined;
  #retry: number | undefined;

  open(onState: (connected: boolean) => void): void {
    this.close();
    const source = new EventSource('/api/events');
    this.#source = source;
    source.onopen = () => onState(true);
    source.onerror = () => {
      onState(false);
      // The browser tries again after a broken line, not after a refusal.
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return;
      this.#retry = setTimeout(() => this.open(onState), 3000) as unknown as number;
    };
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as never;
        for (const listener of this.#listeners.get(name) ?? []) listener(data);
      });
    }
  }

  on<Data>(event: LiveEvent, listener: (data: Data) => void, signal: AbortSignal): void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(listener as Listener);
    signal.addEventListener('abort', () => set.delete(listener as Listener), { once: true });
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }
}
