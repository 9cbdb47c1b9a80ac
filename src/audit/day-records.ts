import type {
  ContractRecord,
  DayRecord,
  DeliveryRecord,
  EquilibriumRecord,
  OfferView,
  Page,
  PreferencesView,
  SpanRecord,
  StatementRecord,
  SupplementRecord,
} from '../../chaincode/src/domain/index.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';
import type { AuditSource, Fault, Unchecked } from './types.js';

/** All pages of a listing. */
export async function listAll<Item>(source: AuditSource, name: string, args: object): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await source.query<Page<Item>>(name, {
      ...args,
      limit: 1000,
      ...(after === undefined ? {} : { after }),
    });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

/** Everything that the ledger and its documents say of one day. */
export interface DayRecords {
  readonly record: DayRecord;
  readonly equilibrium: EquilibriumRecord;
  /** The assembled case, as published. */
  readonly feeder: Case;
  readonly solution: Solution;
  /** The case as filed, without its incentives; undefined where it is not kept. */
  readonly filed: Omit<Case, 'incentives'> | undefined;
  /** Incentive rules and solver settings that the day was opened with. */
  readonly rules: Readonly<Record<string, unknown>> | undefined;
  readonly preferences: readonly PreferencesView[];
  readonly contracts: readonly ContractRecord[];
  readonly offers: readonly OfferView[];
  readonly supplements: readonly SupplementRecord[];
  readonly deliveries: readonly DeliveryRecord[];
  readonly span: SpanRecord | undefined;
  readonly statements: readonly StatementRecord[];
}

/** What an audit of one day writes to. */
export class Findings {
  readonly faults: Fault[] = [];
  readonly unchecked: Unchecked[] = [];

  constructor(readonly day: string) {}

  fault(code: Fault['code'], message: string, who?: string, period?: number): void {
    this.faults.push({
      code,
      day: this.day,
      ...(who === undefined ? {} : { who }),
      ...(period === undefined ? {} : { period }),
      message,
    });
  }

  leave(what: string, why: string): void {
    this.unchecked.push({ day: this.day, what, why });
  }
}

/** Undefined, with the reason among the findings, where the documents are not there. */
export async function readDay(
  source: AuditSource,
  record: DayRecord,
  findings: Findings,
): Promise<DayRecords | undefined> {
  const { day } = record;
  const equilibrium = await source.query<EquilibriumRecord>('GetEquilibrium', { day });
  const feeder = await documentOf<Case>(source, equilibrium.caseHash, 'the assembled case', findings);
  const solution = await documentOf<Solution>(source, equilibrium.solutionHash, 'the solution', findings);
  if (!feeder || !solution) return undefined;
  const span =
    record.span && (await listAll<SpanRecord>(source, 'ListSpans', {})).find(({ from }) => from === record.span!.from);
  return {
    record,
    equilibrium,
    feeder,
    solution,
    filed: (await source.object(record.feederHash)) as Case | undefined,
    rules: (await source.object(record.rulesHash)) as Record<string, unknown> | undefined,
    preferences: await listAll(source, 'ListPreferences', { day }),
    contracts: await listAll(source, 'ListContracts', { day }),
    offers: await listAll(source, 'ListOffers', { day }),
    supplements: await listAll(source, 'ListSupplements', { day }),
    deliveries: await listAll(source, 'ListDeliveries', { day }),
    span,
    statements: span ? await listAll(source, 'ListStatements', { from: span.from }) : [],
  };
}

async function documentOf<Value>(
  source: AuditSource,
  hash: string,
  what: string,
  findings: Findings,
): Promise<Value | undefined> {
  try {
    const found = await source.object(hash);
    // An operator that withholds what it published cannot be checked: that is a fault, not a gap of the audit.
    if (found === undefined) findings.fault('document', `${what} (${hash}) is not published`);
    return found as Value | undefined;
  } catch (error) {
    findings.fault('document', `${what}: ${(error as Error).message}`);
    return undefined;
  }
}
