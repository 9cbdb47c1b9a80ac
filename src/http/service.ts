import type { Logger } from 'pino';
import { openLedger } from '../ledger/index.js';
import type { Ledger } from '../ledger/types.js';
import { readJson } from '../model/index.js';
import { Accounts } from './auth/accounts.js';
import { Sessions } from './auth/sessions.js';
import { CaseShelf } from './cases.js';
import { Days } from './days.js';
import { Hub } from './hub.js';
import { Jobs } from './jobs.js';
import { LedgerWatch } from './ledger-watch.js';
import { PreparedShelf } from './prepared.js';
import { Reading } from './reading.js';
import { SolveThreads } from './solve-threads.js';
import { FolderStore, MemoryStore } from './store.js';

export interface ServiceOptions {
  /** An open ledger (then the caller closes it), or where to open one: `memory` (default), a folder, `fabric:PROFILE`. */
  readonly ledger?: Ledger | string;
  readonly keys?: string;
  readonly passphrase?: string;
  /** Folder of what the service keeps beside the ledger; none: it ends with the process. */
  readonly data?: string;
  /** Case files to put on the shelf. */
  readonly cases?: readonly string[];
  /** Solver threads; default 1. */
  readonly solveThreads?: number;
  /** Solves that may wait or run; default 16. */
  readonly queueLimit?: number;
  /** Default 8. */
  readonly sessionHours?: number;
  readonly log?: Logger;
}

/** Everything behind the routes. */
export interface Service {
  readonly ledger: Ledger;
  readonly reading: Reading;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly cases: CaseShelf;
  readonly jobs: Jobs;
  readonly days: Days;
  readonly prepared: PreparedShelf;
  readonly watch: LedgerWatch;
  readonly hub: Hub;
  readonly startedAt: number;
  /** One-time secret of the operator, where it has never enrolled. */
  readonly operatorSecret?: string;
  readonly durable: boolean;
  stopping: boolean;
  /** Ends days, solves and threads in a state from which the next start goes on; closes the ledger it opened. */
  stop(): Promise<void>;
}

export async function openService(options: ServiceOptions = {}): Promise<Service> {
  const { ledger: given = 'memory', log } = options;
  const store = options.data === undefined ? new MemoryStore() : new FolderStore(options.data);
  const onWarning = (message: string) => log?.warn({}, message);
  const ledger =
    typeof given === 'string'
      ? await openLedger({ at: given, keys: options.keys, passphrase: options.passphrase, onWarning })
      : given;
  const hub = new Hub();
  const threads = new SolveThreads(options.solveThreads ?? 1);
  const reading = new Reading(ledger);
  const cases = await CaseShelf.load(store);
  for (const path of options.cases ?? []) await cases.add(await readJson(path));
  const accounts = await Accounts.load(store, ledger);
  const sessions = await Sessions.load(store, (options.sessionHours ?? 8) * 3_600_000);
  const jobs = await Jobs.load(store, cases, threads, hub, options.queueLimit ?? 16);
  const days = new Days(store, reading, cases, accounts, threads.solve, hub);
  const watch = new LedgerWatch(ledger, hub, log);
  const isNew = accounts.get('operator')?.status !== 'enrolled';
  const operatorSecret = isNew ? (await accounts.invite('operator', 'operator')).secret : undefined;
  const service: Service = {
    ledger,
    reading,
    sessions,
    accounts,
    cases,
    jobs,
    days,
    prepared: new PreparedShelf(ledger),
    watch,
    hub,
    startedAt: Date.now(),
    durable: store.durable,
    stopping: false,
    ...(operatorSecret === undefined ? {} : { operatorSecret }),
    stop: async () => {
      service.stopping = true;
      hub.emit('closing', { event: 'closing', data: {} });
      await Promise.all([days.stop(), jobs.stop()]);
      await threads.close();
      await watch.stop();
      if (typeof given === 'string') await ledger.close();
    },
  };
  watch.start();
  await days.resume();
  return service;
}
