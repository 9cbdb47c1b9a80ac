// How a run of one algorithm ends, as the driver sees it.
export const RUN_MORE = 0;
export const RUN_OPTIMAL = 1;
/** Dual: no entering variable. Primal: no leaving variable. */
export const RUN_RAY = 2;
/** Primal phase 1 ended above zero. */
export const RUN_INFEASIBLE = 3;
/** No acceptable pivot left in any row or column that wants one. */
export const RUN_STUCK = 4;

// Results for the host; 0 asks for another step.
export const RESULT_RUNNING = 0;
export const RESULT_OPTIMAL = 1;
export const RESULT_INFEASIBLE = 2;
export const RESULT_UNBOUNDED = 3;
export const RESULT_ITERATION_LIMIT = 4;
export const RESULT_NUMERICAL = 5;

// Stages of the driver.
export const STAGE_START = 0;
export const STAGE_DUAL1 = 1;
export const STAGE_DUAL2 = 2;
export const STAGE_PRIMAL = 3;
export const STAGE_DONE = 4;

// Why the basis was factored anew; counted one by one, so that a run can say what it spent itself on.
export const WHY_START = 0;
export const WHY_UPDATE_LIMIT = 1;
export const WHY_WORK = 2;
export const WHY_PIVOT_MISMATCH = 3;
export const WHY_DIAGONAL_MISMATCH = 4;
export const WHY_CONFIRM_OPTIMAL = 5;
export const WHY_CONFIRM_RAY = 6;
export const WHY_SMALL_PIVOT = 7;
export const WHY_STAGE = 8;
export const WHY_DUAL_DRIFT = 9;
export const WHY_COUNT = 10;

/** Unconfirmed optima in one stage after which the algorithm gives up: it is going round within rounding. */
export const MAX_RELAPSES = 40;

export const AT_LOWER = 0;
export const BASIC = 1;
export const AT_UPPER = 2;
export const FREE = 3;

/** `move` of a nonbasic free variable. */
export const EITHER_WAY = 2;
