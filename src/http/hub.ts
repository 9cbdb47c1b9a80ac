import type { Role } from '../ledger/types.js';

/** Something that happened; `to` says who may hear of it. */
export interface ServiceEvent {
  readonly event: string;
  readonly data: unknown;
  /** Where the data differs by listener; undefined: not for this one. */
  readonly dataFor?: (listener: { id: string; role: Role }) => unknown;
  readonly id?: string;
}

/** Passes on events within the process. Listeners must not throw. */
export class Hub {
  readonly #listeners = new Map<string, Set<(event: ServiceEvent) => void>>();

  on(topic: string, listener: (event: ServiceEvent) => void): () => void {
    const set = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(topic);
    };
  }

  emit(topic: string, event: ServiceEvent): void {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener(event);
  }
}
