/** What every long call of the library takes. */
export interface RunHooks {
  /** Cancels the work; the call then ends with status `cancelled` or rejects with code `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told from time to time how far the work is; must not throw. */
  readonly onProgress?: (progress: Progress) => void;
  /** Worker threads to use, 1..16; chosen from the size of the problem when left out. */
  readonly workers?: number;
}

/** One report of progress. `fields` are numbers a face may show beside the text. */
export interface Progress {
  /** What is going on: `compile`, `solve`, `incentives`, `ledger`, … */
  readonly stage: string;
  /** One short line for people. */
  readonly message: string;
  /** Share of the stage that is done, 0..1, where it is known. */
  readonly fraction?: number;
  readonly fields?: Readonly<Record<string, number | string>>;
}
