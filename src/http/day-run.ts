import { asCrowdwattError, type CrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import type { Ledger } from '../ledger/types.js';
import type { RunReport } from '../market/documents.js';
import { type CrowdChoice, type DaySolver, runDayInFull } from '../market/index.js';
import type { Case } from '../model/case.js';
import type { ExactnessMode, Method } from '../solver/solution.js';
import { askedBefore, type DayTarget, StepGate } from './day-steps.js';

/** What a day was begun with: kept, so that it can be taken up again. */
export interface DaySettings {
  readonly day: string;
  /** Id of the case. */
  readonly case: string;
  readonly mode: 'steps' | 'run';
  readonly crowd: CrowdChoice;
  readonly seed: number;
  readonly method?: Method;
  readonly exactness?: ExactnessMode;
  readonly tolerance?: number;
  readonly allowInexact: boolean;
  /** Seconds of the wall clock until the service closes the gate, or a round, by itself. */
  readonly gateSeconds?: number;
  readonly answerSeconds?: number;
  readonly meters: 'simulated' | 'live';
}

export interface DaySurroundings {
  readonly ledger: Ledger;
  readonly solver: DaySolver;
  readonly actsForItself: (participant: string) => boolean;
  /** Something that DayView shows is different now. */
  readonly onChange: (run: DayRun) => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onOffers: (round: number) => void;
}

/** One day of the market while this service runs it, stepped by its operator. */
export class DayRun {
  readonly gate: StepGate;
  state: 'running' | 'done' | 'failed' | 'cancelled' = 'running';
  round: number | null = null;
  /** Wall clock, ms. */
  gateClosesAt: number | null = null;
  answersCloseAt: number | null = null;
  error: CrowdwattError | undefined;
  report: RunReport | undefined;
  /** Resolves when nothing of this run is left. */
  ended: Promise<void> = Promise.resolve();
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly settings: DaySettings,
    private readonly source: Case,
    private readonly around: DaySurroundings,
    passed = 0,
  ) {
    const target: DayTarget | undefined = settings.mode === 'run' ? 'end' : passed === 0 ? 'open' : undefined;
    this.gate = new StepGate(passed, target, () => around.onChange(this));
  }

  start(): void {
    this.ended = this.#run();
  }

  async #run(): Promise<void> {
    const { day, crowd, seed, method, exactness, tolerance, allowInexact, meters } = this.settings;
    try {
      const { report } = await runDayInFull(this.source, {
        ledger: this.around.ledger,
        day,
        crowd,
        seed,
        method,
        exactness,
        tolerance,
        allowInexact,
        signal: this.#abort.signal,
        onProgress: this.around.onProgress,
        solver: this.around.solver,
        visitors: {
          beforeStep: (step) => this.#before(step),
          duringRound: (_, round) => this.#during(round),
          actsForItself: this.around.actsForItself,
          metered: meters === 'live',
        },
      });
      this.report = report;
      this.state = 'done';
      this.gate.end();
    } catch (thrown) {
      const error = asCrowdwattError(thrown);
      this.state = error.code === 'cancelled' ? 'cancelled' : 'failed';
      if (this.state === 'failed') this.error = error;
      this.gate.abandon();
    } finally {
      clearTimeout(this.#timer);
      this.gateClosesAt = null;
      this.answersCloseAt = null;
      this.around.onChange(this);
    }
  }

  async #before(marketStep: string): Promise<void> {
    const next = askedBefore(marketStep);
    if (next === undefined) return;
    if (next === 'gate' && this.settings.gateSeconds !== undefined) {
      this.gateClosesAt ??= this.#goOnIn(this.settings.gateSeconds, 'gate');
    }
    if (next === 'supplements') this.round = null;
    await this.gate.arrive(next);
    clearTimeout(this.#timer);
    this.gateClosesAt = null;
  }

  async #during(round: number): Promise<void> {
    this.round = round;
    if (this.settings.answerSeconds !== undefined) {
      this.answersCloseAt = this.#goOnIn(this.settings.answerSeconds, 'close');
    }
    this.around.onOffers(round);
    await this.gate.arrive('close');
    clearTimeout(this.#timer);
    this.answersCloseAt = null;
  }

  /** With a time given the service goes on by itself, and not before: also where the day runs all the way. */
  #goOnIn(seconds: number, step: 'gate' | 'close'): number {
    this.gate.hold(step);
    this.#timer = setTimeout(() => this.gate.resume(step), seconds * 1000);
    return Date.now() + seconds * 1000;
  }

  cancel(): void {
    this.#abort.abort();
    this.gate.abandon();
  }
}
