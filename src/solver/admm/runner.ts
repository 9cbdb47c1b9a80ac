import { runGang } from '../../pool/index.js';
import { CANCEL } from '../../wasm/admm-abi.js';
import type { AdmmSession } from './session.js';

/** Where the iterations happen. */
export interface Runner {
  /** Runs at most `most` iterations, fewer if that lets the caller look around; returns STATUS_*. */
  slice(most: number): Promise<number>;
  close(): void;
}

/** Long enough that yielding costs nothing, short enough that a timer or a signal gets its turn. */
const SLICE_MILLISECONDS = 25;

/** On this thread, with no pool: same kernels, a turn of the event loop between slices. */
export function localRunner(session: AdmmSession): Runner {
  let size = 20;
  return {
    async slice(most) {
      await new Promise((resolve) => setImmediate(resolve));
      const count = Math.min(most, size);
      const before = session.iteration;
      const started = performance.now();
      const status = session.exports.iterate(session.layout.context, 0, count);
      const each = (performance.now() - started) / Math.max(1, session.iteration - before);
      size = Math.max(1, Math.min(500, Math.round(SLICE_MILLISECONDS / Math.max(each, 1e-3))));
      return status;
    },
    close() {},
  };
}

/** A pair of calls into the pool costs about 0.3 ms: a task is long beside that. */
const GANG_MILLISECONDS = 150;
/** Threads that have not seen the cancel word by then never will. */
const BACKSTOP_MILLISECONDS = 5_000;

/**
 * On the pool's threads, one a party, over the session's shared memory. A signal or the time limit is a
 * word that the kernels read every iteration; ending the threads is the last resort.
 */
export function gangRunner(session: AdmmSession, signal: AbortSignal | undefined, deadline: number): Runner {
  const cancel = session.control(CANCEL);
  const backstop = new AbortController();
  let backstopTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    Atomics.store(cancel, 0, 1);
    backstopTimer ??= setTimeout(() => backstop.abort(), BACKSTOP_MILLISECONDS);
  };
  Atomics.store(cancel, 0, 0);
  signal?.addEventListener('abort', stop, { once: true });
  const deadlineTimer = Number.isFinite(deadline) ? setTimeout(stop, Math.max(0, deadline)) : undefined;
  let size = 10;
  return {
    async slice(most) {
      const before = session.iteration;
      const started = performance.now();
      const status = await runGang({
        memory: session.layout.memory,
        context: session.layout.context,
        parties: session.parties,
        most: Math.min(most, size),
        signal: backstop.signal,
      });
      const each = (performance.now() - started) / Math.max(1, session.iteration - before);
      size = Math.max(5, Math.min(2000, Math.round(GANG_MILLISECONDS / Math.max(each, 1e-3))));
      return status;
    },
    close() {
      signal?.removeEventListener('abort', stop);
      clearTimeout(deadlineTimer);
      clearTimeout(backstopTimer);
    },
  };
}
