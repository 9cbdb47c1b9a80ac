export * from './canonical.js';
export {
  type Caller,
  type CallerRole,
  ERASED,
  type LedgerContext,
  type RangeEntry,
  World,
} from './context.js';
export type { Definition } from './definition.js';
export { executeQuery, executeTransaction, type Outcome } from './execute.js';
export { compositeKey, periodPart, type RecordType, roundPart, splitCompositeKey, versionPart } from './keys.js';
export * from './merkle.js';
export { type Amount, amountOf, worth } from './money.js';
export * from './records.js';
export { REFUSALS, Refusal, type RefusalCode } from './refusals.js';
export { CLOCK_SKEW_MS } from './rules/common.js';
export { nameplateWh } from './rules/contracts.js';
export { preferencesLeaf } from './rules/days.js';
export { offerCostMicro, termsHashOf } from './rules/offers.js';
export type { OfferView, Page, PreferencesView } from './rules/queries.js';
export { lineLeaf } from './rules/statements.js';
export * from './settle.js';
export { TRANSACTIONS } from './transactions.js';
