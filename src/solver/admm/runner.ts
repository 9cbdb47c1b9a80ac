import { setMaxListeners } from 'node:events';
import { runGang } from '../../pool/index.js';
import { CANCEL } from '../../wasm/admm-abi.js';
import type { EngineSettings } from '../engine.js';
import type { AdmmSession } from './session.js';

/** Where the iterations happen. */
export interface Runner {
  /** Runs at most `most` iterations, fewer if that lets the caller look around; returns STATUS_*. */
  slice(most: number): Promise<number>;
  /** z, prices and x at the present state, no step. */
  evaluate(): Promise<void>;
  close(): void;
}

/** Long enough that yielding costs nothing, short enough that a timer or a signal gets its turn. */
const SLICE_MILLISECONDS = 25;

/** On this thread, with no pool: same kernels, a turn of the event loop between slices. */
function localRunner(session: AdmmSession): Runner {
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
    async evaluate() {
      session.exports.evaluate(session.layout.context, 0);
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
function gangRunner(session: AdmmSession, signal: AbortSignal | undefined, deadline: number): Runner {
  const cancel = session.control(CANCEL);
  const backstop = new AbortController();
  // one listener a party and slice is no leak
  setMaxListeners(0, backstop.signal);
  let backstopTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    Atomics.store(cancel, 0, 1);
    backstopTimer ??= setTimeout(() => backstop.abort(), BACKSTOP_MILLISECONDS);
  };
  Atomics.store(cancel, 0, 0);
  signal?.addEventListener('abort', stop, { once: true });
  const deadlineTimer = Number.isFinite(deadline) ? setTimeout(stop, Math.max(0, deadline)) : undefined;
  const gang = (most: number) =>
    runGang({
      memory: session.layout.memory,
      context: session.layout.context,
      parties: session.parties,
      most,
      signal: backstop.signal,
    });
  let size = 10;
  return {
    async slice(most) {
      const before = session.iteration;
      const started = performance.now();
      const status = await gang(Math.min(most, size));
      const each = (performance.now() - started) / Math.max(1, session.iteration - before);
      size = Math.max(5, Math.min(2000, Math.round(GANG_MILLISECONDS / Math.max(each, 1e-3))));
      return status;
    },
    async evaluate() {
      await gang(0);
    },
    close() {
      signal?.removeEventListener('abort', stop);
      clearTimeout(deadlineTimer);
      clearTimeout(backstopTimer);
    },
  };
}

/** The runner that a session's number of parties asks for; `started` is when the whole solve began. */
export function runnerFor(session: AdmmSession, settings: EngineSettings, started: number): Runner {
  if (session.parties === 1) return localRunner(session);
  const spent = performance.now() - started;
  const deadline = (settings.timeLimitSeconds ?? Number.POSITIVE_INFINITY) * 1000 - spent;
  return gangRunner(session, settings.signal, deadline);
}
