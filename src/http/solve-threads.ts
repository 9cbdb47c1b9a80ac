import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CrowdwattError, type SerializedError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { Case } from '../model/case.js';
import { packageRoot } from '../package-root.js';
import type { SolveOptions } from '../solver/index.js';
import type { Solution } from '../solver/solution.js';

export type ToSolver =
  | { readonly type: 'solve'; readonly id: number; readonly source: Case; readonly options: object }
  | { readonly type: 'cancel'; readonly id: number };
export type FromSolver =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'done'; readonly id: number; readonly solution: Solution }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError };

/** How long a cancelled solve may take to end by itself before its thread is ended, ms. */
const GRACE_MS = 5000;

interface Task {
  readonly id: number;
  readonly source: Case;
  readonly options: SolveOptions;
  readonly resolve: (solution: Solution) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that solve, one case each at a time; who comes when all are at work waits in order. */
export class SolveThreads {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting: Task[] = [];
  #next = 0;
  #closed = false;

  constructor(private readonly most: number) {}

  /** As the library's `solve`. */
  readonly solve = (source: Case, options: SolveOptions = {}): Promise<Solution> =>
    new Promise((resolve, reject) => {
      if (this.#closed) return reject(new CrowdwattError('pool/closed', 'the service is stopping'));
      if (options.signal?.aborted) return reject(new CrowdwattError('cancelled', 'cancelled before it began'));
      const task: Task = { id: this.#next++, source, options, resolve, reject };
      const leave = () => {
        const at = this.#waiting.indexOf(task);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(new CrowdwattError('cancelled', 'cancelled before it began'));
      };
      options.signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(task);
      this.#dispatch();
    });

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? (this.#all.size < this.most ? this.#start() : undefined);
      if (!worker) return;
      this.#run(worker, this.#waiting.shift()!);
    }
  }

  #start(): Worker {
    // A worker cannot run TypeScript: its entry is the built one, wherever this file runs from.
    const worker = new Worker(join(packageRoot(), 'dist', 'src', 'http', 'solve-worker.js'), {
      name: 'crowdwatt-solve',
    });
    worker.unref();
    // An error in an idle thread must not end the service; it is replaced when it is needed.
    worker.on('error', () => {});
    worker.once('exit', () => {
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#all.add(worker);
    return worker;
  }

  #run(worker: Worker, task: Task): void {
    const { id, source, options } = task;
    const { signal, onProgress, ...plain } = options;
    let grace: NodeJS.Timeout | undefined;
    const cancel = () => {
      worker.postMessage({ type: 'cancel', id } satisfies ToSolver);
      grace = setTimeout(() => void worker.terminate(), GRACE_MS);
    };
    const end = (alive: boolean) => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
      // One by one: a worker keeps listeners of its own, without which it never speaks again.
      worker.off('message', onMessage);
      worker.off('error', onLost);
      worker.off('exit', onExit);
      worker.unref();
      if (alive && !this.#closed) this.#idle.push(worker);
      else this.#all.delete(worker);
      this.#dispatch();
    };
    const onMessage = (message: FromSolver) => {
      if (message.id !== id) return;
      if (message.type === 'progress') return onProgress?.(message.progress);
      end(true);
      if (message.type === 'done') task.resolve(message.solution);
      else task.reject(CrowdwattError.fromJSON(message.error));
    };
    const onLost = (cause?: unknown) => {
      end(false);
      const error = signal?.aborted
        ? new CrowdwattError('cancelled', 'cancelled')
        : new CrowdwattError('pool/worker-lost', 'a solver thread ended in the middle of a solve', {}, { cause });
      task.reject(error);
    };
    const onExit = () => onLost();
    worker.ref();
    worker.on('message', onMessage);
    worker.once('error', onLost);
    worker.once('exit', onExit);
    signal?.addEventListener('abort', cancel, { once: true });
    worker.postMessage({ type: 'solve', id, source, options: plain } satisfies ToSolver);
  }

  /** Ends all threads; what they were at rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0))
      task.reject(new CrowdwattError('pool/closed', 'the service is stopping'));
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }
}
