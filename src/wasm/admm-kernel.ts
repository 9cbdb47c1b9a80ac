/** Exports of the ADMM module (assembly/admm.ts). Addresses are byte offsets into the shared memory. */
export interface AdmmExports {
  scratchDoubles(periods: number, depth: number): number;
  /** Factors with the present weights; one thread. */
  factor(context: number): void;
  /** z, prices and x at the present state; all parties. 0: poisoned. */
  evaluate(context: number, party: number): number;
  /** Residuals and costs after `evaluate`; all parties. */
  check(context: number, party: number, iteration: number): number;
  /** Up to `most` iterations; all parties. Returns one of STATUS_*. */
  iterate(context: number, party: number, most: number): number;
  /** Prox of one device in place; `charge`, `discharge`, `worth` may be 0. */
  proxRows(
    context: number,
    party: number,
    entity: number,
    at: number,
    charge: number,
    discharge: number,
    worth: number,
  ): number;
  projectRows(
    at: number,
    stride: number,
    count: number,
    weightV: number,
    weightEll: number,
    weightFlow: number,
    vMin: number,
    vMax: number,
    limit: number,
  ): void;
  proxGenerator(
    at: number,
    periods: number,
    weight: number,
    a: number,
    linear: number,
    pMin: number,
    pMax: number,
    ramp: number,
    scratch: number,
  ): number;
  proxShapable(
    at: number,
    periods: number,
    weight: number,
    discomfort: number,
    preferred: number,
    energy: number,
    max: number,
    start: number,
    end: number,
    warm: number,
  ): number;
  proxBattery(
    at: number,
    periods: number,
    weight: number,
    parameters: number,
    scratch: number,
    charge: number,
    discharge: number,
    worth: number,
  ): number;
  proxSolar(at: number, periods: number, forecast: number, curtailable: number): void;
  proxSolarInverter(p: number, q: number, periods: number, forecast: number, curtailable: number, rating: number): void;
  proxDisc(p: number, q: number, periods: number, rating: number): void;
  proxShed(
    p: number,
    q: number,
    periods: number,
    weight: number,
    offered: number,
    ratio: number,
    price: number,
  ): number;
}
