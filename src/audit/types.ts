import type { RunHooks } from '../hooks.js';

/** Where an audit reads from: a ledger's files, or any open ledger with an auditor's certificate. */
export interface AuditSource {
  query<Result>(name: string, args: object): Promise<Result>;
  /** A published document by its hash, already checked against it. */
  object(hash: string): Promise<unknown>;
}

export interface AuditOptions extends RunHooks {
  /** This day only; default: every day that is priced. */
  readonly day?: string;
}

/** Something that the operator did and should not have done, and to whom. */
export interface Fault {
  readonly code:
    | 'document'
    | 'preferences'
    | 'schedule'
    | 'optimality'
    | 'price'
    | 'contract'
    | 'offer'
    | 'incentive'
    | 'supplement'
    | 'payment';
  readonly day: string;
  /** Participant or generator concerned; absent where it concerns everybody. */
  readonly who?: string;
  readonly period?: number;
  readonly message: string;
}

/** What could not be checked, and why: never silently left out. */
export interface Unchecked {
  readonly day: string;
  readonly what: string;
  readonly why: string;
}

export interface AuditReport {
  readonly format: 'crowdwatt-audit/1';
  readonly days: readonly DayAudit[];
  readonly faults: readonly Fault[];
  readonly unchecked: readonly Unchecked[];
}

export interface DayAudit {
  readonly day: string;
  readonly preferences: number;
  readonly contracts: number;
  readonly offers: number;
  readonly supplements: number;
  readonly statements: number;
  /** $: cost as published, and the lower bound that was found here. */
  readonly objective?: number;
  readonly lowerBound?: number;
  /** (objective − lowerBound) / objective. */
  readonly gap?: number;
  /** Largest difference of a published DLMP from the one found here, $/MWh. */
  readonly priceDifference?: number;
  /** $ that the devices together could do better at the published prices. */
  readonly regret?: number;
}
