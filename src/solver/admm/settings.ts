/** Settings of the method itself. They hold for every feeder; nothing here is meant to be tuned per case. */
export interface AdmmSettings {
  /** `tree`: all equations at once (`admm`); `bus`: Peng & Low's consensus (`admm-bus`). */
  readonly variant: 'tree' | 'bus';
  /** Over-relaxation, 0 < alpha < 2. */
  readonly alpha: number;
  /** Memory of the Anderson acceleration; 0: off. */
  readonly depth: number;
  /** Of the acceleration's least-squares problem, relative to its trace. */
  readonly regularization: number;
  /** An accelerated step that lets the residual grow by more than this is taken back. */
  readonly growth: number;
  /** Iterations between looks at the stop rule. */
  readonly checkEvery: number;
  /** Iteration of the first weight update; each next one at twice the iteration. 0: none. */
  readonly adaptFrom: number;
  readonly adaptTimes: number;
}

export const TREE_SETTINGS: AdmmSettings = {
  variant: 'tree',
  alpha: 1.6,
  depth: 8,
  regularization: 1e-10,
  growth: 1.5,
  checkEvery: 5,
  adaptFrom: 40,
  adaptTimes: 6,
};

/** Acceleration needs sums over the whole feeder, which a decentralised method does not have. */
export const BUS_SETTINGS: AdmmSettings = { ...TREE_SETTINGS, variant: 'bus', depth: 0, checkEvery: 10, adaptTimes: 0 };
