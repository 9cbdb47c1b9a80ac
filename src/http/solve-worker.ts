import { parentPort } from 'node:worker_threads';
import { asCrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { Case } from '../model/case.js';
import { solve } from '../solver/index.js';
import type { FromSolver, ToSolver } from './solve-threads.js';

/** Entry of a solver thread: solves one case after the other, so that the service's own thread stays free. */
const port = parentPort!;
const running = new Map<number, AbortController>();

port.on('message', (message: ToSolver) => {
  if (message.type === 'cancel') running.get(message.id)?.abort();
  else void work(message.id, message.source, message.options);
});

async function work(id: number, source: Case, options: object): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const send = (answer: FromSolver) => port.postMessage(answer);
  try {
    const onProgress = throttled((progress: Progress) => send({ type: 'progress', id, progress }));
    const solution = await solve(source, { ...options, signal: abort.signal, onProgress });
    send({ type: 'done', id, solution });
  } catch (thrown) {
    send({ type: 'failed', id, error: asCrowdwattError(thrown).toJSON() });
  } finally {
    running.delete(id);
  }
}

/** At most ten reports a second: iterations can be far quicker than anybody reads. */
function throttled<Value>(send: (value: Value) => void): (value: Value) => void {
  let last = 0;
  return (value) => {
    const now = performance.now();
    if (now - last < 100) return;
    last = now;
    send(value);
  };
}
