import { setMaxListeners } from 'node:events';
import { CrowdwattError } from '../errors.js';
import type { Progress } from '../hooks.js';
import { checkOutput, writeWhole } from './output.js';
import { type ProgressMode, ProgressView } from './progress.js';

/** The options that every command takes. */
export interface CommonOptions {
  readonly quiet?: boolean;
  readonly progress?: string;
  readonly logLevel?: string;
}

/** The part of a pino logger that commands use. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/**
 * What a command needs of the outside world. Commands never touch `process`: they print, report
 * progress, write their answer and set `status` here.
 */
export class CliContext {
  /** Exit status of the command (docs/formats.md): set it to 3, 4 or 130; errors set it by their code. */
  status = 0;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly #abort = new AbortController();
  #common: CommonOptions = {};
  #view: ProgressView;
  #log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  #stdoutTaken = false;

  constructor(stdout: NodeJS.WriteStream = process.stdout, stderr: NodeJS.WriteStream = process.stderr) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.#view = new ProgressView(stderr, 'none');
    setMaxListeners(0, this.#abort.signal);
  }

  /** Aborted by Ctrl-C. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get quiet(): boolean {
    return this.#common.quiet === true;
  }

  get debug(): boolean {
    return this.#common.logLevel === 'debug';
  }

  /** True with `--progress=json`: standard error then carries JSON lines only. */
  get progressJson(): boolean {
    return this.#common.progress === 'json';
  }

  get log(): Log {
    return this.#log;
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Called by main once the options are known, before the command's action. */
  async configure(common: CommonOptions, out?: string): Promise<void> {
    this.#common = common;
    this.#view = new ProgressView(this.stderr, progressMode(common, this.stderr.isTTY === true));
    this.#stdoutTaken = out === '-';
    await checkOutput(out);
    if (common.logLevel !== undefined && common.logLevel !== 'silent') {
      const { pino } = await import('pino');
      this.#log = pino({ level: common.logLevel, name: 'crowdwatt' }, pino.destination({ fd: 2, sync: true }));
    }
  }

  /** For people, on standard output; silent under `--quiet` and where `--out -` owns standard output. */
  print(text: string): void {
    if (this.quiet || this.#stdoutTaken) return;
    this.#view.clear();
    this.stdout.write(`${text}\n`);
  }

  /** A machine's or a person's only result (for instance a hash): not silenced by `--quiet`. */
  result(text: string): void {
    this.#view.clear();
    this.stdout.write(`${text}\n`);
  }

  /** A remark on standard error; silent under `--quiet` and `--progress=json`. */
  note(text: string): void {
    if (this.quiet || this.progressJson) return;
    this.#view.clear();
    this.stderr.write(`${text}\n`);
  }

  /** What must not go unseen: one line on standard error, under `--quiet` too. */
  warn(text: string): void {
    this.#view.clear();
    this.stderr.write(`crowdwatt: warning: ${text}\n`);
  }

  /** Pass as `onProgress`. */
  readonly onProgress = (progress: Progress): void => this.#view.show(progress);

  /** One JSON line on standard error with `--progress=json` (for instance one per durable block). */
  emit(value: object): void {
    if (this.progressJson) this.stderr.write(`${JSON.stringify(value)}\n`);
  }

  /** The hooks of every long call. */
  hooks(workers?: number) {
    return { signal: this.signal, onProgress: this.onProgress, workers };
  }

  /** Writes the command's document: a file whole or not at all, or standard output for `-`. */
  async writeOutput(path: string | undefined, value: unknown): Promise<void> {
    if (path === undefined) return;
    this.#view.clear();
    const text = typeof value === 'string' ? value : `${JSON.stringify(value)}\n`;
    if (path === '-') await writeAll(this.stdout, text);
    else await writeWhole(path, text);
  }

  /** One line, no stack unless `--log-level debug`; sets the exit status by the error's code. */
  fail(error: CrowdwattError): void {
    this.#view.clear();
    this.status = error.exitStatus;
    const message = error.message.replace(/\s*[\r\n]+\s*/g, ' ');
    this.stderr.write(`crowdwatt: error[${error.code}]: ${message}\n`);
    if (this.debug) {
      const origin = error.cause instanceof Error ? error.cause : error;
      this.stderr.write(`${origin.stack ?? ''}\n`);
    }
  }

  clearProgress(): void {
    this.#view.clear();
  }
}

function progressMode(common: CommonOptions, terminal: boolean): ProgressMode {
  if (common.progress === 'json') return 'json';
  if (common.quiet === true) return 'none';
  if (common.progress !== undefined && common.progress !== 'plain') {
    throw new CrowdwattError('usage', `--progress=${common.progress} is not known; give --progress or --progress=json`);
  }
  if (terminal) return 'live';
  return common.progress === undefined ? 'none' : 'plain';
}

function writeAll(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(new CrowdwattError('io/write', `standard output: ${error.message}`, {}, { cause: error }));
      else resolve();
    });
  });
}
