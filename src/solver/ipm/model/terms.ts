/**
 * What each bus's power balances hold besides flows and loads: for every device a run of columns, one
 * per period in [from, to), with the share of that column that is injected as real and reactive power.
 */
export interface Term {
  readonly first: number;
  readonly from: number;
  readonly to: number;
  /** Real power injected per unit of the variable. */
  readonly real: number;
  /** Reactive power injected per unit; one number, or one per period. */
  readonly reactive: number | ((period: number) => number);
}

export class InjectionTerms {
  private readonly byBus: Term[][];

  constructor(busCount: number) {
    this.byBus = Array.from({ length: busCount }, () => []);
  }

  add(bus: number, term: Term): void {
    this.byBus[bus]!.push(term);
  }

  at(bus: number): readonly Term[] {
    return this.byBus[bus]!;
  }
}
