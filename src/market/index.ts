/** The market: incentive design for one period (CES-ID, problem (2) of the paper). */
export { designIncentives } from './design-incentives.js';
export type * from './documents.js';
