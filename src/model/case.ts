/**
 * `crowdwatt-case/1`: a feeder, its devices and its people over T periods. Field names carry
 * units; docs/formats.md is the contract. Arrays `…[T]` have one number per period.
 */
export interface Case {
  readonly format: 'crowdwatt-case/1';
  readonly name: string;
  readonly baseMva: number;
  readonly baseKv: number;
  /** Id of the substation's bus. */
  readonly root: string;
  /** Default 1. */
  readonly rootVoltagePu?: number;
  /** T */
  readonly periods: number;
  /** Δ */
  readonly hoursPerPeriod: number;
  /** Least share of the energy used that must be renewable, 0..1. */
  readonly minRenewableShare?: number;
  readonly buses: readonly Bus[];
  readonly lines: readonly Line[];
  readonly loads: readonly Load[];
  readonly solar: readonly Solar[];
  readonly batteries: readonly Battery[];
  readonly shapables: readonly Shapable[];
  readonly generators: readonly Generator[];
  readonly crowdsourcees: readonly Crowdsourcee[];
  readonly incentives?: IncentiveSettings;
}

export interface Bus {
  readonly id: string;
  readonly vMinPu: number;
  readonly vMaxPu: number;
  /** Shunt at 1 pu voltage, capacitor positive. */
  readonly shuntMvar?: number;
}

export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly rOhm: number;
  readonly xOhm: number;
  /** Thermal limit, held at the child's end. */
  readonly limitMva?: number;
  /** An open switch is left out of the network. */
  readonly open?: boolean;
}

export interface Load {
  readonly id: string;
  readonly bus: string;
  /** Whose load it is; default: the only crowdsourcee at that bus. */
  readonly owner?: string;
  readonly pMw: readonly number[];
  readonly qMvar: readonly number[];
  readonly shedCostPerMwh?: number;
}

export interface Solar {
  readonly id: string;
  readonly bus: string;
  readonly owner: string;
  readonly forecastMw: readonly number[];
  readonly curtailable: boolean;
  /** Inverter rating; with it reactive power is free inside the disc p² + q² ≤ s². */
  readonly sMaxMva?: number;
}

export interface Battery {
  readonly id: string;
  readonly bus: string;
  readonly owner: string;
  readonly powerMw: number;
  readonly energyMwh: number;
  readonly initialMwh: number;
  readonly finalMwh: number;
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
  /** $/MWh on charge + discharge. */
  readonly throughputCost: number;
  readonly sMaxMva?: number;
}

export interface Shapable {
  readonly id: string;
  readonly bus: string;
  readonly owner: string;
  readonly energyMwh: number;
  readonly maxMw: number;
  readonly startPeriod: number;
  /** Exclusive. */
  readonly endPeriod: number;
  readonly powerFactor: number;
  readonly preferredMw?: readonly number[];
  /** $/MW²h around `preferredMw`. */
  readonly discomfortCost?: number;
}

export interface Generator {
  readonly id: string;
  readonly bus: string;
  readonly pMinMw: number;
  readonly pMaxMw: number;
  readonly qMinMvar: number;
  readonly qMaxMvar: number;
  /** $/MW²h */
  readonly costQuadratic: number;
  /** $/MWh per period */
  readonly costLinear: readonly number[];
  /** $/h */
  readonly costConstant: number;
  readonly rampMwPerHour?: number;
}

export interface Crowdsourcee {
  readonly id: string;
  readonly bus: string;
  /** 1: commits day-ahead by contract. 2: decides in real time. */
  readonly type: 1 | 2;
  /** (0, 1], known to the operator from history. */
  readonly willingness: number;
  /** $/MWh, private: only a simulated crowd may read it. */
  readonly reservationPrice: number;
  readonly contractPricePerMwh?: number;
}

export interface IncentiveSettings {
  readonly floorPerMwh: number;
  readonly capPerMwh: number;
  readonly stepPerMwh: number;
  /** $ per period. */
  readonly budgetPerPeriod?: readonly number[];
  readonly maxRounds?: number;
  /** Positive: the feeder is short. */
  readonly deviationMw?: readonly number[];
  readonly zeta0?: number;
}
