import { hashOf } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import type { RunHooks } from '../hooks.js';
import { listAll } from '../ledger/pages.js';
import type { Commit, Ledger, Member } from '../ledger/types.js';
import type { Case } from '../model/case.js';
import { type SolveOptions, solve } from '../solver/index.js';
import type { Solution } from '../solver/solution.js';
import type { DayClock } from './clock.js';
import type { Crowd } from './crowd.js';
import type { Learned } from './learning.js';
import type { Rules } from './terms.js';

/** Transactions that are on their way at once. */
const IN_FLIGHT = 512;
/** Entries of one batched transaction; the rules allow 2,000. */
export const BATCH = 1000;
const LONGEST_OPERATION_ID = 128;

export type SolveSettings = Required<Pick<SolveOptions, 'method' | 'tolerance' | 'exactness'>>;

/** Solves CES-OPF of one case: the solver itself, or the way to one on another thread. */
export type DaySolver = (source: Case, options: SolveOptions) => Promise<Solution>;

/** Where people, or programs in their place, come in while a day is run. All of them may wait as long as they like. */
export interface DayVisitors {
  /** A step, by its name in the report's `seconds`, is about to begin. */
  beforeStep?(step: string): Promise<void>;
  /** True for whoever speaks for itself: then the simulated crowd does not. */
  actsForItself?(participant: string): boolean;
  /** True where meters hand in what was delivered: then nothing is simulated in their place. */
  readonly metered?: boolean;
  /** The day is open and its gate is not closed: preferences may be handed in. */
  beforeGate?(day: MarketDay): Promise<void>;
  /** The offers of a round are out: they may be answered. What is left open then, the simulated crowd answers. */
  duringRound?(day: MarketDay, round: number): Promise<void>;
}

/** One day of Algorithm 1: what it is run with, and the way its steps speak to the ledger. */
export class MarketDay {
  /** Seconds of each step. */
  readonly seconds: Record<string, number> = {};
  readonly warnings: string[] = [];
  #members = new Map<string, Promise<Member>>();

  constructor(
    readonly ledger: Ledger,
    readonly day: string,
    /** As filed: with what only the people know, which none but the crowd may read. */
    readonly feeder: Case,
    readonly rules: Rules,
    readonly clock: DayClock,
    readonly crowd: Crowd,
    readonly seed: number,
    readonly solveSettings: SolveSettings,
    readonly allowInexact: boolean,
    readonly hooks: RunHooks,
    readonly visitors: DayVisitors = {},
    readonly solver: DaySolver = solve,
    /** What earlier answers taught; without it every participant is a stranger. */
    readonly learned?: Learned,
    /** False where a longer span of days is reconciled at its end. */
    readonly reconciles = true,
  ) {}

  operator(): Promise<Member> {
    return this.#member('operator', 'operator');
  }

  meter(): Promise<Member> {
    return this.#member('meter', 'meter');
  }

  participant(id: string): Promise<Member> {
    return this.#member(id, 'participant');
  }

  #member(id: string, role: Member['role']): Promise<Member> {
    const key = `${role}/${id}`;
    let member = this.#members.get(key);
    if (!member) {
      member = this.ledger.member(id, role);
      this.#members.set(key, member);
    }
    return member;
  }

  /**
   * Submits one transaction of this day. The operation id follows from the day and from what the
   * transaction is for, so a day that is resumed gets the first outcome back and nothing happens twice.
   */
  submit<Result>(
    member: Member,
    name: string,
    args: unknown,
    operation: string,
    timestamp: number,
    transient?: Readonly<Record<string, unknown>>,
  ): Promise<Commit<Result>> {
    this.checkCancelled();
    const id = `${this.day}/${operation}`;
    const operationId = id.length <= LONGEST_OPERATION_ID ? id : hashOf(id);
    return this.ledger.transact<Result>(member, {
      name,
      args,
      operationId,
      timestamp,
      ...(transient ? { transient } : {}),
    });
  }

  /** A query of the operator's. */
  async query<Result>(name: string, args: unknown = {}): Promise<Result> {
    return this.ledger.query<Result>(await this.operator(), name, args);
  }

  /** All pages of a listing. */
  async list<Item>(name: string, args: object, member?: Member): Promise<Item[]> {
    return listAll<Item>(this.ledger, member ?? (await this.operator()), name, args);
  }

  /** Runs the work of all items with a bounded number in flight; results in the items' order. */
  async inFlight<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
    const results = new Array<Result>(items.length);
    let next = 0;
    const lane = async () => {
      while (next < items.length) {
        const place = next++;
        results[place] = await work(items[place]!);
      }
    };
    const lanes = Array.from({ length: Math.min(IN_FLIGHT, items.length) }, lane);
    // Wait for all of them also where one fails: no transaction is left running behind the caller's back.
    const outcomes = await Promise.allSettled(lanes);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return results;
  }

  /** Those for whom the simulated crowd may speak. */
  simulated<Person extends { readonly id: string }>(people: readonly Person[]): Person[] {
    return people.filter(({ id }) => !this.visitors.actsForItself?.(id));
  }

  /** Times a step under its name and reports it. */
  async step<Result>(name: string, message: string, work: () => Promise<Result>): Promise<Result> {
    await this.visitors.beforeStep?.(name);
    this.checkCancelled();
    this.hooks.onProgress?.({ stage: name, message });
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[name] = (this.seconds[name] ?? 0) + (performance.now() - started) / 1000;
    }
  }

  checkCancelled(): void {
    if (this.hooks.signal?.aborted) throw new CrowdwattError('cancelled', `day ${this.day} was cancelled`);
  }
}

/** Slices of at most `BATCH` entries. */
export function batches<Item>(items: readonly Item[]): Item[][] {
  const slices: Item[][] = [];
  for (let at = 0; at < items.length; at += BATCH) slices.push(items.slice(at, at + BATCH));
  return slices;
}
