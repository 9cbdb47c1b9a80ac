import { randomUUID } from 'node:crypto';
import { asCrowdwattError, CrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { SolveOptions } from '../solver/index.js';
import type { Solution } from '../solver/solution.js';
import type { CaseShelf } from './cases.js';
import { wireError } from './errors.js';
import type { Hub } from './hub.js';
import type { SolveThreads } from './solve-threads.js';
import type { Store } from './store.js';

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type JobOptions = Omit<SolveOptions, 'signal' | 'onProgress'>;

/** A solve that was asked for, as everybody may see it. */
export interface Job {
  readonly id: string;
  /** Id of the case. */
  readonly case: string;
  readonly options: JobOptions;
  readonly state: JobState;
  readonly submittedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly progress?: Progress;
  /** The solution's own, when the job is done. */
  readonly status?: string;
  readonly objective?: number;
  readonly error?: ReturnType<typeof wireError>;
}

const JOBS = 'jobs';
const RESULTS = 'results';
/** Jobs that are remembered; older ones go, with their results. */
const MOST_KEPT = 500;
const ended = (job: Job) => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** The queue of solves: bounded, and remembered over a restart. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #aborts = new Map<string, AbortController>();
  readonly #under = new Set<Promise<void>>();
  #stopping = false;

  private constructor(
    private readonly store: Store,
    private readonly cases: CaseShelf,
    private readonly threads: SolveThreads,
    private readonly hub: Hub,
    /** Jobs that may wait or run at once. */
    readonly limit: number,
  ) {}

  static async load(store: Store, cases: CaseShelf, threads: SolveThreads, hub: Hub, limit: number): Promise<Jobs> {
    const jobs = new Jobs(store, cases, threads, hub, limit);
    const kept: Job[] = [];
    for (const id of await store.names(JOBS)) {
      const job = await store.get<Job>(JOBS, id);
      if (job) kept.push(job);
    }
    for (const job of kept.sort((a, b) => a.submittedAt - b.submittedAt)) {
      jobs.#jobs.set(job.id, job);
      // What was not at its end when the service stopped begins anew: the case is kept, so nothing is lost.
      if (!ended(job)) jobs.#begin({ ...job, state: 'queued', startedAt: undefined, progress: undefined });
    }
    return jobs;
  }

  get counts(): { running: number; queued: number; limit: number } {
    const states = [...this.#jobs.values()].map((job) => job.state);
    const count = (state: JobState) => states.filter((each) => each === state).length;
    return { running: count('running'), queued: count('queued'), limit: this.limit };
  }

  list(): Job[] {
    return [...this.#jobs.values()].reverse();
  }

  /** @throws CrowdwattError `http/not-found` */
  get(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new CrowdwattError('http/not-found', `there is no solve ${id}`, { id });
    return job;
  }

  async result(id: string): Promise<Solution> {
    const job = this.get(id);
    if (job.state === 'failed') throw new CrowdwattError(job.error!.code, job.error!.message, job.error!.details);
    const solution = await this.store.get<Solution>(RESULTS, id);
    if (!solution)
      throw new CrowdwattError('http/conflict', `solve ${id} is ${job.state}: there is no result yet`, { id });
    return solution;
  }

  /** @throws CrowdwattError `http/overloaded` when the queue is full, `http/not-found` */
  async submit(caseId: string, options: JobOptions): Promise<Job> {
    this.cases.get(caseId);
    if (this.#stopping) throw new CrowdwattError('http/overloaded', 'the service is stopping', { retryAfter: 5 });
    if (this.#aborts.size >= this.limit) {
      const text = `${this.limit} solves wait or run already; come back later`;
      throw new CrowdwattError('http/overloaded', text, { retryAfter: 2 });
    }
    const job: Job = { id: randomUUID(), case: caseId, options, state: 'queued', submittedAt: Date.now() };
    this.#begin(job);
    await this.store.put(JOBS, job.id, job);
    await this.#forget();
    return this.get(job.id);
  }

  cancel(id: string): Job {
    const job = this.get(id);
    if (ended(job)) throw new CrowdwattError('http/conflict', `solve ${id} is ${job.state} already`, { id });
    this.#aborts.get(id)?.abort();
    return this.get(id);
  }

  #begin(job: Job): void {
    const abort = new AbortController();
    this.#aborts.set(job.id, abort);
    this.#jobs.set(job.id, job);
    const work = this.#work(job, abort.signal).finally(() => {
      this.#aborts.delete(job.id);
      this.#under.delete(work);
    });
    this.#under.add(work);
  }

  async #work(job: Job, signal: AbortSignal): Promise<void> {
    const { id, options } = job;
    try {
      const source = await this.cases.read(job.case);
      const onProgress = (progress: Progress) => this.#progress(id, progress);
      const solution = await this.threads.solve(source, { ...options, signal, onProgress });
      // A service that stops leaves its jobs as they are: they begin anew with it.
      if (this.#stopping) return;
      const state: JobState = solution.status === 'cancelled' ? 'cancelled' : 'done';
      await this.store.put(RESULTS, id, solution);
      await this.#change(id, { state, status: solution.status, objective: solution.objective, endedAt: Date.now() });
    } catch (thrown) {
      if (this.#stopping) return;
      const error = asCrowdwattError(thrown);
      const state: JobState = error.code === 'cancelled' ? 'cancelled' : 'failed';
      await this.#change(id, { state, endedAt: Date.now(), error: wireError(error) }).catch(() => undefined);
    }
  }

  #progress(id: string, progress: Progress): void {
    const before = this.#jobs.get(id)!;
    const begins = before.state === 'queued';
    const job: Job = { ...before, state: 'running', startedAt: before.startedAt ?? Date.now(), progress };
    this.#jobs.set(id, job);
    if (begins) this.hub.emit(`job/${id}`, { event: 'state', data: job });
    this.hub.emit(`job/${id}`, { event: 'progress', data: progress });
  }

  async #change(id: string, changes: Partial<Job>): Promise<void> {
    const { progress: _, ...before } = this.#jobs.get(id)!;
    const job: Job = { ...before, ...changes };
    await this.store.put(JOBS, id, job);
    this.#jobs.set(id, job);
    this.hub.emit(`job/${id}`, { event: 'state', data: job });
    this.hub.emit('jobs', { event: 'job', data: job });
  }

  async #forget(): Promise<void> {
    for (const job of this.#jobs.values()) {
      if (this.#jobs.size <= MOST_KEPT) return;
      if (!ended(job)) continue;
      this.#jobs.delete(job.id);
      await this.store.delete(JOBS, job.id);
      await this.store.delete(RESULTS, job.id);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const abort of this.#aborts.values()) abort.abort();
    await Promise.all(this.#under);
  }
}
