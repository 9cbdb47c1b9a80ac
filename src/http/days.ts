import type { DayRecord, OfferView } from '../../chaincode/src/domain/index.js';
import { CrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import { checkDay, FIRST_DAY, nextDay } from '../market/clock.js';
import type { RunReport } from '../market/documents.js';
import type { DaySolver } from '../market/index.js';
import type { Accounts } from './auth/accounts.js';
import type { CaseShelf } from './cases.js';
import { DayRun, type DaySettings, type DaySurroundings } from './day-run.js';
import { wireError } from './errors.js';
import type { Hub } from './hub.js';
import type { Reading } from './reading.js';
import type { Store } from './store.js';

export interface DayView {
  readonly day: string;
  /** Id of the case; null for a day that this service has not run. */
  readonly case: string | null;
  readonly mode: 'steps' | 'run' | null;
  readonly state: 'running' | 'waiting' | 'done' | 'failed' | 'cancelled' | 'recorded';
  readonly step: string | null;
  readonly next: string | null;
  readonly round: number | null;
  readonly gateClosesAt: number | null;
  readonly answersCloseAt: number | null;
  readonly live?: readonly string[];
  readonly warnings: readonly string[];
  readonly error?: ReturnType<typeof wireError>;
  readonly record: DayRecord | null;
}

interface KeptDay extends DaySettings {
  readonly passed: number;
  readonly over: boolean;
}

export type NewDay = Omit<DaySettings, 'day'> & { readonly day?: string };

const DAYS = 'days';
const REPORTS = 'reports';

/** The days that this service runs, one at a time, and those that the ledger knows. */
export class Days {
  readonly #runs = new Map<string, DayRun>();
  #saved: Promise<void> = Promise.resolve();
  #starting = false;
  #stopping = false;

  constructor(
    private readonly store: Store,
    private readonly reading: Reading,
    private readonly cases: CaseShelf,
    private readonly accounts: Accounts,
    private readonly solver: DaySolver,
    private readonly hub: Hub,
  ) {}

  /** Takes up the days that were under way when the service stopped. */
  async resume(): Promise<void> {
    for (const day of await this.store.names(DAYS)) {
      const kept = await this.store.get<KeptDay>(DAYS, day);
      if (kept && !kept.over) await this.#begin(kept, kept.passed);
    }
  }

  /** @throws CrowdwattError `http/conflict` while another day is run */
  async start(wanted: NewDay): Promise<DayRun> {
    if (this.#starting || this.#stopping) throw new CrowdwattError('http/conflict', 'another day is being opened');
    this.#starting = true;
    try {
      const active = this.active();
      if (active) {
        const { day } = active.settings;
        throw new CrowdwattError('http/conflict', `day ${day} is under way; end or cancel it first`, { day });
      }
      this.cases.get(wanted.case);
      const day = wanted.day === undefined ? await this.#nextDay() : checkDay(wanted.day);
      const kept = await this.store.get<KeptDay>(DAYS, day);
      return await this.#begin({ ...wanted, day }, kept?.passed ?? 0);
    } finally {
      this.#starting = false;
    }
  }

  async #nextDay(): Promise<string> {
    const newest = await this.reading.query<string | null>('LatestDay');
    if (newest === null) return FIRST_DAY;
    const record = await this.reading.query<DayRecord | null>('GetDay', { day: newest });
    return record && record.status !== 'settled' ? newest : nextDay(newest);
  }

  async #begin(settings: DaySettings, passed: number): Promise<DayRun> {
    const source = await this.cases.read(settings.case);
    const run = new DayRun(settings, source, this.#surroundings(settings.day), passed);
    this.#runs.set(settings.day, run);
    await this.#keep(run);
    run.start();
    return run;
  }

  #surroundings(day: string): DaySurroundings {
    return {
      ledger: this.reading.ledger,
      solver: this.solver,
      actsForItself: (id) => this.accounts.actsForItself(id),
      onChange: (run) => {
        void this.#keep(run);
        void this.#tell(run.settings.day);
      },
      onProgress: (progress: Progress) => this.hub.emit('progress', { event: 'progress', data: { day, ...progress } }),
      onOffers: (round) => void this.#tellOffers(day, round),
    };
  }

  #keep(run: DayRun): Promise<void> {
    const { settings, gate, state, report } = run;
    const kept: KeptDay = { ...settings, passed: gate.passed, over: this.#isOver(run) };
    this.#saved = this.#saved
      .catch(() => undefined)
      .then(async () => {
        if (state === 'done' && report) await this.store.put(REPORTS, settings.day, report);
        await this.store.put(DAYS, settings.day, kept);
      });
    this.#saved.catch(() => undefined);
    return this.#saved;
  }

  /** A day that the stop of the service ends is not over: it goes on with the next start. */
  #isOver({ state }: DayRun): boolean {
    if (state === 'cancelled') return !this.#stopping;
    return state === 'done' || state === 'failed';
  }

  async #tell(day: string): Promise<void> {
    const view = await this.view(day, false).catch(() => undefined);
    if (view) this.hub.emit('days', { event: 'day', data: view });
  }

  async #tellOffers(day: string, round: number): Promise<void> {
    const offers = await this.reading.list<OfferView>('ListOffers', { day }).catch(() => []);
    const counts = new Map<string, number>();
    for (const offer of offers) {
      if (offer.round === round) counts.set(offer.participant, (counts.get(offer.participant) ?? 0) + 1);
    }
    const dataFor = ({ id }: { id: string }) => (counts.has(id) ? { day, round, count: counts.get(id) } : undefined);
    this.hub.emit('offers', { event: 'offers', data: { day, round }, dataFor });
  }

  /** The day that is run now, if there is one. */
  active(): DayRun | undefined {
    return [...this.#runs.values()].find((run) => run.state === 'running');
  }

  /** @throws CrowdwattError `http/not-found`, `http/conflict` */
  running(day: string): DayRun {
    const run = this.#runs.get(day);
    if (run?.state === 'running') return run;
    const text = run ? `day ${day} is ${run.state}` : `day ${day} is not run by this service; POST /api/days begins it`;
    throw new CrowdwattError(run ? 'http/conflict' : 'http/not-found', text, { day });
  }

  /** Wall-clock end of the answers to a round; null where the operator ends it. */
  answersCloseAt(day: string, round: number): number | null {
    const run = this.#runs.get(day);
    return run && run.round === round ? run.answersCloseAt : null;
  }

  async list(): Promise<DayView[]> {
    const recorded = (await this.reading.list<DayRecord>('ListDays')).map((record) => record.day);
    const days = [...new Set([...recorded, ...this.#runs.keys()])].sort();
    return Promise.all(days.map((day) => this.view(day, false)));
  }

  /** @throws CrowdwattError `http/not-found` */
  async view(day: string, withLive: boolean): Promise<DayView> {
    const record = await this.reading.query<DayRecord | null>('GetDay', { day });
    const run = this.#runs.get(day);
    if (!run && !record) throw new CrowdwattError('http/not-found', `there is no day ${day}`, { day });
    if (!run) return recordedView(day, record);
    const { settings, gate } = run;
    const live = withLive
      ? {
          live: this.accounts
            .list()
            .filter((a) => this.accounts.actsForItself(a.id))
            .map((a) => a.id),
        }
      : {};
    return {
      day,
      case: settings.case,
      mode: settings.mode,
      state: run.state === 'running' && gate.waiting ? 'waiting' : run.state,
      step: gate.step,
      next: gate.next,
      round: run.round,
      gateClosesAt: run.gateClosesAt,
      answersCloseAt: run.answersCloseAt,
      ...live,
      warnings: run.report?.warnings ?? [],
      ...(run.error ? { error: wireError(run.error) } : {}),
      record,
    };
  }

  /** @throws CrowdwattError `http/conflict` before the day has ended */
  async report(day: string): Promise<RunReport> {
    const report = this.#runs.get(day)?.report ?? (await this.store.get<RunReport>(REPORTS, day));
    if (report) return report;
    await this.view(day, false);
    throw new CrowdwattError('http/conflict', `day ${day} has no report: it has not ended, or was not run here`, {
      day,
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const run of this.#runs.values()) if (run.state === 'running') run.cancel();
    await Promise.all([...this.#runs.values()].map((run) => run.ended));
    await this.#saved.catch(() => undefined);
  }
}

function recordedView(day: string, record: DayRecord | null): DayView {
  const nothing = { step: null, next: null, round: null, gateClosesAt: null, answersCloseAt: null };
  return { day, case: null, mode: null, state: 'recorded', ...nothing, warnings: [], record };
}
