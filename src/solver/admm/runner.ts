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
