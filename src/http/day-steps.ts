import { CrowdwattError } from '../errors.js';

/** What an operator may ask of a day, in the order of Algorithm 1; `offers` and `close` come once a round. */
export const DAY_STEPS = [
  'open',
  'gate',
  'equilibrium',
  'contracts',
  'offers',
  'close',
  'supplements',
  'statements',
] as const;
export type DayStep = (typeof DAY_STEPS)[number];
export type DayTarget = DayStep | 'end';

/** The market's own steps before which somebody is asked, and what is asked for. The others follow by themselves. */
const ASKED_BEFORE: Readonly<Record<string, DayStep>> = {
  solve: 'open',
  preferences: 'gate',
  equilibrium: 'equilibrium',
  contracts: 'contracts',
  incentives: 'offers',
  supplement: 'supplements',
  reconcile: 'statements',
};

export const askedBefore = (marketStep: string): DayStep | undefined => ASKED_BEFORE[marketStep];

/**
 * Says when each step may begin. A day comes to `arrive` before every step and goes on when it is
 * permitted: one step at a time, up to a target, or all the way.
 */
export class StepGate {
  /** Last step that is done. */
  step: DayStep | null = null;
  /** The step that is waited for or under way; null at the end. */
  next: DayStep | null = 'open';
  waiting = false;
  /** Steps that were permitted so far: what a day that is taken up again passes through. */
  passed: number;
  #replay: number;
  /** Permitted until this step is done. */
  #target: DayTarget | undefined;
  #release: (() => void) | undefined;
  #held: DayStep | undefined;
  #abandoned = false;
  readonly #watchers = new Set<() => void>();

  constructor(
    passed: number,
    target: DayTarget | undefined,
    private readonly onChange: () => void,
  ) {
    this.passed = passed;
    this.#replay = passed;
    this.#target = target;
  }

  /** Waits for the permission to begin a step. */
  async arrive(next: DayStep): Promise<void> {
    if (next !== 'open') this.#done(next);
    if (this.#replay > 0) {
      this.#replay--;
      return;
    }
    if (this.#target === undefined || this.#held === next) {
      this.waiting = true;
      this.#changed();
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      this.#release = undefined;
      this.waiting = false;
      if (this.#abandoned) return;
    }
    this.#held = undefined;
    this.passed++;
    this.#changed();
  }

  #done(next: DayStep | null): void {
    this.step = this.next;
    this.next = next;
    if (this.#target === this.step) this.#target = undefined;
    this.#changed();
  }

  end(): void {
    this.#done(null);
  }

  /** The step waits for `resume` (or for `permit`), also where it is permitted: people have their time. */
  hold(step: DayStep): void {
    if (this.#replay === 0) this.#held = step;
  }

  resume(step: DayStep): void {
    if (this.waiting && this.next === step) {
      this.#target ??= step;
      this.#held = undefined;
      this.#go();
    }
  }

  /** Permits one step, or all up to and including `to`. */
  permit(to?: DayTarget): void {
    if (this.next === null) throw new CrowdwattError('http/conflict', 'the day has ended');
    const wanted = to ?? this.next;
    if (wanted !== 'end' && !this.#isAhead(wanted)) {
      throw new CrowdwattError('http/conflict', `${wanted} is done already; the next step is ${this.next}`, {
        next: this.next,
      });
    }
    this.#target = wanted;
    this.#held = undefined;
    this.#go();
  }

  /** Offers come again after the close of a round, so they are never behind until the supplements are. */
  #isAhead(step: DayStep): boolean {
    const place = (each: DayStep) => DAY_STEPS.indexOf(each);
    const nextPlace = place(this.next!);
    if (place(step) >= nextPlace) return true;
    return step === 'offers' && this.next === 'close';
  }

  /** Resolves when the permitted steps are done, or the time is over. */
  settled(ms: number, signal?: AbortSignal): Promise<boolean> {
    const still = () =>
      this.#abandoned ||
      this.next === null ||
      (this.waiting && (this.#target === undefined || this.#held !== undefined));
    if (still()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (value: boolean) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(value);
      };
      const look = () => still() && finish(true);
      const timer = setTimeout(() => finish(false), ms);
      signal?.addEventListener('abort', () => finish(false), { once: true });
      this.#watchers.add(look);
    });
  }

  /** Lets go of whoever waits: the day was cancelled or has failed. */
  abandon(): void {
    this.#abandoned = true;
    this.#go();
    for (const look of [...this.#watchers]) look();
  }

  #go(): void {
    this.waiting = false;
    this.#release?.();
  }

  #changed(): void {
    this.onChange();
    for (const look of [...this.#watchers]) look();
  }
}
