import type { RunReport } from '../market/documents.js';
import type { Case } from '../model/case.js';
import type { Solution } from '../solver/solution.js';

/** What a report is made from. */
export interface ReportInput {
  readonly case: Case;
  /** With its arrays: the equilibrium of the day, or any solution of the case. */
  readonly solution: Solution;
  /** The day of Algorithm 1, where one was run; without it the page shows the schedule and its prices alone. */
  readonly report?: RunReport;
  /** Bus shown first; default: bus 5 (the paper's choice) where it has devices, else the bus with most of them. */
  readonly bus?: string;
}

/** What was written. */
export interface WrittenReport {
  /** The page, to be opened in a browser. */
  readonly page: string;
  /** The same figures as files of their own. */
  readonly figures: readonly string[];
}
