import type { Progress } from '../hooks.js';

export type ProgressMode = 'none' | 'live' | 'plain' | 'json';

/** A live line is redrawn at most this often. */
const REDRAW_MILLISECONDS = 100;

/** Shows progress on standard error: one line that is redrawn, plain lines, or JSON lines. */
export class ProgressView {
  readonly #stream: NodeJS.WriteStream;
  readonly #mode: ProgressMode;
  #drawn = false;
  #last = 0;

  constructor(stream: NodeJS.WriteStream, mode: ProgressMode) {
    this.#stream = stream;
    this.#mode = mode;
  }

  show(progress: Progress): void {
    if (this.#mode === 'none') return;
    if (this.#mode === 'json') {
      this.#stream.write(`${JSON.stringify(progress)}\n`);
      return;
    }
    const now = performance.now();
    if (now - this.#last < REDRAW_MILLISECONDS * (this.#mode === 'live' ? 1 : 10) && progress.fraction !== 1) return;
    this.#last = now;
    const text = describe(progress);
    if (this.#mode === 'plain') {
      this.#stream.write(`${text}\n`);
      return;
    }
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\u001b[2K${text.slice(0, width)}`);
    this.#drawn = true;
  }

  /** Takes the live line away, so that what is written next stands on a clean line. */
  clear(): void {
    if (!this.#drawn) return;
    this.#stream.write('\r\u001b[2K');
    this.#drawn = false;
  }
}

function describe(progress: Progress): string {
  const share = progress.fraction === undefined ? '' : `${String(Math.round(progress.fraction * 100)).padStart(3)}% `;
  const fields = Object.entries(progress.fields ?? {}).map(([name, value]) => `${name} ${figure(value)}`);
  return [`${share}${progress.stage}: ${progress.message}`, ...fields].join('  ');
}

function figure(value: number | string): string {
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
