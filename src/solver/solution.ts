import type { SolveStatus } from './engine.js';

export type Method = 'ipm' | 'admm' | 'admm-bus';
export type ExactnessMode = 'off' | 'bound' | 'recover';
export type Verdict = 'exact' | 'inexact' | 'recovered';

/** `crowdwatt-solution/1`; arrays are in the case's order, one number per period. */
export interface Solution {
  readonly format: 'crowdwatt-solution/1';
  /** Name of the case. */
  readonly case: string;
  readonly method: Method | 'powerflow';
  readonly status: SolveStatus;
  /** $: AC cost of the schedule when exact or recovered, else the relaxation's value. */
  readonly objective?: number;
  /** $: dual objective of the plain relaxation. */
  readonly lowerBound?: number;
  readonly exactness: ExactnessMode;
  readonly pricesFrom?: 'relaxation' | 'bound' | 'recovered';
  readonly iterations: number;
  readonly seconds: { readonly setup: number; readonly solve: number; readonly total: number };
  readonly certificate?: Certificate;
  readonly buses?: readonly BusResult[];
  readonly lines?: readonly LineResult[];
  readonly generators?: readonly {
    readonly id: string;
    readonly pMw: readonly number[];
    readonly qMvar: readonly number[];
  }[];
  readonly solar?: readonly {
    readonly id: string;
    readonly pMw: readonly number[];
    readonly qMvar: readonly number[];
  }[];
  readonly batteries?: readonly BatteryResult[];
  readonly shapables?: readonly {
    readonly id: string;
    readonly pMw: readonly number[];
    readonly qMvar: readonly number[];
  }[];
  /** Only loads with `shedCostPerMwh`. */
  readonly shed?: readonly { readonly id: string; readonly pMw: readonly number[] }[];
  readonly warnings: readonly string[];
  readonly duals?: readonly BindingDual[];
  readonly revenue?: Revenue;
  readonly trace?: readonly {
    readonly iteration: number;
    readonly primalResidual: number;
    readonly dualResidual: number;
    readonly objective: number;
  }[];
  /** Why there is no schedule, or why it is not to be trusted, in words. */
  readonly reason?: string;
}

/**
 * Revenue reconciliation in $, real and reactive power together: what loads pay − what devices and
 * generators get = the rent of losses and limits. Capacitors are the grid's own and are not paid, so
 * the rent holds their worth, which is negative where they give more than is wanted.
 */
export interface Revenue {
  readonly loadsPay: number;
  readonly devicesGet: number;
  readonly generatorsGet: number;
  readonly rent: number;
  /** Of it, what comes from losses, and what from voltage and thermal limits; with `dlmpParts` only. */
  readonly lossRent?: number;
  readonly limitRent?: number;
}

export interface Certificate {
  readonly primalResidual: number;
  readonly dualResidual: number;
  readonly relativeGap: number;
  /** max r(ℓ − (P²+Q²)/v)·baseMva */
  readonly excessLossMw: number;
  /** max over batteries and periods of min(charge, discharge). */
  readonly simultaneousMwMax: number;
  readonly acVoltageMismatchMaxPu: number;
  readonly acPowerMismatchMaxMw: number;
  readonly acLimitViolationMaxPu: number;
  readonly verdict: Verdict;
}

export interface BusResult {
  readonly id: string;
  readonly voltagePu: readonly number[];
  readonly dlmpPerMwh?: readonly number[];
  readonly dlmpReactivePerMvarh?: readonly number[];
  readonly dlmpParts?: DlmpParts;
}

/** Parts of the DLMP, each per period, adding up to it. */
export interface DlmpParts {
  readonly real: PriceParts;
  readonly reactive: PriceParts;
}

export interface PriceParts {
  readonly energy: readonly number[];
  readonly loss: readonly number[];
  readonly voltage: readonly number[];
  readonly congestion: readonly number[];
}

export interface LineResult {
  readonly id: string;
  /** Positive from `from` to `to`, measured at `from`. */
  readonly pMw: readonly number[];
  readonly qMvar: readonly number[];
  readonly lossMw: readonly number[];
  /** Share of the thermal limit at the child's end. */
  readonly loading?: readonly number[];
}

export interface BatteryResult {
  readonly id: string;
  readonly chargeMw: readonly number[];
  readonly dischargeMw: readonly number[];
  readonly qMvar: readonly number[];
  /** At each period's end. */
  readonly energyMwh: readonly number[];
}

export interface BindingDual {
  /** `voltage-max`, `voltage-min`, `thermal`, `renewable-share`, … */
  readonly constraint: string;
  readonly id: string;
  readonly period?: number;
  /** $ per `unit` of loosening. */
  readonly dual: number;
  readonly unit: string;
}
