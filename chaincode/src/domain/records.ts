import type { Amount } from './money.js';

/** What stands in the world state, by kind of key. No record holds a transaction id, a certificate
 * or a wall clock: the same inputs give the same state. */

export type DeviceKind = 'battery' | 'shapable' | 'solar' | 'generator' | 'load';

export interface NameplateDevice {
  readonly id: string;
  readonly kind: DeviceKind;
  /** Largest power in either direction, W. */
  readonly powerW: number;
  /** Store or energy need, Wh. */
  readonly energyWh?: number;
}

/** Key: id. */
export interface ParticipantRecord {
  readonly id: string;
  readonly bus: string;
  /** 1: follows a contract; 2: answers offers. Generators are 1. */
  readonly type: 1 | 2;
  readonly role: 'crowdsourcee' | 'generator';
  readonly devices: readonly NameplateDevice[];
  readonly status: 'active' | 'suspended' | 'erased';
  /** Salted hash of the person's private row. */
  readonly personCommitment?: string;
}

/** Key: day. `open` → CloseGate → `gated` → PublishEquilibrium → `priced` → Reconcile → `settled`. */
export interface DayRecord {
  readonly day: string;
  readonly status: 'open' | 'gated' | 'priced' | 'settled';
  readonly periods: number;
  readonly minutesPerPeriod: number;
  /** Start of period 0, ms. */
  readonly startTime: number;
  readonly gateTime: number;
  /** From here on a missing metered value is held and the span may close without it, ms. */
  readonly meterDeadline: number;
  readonly maxRounds: number;
  readonly feederHash: string;
  readonly rulesHash: string;
  readonly crowdHash: string;
  /** µ$ per period; null: no limit. */
  readonly budgetsMicro: readonly (Amount | null)[];
  /** Time of the newest step of the operator, ms. */
  readonly time: number;
  readonly preferences?: { readonly count: number; readonly root: string };
  readonly span?: { readonly from: string; readonly to: string };
}

/** Key: day, participant. The document itself is private. */
export interface PreferencesRecord {
  readonly day: string;
  readonly participant: string;
  readonly version: number;
  readonly commitment: string;
  readonly optOut: boolean;
}

/** The private document, `crowdwatt-preferences/1`; device ids are those of the nameplate. */
export interface PreferencesDocument {
  readonly format: 'crowdwatt-preferences/1';
  readonly day: string;
  readonly participant: string;
  readonly optOut?: boolean;
  readonly devices?: readonly DevicePreference[];
}

export interface DevicePreference {
  readonly id: string;
  /** Available from here … */
  readonly startPeriod?: number;
  /** … to here (exclusive). */
  readonly endPeriod?: number;
  readonly powerW?: number;
  readonly energyWh?: number;
  /** Least energy in the store at the day's end. */
  readonly finalWh?: number;
  /** Solar: false keeps it for the own load. */
  readonly sell?: boolean;
}

/** Key: day. */
export interface EquilibriumRecord {
  readonly day: string;
  readonly preferencesRoot: string;
  readonly caseHash: string;
  readonly solutionHash: string;
  readonly dlmpDigest: string;
  readonly totals: {
    readonly objectiveMicro: Amount;
    readonly lowerBoundMicro: Amount;
    readonly generationWh: number;
    readonly loadWh: number;
    readonly lossWh: number;
  };
}

/** Key: day, participant. */
export interface ContractRecord {
  readonly day: string;
  readonly participant: string;
  /** Per period; positive is injected and paid for, negative is consumed. */
  readonly wh: readonly number[];
  readonly priceMicroPerKwh: readonly number[];
}

/** What a participant agrees to; `termsHash` is the hash of its canonical JSON. */
export interface OfferTerms {
  readonly day: string;
  readonly participant: string;
  readonly period: number;
  readonly round: number;
  /** 1: inject more (or consume less) than the own plan; −1: consume more. */
  readonly direction: 1 | -1;
  readonly wh: number;
  /** λ */
  readonly energyPriceMicroPerKwh: number;
  /** λ^a */
  readonly incentiveMicroPerKwh: number;
  /** Last moment of an answer, ms. */
  readonly expiry: number;
}

/** Key: day, period, round, participant. `open` in a closed round means that nobody answered: expired. */
export interface OfferRecord extends OfferTerms {
  readonly termsHash: string;
  readonly madeAt: number;
  readonly status: 'open' | 'accepted' | 'refused' | 'withdrawn';
}

/** Key: day, period. What the offers of the period may cost if all are kept, µ$; the operator alone writes it. */
export interface SpentRecord {
  readonly micro: Amount;
  /** Latest expiry by round. */
  readonly expiry: Readonly<Record<string, number>>;
}

/** Key: day, period, round: present from the close of the round on. */
export interface RoundRecord {
  readonly day: string;
  readonly period: number;
  readonly round: number;
  readonly time: number;
  readonly accepted: number;
  readonly refused: number;
  readonly expired: number;
  readonly withdrawn: number;
  /** Signed sum of the accepted tasks, Wh. */
  readonly acceptedWh: number;
  readonly acceptedMicro: Amount;
}

/** Key: day, period, generator. */
export interface SupplementRecord {
  readonly day: string;
  readonly period: number;
  readonly generator: string;
  /** Above the contract; negative: below it. */
  readonly wh: number;
  readonly priceMicroPerKwh: number;
  readonly covers: readonly { readonly participant: string; readonly round: number }[];
}

/** Key: day, period, participant. */
export interface DeliveryRecord {
  readonly day: string;
  readonly period: number;
  readonly participant: string;
  /** Energy of the task (in the task's direction) as metered. */
  readonly wh: number;
  readonly version: number;
}

/** A metered value that came, or was corrected, after its span had closed. Key while it waits
 * (`open-carry`): participant, day, period; settled (`carry`): those and the `from` of the span that settled it. */
export interface CarryRecord {
  readonly day: string;
  readonly period: number;
  readonly participant: string;
  readonly wh: number;
  /** Value that the closed span was settled on; null where it was held. */
  readonly previousWh: number | null;
}

/** Key: from. */
export interface SpanRecord {
  readonly from: string;
  readonly to: string;
  readonly days: readonly string[];
  readonly statements: number;
  /** Merkle root of the statement records. */
  readonly root: string;
  /** Sum of all positive totals, µ$: equals that of all negative ones. */
  readonly turnoverMicro: Amount;
  readonly held: number;
}

/** Key: from, participant. */
export interface StatementRecord {
  readonly participant: string;
  readonly from: string;
  readonly to: string;
  readonly lines: number;
  /** Merkle root of the lines. */
  readonly linesRoot: string;
  readonly totalMicro: Amount;
}

/** Key: participant, from. */
export interface DisputeRecord {
  readonly participant: string;
  readonly from: string;
  readonly reasonHash: string;
  readonly time: number;
}

export interface StatementLine {
  readonly day: string;
  readonly period: number;
  readonly kind: LineKind;
  readonly wh: number;
  readonly microDollars: Amount;
}

export type LineKind =
  | 'contract'
  | 'injection'
  | 'reward'
  | 'consumption'
  | 'shortfall'
  | 'supplement'
  | 'held'
  | 'late'
  | 'correction';

/** The account that every line has its opposite on. */
export const OPERATOR_ACCOUNT = 'operator';
