/** The market: incentive design for one period, and a day of Algorithm 1 on a ledger. */

export type { DayOutcome } from './algorithm1.js';
export { type CrowdChoice, crowdChoice, parseCrowd } from './crowd.js';
export { designIncentives } from './design-incentives.js';
export type * from './documents.js';
export type { DaySolver, DayVisitors, MarketDay } from './market-day.js';
export { type DayResult, type RunDayOptions, runDay, runDayInFull } from './run-day.js';
