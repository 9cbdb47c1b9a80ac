import { chart } from './chart.js';
import { h, show } from './dom.js';
import { number } from './format.js';
import { redraw } from './view.js';

export interface Progress {
  readonly stage: string;
  readonly message: string;
  readonly fraction?: number;
  readonly fields?: Readonly<Record<string, number | string>>;
}
interface Point {
  readonly iteration: number;
  readonly primalResidual: number;
  readonly dualResidual: number;
}

/** The residuals of a solver as they come. */
export class Convergence {
  readonly element = h(
    'div',
    {},
    h(
      'p',
      { class: 'soft' },
      'Residuals appear here while a solve runs. Small feeders are solved before they can be watched.',
    ),
  );
  #points: Point[] = [];
  readonly #ask: () => void;

  constructor(signal: AbortSignal) {
    this.#ask = redraw(async () => this.#draw(), signal, 150);
  }

  add({ stage, fields }: Progress): void {
    const { iteration, primalResidual, dualResidual } = fields ?? {};
    if (stage !== 'solve' || typeof iteration !== 'number') return;
    // Counting from the start again is another solve.
    if (iteration <= (this.#points.at(-1)?.iteration ?? -1)) this.#points = [];
    this.#points.push({ iteration, primalResidual: Number(primalResidual), dualResidual: Number(dualResidual) });
    this.#ask();
  }

  /** All of it at once, from a result. */
  set(points: readonly Point[]): void {
    this.#points = [...points];
    this.#ask();
  }

  #draw(): void {
    const points = this.#points;
    if (points.length === 0) return;
    const positive = (value: number) => (value > 0 ? value : null);
    const series = [
      { label: 'primal residual', values: points.map((point) => positive(point.primalResidual)) },
      { label: 'dual residual', values: points.map((point) => positive(point.dualResidual)), dashed: true },
    ];
    const last = points.at(-1)!;
    show(
      this.element,
      h(
        'p',
        {},
        `Iteration ${number(last.iteration, 0)}: ${last.primalResidual.toExponential(1)} primal, ${last.dualResidual.toExponential(1)} dual.`,
      ),
      chart(
        'Residuals by iteration',
        points.map((point) => point.iteration),
        series,
        { unit: 'residual', log: true, xTitle: 'Iteration' },
      ),
    );
  }
}
